#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "async/environment.h"
#include "net/http.h"

namespace weir::net {

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;                  ///< 0 = a free one
  std::string certificate_file;  ///< PEM; with `key_file` the server speaks TLS
  std::string key_file;
  std::size_t max_header_bytes = 16 * 1024;
  std::uint64_t default_body_limit = 4 * 1024 * 1024;
  std::size_t max_connections = 4096;
  Duration header_time = std::chrono::seconds(10);  ///< from the first byte to the end of the head
  /// Without a byte of the body; over a longer time a body must also bring `min_body_rate`.
  Duration body_piece_time = std::chrono::seconds(30);
  std::uint64_t min_body_rate = 1024;              ///< bytes a second
  Duration write_time = std::chrono::seconds(30);  ///< for each 64 KiB
  Duration idle_time = std::chrono::seconds(75);
  /// After a refusal the rest of the request is read and dropped for so long, because closing at
  /// once would destroy the answer on its way.
  Duration linger_time = std::chrono::seconds(2);
};

/// An HTTP/1.1 server on one port. Refuses before it reads: heads over the limit (431), bodies over
/// the limit (413), broken framing (400). Answers of one connection keep the order of its requests.
/// A streamed answer is cancelled as soon as its client has gone, even when it has nothing to
/// write. I/O thread only. Life: `start`, then `stop`, then destroy.
class HttpServer {
 public:
  HttpServer(Environment env, ServerOptions options, Handler handler);
  ~HttpServer();

  /// @error kUnavailable reason "PortTaken", kInvalidArgument a bad address or certificate
  Status start();
  /// Stops accepting, cancels what runs and joins it.
  Task<void> stop();

  int port() const;
  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::net
