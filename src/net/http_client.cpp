#include "net/http_client.h"

#include <fmt/format.h>

#include <list>
#include <unordered_map>
#include <vector>

#include "net/message_parser.h"

namespace weir::net {

// All connections are kept equally long, so the oldest of all is always the first to go: keeping
// one costs the same whether there are ten hosts or ten thousand.
struct HttpClient::Pool {
  Pool(Environment e, ClientOptions o) : env(e), options(std::move(o)) {}

  Environment env;
  ClientOptions options;

  struct Idle {
    std::string key;
    std::unique_ptr<Stream> stream;
    MonoTime until;
  };
  using Age = std::list<Idle>;
  Age idle;                                                             // oldest first
  std::unordered_map<std::string, std::vector<Age::iterator>> by_host;  // likewise

  std::unique_ptr<Stream> take(const std::string& key) {
    drop_expired();
    const auto found = by_host.find(key);
    if (found == by_host.end()) return nullptr;
    const Age::iterator newest = found->second.back();
    std::unique_ptr<Stream> stream = std::move(newest->stream);
    found->second.pop_back();
    if (found->second.empty()) by_host.erase(found);
    idle.erase(newest);
    return stream;
  }

  void give(const std::string& key, std::unique_ptr<Stream> stream) {
    drop_expired();
    idle.push_back({key, std::move(stream), env.now() + options.idle_time});
    auto& kept = by_host[key];
    kept.push_back(std::prev(idle.end()));
    if (kept.size() > options.idle_per_host) drop(kept.front());
  }

 private:
  // Hosts that nobody asks any more must not keep sockets.
  void drop_expired() {
    const MonoTime now = env.now();
    while (!idle.empty() && idle.front().until <= now) drop(idle.begin());
  }

  void drop(Age::iterator oldest_of_host) {
    const auto host = by_host.find(oldest_of_host->key);
    host->second.erase(host->second.begin());
    if (host->second.empty()) by_host.erase(host);
    idle.erase(oldest_of_host);
  }
};

namespace {

using Pool = HttpClient::Pool;

class OpenAnswer final : public ClientStream {
 public:
  OpenAnswer(std::shared_ptr<Pool> pool, std::string key, std::unique_ptr<Stream> stream,
             std::unique_ptr<ResponseParser> parser)
      : pool_(std::move(pool)),
        key_(std::move(key)),
        stream_(std::move(stream)),
        parser_(std::move(parser)) {
    give_back_if_done();
  }
  ~OpenAnswer() override {
    if (stream_) stream_->close();
  }

  Task<Result<std::string>> read(MonoTime deadline) override {
    if (!stream_) co_return std::string();
    auto piece = co_await parser_->read_body(*stream_, deadline);
    if (!piece) {
      stream_->close();
      stream_.reset();
      co_return as_answer_error(std::move(piece).error());
    }
    give_back_if_done();
    co_return piece;
  }

  static Error as_answer_error(Error error) {
    if (error.code == Code::kInvalidArgument || error.code == Code::kResourceExhausted) {
      error.code = Code::kInternal;
      error.reason = "BadAnswer";
    }
    return error;
  }

 private:
  void give_back_if_done() {
    if (!stream_ || !parser_->is_done()) return;
    if (parser_->keep_alive()) pool_->give(key_, std::move(stream_));
    else stream_->close();
    stream_.reset();
  }

