#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/sizes.h"
#include "control/mistakes.h"
#include "control/standby.h"
#include "flink/capabilities.h"
#include "model/slots.h"

namespace weir::control {
namespace {

constexpr char kSlots[] = "taskmanager.numberOfTaskSlots";

// A job's own keys: Flink reads them from what came with the job before it looks at the cluster's.
bool goes_with_submit(const std::string& key) {
  constexpr std::array<std::string_view, 5> kOfJobs{"execution.", "pipeline.", "state.",
                                                    "restart-strategy", "table."};
  // These the JobManager and the TaskManagers read from their own configuration all the same.
  constexpr std::array<std::string_view, 5> kOfClusters{
      "num-retained", "local-recovery", "local-backup", "from-local", "create-subdir"};
  return std::any_of(kOfJobs.begin(), kOfJobs.end(),
                     [&](std::string_view prefix) { return key.starts_with(prefix); }) &&
         std::none_of(kOfClusters.begin(), kOfClusters.end(),
                      [&](std::string_view part) { return key.find(part) != std::string::npos; });
}

std::string configuration_differs(const model::StringMap& cluster, const model::StringMap& job) {
  for (const auto& [key, value] : job) {
    if (key == kSlots || goes_with_submit(key)) continue;
    const auto found = cluster.find(key);
    if (found == cluster.end() || found->second != value)
      return fmt::format("the Flink option '{}' is another one", key);
  }
  // A submit can replace an option, not take it away.
  for (const auto& [key, value] : cluster)
    if (key != kSlots && !job.contains(key))
      return fmt::format("it has the Flink option '{}', which the job has not", key);
  return {};
}

bool differ(const std::optional<model::ResourceSpec>& a,
            const std::optional<model::ResourceSpec>& b) {
  const auto memory = [](const auto& spec) {
    return parse_bytes(spec && spec->memory ? *spec->memory : "2G").value_or(0);
  };
  const auto cpu = [](const auto& spec) { return spec && spec->cpu ? *spec->cpu : 1.0; };
  return memory(a) != memory(b) || cpu(a) != cpu(b);
}

bool can_be_taken(const model::Cluster& cluster) {
  return cluster.phase == model::ClusterPhase::WANTED && cluster.standby &&
         (cluster.standby->ready || mistakes.take_unready_standby);
}

// It is the job's from now on; one transaction with whatever else is decided.
void become_job_cluster(Situation& s, Draft& draft, const store::Stored<model::Cluster>& standby) {
  model::Job& job = draft.job();
  auto& internal = draft.deployment().internal;
  model::Cluster taken = *standby;
  // What its pool may still do to it is outdated.
  internal.epoch = taken.epoch = std::max(internal.epoch, taken.epoch) + 1;
  taken.metadata.namespace_ = job.metadata.namespace_;
  taken.metadata.deployment_id = s.view.deployment->metadata.id;
  taken.metadata.job_id = job.metadata.id;
  taken.attempt = ++job.internal.attempt;
  taken.standby.reset();
  taken.jar_id.reset();
  resize_cluster(job, taken, task_managers_for(s.view, job));
  job.internal.cluster_id = taken.metadata.id;
  job.internal.submit_recorded = false;
  job.internal.scaled_vertices.reset();
  s.memory.jar_id.reset();
  draft.put(std::move(taken), store::Expect::at(standby.revision));
}

}  // namespace

std::string why_standby_differs(const model::Cluster& standby, const model::Job& job,
                                int task_managers) {
  const std::string version = job.spec.artifact.flink_version.value_or("");
  if (standby.flink_version != version)
    return fmt::format("it has Flink {}, not {}", standby.flink_version, version);
  if (!flink::capabilities_of(version).run_configuration)
    return fmt::format("Flink {} takes no options with a job", version);
  const auto slots = model::slots_of(job.spec);
  if (!slots || slots->slots_per_task_manager != standby.slots_per_task_manager)
    return "its TaskManagers have another number of slots";
  if (standby.task_managers > task_managers) return "it has more TaskManagers than the job needs";
  const auto& resources = job.spec.resources;
  if (differ(standby.standby->resources.jobmanager, resources.jobmanager))
    return "the resources of its JobManager are others";
  if (differ(standby.standby->resources.taskmanager, resources.taskmanager))
    return "the resources of its TaskManagers are others";
  if (job.spec.logging.log4j2_configuration_template.value_or("") != "")
    return "the job has its own Log4j configuration";
  return configuration_differs(standby.configuration.value_or(model::StringMap{}),
                               job.spec.flink_configuration);
}

StandbyChoice choose_standby(const View& view, const model::Job& job) {
  StandbyChoice choice;
  for (const auto& cluster : view.standbys) {
    const std::string& pool = cluster->standby->pool;
    const std::string why = why_standby_differs(*cluster, job, task_managers_for(view, job));
    if (why.empty() && can_be_taken(*cluster))
      return {cluster, fmt::format("A standby cluster of pool '{}' is ready.", pool)};
    choice.reason = why.empty()
                        ? fmt::format("The standby cluster of pool '{}' is not ready.", pool)
                        : fmt::format("No standby cluster of pool '{}' serves it: {}.", pool, why);
  }
  return choice;
}

std::optional<Decision> take_standby(Situation& s, Draft& draft) {
  const model::Job& job = *s.view.job;
  const StandbyChoice choice = choose_standby(s.view, job);
  if (!choice.cluster) return std::nullopt;
  const bool grows = choice.cluster->task_managers < task_managers_for(s.view, job);
  if (grows &&
      (!s.room.capacity_known ||
       !lack_of_room_to_grow(s, *choice.cluster, job, task_managers_for(s.view, job)).empty()))
    return std::nullopt;
  become_job_cluster(s, draft, choice.cluster);
  draft.event("SPINNING_UP_A_CLUSTER_FOR_A_JOB",
              fmt::format("Job {} gets a cluster that is up. {}", job.metadata.id, choice.reason));
  return Decision{EnsureCluster{}, Duration(0)};
}

std::optional<Decision> make_standby_give_way(Situation& s, Draft& draft, const ClusterNeed& need) {
  Room without = s.room;
  bool one_ends = false;
  store::Stored<model::Cluster> last;
  for (const auto& cluster : s.view.standbys) {
    without.reserved_memory -= cluster->memory_bytes;
    without.reserved_cpu -= cluster->cpu;
    if (cluster->phase == model::ClusterPhase::WANTED) last = cluster;
    else one_ends = true;
  }
  if ((!last && !one_ends) || !lack_of_room(without, s.settings, need).empty()) return std::nullopt;
  draft.waiting_for("a standby cluster to make room.");
  if (!one_ends) {
    model::Cluster ending = *last;
    ending.phase = model::ClusterPhase::TEARING_DOWN;
    draft.put(std::move(ending), store::Expect::at(last.revision));
    draft.event(
        "RESOURCE_QUOTA_EXCEEDED",
        fmt::format("A standby cluster of pool '{}' ends to make room.", last->standby->pool),
        {model::EventLevel::INFO, "StandbyGivesWay", ""});
  }
  return Decision{{}, s.settings.poll_fast};
}

model::StringMap carried_configuration(const model::Cluster& cluster, const model::Job& job,
                                       const std::string& checkpoints) {
  const model::StringMap& has = *cluster.configuration;
  model::StringMap carried;
  for (const auto& [key, value] : job.spec.flink_configuration) {
    const auto found = has.find(key);
    if (goes_with_submit(key) && (found == has.end() || found->second != value))
      carried[key] = value;
  }
  if (mistakes.forget_carried_directory) return carried;
  const bool renamed = flink::capabilities_of(cluster.flink_version).checkpoint_keys_renamed;
  carried[renamed ? "execution.checkpointing.dir" : "state.checkpoints.dir"] = checkpoints;
  return carried;
}

}  // namespace weir::control
