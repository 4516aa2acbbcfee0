#include "cli/client.h"

#include <fmt/format.h>

#include "cli/field.h"
#include "codec/json_text.h"

namespace weir::cli {
namespace {

constexpr Duration kAnswerTime = std::chrono::seconds(60);
constexpr std::uint64_t kAnswerLimit = 512ULL << 20;

Code code_of_status(int status) {
  switch (status) {
    case 401: return Code::kUnauthenticated;
    case 403: return Code::kPermissionDenied;
    case 404: return Code::kNotFound;
    case 409:
    case 412: return Code::kConflict;
    case 413:
    case 507: return Code::kResourceExhausted;
    case 502:
    case 503: return Code::kUnavailable;
    case 504: return Code::kDeadline;
    default: return status >= 500 ? Code::kInternal : Code::kInvalidArgument;
  }
}

Code code_of(std::string_view name, int status) {
  for (int i = 0; i <= static_cast<int>(Code::kInternal); ++i)
    if (code_traits(static_cast<Code>(i)).name == name) return static_cast<Code>(i);
  return code_of_status(status);
}

net::ClientOptions client_options(std::string ca_file) {
  net::ClientOptions options;
  options.ca_file = std::move(ca_file);
  options.answer_limit = kAnswerLimit;
  return options;
}

Error unreachable(const std::string& server, const Error& error) {
  std::string why = error.message;
  while (why.ends_with('.')) why.pop_back();
  if (error.reason == "TlsFailed")
    return fail(Code::kUnavailable,
                fmt::format("{} is not trusted or speaks no TLS: {}. A certificate of your own is "
                            "trusted with --ca-file or WEIR_CA_FILE.",
                            server, why),
                error.reason);
  return fail(
      Code::kUnavailable,
      fmt::format("No Weir server answers at {} ({}). Start one with 'weir server', or name "
                  "another with --server or WEIR_URL.",
                  server, why),
      error.reason);
}

}  // namespace

Error error_of_answer(int status, std::string_view body) {
  const auto parsed = codec::parse_json(body);
  if (!parsed || !parsed->is_object())
    return fail(code_of_status(status),
                fmt::format("The server answered {} {}.", status, net::reason_phrase(status)));
  Error error(code_of(text_at(*parsed, "code"), status), text_at(*parsed, "message"),
              text_at(*parsed, "reason"));
  if (error.message.empty())
    error.message = fmt::format("The server answered {} {}.", status, net::reason_phrase(status));
  if (const codec::Node* fields = parsed->find("errors"))
    for (const codec::Node& field : fields->items)
      error.fields.push_back(
          {text_at(field, "attribute"), text_at(field, "message"), text_at(field, "reason")});
  return error;
}

Client::Client(Environment env, std::string server, std::string ca_file)
    : env_(env), server_(std::move(server)), http_(env, client_options(std::move(ca_file))) {
  while (server_.ends_with('/')) server_.pop_back();
}

Task<Result<std::unique_ptr<net::ClientStream>>> Client::open(net::ClientRequest request,
                                                              MonoTime deadline) {
  request.url = server_ + request.url;
  if (!request.headers.has("Accept")) request.headers.set("Accept", "application/json");
  request.headers.set("User-Agent", "weir");
  auto stream = co_await http_.open(std::move(request), deadline);
  if (!stream && stream.error().code == Code::kUnavailable)
    co_return unreachable(server_, stream.error());
  if (!stream) co_return stream;
  if ((*stream)->status < 300) co_return stream;
  std::string body;
  while (body.size() < 1024 * 1024) {
    WEIR_CO_TRY(const std::string piece, co_await (*stream)->read(deadline));
    if (piece.empty()) break;
    body += piece;
  }
  co_return error_of_answer((*stream)->status, body);
}

Task<Result<Answer>> Client::send(net::ClientRequest request, MonoTime deadline) {
  WEIR_CO_TRY(auto stream, co_await open(std::move(request), deadline));
  Answer answer{stream->status, {}};
  std::string text;
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await stream->read(deadline));
    if (piece.empty()) break;
    text += piece;
    if (text.size() > kAnswerLimit)
      co_return fail(Code::kResourceExhausted, "The answer is too large.", "AnswerTooLarge");
  }
  if (text.empty()) co_return answer;
  auto parsed = codec::parse_json(text);
  if (!parsed)
    co_return fail(
        Code::kInternal,
        fmt::format("{} answers with something that is not JSON; is it a Weir server?", server_));
  answer.body = std::move(*parsed);
  co_return answer;
}

Task<Result<Answer>> Client::send(std::string method, std::string path, const codec::Node* body) {
  net::ClientRequest request;
  request.method = std::move(method);
  request.url = std::move(path);
  if (body != nullptr) {
    request.headers.set("Content-Type", "application/json");
    request.body = codec::write_json(*body);
  }
  co_return co_await send(std::move(request), env_.now() + kAnswerTime);
}

Task<Result<codec::Node>> Client::get(std::string path) {
  WEIR_CO_TRY(Answer answer, co_await send("GET", std::move(path)));
  co_return std::move(answer.body);
}

MonoTime no_deadline(const Environment& env) { return env.now() + std::chrono::hours(24 * 3650); }

}  // namespace weir::cli
