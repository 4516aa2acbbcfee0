#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/body_file.h"
#include "net/http.h"

namespace weir::net {

struct MultipartLimits {
  std::size_t header_bytes = 8 * 1024;  ///< of one part
  std::size_t parts = 100;
};

struct Part {
  std::string name;                     ///< of the form field
  std::optional<std::string> filename;  ///< as sent: never a path to use, see plain_file_name
  std::string content_type;
  Headers headers;
};

/// Reads multipart/form-data (RFC 7578) from a body as it arrives; holds no more than one piece.
/// The body must outlive the reader.
/// @error of all reads: kInvalidArgument reason "BadMultipart"; kResourceExhausted over a limit;
/// what
///        BodyReader::read gives
class MultipartReader {
 public:
  MultipartReader(BodyReader& body, const std::string& boundary, MultipartLimits limits = {});

  /// The next part, its content unread; nothing after the last. Skips what is left of the present.
  Task<Result<std::optional<Part>>> next();
  /// The next piece of the present part's content; empty = its end.
  Task<Result<std::string>> read();

 private:
  Task<Status> fill();

  BodyReader& body_;
  std::string delimiter_;
  MultipartLimits limits_;
  std::string buffer_;
  std::size_t parts_ = 0;
  bool in_part_ = true;  // what stands before the first boundary is skipped like a part
  bool done_ = false;
};

/// The boundary in a Content-Type. @error kInvalidArgument it is not multipart/form-data with one
Result<std::string> multipart_boundary(std::string_view content_type);

/// Streams the present part's content into a new file.
/// @error what BodyFile and MultipartReader::read give; then there is no file
Task<Result<FileDigest>> save_part(Environment env, MultipartReader& reader, std::string path,
                                   std::uint64_t limit);

}  // namespace weir::net
