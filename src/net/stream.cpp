#include "net/stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/stream_impl.h"

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace weir::net {
namespace {

using ErrorCode = boost::system::error_code;

class TcpStream final : public Stream {
 public:
  TcpStream(Environment env, tcp::socket socket) : env_(env), socket_(std::move(socket)) {
    ErrorCode ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }

  Task<Result<std::size_t>> read_some(char* data, std::size_t size, MonoTime deadline) override {
    ErrorCode error;
    DeadlineGuard guard(env_.timer, deadline, [this] { close(); });
    const std::size_t got = co_await socket_.async_read_some(
        asio::buffer(data, size), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return socket_error(error, guard.expired());
    co_return got;
  }

  Task<Status> write(std::string_view data, MonoTime deadline) override {
    ErrorCode error;
    DeadlineGuard guard(env_.timer, deadline, [this] { close(); });
    co_await asio::async_write(socket_, asio::buffer(data.data(), data.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return socket_error(error, guard.expired());
    co_return Status();
  }

  Task<Status> wait_readable(MonoTime deadline) override {
    ErrorCode error;
    DeadlineGuard guard(env_.timer, deadline, [this] { close(); });
    co_await socket_.async_wait(tcp::socket::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return socket_error(error, guard.expired());
    co_return Status();
  }

  void end_output() override {
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  bool peer_ended() const override {
    return socket_ended(socket_.is_open() ? const_cast<tcp::socket&>(socket_).native_handle() : -1);
  }

  void close() override {
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  std::string peer() const override {
    ErrorCode error;
    const auto endpoint = socket_.remote_endpoint(error);
    return error ? "?" : endpoint.address().to_string();
  }

 private:
  Environment env_;
  tcp::socket socket_;
};

Result<std::vector<std::string>> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0)
    return fail(Code::kUnavailable,
                fmt::format("The host '{}' cannot be found: {}.", host, ::gai_strerror(code)),
                "NameNotFound");
  std::vector<std::string> addresses;
  for (addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) == 0)
      addresses.emplace_back(text);
  }
  ::freeaddrinfo(found);
  return addresses;
}

Task<Result<tcp::socket>> connect_address(Environment env, std::string address, int port,
                                          MonoTime deadline) {
  ErrorCode error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) co_return fail(Code::kUnavailable, "'" + address + "' is no address.", "NameNotFound");
  tcp::socket socket(env.executor());
  const tcp::endpoint endpoint(ip, static_cast<unsigned short>(port));
  socket.open(endpoint.protocol(), error);
  if (error) co_return socket_error(error, false);
  // A child process must not inherit the connection.
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  DeadlineGuard guard(env.timer, deadline, [&socket] {
    ErrorCode ignored;
    socket.close(ignored);
  });
  co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    Error failure = socket_error(error, guard.expired());
    failure.message = fmt::format("No connection to {}:{}: {}", address, port, failure.message);
    co_return failure;
  }
  co_return std::move(socket);
}

}  // namespace

Error socket_error(const ErrorCode& code, bool expired) {
  if (expired) return fail(Code::kDeadline, "The other side did not answer in time.", "TimedOut");
  if (code == asio::error::operation_aborted || code == asio::error::bad_descriptor)
    return fail(Code::kUnavailable, "The connection was closed.", "ConnectionClosed");
  if (code == asio::error::connection_refused)
    return fail(Code::kUnavailable, "Connection refused.", "ConnectionRefused");
  if (code == asio::error::connection_reset || code == asio::error::broken_pipe ||
      code == asio::error::eof)
    return fail(Code::kUnavailable, "The connection was reset.", "ConnectionReset");
  return fail(Code::kUnavailable, code.message() + ".", "Unreachable");
}

bool socket_ended(int fd) {
  pollfd entry{fd, POLLRDHUP, 0};
  return fd < 0 || (::poll(&entry, 1, 0) == 1 && entry.revents != 0);
}

std::unique_ptr<Stream> make_tcp_stream(Environment env, tcp::socket socket) {
  return std::make_unique<TcpStream>(env, std::move(socket));
}

bool is_private_address(const std::string& address) {
  ErrorCode error;
  auto ip = asio::ip::make_address(address, error);
  if (error) return true;
  if (ip.is_v6() && ip.to_v6().is_v4_mapped())
    ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  if (ip.is_loopback() || ip.is_multicast() || ip.is_unspecified()) return true;
  if (ip.is_v4()) {
    const auto b = ip.to_v4().to_bytes();
    return b[0] == 10 || b[0] == 0 || b[0] >= 240 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
           (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254) ||
           (b[0] == 100 && (b[1] & 0xc0) == 64);
  }
  return ip.to_v6().is_link_local() || ip.to_v6().is_site_local() ||
         (ip.to_v6().to_bytes()[0] & 0xfe) == 0xfc;
}

Task<Result<std::unique_ptr<Stream>>> connect(Environment env, std::string host, int port,
                                              std::optional<TlsClientOptions> tls,
                                              MonoTime deadline,
                                              std::function<bool(const std::string&)> allow) {
  ErrorCode literal;
  asio::ip::make_address(host, literal);
  std::vector<std::string> addresses{host};
  if (literal) {
    WEIR_CO_TRY(addresses, co_await env.run([host] { return look_up(host); }));
  }
  Error last = fail(Code::kUnavailable, "The host '" + host + "' has no address.", "NameNotFound");
  for (const std::string& address : addresses) {
    if (allow && !allow(address)) {
      last = fail(Code::kPermissionDenied,
                  "The host '" + host +
                      "' has a private address; downloads from it are not allowed "
                      "(setting downloads.allowPrivateHosts).",
                  "HostNotAllowed");
      continue;
    }
    auto socket = co_await connect_address(env, address, port, deadline);
    if (!socket) {
      last = std::move(socket).error();
      continue;
    }
    if (!tls) co_return make_tcp_stream(env, std::move(*socket));
    TlsClientOptions options = *tls;
    co_return co_await make_tls_client(env, std::move(*socket), std::move(options), deadline);
  }
  co_return last;
}

}  // namespace weir::net
