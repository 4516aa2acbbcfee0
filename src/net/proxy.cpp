#include "net/proxy.h"

#include <charconv>

#include "base/strings.h"

namespace weir::net {
namespace {

void drop_hop_by_hop(Headers& headers) {
  std::vector<std::string> names{"Connection",
                                 "Keep-Alive",
                                 "Proxy-Authenticate",
                                 "Proxy-Authorization",
                                 "Proxy-Connection",
                                 "TE",
                                 "Trailer",
                                 "Transfer-Encoding",
                                 "Upgrade"};
  for (const auto& [name, value] : headers) {
    if (!equals_ignoring_case(name, "Connection")) continue;
    for (std::string_view listed : split(value, ',')) names.emplace_back(trim(listed));
  }
  for (const std::string& name : names) headers.erase(name);
}

std::optional<std::uint64_t> length_of(const Headers& headers) {
  const std::string_view text = headers.get("Content-Length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

ClientRequest forwarded(Request& request, const ProxyOptions& options) {
  ClientRequest out;
  out.method = request.method;
  out.url = options.base_url + options.target;
  out.headers = request.headers;
  const bool chunked = request.headers.has("Transfer-Encoding");
  const auto length = length_of(request.headers);
  drop_hop_by_hop(out.headers);
  for (const char* name : {"Host", "Content-Length", "Expect"}) out.headers.erase(name);
  if (!options.forward_credentials)
    for (const char* name : {"Authorization", "Cookie"}) out.headers.erase(name);
  // A transform needs the whole document as plain text.
  if (options.transform)
    for (const char* name : {"Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range"})
      out.headers.erase(name);
  if (options.edit_request) options.edit_request(out.headers);
  if (chunked || length.value_or(0) > 0) {
    request.body->limit(options.body_limit);
    out.content_length = length;
    out.body_source = [body = request.body] { return body->read(); };
  }
  return out;
}

Error as_bad_answer(Error error) {
  if (error.code == Code::kResourceExhausted) {
    error.code = Code::kInternal;
    error.reason = "BadAnswer";
  }
  return error;
}

// Passes the answer's pieces on as they come; nothing is collected.
Task<Status> pass_on(Environment env, std::shared_ptr<ClientStream> upstream, Duration idle_time,
                     BodyWriter& writer) {
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await upstream->read(env.now() + idle_time));
    if (piece.empty()) co_return Status();
    WEIR_CO_CHECK_OK(co_await writer.write(piece));
  }
}

Task<Status> nothing(BodyWriter&) { co_return Status(); }

Task<Result<std::string>> read_all(Environment env, ClientStream& upstream, Duration idle_time,
                                   std::uint64_t limit) {
  std::string all;
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await upstream.read(env.now() + idle_time));
    if (piece.empty()) co_return all;
    all += piece;
    if (all.size() > limit)
      co_return fail(Code::kResourceExhausted, "The answer is too large to be looked through.");
  }
}

Task<Result<Response>> transformed(Environment env, std::shared_ptr<ClientStream> upstream,
                                   const ProxyOptions& options, Response response) {
  if (!response.headers.get("Content-Encoding").empty())
    co_return fail(Code::kInternal, "The answer is compressed although that was not asked for.",
                   "BadAnswer");
  auto body = co_await read_all(env, *upstream, options.idle_time, options.transform_limit);
  if (!body) co_return as_bad_answer(std::move(body).error());
  WEIR_CO_TRY(response.body,
              options.transform(response.status, response.headers, std::move(*body)));
  for (const char* name : {"ETag", "Last-Modified", "Content-MD5", "Digest", "Accept-Ranges"})
    response.headers.erase(name);
  co_return response;
}

}  // namespace

Task<Result<Response>> proxy(Environment env, HttpClient& client, Request& request,
                             ProxyOptions options) {
  ClientRequest out = forwarded(request, options);
  auto opened = co_await client.open(std::move(out), env.now() + options.head_time);
  if (!opened) co_return std::move(opened).error();
  const std::shared_ptr<ClientStream> upstream = std::move(*opened);

  Response response;
  response.status = upstream->status;
  response.headers = upstream->headers;
  const auto length = length_of(upstream->headers);
  drop_hop_by_hop(response.headers);
  response.headers.erase("Content-Length");
  if (options.edit_response) options.edit_response(response.status, response.headers);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (bodiless) co_return response;
  if (request.method == "HEAD") {
    response.stream = nothing;
    if (!options.transform) response.content_length = length;
    co_return response;
  }
  if (options.transform)
    co_return co_await transformed(env, upstream, options, std::move(response));
  response.content_length = length;
  response.stream = [env, upstream, idle_time = options.idle_time](BodyWriter& writer) {
    return pass_on(env, upstream, idle_time, writer);
  };
  co_return response;
}

}  // namespace weir::net
