#include "api/negotiation.h"

#include <fmt/format.h>

#include <charconv>

#include "api/errors.h"
#include "base/strings.h"
#include "codec/json_text.h"
#include "codec/yaml.h"

namespace weir::api {
namespace {

constexpr std::size_t kParseOnPool = 64 * 1024;

std::string media_type(std::string_view text) {
  return to_lower(trim(text.substr(0, text.find(';'))));
}

bool is_yaml(std::string_view media) { return media.find("yaml") != std::string_view::npos; }
bool is_json(std::string_view media) {
  return media == "application/json" || media.ends_with("+json") || media == "text/json";
}

double quality(std::string_view range) {
  for (std::string_view parameter : split(range, ';')) {
    parameter = trim(parameter);
    if (!parameter.starts_with("q=")) continue;
    double value = 1;
    parameter.remove_prefix(2);
    std::from_chars(parameter.data(), parameter.data() + parameter.size(), value);
    return value;
  }
  return 1;
}

Result<Format> content_format(const net::Headers& headers) {
  const std::string media = media_type(headers.get("Content-Type"));
  if (media.empty() || is_json(media)) return Format::kJson;
  if (is_yaml(media)) return Format::kYaml;
  return fail(Code::kInvalidArgument,
              fmt::format("The content type '{}' is not understood; send application/json or "
                          "application/yaml.",
                          media),
              kUnsupportedMediaType);
}

}  // namespace

Format accepted_format(const net::Headers& headers) {
  double json = 0;
  double yaml = 0;
  for (std::string_view range : split(headers.get("Accept"), ',')) {
    const std::string media = media_type(range);
    if (is_yaml(media)) yaml = std::max(yaml, quality(range));
    else if (is_json(media) || media == "*/*" || media == "application/*")
      // What was written first wins among equals.
      json = std::max(json, yaml > 0 ? quality(range) - 1e-6 : quality(range));
  }
  return yaml > json ? Format::kYaml : Format::kJson;
}

net::Response document(int status, std::string json, Format format) {
  net::Response response;
  response.status = status;
  if (format == Format::kYaml) {
    if (const auto node = codec::parse_json(json)) {
      response.headers.set("Content-Type", "application/yaml;charset=UTF-8");
      response.body = codec::write_yaml(*node);
      return response;
    }
  }
  response.headers.set("Content-Type", "application/json;charset=UTF-8");
  response.body = std::move(json);
  return response;
}

Task<Result<codec::Node>> read_document(Call& call) {
  WEIR_CO_TRY(const Format format, content_format(call.request.headers));
  WEIR_CO_TRY(const std::string text, co_await call.request.read_body(kDocumentLimit));
  if (trim(text).empty())
    co_return fail(Code::kInvalidArgument, "The body is empty; send a JSON or YAML object.",
                   "isInvalid");
  const auto parse = [&text, format] {
    return format == Format::kYaml ? codec::parse_yaml(text) : codec::parse_json(text);
  };
  if (text.size() <= kParseOnPool) co_return parse();
  co_return co_await call.env().run(parse);
}

net::Response object(const Call& call, int status, std::string json,
                     std::int32_t resource_version) {
  net::Response response = document(status, std::move(json), call.format);
  response.headers.set("ETag", fmt::format("\"{}\"", resource_version));
  return response;
}

}  // namespace weir::api
