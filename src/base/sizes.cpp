#include "base/sizes.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>

namespace weir {
namespace {

Error bad_size(std::string_view text) {
  return fail(Code::kInvalidArgument,
              fmt::format("'{}' is not a memory size like 1024m, 1.5g or 1073741824.", text),
              "isInvalid");
}

int unit_shift(std::string_view unit) {
  std::string lower;
  for (char c : unit) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower.empty() || lower == "b" || lower == "bytes") return 0;
  const std::string_view tail = std::string_view(lower).substr(1);
  if (!tail.empty() && tail != "b" && tail != "i" && tail != "ib") return -1;
  switch (lower[0]) {
    case 'k': return 10;
    case 'm': return 20;
    case 'g': return 30;
    case 't': return 40;
    default: return -1;
  }
}

}  // namespace

Result<std::int64_t> parse_bytes(std::string_view text) {
  std::string_view body = text;
  while (!body.empty() && body.front() == ' ') body.remove_prefix(1);
  while (!body.empty() && body.back() == ' ') body.remove_suffix(1);
  const auto end = body.find_first_not_of("0123456789.");
  const std::string_view number = body.substr(0, end);
  std::string_view unit = end == std::string_view::npos ? std::string_view() : body.substr(end);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  const int shift = unit_shift(unit);
  double value = 0;
  const auto [stop, ec] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || shift < 0 || ec != std::errc() || stop != number.data() + number.size())
    return bad_size(text);
  const double bytes = std::floor(std::ldexp(value, shift));
  if (bytes < 1 || bytes > std::ldexp(1.0, 62)) return bad_size(text);
  return static_cast<std::int64_t>(bytes);
}

std::string format_bytes(std::int64_t bytes) {
  static constexpr const char* kNames[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  int unit = 0;
  while (value >= 1024 && unit < 5) {
    value /= 1024;
    ++unit;
  }
  if (value == std::floor(value))
    return fmt::format("{} {}", static_cast<std::int64_t>(value), kNames[unit]);
  return fmt::format("{:.1f} {}", value, kNames[unit]);
}

}  // namespace weir
