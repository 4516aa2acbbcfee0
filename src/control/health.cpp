#include "control/health.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::control {
namespace {

constexpr Duration kHour = std::chrono::minutes(60);
constexpr Duration kShort = std::chrono::minutes(10);
constexpr std::ptrdiff_t kMany = 3;
constexpr std::size_t kRemembered = 1000;

model::Condition make(std::string type, std::string status, std::string reason,
                      std::string message) {
  model::Condition condition;
  condition.type = std::move(type);
  condition.status = std::move(status);
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  return condition;
}

}  // namespace

std::ptrdiff_t restarts_within(const Memory& memory, Duration time, MonoTime now) {
  return std::count_if(memory.restart_times.begin(), memory.restart_times.end(),
                       [&](MonoTime when) { return now - when <= time; });
}

std::vector<model::Condition> healthy_conditions(WallTime now) {
  std::vector<model::Condition> conditions;
  for (const char* type : {"ClusterUnreachable", "JobFailing", "JobUnstable"}) {
    conditions.push_back(make(type, "False", "", ""));
    conditions.back().last_transition_time = conditions.back().last_update_time = now;
  }
  return conditions;
}

std::vector<model::Condition> conditions_of(const std::vector<model::Condition>& before,
                                            const Memory& memory,
                                            std::optional<bool> checkpoints_enabled, MonoTime now,
                                            WallTime wall_now) {
  const auto in_hour = restarts_within(memory, kHour, now);
  const auto lately = restarts_within(memory, kShort, now);
  const bool unreachable = memory.unreachable_since.has_value();
  const bool long_not_running =
      memory.not_running_since && now - *memory.not_running_since >= kShort;
  std::vector<model::Condition> conditions;
  conditions.push_back(unreachable ? make("ClusterUnreachable", "True", "NoAnswer",
                                          "The JobManager does not answer.")
                                   : make("ClusterUnreachable", "False", "", ""));
  if (unreachable) {
    conditions.push_back(make("JobFailing", "Unknown", "NoAnswer", ""));
    conditions.push_back(make("JobUnstable", "Unknown", "NoAnswer", ""));
  } else {
    conditions.push_back(
        lately >= kMany
            ? make("JobFailing", "True", "Restarts",
                   fmt::format("Flink restarted the job {} times within 10 minutes.", lately))
        : long_not_running
            ? make("JobFailing", "True", "NotRunning",
                   fmt::format("Flink says {} for over 10 minutes.", memory.flink_status))
            : make("JobFailing", "False", "", ""));
    conditions.push_back(
        in_hour >= kMany
            ? make("JobUnstable", "True", "Restarts",
                   fmt::format("Flink restarted the job {} times within an hour.", in_hour))
            : make("JobUnstable", "False", "", ""));
  }
  const auto risk = std::find_if(before.begin(), before.end(),
                                 [](const auto& c) { return c.type == "StateAtRisk"; });
  if (checkpoints_enabled == false)
    conditions.push_back(make("StateAtRisk", "True", "NoCheckpoints",
                              "The job makes no checkpoints: a crash loses its state. Set "
                              "execution.checkpointing.interval."));
  else if (checkpoints_enabled) conditions.push_back(make("StateAtRisk", "False", "", ""));
  else if (risk != before.end()) conditions.push_back(*risk);
  for (model::Condition& condition : conditions) {
    const auto old = std::find_if(before.begin(), before.end(),
                                  [&](const auto& c) { return c.type == condition.type; });
    const bool same = old != before.end() && old->status == condition.status;
    condition.last_transition_time = same ? old->last_transition_time : wall_now;
    condition.last_update_time = wall_now;
  }
  return conditions;
}

bool same_statuses(const std::vector<model::Condition>& a, const std::vector<model::Condition>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.type == y.type && x.status == y.status;
         });
}

std::int64_t note_restarts(Memory& memory, std::int64_t restarts, MonoTime now) {
  // The first count only says where counting begins; a smaller one belongs to a new attempt.
  const std::int64_t fresh = memory.restarts < 0          ? 0
                             : restarts < memory.restarts ? restarts
                                                          : restarts - memory.restarts;
  memory.restarts = restarts;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(fresh, kRemembered); ++i)
    memory.restart_times.push_back(now);
  while (!memory.restart_times.empty() &&
         (memory.restart_times.size() > kRemembered || now - memory.restart_times.front() > kHour))
    memory.restart_times.pop_front();
  return fresh;
}

}  // namespace weir::control
