#include "control/upgrade_way.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/strings.h"
#include "codec/describe_json.h"
#include "flink/capabilities.h"
#include "model/slots.h"

namespace weir::control {
namespace {

using model::UpgradeMode;
using model::UpgradeWay;

// Configuration that only one cluster of the machine can have at a time.
std::optional<std::string> fixed_resource(const model::StringMap& configuration) {
  constexpr std::array<std::string_view, 4> kInOptions{"jdwp", "jmxremote.port",
                                                       "-Xlog:", "HeapDumpPath"};
  for (const auto& [key, value] : configuration) {
    if (key.starts_with("env.java"))
      for (const std::string_view option : kInOptions)
        if (value.find(option) != std::string::npos) return key;
    const bool port =
        key.ends_with(".port") && value != "0" && value.find('-') == std::string::npos;
    if (port && (key.starts_with("metrics.reporter.") || key.starts_with("queryable-state.") ||
                 key.starts_with("taskmanager.")))
      return key;
  }
  return std::nullopt;
}

// Why the next job cannot run on the running one's cluster; empty if it can.
std::string cluster_differs(const model::Job& running, const model::Job& next) {
  const model::JobSpec& a = running.spec;
  const model::JobSpec& b = next.spec;
  if (a.artifact.flink_version != b.artifact.flink_version) return "the Flink version changes";
  if (a.number_of_task_managers != b.number_of_task_managers)
    return "the number of TaskManagers changes";
  if (codec::to_json_text(a.resources) != codec::to_json_text(b.resources))
    return "the resources change";
  if (codec::to_json_text(a.logging) != codec::to_json_text(b.logging)) return "logging changes";
  for (const auto& [key, value] : b.flink_configuration)
    if (const auto found = a.flink_configuration.find(key);
        found == a.flink_configuration.end() || found->second != value)
      return fmt::format("the Flink option '{}' changes", key);
  for (const auto& [key, value] : a.flink_configuration)
    if (!b.flink_configuration.contains(key)) return fmt::format("the Flink option '{}' goes", key);
  // Without the job's id in the path two jobs would write the same checkpoint files.
  for (const char* key :
       {"execution.checkpointing.create-subdir", "state.checkpoints.create-subdir"})
    if (const auto found = b.flink_configuration.find(key);
        found != b.flink_configuration.end() && found->second == "false")
      return fmt::format("'{}' is false", key);
  // Slots follow the parallelism where the user gives no TaskManagers.
  if (a.parallelism != b.parallelism) return "the parallelism changes";
  return {};
}

bool is_adaptive(const model::StringMap& configuration) {
  const auto found = configuration.find("jobmanager.scheduler");
  return found != configuration.end() && to_lower(found->second) == "adaptive";
}

bool only_parallelism_differs(const model::JobSpec& running, model::JobSpec next) {
  next.parallelism = running.parallelism;
  next.number_of_task_managers = running.number_of_task_managers;
  // Of the start, not of the job.
  next.savepoint_location = running.savepoint_location;
  next.allow_non_restored_state = running.allow_non_restored_state;
  return codec::to_json_text(next) == codec::to_json_text(running);
}

// Why the running job cannot take the next one's parallelism as it runs; empty if it can.
std::string not_in_place(const model::Job& running, const model::Job& next,
                         const model::UpgradeStrategy& strategy) {
  if (strategy.kind != model::UpgradeStrategyKind::STATEFUL)
    return "upgradeStrategy.kind is not STATEFUL";
  if (running.spec.parallelism == next.spec.parallelism) return "the parallelism stays";
  if (!only_parallelism_differs(running.spec, next.spec))
    return "more than the parallelism changes";
  if (!can_rescale_in_place(running))
    return "the job does not run under the adaptive scheduler of Flink 1.20 or newer";
  const auto before = model::slots_of(running.spec);
  const auto after = model::slots_of(next.spec);
  if (!before || !after || before->slots_per_task_manager != after->slots_per_task_manager)
    return "the slots of a TaskManager change";
  if (after->task_managers < before->task_managers && after->slots_per_task_manager > 1)
    return "TaskManagers go that may have slots in use";
  return {};
}

// Another job in the running one's place.
WayChoice exchange(const model::Job& running, const model::Job& next, UpgradeMode mode,
                   const std::string& lack_of_room) {
  const std::string differs = cluster_differs(running, next);
  if (mode == UpgradeMode::SAME_CLUSTER)
    return differs.empty()
               ? WayChoice{UpgradeWay::SAME_CLUSTER, "upgradeStrategy.mode is SAME_CLUSTER."}
               : WayChoice{UpgradeWay::RESTART,
                           fmt::format("The running cluster cannot be used, because {}.", differs)};
  std::string obstacle;
  for (const model::Job* job : {&running, &next})
    if (const auto key = fixed_resource(job->spec.user_flink_configuration))
      obstacle = fmt::format("Two clusters cannot have the same '{}'.", *key);
  if (obstacle.empty()) obstacle = lack_of_room;
  if (obstacle.empty())
    return {UpgradeWay::WARM_SWAP,
            "The next cluster is made ready beside the running one before the job stops."};
  if (mode == UpgradeMode::AUTO && differs.empty())
    return {UpgradeWay::SAME_CLUSTER,
            obstacle + " The cluster stays as it is, so the job is exchanged on it."};
  return {UpgradeWay::RESTART,
          differs.empty() ? obstacle
                          : fmt::format("{} The running cluster cannot be used either, because {}.",
                                        obstacle, differs)};
}

}  // namespace

bool runs_already(const model::Job& running, const model::Job& next) {
  return running.metadata.session_cluster_name == next.metadata.session_cluster_name &&
         running.spec.parallelism == next.spec.parallelism &&
         running.spec.number_of_task_managers == next.spec.number_of_task_managers &&
         only_parallelism_differs(running.spec, next.spec);
}

bool only_log_levels_differ(const model::Job& running, const model::Job& next) {
  const model::Logging& before = running.spec.logging;
  const model::Logging& after = next.spec.logging;
  if (before.log4j_loggers == after.log4j_loggers ||
      before.log4j2_configuration_template != after.log4j2_configuration_template)
    return false;
  const std::string own = after.log4j2_configuration_template.value_or("");
  const bool is_read_again = own.empty() || own.find("monitorInterval") != std::string::npos;
  if (!is_read_again ||
      !flink::capabilities_of(running.spec.artifact.flink_version.value_or("")).log4j2)
    return false;
  model::Job same = next;
  same.spec.logging = before;
  // What another version of Weir adds by itself comes with the next start.
  same.spec.flink_configuration = running.spec.flink_configuration;
  return runs_already(running, same);
}

bool can_rescale_in_place(const model::Job& job) {
  return is_adaptive(job.spec.flink_configuration) &&
         flink::capabilities_of(job.spec.artifact.flink_version.value_or("")).rescale_in_place;
}

WayChoice choose_way(const model::Job& running, const model::Job& next,
                     const model::UpgradeStrategy& strategy, const Obstacles& obstacles) {
  const UpgradeMode mode = strategy.mode.value_or(UpgradeMode::AUTO);
  if (mode == UpgradeMode::RESTART)
    return {UpgradeWay::RESTART, "upgradeStrategy.mode is RESTART."};
  if (mode != UpgradeMode::AUTO && mode != UpgradeMode::IN_PLACE)
    return exchange(running, next, mode, obstacles.second_cluster);
  std::string why_not = not_in_place(running, next, strategy);
  if (why_not.empty()) why_not = obstacles.in_place;
  if (why_not.empty())
    return {UpgradeWay::IN_PLACE,
            "Only the parallelism changes, so the job is rescaled as it runs."};
  WayChoice choice = exchange(running, next, UpgradeMode::AUTO, obstacles.second_cluster);
  if (mode == UpgradeMode::IN_PLACE || only_parallelism_differs(running.spec, next.spec))
    choice.reason = fmt::format("The job cannot be rescaled as it runs, because {}. {}", why_not,
                                choice.reason);
  return choice;
}

}  // namespace weir::control
