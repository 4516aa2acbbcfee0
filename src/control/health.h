#pragma once

#include <string>
#include <vector>

#include "control/situation.h"

namespace weir::control {

/// The conditions of a job that was just seen to run: all False.
std::vector<model::Condition> healthy_conditions(WallTime now);

/// The conditions from what is remembered, with transition times kept where nothing changed:
/// ClusterUnreachable (no answer), JobFailing (3 restarts in 10 minutes, or not RUNNING for 10
/// minutes), JobUnstable (3 restarts in an hour), StateAtRisk (no checkpoints are made).
std::vector<model::Condition> conditions_of(const std::vector<model::Condition>& before,
                                            const Memory& memory,
                                            std::optional<bool> checkpoints_enabled, MonoTime now,
                                            WallTime wall_now);

/// Whether any status differs (times and texts alone do not count).
bool same_statuses(const std::vector<model::Condition>& a, const std::vector<model::Condition>& b);

/// How often Flink restarted the job in the last `time`, at most an hour.
std::ptrdiff_t restarts_within(const Memory& memory, Duration time, MonoTime now);

/// Takes a new count of restarts into the memory. @return how many are new
std::int64_t note_restarts(Memory& memory, std::int64_t restarts, MonoTime now);

}  // namespace weir::control
