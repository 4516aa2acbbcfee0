#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir {

/// When something is due, in cron's five fields: minute, hour, day of the month, month, day of the
/// week. Each is `*`, a number, a name (`MON`, `JAN`), a range `1-5`, a step `*/15`, or a list of
/// these; `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` stand for the usual ones. If
/// both days are restricted, either is enough.
class Cron {
 public:
  /// @error kInvalidArgument not such a text; the message names the field
  static Result<Cron> parse(std::string_view text);

  /// The first moment after `after`. Where clocks go forward over a fixed hour it is due right
  /// after the gap; where they go back, once. With `*` hours it is due by elapsed time.
  /// @param zone a name that `is_time_zone` knows
  /// @return nothing if there is none within eight years (30 February)
  std::optional<WallTime> next(const std::string& zone, WallTime after) const;

 private:
  bool matches(std::chrono::year_month_day day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<8> weekdays_;
  bool every_hour_ = false;  ///< hours were not fixed: the second 02:00 of a night counts too
  bool every_day_ = false;
  bool every_weekday_ = false;
};

/// Whether this machine knows the IANA time zone ("Europe/Berlin", "UTC").
bool is_time_zone(const std::string& name);

}  // namespace weir
