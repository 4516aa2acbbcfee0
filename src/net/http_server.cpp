#include "net/http_server.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "async/scope.h"
#include "base/log.h"
#include "base/strings.h"
#include "net/message_parser.h"
#include "net/stream_impl.h"

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace weir::net {
namespace {

// Bodies that a handler left unread are drained up to this, so that the connection can be reused.
constexpr std::size_t kDrainBytes = 64 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;
constexpr std::size_t kLingerBytes = 64 * 1024 * 1024;

// The request body of one request: reads from the connection only when the handler asks.
class ConnectionBody final : public BodyReader {
 public:
  ConnectionBody(Environment env, const ServerOptions& options, Stream& stream,
                 RequestParser& parser, bool expects_continue)
      : env_(env),
        options_(options),
        stream_(stream),
        parser_(parser),
        expects_continue_(expects_continue),
        limit_(options.default_body_limit) {}

  void limit(std::uint64_t bytes) override { limit_ = bytes; }

  Task<Result<std::string>> read() override {
    if (parser_.content_length() > limit_) co_return too_large();
    if (std::exchange(expects_continue_, false) && !parser_.is_done())
      WEIR_CO_CHECK_OK(co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n",
                                              env_.now() + options_.write_time));
    if (!started_) started_ = env_.now();
    const MonoTime by_rate = *started_ + options_.body_piece_time +
                             std::chrono::seconds(total_ / options_.min_body_rate);
    auto piece = co_await parser_.read_body(
        stream_, std::min(by_rate, env_.now() + options_.body_piece_time));
    if (!piece) co_return piece;
    total_ += piece->size();
    if (total_ > limit_) co_return too_large();
    co_return piece;
  }

  /// @return whether the connection is at the start of the next request
  Task<bool> drain() {
    if (parser_.is_done()) co_return true;
    if (expects_continue_) co_return false;  // the client waits for a word that will not come
    std::size_t drained = 0;
    while (!parser_.is_done()) {
      if (parser_.content_length() > limit_ || drained > kDrainBytes) co_return false;
      auto piece = co_await parser_.read_body(stream_, env_.now() + std::chrono::seconds(2));
      if (!piece) co_return false;
      drained += piece->size();
    }
    co_return true;
  }

 private:
  Error too_large() const {
    return fail(Code::kResourceExhausted,
                fmt::format("The body is larger than the {} bytes that are accepted here.", limit_),
                "BodyTooLarge");
  }

  Environment env_;
  const ServerOptions& options_;
  Stream& stream_;
  RequestParser& parser_;
  bool expects_continue_;
  std::uint64_t limit_;
  std::uint64_t total_ = 0;
  std::optional<MonoTime> started_;
};

class StreamedBody final : public BodyWriter {
 public:
  StreamedBody(Environment env, const ServerOptions& options, Stream& stream, bool chunked)
      : env_(env), options_(options), stream_(stream), chunked_(chunked) {}

  Task<Status> write(std::string_view piece) override {
    if (piece.empty()) co_return Status();
    if (!chunked_) co_return co_await stream_.write(piece, deadline());
    std::string framed = fmt::format("{:x}\r\n", piece.size());
    framed.append(piece).append("\r\n");
    co_return co_await stream_.write(framed, deadline());
  }
  Task<Status> finish() {
    if (!chunked_) co_return Status();
    co_return co_await stream_.write("0\r\n\r\n", deadline());
  }

 private:
  MonoTime deadline() const { return env_.now() + options_.write_time; }
  Environment env_;
  const ServerOptions& options_;
  Stream& stream_;
  bool chunked_;
};

Response plain_error(int status, const std::string& message) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  std::string quoted = replace_all(replace_all(message, "\\", "\\\\"), "\"", "\\\"");
  response.body = fmt::format(R"({{"statusCode":{0},"status":{0},"error":"{1}","message":"{2}"}})",
                              status, reason_phrase(status), quoted);
  return response;
}

std::string head_text(const Response& response, bool keep_alive, bool chunked) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  if (chunked) head += "Transfer-Encoding: chunked\r\n";
  else if (!response.stream && response.status != 204 && response.status != 304)
    head += fmt::format("Content-Length: {}\r\n", response.body.size());
  else if (response.stream && response.content_length)
    head += fmt::format("Content-Length: {}\r\n", *response.content_length);
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

