#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "net/stream.h"

// For the room's own .cpp files only: Asio's socket types stay out of the public headers.
namespace weir::net {

std::unique_ptr<Stream> make_tcp_stream(Environment env, boost::asio::ip::tcp::socket socket);

/// Performs the handshake. @error kUnavailable reason "TlsFailed", kDeadline
Task<Result<std::unique_ptr<Stream>>> make_tls_client(Environment env,
                                                      boost::asio::ip::tcp::socket socket,
                                                      TlsClientOptions options, MonoTime deadline);
Task<Result<std::unique_ptr<Stream>>> make_tls_server(
    Environment env, boost::asio::ip::tcp::socket socket,
    std::shared_ptr<boost::asio::ssl::context> context, MonoTime deadline);
/// @error kInvalidArgument a file cannot be read or does not fit
Result<std::shared_ptr<boost::asio::ssl::context>> load_tls_server(const std::string& certificate,
                                                                   const std::string& key);

/// Calls `expire` at `deadline` unless destroyed first.
class DeadlineGuard {
 public:
  DeadlineGuard(Timer& timer, MonoTime deadline, std::function<void()> expire) : timer_(timer) {
    if (deadline == MonoTime::max()) return;
    id_ = timer_.schedule(deadline, [this, expire = std::move(expire)] {
      id_.reset();
      expired_ = true;
      expire();
    });
  }
  ~DeadlineGuard() {
    if (id_) timer_.cancel(*id_);
  }
  DeadlineGuard(const DeadlineGuard&) = delete;
  DeadlineGuard& operator=(const DeadlineGuard&) = delete;
  bool expired() const { return expired_; }

 private:
  Timer& timer_;
  std::optional<Timer::Id> id_;
  bool expired_ = false;
};

/// What Stream::peer_ended promises, for a socket. @param fd negative = closed
bool socket_ended(int fd);

/// The Error of a failed socket operation.
Error socket_error(const boost::system::error_code& code, bool expired);

}  // namespace weir::net
