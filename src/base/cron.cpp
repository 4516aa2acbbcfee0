#include "base/cron.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <charconv>
#include <span>
#include <vector>

#include "base/strings.h"

namespace weir {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  std::string_view what;
  int least;
  int most;
  Names names;  ///< the first one means `least`
};
constexpr Field kMinute{"minute", 0, 59, {}};
constexpr Field kHour{"hour", 0, 23, {}};
constexpr Field kDay{"day of the month", 1, 31, {}};
constexpr Field kMonth{"month", 1, 12, kMonths};
constexpr Field kWeekday{"day of the week", 0, 7, kWeekdays};

Error bad_field(const Field& field, std::string_view text) {
  return fail(Code::kInvalidArgument,
              fmt::format("the {} '{}' is not *, a number from {} to {}, a range, a step or a list "
                          "of these.",
                          field.what, text, field.least, field.most),
              "isInvalid");
}

std::optional<int> number(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i)
    if (equals_ignoring_case(text, field.names[i])) return field.least + static_cast<int>(i);
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < field.least || value > field.most)
    return std::nullopt;
  return value;
}

// One of a list's parts: "*", "5", "1-5", each with "/step".
template <std::size_t N>
bool add_part(const Field& field, std::string_view text, std::bitset<N>& set) {
  int step = 1;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto given = number({"step", 1, field.most, {}}, text.substr(slash + 1));
    if (!given) return false;
    step = *given;
    text = text.substr(0, slash);
  }
  int first = field.least, last = field.most;
  if (text != "*") {
    const auto dash = text.find('-');
    const auto from = number(field, text.substr(0, dash));
    // "5/10" starts at 5 and goes on to the end.
    const auto to = dash != std::string_view::npos    ? number(field, text.substr(dash + 1))
                    : slash != std::string_view::npos ? std::optional(field.most)
                                                      : from;
    if (!from || !to || *from > *to) return false;
    first = *from;
    last = *to;
  }
  for (int value = first; value <= last; value += step) set.set(static_cast<std::size_t>(value));
  return true;
}

template <std::size_t N>
Status read_field(const Field& field, std::string_view text, std::bitset<N>& set) {
  for (std::string_view part : split(text, ','))
    if (!add_part(field, part, set)) return bad_field(field, text);
  return {};
}

std::string_view spelled_out(std::string_view text) {
  for (auto [name, fields] : {std::pair<std::string_view, std::string_view>{"@hourly", "0 * * * *"},
                              {"@daily", "0 0 * * *"},
                              {"@midnight", "0 0 * * *"},
                              {"@weekly", "0 0 * * 0"},
                              {"@monthly", "0 0 1 * *"},
                              {"@yearly", "0 0 1 1 *"},
                              {"@annually", "0 0 1 1 *"}})
    if (equals_ignoring_case(text, name)) return fields;
  return text;
}

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;  // unknown, or this machine has no time zones at all
  }
}

using LocalMinute = std::chrono::sys_time<std::chrono::minutes>;  // of the zone's own clock

// The moments at which the zone's clock shows this, in order.
std::vector<WallTime> moments(const date::time_zone* zone, LocalMinute shown, bool every_hour) {
  if (zone == nullptr) return {shown};
  const date::local_seconds local(shown.time_since_epoch());
  const date::local_info info = zone->get_info(local);
  if (info.result == date::local_info::unique)
    return {WallTime(shown) - std::chrono::seconds(info.first.offset)};
  if (info.result == date::local_info::nonexistent) {
    if (every_hour) return {};
    return {WallTime(info.first.end.time_since_epoch())};
  }
  std::vector<WallTime> both{WallTime(shown) - std::chrono::seconds(info.first.offset)};
  if (every_hour) both.push_back(WallTime(shown) - std::chrono::seconds(info.second.offset));
  return both;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  std::vector<std::string_view> fields;
  for (std::string_view field : split(spelled_out(trim(text)), ' '))
    if (!field.empty()) fields.push_back(field);
  if (fields.size() != 5)
    return fail(Code::kInvalidArgument,
                fmt::format("'{}' has not five fields: minute, hour, day of the month, month, day "
                            "of the week (for example '0 3 * * *').",
                            text),
                "isInvalid");
  Cron cron;
  WEIR_CHECK_OK(read_field(kMinute, fields[0], cron.minutes_));
  WEIR_CHECK_OK(read_field(kHour, fields[1], cron.hours_));
  WEIR_CHECK_OK(read_field(kDay, fields[2], cron.days_));
  WEIR_CHECK_OK(read_field(kMonth, fields[3], cron.months_));
  WEIR_CHECK_OK(read_field(kWeekday, fields[4], cron.weekdays_));
  if (cron.weekdays_[7]) cron.weekdays_.set(0);  // both are Sunday
  cron.every_hour_ = fields[1].starts_with('*');
  cron.every_day_ = fields[2].starts_with('*');
  cron.every_weekday_ = fields[4].starts_with('*');
  return cron;
}

bool Cron::matches(std::chrono::year_month_day day) const {
  if (!months_[unsigned(day.month())]) return false;
  const bool by_day = days_[unsigned(day.day())];
  const bool by_weekday = weekdays_[std::chrono::weekday(std::chrono::sys_days(day)).c_encoding()];
  if (every_day_ || every_weekday_) return by_day && by_weekday;
  return by_day || by_weekday;
}

std::optional<WallTime> Cron::next(const std::string& zone_name, WallTime after) const {
  const date::time_zone* zone = zone_name == "UTC" ? nullptr : find_zone(zone_name);
  // No clock is more than a day from UTC.
  auto day = std::chrono::floor<std::chrono::days>(after) - std::chrono::days(2);
  for (const auto end = day + std::chrono::days(8 * 366); day < end; day += std::chrono::days(1)) {
    if (!matches(day)) continue;
    std::optional<WallTime> first;
    for (std::size_t hour = 0; hour < hours_.size(); ++hour)
      for (std::size_t minute = 0; hours_[hour] && minute < minutes_.size(); ++minute) {
        if (!minutes_[minute]) continue;
        const LocalMinute shown = day + std::chrono::hours(hour) + std::chrono::minutes(minute);
        for (const WallTime moment : moments(zone, shown, every_hour_))
          if (moment > after && (!first || moment < *first)) first = moment;
      }
    if (first) return first;
  }
  return std::nullopt;
}

bool is_time_zone(const std::string& name) { return name == "UTC" || find_zone(name) != nullptr; }

}  // namespace weir
