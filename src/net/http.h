#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/url.h"

namespace weir::net {

/// Header fields in order; names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  /// The first field of that name, or an empty text.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  void set(std::string_view name, std::string value);
  void add(std::string name, std::string value);
  void erase(std::string_view name);
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A body that arrives piece by piece.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// The next piece; empty = the end.
  /// @error kDeadline, kUnavailable the sender stopped; kResourceExhausted larger than allowed;
  ///        kInvalidArgument broken framing
  virtual Task<Result<std::string>> read() = 0;
  /// Raises or lowers the limit before the first read.
  virtual void limit(std::uint64_t bytes) = 0;
};

/// Where a streamed answer's body goes; framing and deadlines are the server's business.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  /// Returns when the piece is on its way. @error kUnavailable, kDeadline: the client is gone or
  /// too slow; stop.
  virtual Task<Status> write(std::string_view piece) = 0;
};

struct Request {
  std::string method;
  std::string target;  ///< as sent
  Target url;          ///< parsed target
  Headers headers;
  std::string peer;
  BodyReader* body = nullptr;  ///< never null inside a handler

  /// The whole body.
  /// @error kResourceExhausted reason "BodyTooLarge"; what BodyReader::read gives
  Task<Result<std::string>> read_body(std::uint64_t limit);
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// Instead of `body`: writes the body piece by piece; returning ends the answer, an error breaks
  /// the connection so that the client notices.
  std::function<Task<Status>(BodyWriter&)> stream;
  std::optional<std::uint64_t> content_length;  ///< of a stream, when known; else chunked
};

using Handler = std::function<Task<Response>(Request&)>;

std::string_view reason_phrase(int status);

}  // namespace weir::net
