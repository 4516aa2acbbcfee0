#pragma once

#include <span>
#include <string_view>

namespace weir {

/// One file of the built web console. The views are valid for the life of the process.
struct ConsoleFile {
  std::string_view path;  ///< "index.html", "assets/index-4f1d2c.js"
  std::string_view content_type;
  std::string_view etag;  ///< with its quotes
  std::string_view gzip;  ///< the content, compressed
};

/// Every file of the console that this binary was built with, sorted by path.
std::span<const ConsoleFile> console_files();

}  // namespace weir
