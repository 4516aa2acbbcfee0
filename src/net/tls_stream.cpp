#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/stream_impl.h"

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace weir::net {
namespace {

using ErrorCode = boost::system::error_code;
using SslStream = asio::ssl::stream<tcp::socket>;

class TlsStream final : public Stream {
 public:
  // The context is shared so that it outlives the connection.
  TlsStream(Environment env, tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : env_(env), context_(std::move(context)), stream_(std::move(socket), *context_) {
    ErrorCode ignored;
    stream_.lowest_layer().set_option(tcp::no_delay(true), ignored);
  }

  SslStream& ssl() { return stream_; }

  Task<Status> handshake(asio::ssl::stream_base::handshake_type type, MonoTime deadline) {
    ErrorCode error;
    DeadlineGuard guard(env_.timer, deadline, [this] { close(); });
    co_await stream_.async_handshake(type, asio::redirect_error(asio::use_awaitable, error));
    if (guard.expired()) co_return socket_error(error, true);
    if (error)
      co_return fail(Code::kUnavailable, "The TLS handshake failed: " + error.message() + ".",
                     "TlsFailed");
    co_return Status();
  }

  Task<Result<std::size_t>> read_some(char* data, std::size_t size, MonoTime deadline) override {
    ErrorCode error;
    DeadlineGuard guard(env_.timer, deadline, [this] { close(); });
    const std::size_t got = co_await stream_.async_read_some(
        asio::buffer(data, size), asio::redirect_error(asio::use_awaitable, error));
    // Peers that close without close_notify are normal for HTTP.
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
      co_return std::size_t{0};
    if (error) co_return socket_error(error, guard.expired());
    co_return got;
  }

  Task<Status> write(std::string_view data, MonoTime deadline) override {
    ErrorCode error;
    DeadlineGuard guard(env_.timer, deadline, [this] { close(); });
    co_await asio::async_write(stream_, asio::buffer(data.data(), data.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return socket_error(error, guard.expired());
    co_return Status();
  }

  Task<Status> wait_readable(MonoTime deadline) override {
    if (has_buffered()) co_return Status();
    ErrorCode error;
    DeadlineGuard guard(env_.timer, deadline, [this] { close(); });
    co_await stream_.lowest_layer().async_wait(tcp::socket::wait_read,
                                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return socket_error(error, guard.expired());
    co_return Status();
  }

  void end_output() override {
    ErrorCode ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }

  bool peer_ended() const override {
    auto& socket = const_cast<SslStream&>(stream_).lowest_layer();
    return socket_ended(socket.is_open() ? socket.native_handle() : -1);
  }

  void close() override {
    ErrorCode ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.lowest_layer().close(ignored);
  }

  std::string peer() const override {
    ErrorCode error;
    const auto endpoint = stream_.lowest_layer().remote_endpoint(error);
    return error ? "?" : endpoint.address().to_string();
  }

 private:
  // What one read of the socket brought along (a request right behind the handshake's last message)
  // stands in OpenSSL's buffers, decrypted or not, and never makes the socket readable again.
  bool has_buffered() {
    SSL* ssl = stream_.native_handle();
    return ::SSL_has_pending(ssl) == 1 || ::BIO_ctrl_pending(::SSL_get_rbio(ssl)) > 0;
  }

  Environment env_;
  std::shared_ptr<asio::ssl::context> context_;
  SslStream stream_;
};

}  // namespace

Task<Result<std::unique_ptr<Stream>>> make_tls_client(Environment env, tcp::socket socket,
                                                      TlsClientOptions options, MonoTime deadline) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  ErrorCode error;
  if (!options.ca_file.empty()) context->load_verify_file(options.ca_file, error);
  else context->set_default_verify_paths(error);
  if (error)
    co_return fail(Code::kInvalidArgument,
                   "The CA file '" + options.ca_file + "' cannot be used: " + error.message(),
                   "TlsFailed");
  auto stream = std::make_unique<TlsStream>(env, std::move(socket), context);
  ::SSL_set_tlsext_host_name(stream->ssl().native_handle(), options.server_name.c_str());
  if (options.verify) {
    stream->ssl().set_verify_mode(asio::ssl::verify_peer);
    stream->ssl().set_verify_callback(asio::ssl::host_name_verification(options.server_name));
  }
  WEIR_CO_CHECK_OK(co_await stream->handshake(asio::ssl::stream_base::client, deadline));
  co_return std::unique_ptr<Stream>(std::move(stream));
}

Task<Result<std::unique_ptr<Stream>>> make_tls_server(Environment env, tcp::socket socket,
                                                      std::shared_ptr<asio::ssl::context> context,
                                                      MonoTime deadline) {
  auto stream = std::make_unique<TlsStream>(env, std::move(socket), std::move(context));
  WEIR_CO_CHECK_OK(co_await stream->handshake(asio::ssl::stream_base::server, deadline));
  co_return std::unique_ptr<Stream>(std::move(stream));
}

Result<std::shared_ptr<asio::ssl::context>> load_tls_server(const std::string& certificate,
                                                            const std::string& key) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  ErrorCode error;
  context->use_certificate_chain_file(certificate, error);
  if (error)
    return fail(Code::kInvalidArgument, fmt::format("The certificate '{}' cannot be used: {}.",
                                                    certificate, error.message()));
  context->use_private_key_file(key, asio::ssl::context::pem, error);
  if (error)
    return fail(Code::kInvalidArgument,
                fmt::format("The private key '{}' cannot be used: {}.", key, error.message()));
  return context;
}

}  // namespace weir::net
