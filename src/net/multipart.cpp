#include "net/multipart.h"

#include "base/strings.h"

namespace weir::net {
namespace {

Error bad(std::string_view why) {
  return fail(Code::kInvalidArgument,
              "The body is not multipart/form-data: " + std::string(why) + ".", "BadMultipart");
}

// Cuts the next value of a parameter off `text`: a token, or quoted. Only a quote is escaped in
// practice; other backslashes belong to paths that old browsers send.
std::string take_value(std::string_view& text) {
  std::string value;
  if (text.empty() || text.front() != '"') {
    const auto end = text.find(';');
    value = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.starts_with("\\\"")) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

// "form-data; name=x; filename="y"": the parameters after the first word, the first of a name wins.
Headers parameters(std::string_view text) {
  Headers found;
  const auto first = text.find(';');
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
  while (!text.empty()) {
    const auto start = text.find_first_not_of("; \t");
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const auto end = text.find_first_of("=;");
    const std::string name(trim(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    std::string value = take_value(text);
    if (!found.has(name)) found.add(name, std::move(value));
  }
  return found;
}

std::string_view first_word(std::string_view text) { return trim(text.substr(0, text.find(';'))); }

/// @param block the lines after the boundary, each with its line end
Result<Part> parse_head(std::string_view block) {
  Part part;
  bool boundary_line = true;
  while (!block.empty()) {
    const auto end = block.find("\r\n");
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 2);
    if (std::exchange(boundary_line, false)) {
      if (!trim(line).empty()) return bad("there is text behind a boundary");
      continue;
    }
    if (line.empty()) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || line[0] == ' ' || line[0] == '\t')
      return bad("a part has a broken header line");
    part.headers.add(std::string(trim(line.substr(0, colon))),
                     std::string(trim(line.substr(colon + 1))));
  }
  const std::string_view disposition = part.headers.get("Content-Disposition");
  if (!equals_ignoring_case(first_word(disposition), "form-data"))
    return bad("a part has no Content-Disposition of form-data");
  const Headers given = parameters(disposition);
  if (!given.has("name")) return bad("a part has no name");
  part.name = given.get("name");
  if (given.has("filename")) part.filename = std::string(given.get("filename"));
  part.content_type = part.headers.get("Content-Type");
  return part;
}

}  // namespace

MultipartReader::MultipartReader(BodyReader& body, const std::string& boundary,
                                 MultipartLimits limits)
    : body_(body), delimiter_("\r\n--" + boundary), limits_(limits), buffer_("\r\n") {}

Task<Status> MultipartReader::fill() {
  WEIR_CO_TRY(const std::string piece, co_await body_.read());
  if (piece.empty()) co_return bad("it ends before the last boundary");
  buffer_ += piece;
  co_return Status();
}

Task<Result<std::string>> MultipartReader::read() {
  while (in_part_) {
    const auto end = buffer_.find(delimiter_);
    if (end == 0) {
      buffer_.erase(0, delimiter_.size());
      in_part_ = false;
      break;
    }
    // What could be the start of a boundary stays until more is there.
    const std::size_t sure = end != std::string::npos ? end
                             : buffer_.size() >= delimiter_.size()
                                 ? buffer_.size() - delimiter_.size() + 1
                                 : 0;
    if (sure > 0) {
      std::string content = buffer_.substr(0, sure);
      buffer_.erase(0, sure);
      co_return content;
    }
    WEIR_CO_CHECK_OK(co_await fill());
  }
  co_return std::string();
}

Task<Result<std::optional<Part>>> MultipartReader::next() {
  while (in_part_) {
    WEIR_CO_CHECK_OK(co_await read());
  }
  if (done_) co_return std::optional<Part>();
  while (buffer_.size() < 2) {
    WEIR_CO_CHECK_OK(co_await fill());
  }
  if (buffer_.starts_with("--")) {
    done_ = true;
    co_return std::optional<Part>();
  }
  if (++parts_ > limits_.parts)
    co_return fail(Code::kResourceExhausted, "The form has too many parts.", "TooManyParts");
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos &&
         buffer_.size() <= limits_.header_bytes + 4) {
    WEIR_CO_CHECK_OK(co_await fill());
  }
  if (end == std::string::npos || end > limits_.header_bytes)
    co_return fail(Code::kResourceExhausted, "The head of a part is too large.", "HeaderTooLarge");
  auto part = parse_head(std::string_view(buffer_).substr(0, end + 2));
  if (!part) co_return std::move(part).error();
  buffer_.erase(0, end + 4);
  in_part_ = true;
  co_return std::optional<Part>(std::move(*part));
}

Result<std::string> multipart_boundary(std::string_view content_type) {
  if (!equals_ignoring_case(first_word(content_type), "multipart/form-data"))
    return bad("the Content-Type is another");
  const Headers given = parameters(content_type);
  const std::string boundary(given.get("boundary"));
  if (boundary.empty() || boundary.size() > 70) return bad("the boundary is missing or too long");
  for (char c : boundary)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return bad("the boundary is no text");
  return boundary;
}

Task<Result<FileDigest>> save_part(Environment env, MultipartReader& reader, std::string path,
                                   std::uint64_t limit) {
  WEIR_CO_TRY(auto file, co_await BodyFile::create(env, std::move(path), limit));
  while (true) {
    WEIR_CO_TRY(std::string piece, co_await reader.read());
    if (piece.empty()) break;
    WEIR_CO_CHECK_OK(co_await file->write(std::move(piece)));
  }
  co_return co_await file->finish();
}

}  // namespace weir::net
