// URLs and request targets: what is accepted holds together.
#include "net/url.h"

using namespace weir::net;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Target target = parse_target(text);
  for (const auto& segment : target.segments)
    if (percent_decode(percent_encode(segment)) != segment) __builtin_trap();
  for (const auto& [name, value] : target.query)
    if (!target.has(name)) __builtin_trap();
  if (const auto url = parse_url(text)) {
    if (url->host.empty() || url->port <= 0 || url->port > 65535 || !url->target.starts_with('/'))
      __builtin_trap();
    const auto again = parse_url(url->scheme + "://" + url->authority() + url->target);
    if (again && (again->port != url->port || again->target != url->target)) __builtin_trap();
    (void)resolve_url(*url, text);
  }
  if (const auto base = parse_url("http://host/a/b?c")) (void)resolve_url(*base, text);
  return 0;
}