// A streamed answer and the watch over its client; whichever ends first ends the other.
class Streaming {
 public:
  Streaming(Environment env, Stream& stream)
      : stream_(stream), ended_(env.timer), scope_(env.timer, "streamed answer") {}

  Task<Status> run(const Response& response, BodyWriter& writer) {
    scope_.spawn("body", produce(response, writer));
    scope_.spawn("client", watch());
    std::exception_ptr cancelled;
    try {
      co_await ended_.wait();
    } catch (...) {
      cancelled = std::current_exception();
    }
    const Status outcome = outcome_;
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await scope_.stop();
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (cancelled) std::rethrow_exception(cancelled);
    co_return outcome;
  }

 private:
  struct NotifyAtEnd {
    Signal& signal;
    ~NotifyAtEnd() { signal.notify(); }
  };

  Task<void> produce(const Response& response, BodyWriter& writer) {
    const NotifyAtEnd at_end{ended_};
    outcome_ = co_await response.stream(writer);
  }

  Task<void> watch() {
    // Another request that waits behind this answer hides the end; then writing will tell.
    const Status readable = co_await stream_.wait_readable(MonoTime::max());
    if (!readable || stream_.peer_ended()) ended_.notify();
  }

  Stream& stream_;
  Signal ended_;
  Scope scope_;
  Status outcome_ = fail(Code::kUnavailable, "The client has gone.", "ConnectionClosed");
};

class Connection {
 public:
  Connection(Environment env, const ServerOptions& options, const Handler& handler,
             const Scope& server, std::unique_ptr<Stream> stream)
      : env_(env),
        options_(options),
        handler_(handler),
        server_(server),
        stream_(std::move(stream)) {}

  Task<void> run() {
    std::string left_over;
    while (true) {
      // No parser and no buffer exist while the connection is idle.
      if (left_over.empty() && !co_await stream_->wait_readable(env_.now() + options_.idle_time))
        break;
      auto parser =
          std::make_unique<RequestParser>(options_.max_header_bytes, std::move(left_over));
      if (!co_await serve(*parser)) break;
      left_over = parser->take_left_over();
    }
    if (refused_) co_await linger();
    stream_->close();
  }

 private:
  Task<void> linger() {
    stream_->end_output();
    const MonoTime deadline = env_.now() + options_.linger_time;
    std::string dropped(kWriteBytes, '\0');
    for (std::size_t total = 0; total < kLingerBytes;) {
      const auto got = co_await stream_->read_some(dropped.data(), dropped.size(), deadline);
      if (!got || *got == 0) break;
      total += *got;
    }
  }

  /// @return whether the connection goes on
  Task<bool> serve(RequestParser& parser) {
    Request request;
    const Status head =
        co_await parser.read_head(*stream_, env_.now() + options_.header_time, request);
    if (!head) {
      if (head.error().code == Code::kInvalidArgument ||
          head.error().code == Code::kResourceExhausted)
        refused_ =
            co_await answer(plain_error(head.error().code == Code::kInvalidArgument ? 400 : 431,
                                        head.error().message),
                            false, false, false);
      co_return false;
    }
    request.peer = stream_->peer();
    ConnectionBody body(env_, options_, *stream_, parser,
                        equals_ignoring_case(request.headers.get("Expect"), "100-continue"));
    request.body = &body;
    Response response = co_await handle(request);
    const bool head_only = request.method == "HEAD";
    // A refused body is not read to its end: closing is cheaper than taking it all.
    const bool reusable = parser.keep_alive() && response.status != 413;
    bool keep = reusable && parser.is_done();
    if (reusable && !keep) keep = co_await body.drain();
    const bool unread = !keep && !parser.is_done();
    const bool answered =
        co_await answer(std::move(response), keep, head_only, parser.is_http_10());
    refused_ = answered && unread;
    // What cancelled the connection while an answer was being wound up must not be forgotten.
    co_return answered&& keep && !server_.stopping();
  }

