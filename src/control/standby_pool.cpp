#include "control/standby_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "codec/describe_json.h"
#include "control/plan.h"
#include "control/session_jobs.h"
#include "model/slots.h"

namespace weir::control {

using model::ClusterPhase;
using ClusterRef = store::Stored<model::Cluster>;

namespace {

// After a cluster gave way, what needed its room comes first.
constexpr Duration kAfterGivingWay = std::chrono::minutes(1);

const StandbyObservation* seen_of(const StandbySituation& s, const ClusterRef& cluster) {
  const auto found = s.seen.find(cluster->metadata.id);
  return found == s.seen.end() ? nullptr : &found->second;
}

bool lives(const ClusterRef& cluster) { return cluster->phase == ClusterPhase::WANTED; }

// ---- what a cluster of the pool is ----

struct StandbyMake {
  flink::FlinkHome home;
  model::Slots slots;
  model::Job job;
};

Result<StandbyMake> make_standby(const StandbySituation& s) {
  StandbyMake made;
  WEIR_TRY(made.home, s.homes.resolve(s.pool.flink_version));
  const model::TemplateSpec spec = model::cluster_template(s.pool);
  WEIR_TRY(made.slots, model::slots_of(spec));
  WEIR_TRY(auto configuration,
           flink::effective_configuration(spec, context_of_standby(s.settings, ""), made.home));
  made.job = job_of_standby(s.pool, "", std::move(configuration));
  made.job.spec.artifact.flink_version = made.home.version;
  return made;
}

// The pool wants something else by now, or wants nothing any more.
bool is_outdated(const StandbySituation& s, const Result<StandbyMake>& made,
                 const ClusterRef& cluster) {
  if (!made) return false;  // what is there may serve as long as nothing better can be made
  return cluster->flink_version != made->home.version ||
         cluster->slots_per_task_manager != made->slots.slots_per_task_manager ||
         cluster->task_managers != made->slots.task_managers ||
         cluster->configuration != made->job.spec.flink_configuration ||
         codec::to_json_text(cluster->standby->resources) !=
             codec::to_json_text(made->job.spec.resources);
}

// ---- ends ----

StandbyDecision end_standby(StandbySituation& s, const ClusterRef& cluster) {
  model::Cluster ending = *cluster;
  ending.phase = ClusterPhase::TEARING_DOWN;
  s.memory.ended_here.insert(cluster->metadata.id);
  StandbyDecision decision;
  decision.batch.update(cluster, std::move(ending));
  decision.effect = tear_down(*cluster);
  return decision;
}

/// It ended, or did not come up; another one follows, later each time.
StandbyDecision lose_standby(StandbySituation& s, const ClusterRef& cluster,
                             const std::string& why) {
  s.memory.not_before = s.now + backoff(s.settings, s.memory.failures++);
  s.memory.message = why;
  return end_standby(s, cluster);
}

StandbyDecision plan_standby_end(StandbySituation& s, const ClusterRef& cluster) {
  if (s.memory.ended_here.insert(cluster->metadata.id).second) {
    s.memory.not_before = s.now + kAfterGivingWay;
    s.memory.message = "A deployment needed the room; it is looked for again after a minute.";
  }
  const auto* torn = std::get_if<TornDown>(&s.memory.result);
  if (torn == nullptr || torn->cluster_id != cluster->metadata.id)
    return {{}, tear_down(*cluster), Duration(0)};
  if (!torn->status) return {{}, tear_down(*cluster), std::chrono::seconds(1)};
  s.memory.ended_here.erase(cluster->metadata.id);
  s.memory.ensured.erase(cluster->metadata.id);
  StandbyDecision decision;
  decision.batch.remove(cluster);
  return decision;
}

// ---- coming up ----

StandbyDecision become_ready(StandbySituation& s, const ClusterRef& cluster, bool primed) {
  model::Cluster ready = *cluster;
  ready.standby->ready = true;
  if (primed) ready.primed = true;
  s.memory.failures = 0;
  s.memory.message.clear();
  StandbyDecision decision;
  decision.batch.update(cluster, std::move(ready));
  return decision;
}

std::string why_lost(const StandbySituation& s, const ClusterRef& cluster,
                     const StandbyObservation& seen) {
  if (seen.processes.presence == runtime::Presence::kUnknown) return {};
  const bool whole = seen.processes.job_manager_alive &&
                     seen.processes.task_managers_alive >= cluster->task_managers;
  if (whole) return {};
  for (const auto& process : seen.processes.processes) {
    if (process.state != runtime::ProcessState::kExited) continue;
    const std::string why = ended_process(seen.processes, process.role);
    return process.last_words.empty() ? why : why + "\n" + process.last_words;
  }
  return "A process of a standby cluster is gone.";
}

/// @return nothing: the cluster needs no step
std::optional<StandbyDecision> plan_standby_coming_up(StandbySituation& s,
                                                      const ClusterRef& cluster,
                                                      const StandbyObservation& seen) {
  const std::string& id = cluster->metadata.id;
  const bool is_mine = s.memory.result_of == id;
  if (const auto* ensured = std::get_if<EnsuredCluster>(&s.memory.result); ensured && is_mine) {
    if (!ensured->status) return lose_standby(s, cluster, ensured->status.error().message);
    s.memory.ensured.emplace(id, s.now);
  }
  const auto since = s.memory.ensured.find(id);
  if (since == s.memory.ensured.end()) return StandbyDecision{{}, EnsureStandby{id}, Duration(0)};
  if (const std::string why = why_lost(s, cluster, seen); !why.empty())
    return lose_standby(s, cluster, why);
  if (const auto* primed = std::get_if<PrimedCluster>(&s.memory.result); primed && is_mine) {
    // What its throwaway job does there is not known.
    if (!primed->status && primed->status.error().reason == "NotIdle")
      return lose_standby(s, cluster, primed->status.error().message);
    return become_ready(s, cluster, bool(primed->status));
  }
  const bool answers = seen.overview && *seen.overview;
  if (answers && (*seen.overview)->slots_total >= slots_in(*cluster)) {
    if (!s.settings.priming_jar.empty()) return StandbyDecision{{}, PrimeStandby{id}, Duration(0)};
    return become_ready(s, cluster, false);
  }
  if (s.now - since->second >= s.settings.cluster_time)
    return lose_standby(s, cluster,
                        fmt::format("A standby cluster was not ready within {}.",
                                    format_duration(s.settings.cluster_time)));
  return std::nullopt;
}

std::optional<StandbyDecision> plan_standby(StandbySituation& s, const Result<StandbyMake>& made,
                                            const ClusterRef& cluster) {
  if (!lives(cluster)) return plan_standby_end(s, cluster);
  if (is_outdated(s, made, cluster)) return end_standby(s, cluster);
  const StandbyObservation* seen = seen_of(s, cluster);
  if (seen == nullptr) return std::nullopt;
  if (!cluster->standby->ready) return plan_standby_coming_up(s, cluster, *seen);
  const std::string why = why_lost(s, cluster, *seen);
  if (!why.empty()) return lose_standby(s, cluster, why);
  return std::nullopt;
}

// ---- a new one ----

model::Cluster new_cluster(StandbySituation& s, const StandbyMake& made,
                           const runtime::Ports& ports) {
  model::Cluster cluster;
  cluster.metadata.id = s.ids.uuid();
  cluster.metadata.created_at = s.wall_now;
  cluster.flink_version = made.home.version;
  cluster.slots_per_task_manager = made.slots.slots_per_task_manager;
  resize_cluster(made.job, cluster, made.slots.task_managers);
  cluster.rest_port = ports.rest;
  cluster.rpc_port = ports.rpc;
  cluster.blob_port = ports.blob;
  cluster.configuration = made.job.spec.flink_configuration;
  cluster.standby = model::Standby{s.pool.name, made.job.spec.resources, false};
  return cluster;
}

StandbyDecision wait(StandbySituation& s, std::string why, Duration again) {
  s.memory.message = std::move(why);
  return {{}, {}, again};
}

StandbyDecision plan_new_standby(StandbySituation& s, const Result<StandbyMake>& made) {
  if (s.memory.not_before && s.now < *s.memory.not_before)
    return {{}, {}, *s.memory.not_before - s.now};
  if (!made) return wait(s, made.error().message, std::chrono::seconds(30));
  if (!s.room.may_start) return {{}, {}, std::chrono::milliseconds(500)};
  if (!s.room.capacity_known) return {{}, {}, s.settings.poll_fast};
  const ClusterNeed need = need_of(s.pool);
  std::string lack = never_fits(s.room, s.settings, need);
  if (lack.empty()) lack = lack_of_room(s.room, s.settings, need);
  if (!lack.empty()) return wait(s, std::move(lack), std::chrono::seconds(10));
  const auto* chosen = std::get_if<ChosenPorts>(&s.memory.result);
  if (chosen == nullptr) return {{}, ChoosePorts{}, Duration(0)};
  if (!chosen->ports) return wait(s, chosen->ports.error().message, std::chrono::seconds(10));
  StandbyDecision decision;
  model::Cluster made_now = new_cluster(s, *made, *chosen->ports);
  decision.effect = EnsureStandby{made_now.metadata.id};
  decision.batch.create(std::move(made_now));
  return decision;
}

}  // namespace

model::Job job_of_standby(const model::StandbyPool& pool, const std::string& cluster_id,
                          model::StringMap configuration) {
  model::Job job;
  job.metadata.id = cluster_id;
  job.spec.artifact.flink_version = pool.flink_version;
  job.spec.number_of_task_managers = pool.number_of_task_managers;
  job.spec.resources = pool.resources.value_or(model::Resources{});
  job.spec.user_flink_configuration = pool.flink_configuration.value_or(model::StringMap{});
  job.spec.flink_configuration = std::move(configuration);
  return job;
}

flink::JobContext context_of_standby(const Settings& settings, const std::string& cluster_id) {
  return {"", "", "", cluster_id, settings.data_directory + "/state/standby"};
}

ClusterNeed need_of(const model::StandbyPool& pool) {
  return need_of(job_of_standby(pool, "", {}), pool.number_of_task_managers);
}

bool wants_standby(const model::StandbyPool& pool, const std::vector<ClusterRef>& clusters) {
  return std::count_if(clusters.begin(), clusters.end(), lives) < pool.clusters;
}

StandbyDecision plan_standby_pool(StandbySituation& s) {
  const Result<StandbyMake> made = make_standby(s);
  for (const ClusterRef& cluster : s.clusters)
    if (auto decision = plan_standby(s, made, cluster)) return std::move(*decision);
  const auto living = std::count_if(s.clusters.begin(), s.clusters.end(), lives);
  if (living > s.pool.clusters)
    return end_standby(s, *std::find_if(s.clusters.begin(), s.clusters.end(), lives));
  // One after the other: it has one place among the few that start.
  const bool coming = std::any_of(s.clusters.begin(), s.clusters.end(),
                                  [](const auto& c) { return !c->standby->ready; });
  if (living < s.pool.clusters && !coming) return plan_new_standby(s, made);
  if (!coming) s.memory.message.clear();
  return {{}, {}, coming ? s.settings.poll_fast : s.settings.poll_stable};
}

}  // namespace weir::control
