// Durations, sizes and times: what is accepted can be written and means the same again.
#include "base/clock.h"
#include "base/sizes.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = parse_duration(text)) {
    const auto again = parse_duration(format_duration(*duration));
    if (*duration < Duration(0) || !again || *again != *duration) __builtin_trap();
  }
  if (const auto bytes = parse_bytes(text)) {
    if (*bytes <= 0) __builtin_trap();
    (void)format_bytes(*bytes);
  }
  if (const auto time = parse_rfc3339(text)) {
    const auto again = parse_rfc3339(format_rfc3339(*time));
    if (again && *again != *time) __builtin_trap();
    (void)format_rfc3339_seconds(*time);
  }
  return 0;
}