  Task<Response> handle(Request& request) {
    std::exception_ptr failure;
    try {
      co_return co_await handler_(request);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) throw;
      log::error("net", "{} {}: {}", request.method, request.target, error.what());
    } catch (const std::exception& error) {
      log::error("net", "{} {}: {}", request.method, request.target, error.what());
    }
    co_return plain_error(500, "Internal error; the server's log says more.");
  }

  Task<bool> answer(Response response, bool keep_alive, bool head_only, bool http_10) {
    const bool chunked = response.stream && !response.content_length && !http_10;
    if (response.stream && !response.content_length && http_10) keep_alive = false;
    std::string text = head_text(response, keep_alive, chunked);
    if (!response.stream && !head_only) text += response.body;
    for (std::string_view left = text; !left.empty();) {
      const std::string_view piece = left.substr(0, kWriteBytes);
      if (!co_await stream_->write(piece, env_.now() + options_.write_time)) co_return false;
      left.remove_prefix(piece.size());
    }
    if (!response.stream || head_only) co_return true;
    StreamedBody writer(env_, options_, *stream_, chunked);
    Streaming streaming(env_, *stream_);
    if (!co_await streaming.run(response, writer)) co_return false;
    co_return (co_await writer.finish()).has_value();
  }

  Environment env_;
  const ServerOptions& options_;
  const Handler& handler_;
  const Scope& server_;
  std::unique_ptr<Stream> stream_;
  bool refused_ = false;  // answered before the request was read to its end
};

}  // namespace

struct HttpServer::Impl {
  Impl(Environment e, ServerOptions o, Handler h)
      : env(e), options(std::move(o)), handler(std::move(h)), scope(e.timer, "http server") {}

  Task<void> accept_loop() {
    while (true) {
      boost::system::error_code error;
      tcp::socket socket =
          co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || !acceptor->is_open()) co_return;
      if (error) {  // out of descriptors: wait for some to come back
        log::warn("net", "cannot accept: {}", error.message());
        co_await sleep_for(env.timer, std::chrono::milliseconds(100));
        continue;
      }
      ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
      if (scope.size() > options.max_connections) {
        socket.close(error);
        continue;
      }
      scope.spawn("connection", serve(std::move(socket)));
    }
  }

  Task<void> serve(tcp::socket socket) {
    std::unique_ptr<Stream> stream;
    if (tls) {
      auto encrypted =
          co_await make_tls_server(env, std::move(socket), tls, env.now() + options.header_time);
      if (!encrypted) co_return;
      stream = std::move(*encrypted);
    } else {
      stream = make_tcp_stream(env, std::move(socket));
    }
    Connection connection(env, options, handler, scope, std::move(stream));
    co_await connection.run();
  }

  Environment env;
  ServerOptions options;
  Handler handler;
  Scope scope;
  std::optional<tcp::acceptor> acceptor;
  std::shared_ptr<asio::ssl::context> tls;
};

HttpServer::HttpServer(Environment env, ServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(env, std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;

Status HttpServer::start() {
  std::signal(SIGPIPE, SIG_IGN);
  const ServerOptions& options = impl_->options;
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(options.address, error);
  if (error) return fail(Code::kInvalidArgument, "'" + options.address + "' is not an IP address.");
  if (!options.certificate_file.empty()) {
    WEIR_TRY(impl_->tls, load_tls_server(options.certificate_file, options.key_file));
  }
  tcp::acceptor acceptor(impl_->env.executor());
  const tcp::endpoint endpoint(ip, static_cast<unsigned short>(options.port));
  acceptor.open(endpoint.protocol(), error);
  if (!error) ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1024, error);
  if (error)
    return fail(
        Code::kUnavailable,
        fmt::format("Cannot listen on {}:{}: {}.", options.address, options.port, error.message()),
        "PortTaken");
  impl_->acceptor = std::move(acceptor);
  impl_->scope.spawn("accept", impl_->accept_loop());
  return {};
}

Task<void> HttpServer::stop() {
  boost::system::error_code ignored;
  if (impl_->acceptor) impl_->acceptor->close(ignored);
  co_await impl_->scope.stop();
}

int HttpServer::port() const {
  return impl_->acceptor ? impl_->acceptor->local_endpoint().port() : 0;
}
std::size_t HttpServer::connections() const { return impl_->scope.size(); }

}  // namespace weir::net
