#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/http.h"
#include "net/stream.h"

// Beast's incremental parsers over our streams. For the room's own .cpp files.
namespace weir::net {

struct ResponseHead {
  int status = 0;
  Headers headers;
};

/// Reads one request. @error of both reads: kInvalidArgument broken message, kResourceExhausted
/// head too large, kUnavailable / kDeadline from the stream
class RequestParser {
 public:
  RequestParser(std::size_t max_header_bytes, std::string left_over);
  ~RequestParser();

  Task<Status> read_head(Stream& stream, MonoTime deadline, Request& request);
  /// The next piece of the body; empty = the end.
  Task<Result<std::string>> read_body(Stream& stream, MonoTime deadline);

  bool is_done() const;
  bool keep_alive() const;
  bool is_http_10() const;
  std::uint64_t content_length() const;  ///< 0 when chunked
  std::string take_left_over();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads one response.
class ResponseParser {
 public:
  explicit ResponseParser(bool head_request);
  ~ResponseParser();

  Task<Status> read_head(Stream& stream, MonoTime deadline, ResponseHead& head);
  Task<Result<std::string>> read_body(Stream& stream, MonoTime deadline);
  bool is_done() const;
  bool keep_alive() const;
  bool received_anything() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::net
