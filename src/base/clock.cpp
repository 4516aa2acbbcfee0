#include "base/clock.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

namespace weir {
namespace {

class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  MonoTime mono_now() const override {
    return MonoTime(
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }
};

Error bad_time(std::string_view text) {
  return fail(Code::kInvalidArgument,
              fmt::format("'{}' is not a time like 2020-08-18T07:04:40Z.", text), "isInvalid");
}

Error bad_duration(std::string_view text) {
  return fail(Code::kInvalidArgument,
              fmt::format("'{}' is not a duration like '30 s', '10 min', '1h' or 'PT1H'.", text),
              "isInvalid");
}

bool all_digits(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

int number_at(std::string_view text, std::size_t pos, std::size_t length) {
  int value = 0;
  std::from_chars(text.data() + pos, text.data() + pos + length, value);
  return value;
}

// The part after the seconds: fraction and zone. Returns microseconds to add to the local time.
std::optional<Duration> parse_fraction_and_zone(std::string_view rest) {
  std::int64_t micros = 0;
  if (!rest.empty() && rest[0] == '.') {
    std::size_t end = 1;
    while (end < rest.size() && std::isdigit(static_cast<unsigned char>(rest[end]))) ++end;
    if (end == 1 || end > 10) return std::nullopt;
    std::int64_t scale = 100'000;
    for (std::size_t i = 1; i < end; ++i, scale /= 10) micros += (rest[i] - '0') * scale;
    rest.remove_prefix(end);
  }
  if (rest == "Z" || rest == "z") return Duration(micros);
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return std::nullopt;
  if (!all_digits(rest.substr(1, 2)) || !all_digits(rest.substr(4, 2))) return std::nullopt;
  const auto offset =
      std::chrono::hours(number_at(rest, 1, 2)) + std::chrono::minutes(number_at(rest, 4, 2));
  return Duration(micros) + (rest[0] == '+' ? -Duration(offset) : Duration(offset));
}

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
// Flink's unit labels (TimeUtils) plus short forms.
constexpr std::array kUnits{Unit{"us", 1},
                            Unit{"micros", 1},
                            Unit{"microseconds", 1},
                            Unit{"ms", 1000},
                            Unit{"milli", 1000},
                            Unit{"millis", 1000},
                            Unit{"millisecond", 1000},
                            Unit{"milliseconds", 1000},
                            Unit{"s", 1000000},
                            Unit{"sec", 1000000},
                            Unit{"secs", 1000000},
                            Unit{"second", 1000000},
                            Unit{"seconds", 1000000},
                            Unit{"m", 60000000},
                            Unit{"min", 60000000},
                            Unit{"mins", 60000000},
                            Unit{"minute", 60000000},
                            Unit{"minutes", 60000000},
                            Unit{"h", 3600000000},
                            Unit{"hour", 3600000000},
                            Unit{"hours", 3600000000},
                            Unit{"d", 86400000000},
                            Unit{"day", 86400000000},
                            Unit{"days", 86400000000}};

constexpr std::int64_t kLongest = 86400000000LL * 36500;  // a century

std::optional<std::int64_t> unit_micros(std::string_view name) {
  if (name.empty()) return 1000;
  for (const Unit& unit : kUnits)
    if (unit.name == name) return unit.micros;
  return std::nullopt;
}

// "1.5" with exact decimal arithmetic in units of `scale` microseconds.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t scale) {
  const auto dot = number.find('.');
  const std::string_view whole = number.substr(0, dot);
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (ec != std::errc() || end != whole.data() + whole.size() || value < 0) return std::nullopt;
  if (value > kLongest / scale) return std::nullopt;
  std::int64_t total = value * scale;
  if (dot != std::string_view::npos) {
    const std::string_view digits = number.substr(dot + 1);
    if (!all_digits(digits) || digits.size() > 9) return std::nullopt;
    std::int64_t part = scale;
    for (char c : digits) {
      part /= 10;
      total += (c - '0') * part;
    }
  }
  return total;
}

Result<Duration> parse_iso_duration(std::string_view whole) {
  std::string_view text = whole.substr(1);
  bool in_time = false;
  std::int64_t total = 0;
  if (text.empty() || text == "T") return bad_duration(whole);
  while (!text.empty()) {
    if (text[0] == 'T') {
      if (in_time) return bad_duration(whole);
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    const auto end = text.find_first_not_of("0123456789.");
    if (end == 0 || end == std::string_view::npos) return bad_duration(whole);
    const char unit = text[end];
    std::int64_t scale = 0;
    if (!in_time && unit == 'D') scale = 86400000000;
    if (in_time && unit == 'H') scale = 3600000000;
    if (in_time && unit == 'M') scale = 60000000;
    if (in_time && unit == 'S') scale = 1000000;
    const auto part = scale == 0 ? std::nullopt : scaled(text.substr(0, end), scale);
    if (!part || total > kLongest) return bad_duration(whole);
    total += *part;
    text.remove_prefix(end + 1);
  }
  return Duration(total);
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string format_rfc3339_seconds(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string format_rfc3339(WallTime time) {
  const auto fraction = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  std::string text = format_rfc3339_seconds(time);
  if (fraction != 0) {
    text.pop_back();
    text += fmt::format(".{:06}Z", fraction);
  }
  return text;
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
    return bad_time(text);
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return bad_time(text);
  static constexpr std::array<std::pair<int, int>, 6> kParts{
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  for (auto [pos, length] : kParts)
    if (!all_digits(text.substr(pos, length))) return bad_time(text);
  const std::chrono::year_month_day date{std::chrono::year(number_at(text, 0, 4)),
                                         std::chrono::month(number_at(text, 5, 2)),
                                         std::chrono::day(number_at(text, 8, 2))};
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = number_at(text, 17, 2);
  const auto rest = parse_fraction_and_zone(text.substr(19));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || !rest) return bad_time(text);
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + *rest;
}

Result<Duration> parse_duration(std::string_view text) {
  std::string_view body = text;
  while (!body.empty() && body.front() == ' ') body.remove_prefix(1);
  while (!body.empty() && body.back() == ' ') body.remove_suffix(1);
  if (!body.empty() && body[0] == 'P') return parse_iso_duration(body);
  const auto end = body.find_first_not_of("0123456789.");
  const std::string_view number = body.substr(0, end);
  std::string_view unit = end == std::string_view::npos ? std::string_view() : body.substr(end);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  std::string lower(unit);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto scale = unit_micros(lower);
  if (number.empty() || !scale) return bad_duration(text);
  const auto total = scaled(number, *scale);
  if (!total) return bad_duration(text);
  return Duration(*total);
}

std::string format_duration(Duration duration) {
  const std::int64_t micros = duration.count();
  for (auto [name, scale] : {std::pair<const char*, std::int64_t>{"d", 86400000000},
                             {"h", 3600000000},
                             {"min", 60000000},
                             {"s", 1000000},
                             {"ms", 1000}})
    if (micros != 0 && micros % scale == 0) return fmt::format("{} {}", micros / scale, name);
  return micros == 0 ? "0 s" : fmt::format("{} us", micros);
}

}  // namespace weir
