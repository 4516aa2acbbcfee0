#include "api/origin.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace weir::api {
namespace {

// "[::1]:8080" -> "[::1]", "localhost:8080" -> "localhost".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_ours(std::string_view host, const std::vector<std::string>& allowed) {
  const std::string_view name = without_port(host);
  if (name == "127.0.0.1" || name == "[::1]" || equals_ignoring_case(name, "localhost"))
    return true;
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& ours) {
    return equals_ignoring_case(ours, name) || equals_ignoring_case(ours, host);
  });
}

Error foreign(std::string_view header, std::string_view value) {
  return fail(Code::kPermissionDenied,
              fmt::format("The {} '{}' is not one of this server's names; add it to the allowed "
                          "hosts of the configuration if it should be.",
                          header, value),
              header == "Host" ? "ForeignHost" : "ForeignOrigin");
}

}  // namespace

Status check_origin(const net::Headers& headers, const std::vector<std::string>& allowed_hosts) {
  const std::string_view host = headers.get("Host");
  if (headers.has("Host") && !is_ours(host, allowed_hosts)) return foreign("Host", host);
  if (!headers.has("Origin")) return {};
  const std::string_view origin = headers.get("Origin");
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos || !is_ours(origin.substr(scheme + 3), allowed_hosts))
    return foreign("Origin", origin);
  return {};
}

}  // namespace weir::api
