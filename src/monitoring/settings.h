#pragma once

#include <cstdint>

#include "base/clock.h"

namespace weir::monitoring {

/// What an administrator may tune.
struct Settings {
  bool enabled = true;
  std::int64_t history_bytes = 64LL << 20;        ///< of all jobs together
  Duration history_age = std::chrono::hours(24);  ///< older rows go, also where there is room
  Duration interval = std::chrono::seconds(5);    ///< of each job; longer where there are many
  Duration watched_interval = std::chrono::seconds(2);  ///< of a job that somebody looks at
  Duration watch_time = std::chrono::seconds(30);       ///< so long after somebody has looked at it
  Duration call_time = std::chrono::seconds(3);         ///< of one call of a JobManager
  int at_once = 8;                                      ///< jobs that are being read at a time
};

}  // namespace weir::monitoring
