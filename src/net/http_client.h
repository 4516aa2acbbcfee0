#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/environment.h"
#include "net/http.h"
#include "net/stream.h"

namespace weir::net {

struct ClientOptions {
  std::size_t idle_per_host = 4;  ///< connections kept for the next request
  Duration idle_time = std::chrono::seconds(20);
  std::uint64_t answer_limit = 16 * 1024 * 1024;  ///< of `send`
  std::string ca_file;
  std::function<bool(const std::string& address)> allow;  ///< see connect()
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  ///< absolute, http or https
  Headers headers;
  std::string body;
  /// Instead of `body`: gives the next piece, empty = the end; an error breaks the request off and
  /// comes back to the caller.
  std::function<Task<Result<std::string>>()> body_source;
  std::optional<std::uint64_t> content_length;  ///< of `body_source`, when known; else chunked
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

/// An answer whose body is read piece by piece. Destroying it ends the connection if unread.
class ClientStream {
 public:
  virtual ~ClientStream() = default;
  int status = 0;
  Headers headers;
  /// The next piece; empty = the end.
  virtual Task<Result<std::string>> read(MonoTime deadline) = 0;
};

/// HTTP/1.1 client with a pool of idle connections. One slow host costs a socket and a timer and
/// delays nobody else. A request that met a stale pooled connection is sent once more if nothing of
/// an answer had arrived; what must not be sent twice (POST, PATCH, a streamed body) gets a fresh
/// connection, so that a stale one cannot leave its effect in doubt. I/O thread only.
///
/// Errors: kUnavailable reason "ConnectionRefused" | "ConnectionReset" | "NameNotFound" | ...,
/// kDeadline, kInvalidArgument a bad URL, kInternal reason "BadAnswer", kResourceExhausted an
/// answer over the limit. An HTTP error status is an answer, not an error.
class HttpClient {
 public:
  HttpClient(Environment env, ClientOptions options = {});
  ~HttpClient();

  Task<Result<ClientResponse>> send(ClientRequest request, MonoTime deadline);
  Task<Result<std::unique_ptr<ClientStream>>> open(ClientRequest request, MonoTime deadline);

  struct Pool;

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace weir::net