  std::shared_ptr<Pool> pool_;
  std::string key_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<ResponseParser> parser_;
};

std::string head_of(const ClientRequest& request, const Url& url) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, url.target);
  if (!request.headers.has("Host")) head += fmt::format("Host: {}\r\n", url.authority());
  for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
  if (request.body_source && !request.content_length)
    return head + "Transfer-Encoding: chunked\r\n\r\n";
  const auto length = request.body_source ? *request.content_length : request.body.size();
  if (length > 0 || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH")
    head += fmt::format("Content-Length: {}\r\n", length);
  return head + "\r\n";
}

Task<Status> send_request(Stream& stream, const ClientRequest& request, const Url& url,
                          MonoTime deadline) {
  std::string text = head_of(request, url);
  if (!request.body_source) text += request.body;
  WEIR_CO_CHECK_OK(co_await stream.write(text, deadline));
  if (!request.body_source) co_return Status();
  const bool chunked = !request.content_length;
  std::uint64_t left = request.content_length.value_or(0);
  while (true) {
    WEIR_CO_TRY(std::string piece, co_await request.body_source());
    if (piece.empty()) break;
    if (!chunked && piece.size() > left)
      co_return fail(Code::kInvalidArgument, "The body is longer than was said.", "BodyLength");
    left -= chunked ? 0 : piece.size();
    if (chunked) piece = fmt::format("{:x}\r\n", piece.size()) + piece + "\r\n";
    WEIR_CO_CHECK_OK(co_await stream.write(piece, deadline));
  }
  if (chunked) co_return co_await stream.write("0\r\n\r\n", deadline);
  if (left > 0)
    co_return fail(Code::kInvalidArgument, "The body is shorter than was said.", "BodyLength");
  co_return Status();
}

bool may_send_again(const ClientRequest& request) {
  return !request.body_source && (request.method == "GET" || request.method == "HEAD" ||
                                  request.method == "PUT" || request.method == "DELETE");
}

}  // namespace

HttpClient::HttpClient(Environment env, ClientOptions options)
    : pool_(std::make_shared<Pool>(env, std::move(options))) {}
HttpClient::~HttpClient() = default;

Task<Result<std::unique_ptr<ClientStream>>> HttpClient::open(ClientRequest request,
                                                             MonoTime deadline) {
  const auto pool = pool_;
  WEIR_CO_TRY(const Url url, parse_url(request.url));
  const std::string key = fmt::format("{}://{}:{}", url.scheme, url.host, url.port);
  for (bool first = true;; first = false) {
    std::unique_ptr<Stream> stream = first && may_send_again(request) ? pool->take(key) : nullptr;
    const bool reused = stream != nullptr;
    if (!stream) {
      std::optional<TlsClientOptions> tls;
      if (url.scheme == "https") tls = TlsClientOptions{url.host, pool->options.ca_file, true};
      WEIR_CO_TRY(stream, co_await connect(pool->env, url.host, url.port, tls, deadline,
                                           pool->options.allow));
    }
    auto parser = std::make_unique<ResponseParser>(request.method == "HEAD");
    ResponseHead head;
    Status status = co_await send_request(*stream, request, url, deadline);
    if (!status && request.body_source) {
      stream->close();
      co_return std::move(status).error();
    }
    if (status) status = co_await parser->read_head(*stream, deadline, head);
    if (status) {
      auto answer = std::make_unique<OpenAnswer>(pool, key, std::move(stream), std::move(parser));
      answer->status = head.status;
      answer->headers = std::move(head.headers);
      co_return std::unique_ptr<ClientStream>(std::move(answer));
    }
    stream->close();
    const bool stale =
        reused && !parser->received_anything() && status.error().code == Code::kUnavailable;
    if (!stale) co_return OpenAnswer::as_answer_error(std::move(status).error());
  }
}

Task<Result<ClientResponse>> HttpClient::send(ClientRequest request, MonoTime deadline) {
  const std::uint64_t limit = pool_->options.answer_limit;
  WEIR_CO_TRY(auto stream, co_await open(std::move(request), deadline));
  ClientResponse response;
  response.status = stream->status;
  response.headers = stream->headers;
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await stream->read(deadline));
    if (piece.empty()) co_return response;
    response.body += piece;
    if (response.body.size() > limit)
      co_return fail(Code::kResourceExhausted, "The answer is too large.", "AnswerTooLarge");
  }
}

}  // namespace weir::net
