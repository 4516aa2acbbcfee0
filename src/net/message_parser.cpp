#include "net/message_parser.h"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace http = boost::beast::http;

namespace weir::net {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
// "0\r\n\r\n": no chunked body ends with fewer bytes, and Beast asserts that it is not asked about
// the start of a last chunk again before it has them.
constexpr std::size_t kShortestLastChunk = 5;

// What both directions share: bytes that were read but not yet parsed, and the feeding.
template <bool IsRequest>
struct Feeder {
  http::parser<IsRequest, http::buffer_body> parser;
  std::string pending;
  bool received = false;
  bool ended = false;      // the other side closed
  std::size_t wanted = 1;  // pending bytes without which the body's parser cannot go on

  static Error broken_off() {
    return fail(Code::kUnavailable, "The connection was closed in the middle of a message.",
                "ConnectionReset");
  }

  static Error error_of(const boost::system::error_code& error) {
    if (error == http::error::partial_message) return broken_off();
    if (error == http::error::header_limit)
      return fail(Code::kResourceExhausted, "The head of the message is too large.",
                  "HeaderTooLarge");
    return fail(Code::kInvalidArgument, "Broken HTTP: " + error.message() + ".", "BadMessage");
  }

  Task<Status> fill(Stream& stream, MonoTime deadline) {
    const std::size_t had = pending.size();
    pending.resize(had + kReadBytes);
    auto got = co_await stream.read_some(pending.data() + had, kReadBytes, deadline);
    pending.resize(had + (got ? *got : 0));
    if (!got) co_return std::move(got).error();
    if (*got == 0) ended = true;
    else received = true;
    co_return Status();
  }

  /// Parses from `pending`. @return whether the parser needs more bytes
  Result<bool> feed() {
    boost::system::error_code error;
    std::size_t used = 0;
    if (ended && pending.empty()) {
      parser.put_eof(error);
    } else {
      used = parser.put(boost::asio::buffer(pending), error);
    }
    pending.erase(0, used);
    if (error == http::error::need_more) return true;
    if (error == http::error::need_buffer) return false;
    if (error) return error_of(error);
    return false;
  }

  Task<Status> read_head(Stream& stream, MonoTime deadline) {
    while (!parser.is_header_done()) {
      bool need_more = pending.empty();
      if (!need_more) {
        WEIR_CO_TRY(need_more, feed());
      }
      if (parser.is_header_done()) break;
      if (!need_more) continue;
      if (ended)
        co_return fail(Code::kUnavailable, "The connection was closed.", "ConnectionReset");
      WEIR_CO_CHECK_OK(co_await fill(stream, deadline));
    }
    co_return Status();
  }

  Task<Result<std::string>> read_body(Stream& stream, MonoTime deadline) {
    std::string piece;
    while (!parser.is_done()) {
      if (pending.size() < wanted && !ended) {
        if (!piece.empty()) break;  // pass on what is there before waiting for more
        WEIR_CO_CHECK_OK(co_await fill(stream, deadline));
        continue;
      }
      if (!pending.empty() && pending.size() < wanted) co_return broken_off();
      const std::size_t had = piece.size();
      piece.resize(had + kReadBytes);
      auto& body = parser.get().body();
      body.data = piece.data() + had;
      body.size = kReadBytes;
      const auto more = feed();
      piece.resize(had + kReadBytes - body.size);
      if (!more) co_return std::move(more.error());
      // The parser may keep a few bytes of framing that it can use only together with more.
      wanted = *more && !pending.empty() ? std::max(pending.size() + 1, kShortestLastChunk) : 1;
      if (piece.size() >= 4 * kReadBytes) break;
      if (*more && ended && !parser.is_done()) co_return broken_off();
    }
    co_return piece;
  }

  Headers headers() const {
    Headers fields;
    for (const auto& field : parser.get().base())
      fields.add(std::string(field.name_string()), std::string(field.value()));
    return fields;
  }
};

bool has_control_character(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  return false;
}

}  // namespace

struct RequestParser::Impl : Feeder<true> {};

RequestParser::RequestParser(std::size_t max_header_bytes, std::string left_over)
    : impl_(std::make_unique<Impl>()) {
  impl_->parser.header_limit(static_cast<std::uint32_t>(max_header_bytes));
  impl_->parser.body_limit(boost::none);  // the body reader counts
  impl_->parser.eager(false);
  impl_->pending = std::move(left_over);
}
RequestParser::~RequestParser() = default;

Task<Status> RequestParser::read_head(Stream& stream, MonoTime deadline, Request& request) {
  WEIR_CO_CHECK_OK(co_await impl_->read_head(stream, deadline));
  const auto& message = impl_->parser.get();
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.headers = impl_->headers();
  if (has_control_character(request.target))
    co_return fail(Code::kInvalidArgument, "The request target has control characters.",
                   "BadMessage");
  // Behind a proxy of another opinion, two framings of one message are two messages.
  if (request.headers.has("Content-Length") && request.headers.has("Transfer-Encoding"))
    co_return fail(Code::kInvalidArgument,
                   "Content-Length and Transfer-Encoding exclude each other.", "BadMessage");
  std::string_view path = request.target;
  if (const auto scheme = path.find("://"); scheme != std::string_view::npos && path[0] != '/') {
    const auto slash = path.find('/', scheme + 3);
    path = slash == std::string_view::npos ? "/" : path.substr(slash);
  }
  if (message.version() >= 11 && message.count(http::field::host) != 1)
    co_return fail(Code::kInvalidArgument, "A request needs exactly one Host field.", "BadMessage");
  request.url = parse_target(path);
  co_return Status();
}

Task<Result<std::string>> RequestParser::read_body(Stream& stream, MonoTime deadline) {
  co_return co_await impl_->read_body(stream, deadline);
}
bool RequestParser::is_done() const {
  const auto& parser = impl_->parser;
  return parser.is_done() || (parser.is_header_done() && !parser.chunked() &&
                              parser.content_length_remaining().value_or(0) == 0);
}
bool RequestParser::keep_alive() const { return impl_->parser.keep_alive(); }
bool RequestParser::is_http_10() const { return impl_->parser.get().version() < 11; }
std::uint64_t RequestParser::content_length() const {
  return impl_->parser.content_length().value_or(0);
}
std::string RequestParser::take_left_over() { return std::move(impl_->pending); }

struct ResponseParser::Impl : Feeder<false> {};

ResponseParser::ResponseParser(bool head_request) : impl_(std::make_unique<Impl>()) {
  impl_->parser.header_limit(256 * 1024);
  impl_->parser.body_limit(boost::none);
  impl_->parser.eager(false);
  impl_->parser.skip(head_request);
}
ResponseParser::~ResponseParser() = default;

Task<Status> ResponseParser::read_head(Stream& stream, MonoTime deadline, ResponseHead& head) {
  WEIR_CO_CHECK_OK(co_await impl_->read_head(stream, deadline));
  head.status = impl_->parser.get().result_int();
  head.headers = impl_->headers();
  co_return Status();
}
Task<Result<std::string>> ResponseParser::read_body(Stream& stream, MonoTime deadline) {
  co_return co_await impl_->read_body(stream, deadline);
}
bool ResponseParser::is_done() const { return impl_->parser.is_done(); }
bool ResponseParser::keep_alive() const { return impl_->parser.keep_alive() && !impl_->ended; }
bool ResponseParser::received_anything() const { return impl_->received; }

}  // namespace weir::net
