#include "control/upgrade_way.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "codec/describe_json.h"

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

}  // namespace

WayChoice choose_way(const model::Job& running, const model::Job& next,
                     const model::UpgradeStrategy& strategy, const std::string& lack_of_room) {
  const UpgradeMode mode = strategy.mode.value_or(UpgradeMode::AUTO);
  if (mode == UpgradeMode::RESTART)
    return {UpgradeWay::RESTART, "upgradeStrategy.mode is RESTART."};
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
  if (obstacle.empty() && !lack_of_room.empty()) obstacle = lack_of_room;
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

}  // namespace weir::control
