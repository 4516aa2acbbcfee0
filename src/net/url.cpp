#include "net/url.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>

#include "base/strings.h"

namespace weir::net {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Url::authority() const {
  const bool standard = (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
  const std::string name = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  return standard ? name : fmt::format("{}:{}", name, port);
}

Result<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  const auto bad = [&](std::string_view why) {
    return fail(Code::kInvalidArgument, fmt::format("'{}' is not a URL: {}.", text, why),
                "isInvalid");
  };
  if (parsed.has_error()) return bad("it cannot be parsed");
  Url url;
  url.scheme = to_lower(std::string(parsed->scheme()));
  if (url.scheme != "http" && url.scheme != "https") return bad("the scheme must be http or https");
  const bool is_ipv6 = parsed->host_type() == boost::urls::host_type::ipv6;
  url.host =
      is_ipv6 ? std::string(parsed->host_ipv6_address().to_string()) : std::string(parsed->host());
  if (url.host.empty()) return bad("the host is missing");
  // An escaped slash or line end would change what the Host field and the next reader understand.
  for (char c : url.host)
    if (!std::isalnum(static_cast<unsigned char>(c)) &&
        std::string_view(is_ipv6 ? ".:" : "-._").find(c) == std::string_view::npos)
      return bad("the host has a character that host names do not have");
  url.user = parsed->user();
  url.password = parsed->password();
  url.port = parsed->port_number() != 0 ? parsed->port_number() : url.scheme == "https" ? 443 : 80;
  const auto target = parsed->encoded_target();
  url.target = std::string(target.data(), target.size());
  if (url.target.empty() || url.target[0] != '/') url.target.insert(0, "/");
  return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  const std::string text = base.scheme + "://" + base.authority() + base.target;
  const auto from = boost::urls::parse_uri(text);
  const auto relative = boost::urls::parse_uri_reference({reference.data(), reference.size()});
  boost::urls::url resolved;
  if (from.has_error() || relative.has_error() ||
      boost::urls::resolve(*from, *relative, resolved).has_error())
    return fail(Code::kInvalidArgument, fmt::format("'{}' leads nowhere.", reference), "isInvalid");
  return parse_url({resolved.buffer().data(), resolved.buffer().size()});
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string Target::get(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return {};
}

bool Target::has(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return true;
  return false;
}

Target parse_target(std::string_view target) {
  Target parsed;
  const auto mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  for (std::string_view segment : split(path, '/'))
    if (!segment.empty()) parsed.segments.push_back(percent_decode(segment));
  parsed.trailing_slash = path.size() > 1 && path.back() == '/';
  if (mark == std::string_view::npos) return parsed;
  for (std::string_view part : split(target.substr(mark + 1), '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const std::string value = equals == std::string_view::npos
                                  ? ""
                                  : replace_all(std::string(part.substr(equals + 1)), "+", " ");
    parsed.query.emplace_back(percent_decode(part.substr(0, equals)), percent_decode(value));
  }
  return parsed;
}

}  // namespace weir::net
