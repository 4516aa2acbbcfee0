#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

using Duration = std::chrono::microseconds;

/// A moment for people and records: UTC, microseconds since 1970. May jump; never use it to order
/// or to wait.
using WallTime = std::chrono::sys_time<Duration>;

/// The time line that only goes forward; deadlines and waits use it. Meaningless across restarts.
struct MonoClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonoClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;

/// Where all time comes from. Implementations: the machine's clocks (`system_clock()`), virtual
/// time in tests. Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
  virtual MonoTime mono_now() const = 0;
};

/// The machine's own clocks; lives for ever.
const Clock& system_clock();

/// "2020-08-18T07:04:40.379926Z"; the fraction is left out when it is zero.
std::string format_rfc3339(WallTime time);
/// Same without a fraction ("2020-08-18T07:04:40Z"), which some clients demand.
std::string format_rfc3339_seconds(WallTime time);
/// Accepts any RFC 3339 text (offset or Z, 0 to 9 fraction digits).
/// @error kInvalidArgument not such a text
Result<WallTime> parse_rfc3339(std::string_view text);

inline std::int64_t to_epoch_ms(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
inline WallTime from_epoch_ms(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

/// Durations as users write them: "500 ms", "10 min", "1h", "30s", "PT1H30M", "1d"; a bare number
/// is milliseconds (Flink's rule).
/// @error kInvalidArgument not such a text, negative or too large
Result<Duration> parse_duration(std::string_view text);
/// The shortest exact form with one unit, e.g. "1500 ms", "10 s", "2 h".
std::string format_duration(Duration duration);

}  // namespace weir
