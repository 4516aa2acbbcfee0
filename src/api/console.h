#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "net/http.h"

namespace weir::api {

/// Serves the web console that is embedded in this binary: its files, and its page for every other
/// address that no route of the API takes, because the console's own addresses are read in the
/// browser alone.
class Console {
 public:
  /// @param base_path where browsers find this server, with a slash at both ends
  explicit Console(std::string base_path);

  /// The answer to a GET or HEAD; nothing if the address is none of the console's.
  /// @param path of the request, decoded, without the base path and without a leading slash
  std::optional<net::Response> answer(const net::Request& request, const std::string& path,
                                      IdSource& ids) const;

 private:
  net::Response page(IdSource& ids) const;

  std::string base_path_;
  std::string page_;  ///< index.html with its placeholders
};

/// "/" or "/weir/" of what a user wrote: "", "weir", "/weir/". Segments are kept as they are.
std::string normal_base_path(const std::string& text);

}  // namespace weir::api
