#include "api/errors.h"

#include <fmt/format.h>

#include "api/negotiation.h"
#include "codec/json_text.h"

namespace weir::api {
namespace {

void member(std::string& out, const char* name, std::string_view value) {
  out += fmt::format(",\"{}\":", name);
  codec::append_json_string(out, value);
}

}  // namespace

int status_of(const Error& error) {
  if (error.reason == kMethodNotAllowed) return 405;
  if (error.reason == kPreconditionFailed) return 412;
  if (error.reason == kUnsupportedMediaType) return 415;
  if (error.reason == kBadGateway) return 502;
  // Only the request's own size is the client's business; a full disk is the server's.
  if (error.code == Code::kResourceExhausted && error.reason != "BodyTooLarge" &&
      error.reason != "TooLarge")
    return 507;
  return code_traits(error.code).http_status;
}

std::string error_json(const Error& error, const std::string& path, WallTime now) {
  const int status = status_of(error);
  std::string out = fmt::format("{{\"statusCode\":{0}", status);
  member(out, "message", error.message);
  out += fmt::format(",\"timestamp\":{},\"status\":{}", to_epoch_ms(now), status);
  member(out, "error", net::reason_phrase(status));
  member(out, "path", path);
  member(out, "code", code_traits(error.code).name);
  member(out, "description", error.message);
  member(out, "reason", error.reason);
  out += ",\"cause\":null,\"ok\":false,\"errors\":[";
  for (std::size_t i = 0; i < error.fields.size(); ++i) {
    const FieldError& field = error.fields[i];
    out += i == 0 ? "{\"attribute\":" : ",{\"attribute\":";
    codec::append_json_string(out, field.path);
    member(out, "message", field.message);
    member(out, "reason", field.reason);
    out += '}';
  }
  return out + "]}";
}

net::Response error_response(const Error& error, const std::string& path, Format format,
                             WallTime now) {
  return document(status_of(error), error_json(error, path, now), format);
}

Error not_found(std::string_view kind, std::string_view name, std::string_view ns) {
  return fail(Code::kNotFound, fmt::format("{} '{}' not found in namespace '{}'.", kind, name, ns),
              fmt::format("{}NotFound", kind));
}

}  // namespace weir::api
