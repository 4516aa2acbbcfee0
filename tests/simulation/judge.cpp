#include "simulation/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/describe_json.h"
#include "model/restore_choice.h"

namespace weir::simulation {

using simulated::SavedState;

namespace {

// Far more than attempts and users' changes of one seed can ask for.
constexpr int kManyJobs = 200;
constexpr Duration kLongHealthy = std::chrono::seconds(90);

store::Stored<model::Job> job_of(const store::ReadModel& read, const model::Cluster& cluster,
                                 const std::string& flink_job_id) {
  if (cluster.metadata.session_cluster_id)
    for (const auto& job : read.jobs(""))
      if (flink_id(job->metadata.id) == flink_job_id) return job;
  return cluster.metadata.job_id ? read.job(*cluster.metadata.job_id) : store::Stored<model::Job>();
}

// What only the end of its session cluster can settle.
bool is_unresolved(const store::ReadModel& read, const model::Cluster& cluster) {
  const auto jobs = read.jobs("");
  return std::any_of(jobs.begin(), jobs.end(), [&](const auto& job) {
    return job->internal.cluster_id == cluster.metadata.id &&
           job->internal.unresolved.value_or(false);
  });
}

}  // namespace

Judge::Judge(simulated::World& world) : world_(world), foretold_(world) {
  world_.on_submit = [this](const simulated::Cluster& cluster, const flink::RunRequest& request) {
    sees_submit(cluster, request);
  };
}

// An event exists for every state change; epochs and resource versions only grow.
void Judge::sees_commit(const store::ReadModel& read, const store::Batch& batch) {
  foretold_.sees_commit(read, batch);
  for (const store::Put& put : batch.puts) {
    if (const auto* job = std::get_if<model::Job>(&put.resource);
        job != nullptr && put.expect.what == store::Expect::What::kAbsent &&
        ++jobs_made_[*job->metadata.deployment_id] > kManyJobs)
      world_.violate("job after job is made and nothing gives up");
    const auto* changed = std::get_if<model::Deployment>(&put.resource);
    if (changed == nullptr) continue;
    const auto before = read.deployment(changed->metadata.id);
    // Somebody was faster: the store will refuse it.
    if (before && put.expect.what == store::Expect::What::kRevision &&
        put.expect.revision != before.revision)
      continue;
    auto& epoch = epochs_[changed->metadata.id];
    if (changed->internal.epoch < epoch)
      world_.violate(fmt::format("the epoch of deployment {} goes back from {} to {}",
                                 changed->metadata.id, epoch, changed->internal.epoch));
    if (!before || before->status.state == changed->status.state) continue;
    bool told = false;
    for (const store::Put& other : batch.puts)
      if (const auto* event = std::get_if<model::Event>(&other.resource))
        told = told || event->metadata.deployment_id == changed->metadata.id;
    if (!told)
      world_.violate(fmt::format("no event tells that deployment {} goes from {} to {}",
                                 changed->metadata.id, codec::enum_text(before->status.state),
                                 codec::enum_text(changed->status.state)));
  }
}

void Judge::sees_ensure(const store::ReadModel& read, const flink::ClusterSpec& spec) {
  const auto cluster = read.cluster(spec.cluster_id);
  if (!cluster || cluster->epoch != spec.epoch || cluster->phase != model::ClusterPhase::WANTED)
    world_.violate("cluster " + spec.cluster_id + " is started without a record that wants it");
  else if (cluster->metadata.deployment_id)
    epochs_[*cluster->metadata.deployment_id] = cluster->epoch;
}

void Judge::sees_run(const store::ReadModel& read, const flink::Endpoint& endpoint,
                     const flink::RunRequest& request) {
  const auto cluster = read.cluster(endpoint.cluster_id);
  const auto job =
      cluster ? job_of(read, *cluster, request.flink_job_id) : store::Stored<model::Job>();
  if (!job || flink_id(job->metadata.id) != request.flink_job_id ||
      !job->internal.submit_recorded || job->internal.cluster_id != endpoint.cluster_id) {
    world_.violate("job " + request.flink_job_id + " is submitted before this is recorded");
    return;
  }
  world_.owners[request.flink_job_id] = *job->metadata.deployment_id;
  Intent intent;
  intent.flink_job_id = request.flink_job_id;
  if (const auto deployment = read.deployment(*job->metadata.deployment_id)) {
    const auto& strategy = deployment->spec.restore_strategy;
    if (strategy) intent.strategy = strategy->kind;
    if (const auto transition = read.open_transition(deployment->metadata.id);
        transition && transition->continues_job_id)
      intent.continues = flink_id(*transition->continues_job_id);
    if (const auto& reset = deployment->internal.reset; reset && !intent.continues) {
      bool used = false;
      for (const auto& other : read.jobs_of(deployment->metadata.id))
        used = used || model::uses_reset(*other, *reset);
      if (!used) intent.reset = reset->location;
    }
  }
  intents_[request.flink_job_id] = intent;
}

// Only a cluster that an upgrade is preparing, and that nobody has used.
void Judge::sees_prime(const store::ReadModel& read, const flink::Endpoint& endpoint) {
  const auto cluster = read.cluster(endpoint.cluster_id);
  const auto transition = cluster
                              ? read.open_transition(cluster->metadata.deployment_id.value_or(""))
                              : store::Stored<model::Transition>();
  const simulated::Cluster* at = world_.cluster(endpoint.cluster_id);
  if (!transition || transition->phase != model::TransitionPhase::PRIME ||
      (at != nullptr && !at->jobs.empty()))
    world_.violate("cluster " + endpoint.cluster_id + " is warmed up, but is not idle");
}

void Judge::sees_stop(const store::ReadModel& read, const flink::Endpoint& endpoint,
                      const std::string& trigger_id) {
  const auto cluster = read.cluster(endpoint.cluster_id);
  if (cluster && cluster->metadata.deployment_id)
    for (const auto& savepoint : read.savepoints_of(*cluster->metadata.deployment_id))
      if (flink_id(savepoint->spec.flink_savepoint_id.value_or("")) == trigger_id) return;
  if (cluster && cluster->metadata.session_cluster_id)
    for (const auto& savepoint : read.savepoints(""))
      if (flink_id(savepoint->spec.flink_savepoint_id.value_or("")) == trigger_id) return;
  world_.violate("a stop with savepoint is sent before its trigger id is recorded");
}

bool Judge::is_healthy(simulated::Cluster& cluster) const {
  if (!cluster.job_manager_lives() || cluster.job_manager().stopped) return false;
  const MonoTime since = std::max(cluster.healthy_since, cluster.deaf_until);
  if (cluster.task_managers() < cluster.spec.task_managers) return false;
  const bool works = std::any_of(cluster.jobs.begin(), cluster.jobs.end(), [](const auto& job) {
    return !flink::is_globally_terminal(job.second.state);
  });
  return works && world_.now() - since > kLongHealthy;
}

void Judge::sees_tear_down(const store::ReadModel& read, const std::string& cluster_id) {
  const auto recorded = read.cluster(cluster_id);
  if (!recorded || recorded->phase != model::ClusterPhase::TEARING_DOWN) {
    world_.violate("cluster " + cluster_id + " is torn down before this is recorded");
    return;
  }
  simulated::Cluster* cluster = world_.cluster(cluster_id);
  if (recorded->metadata.session_cluster_id) {
    if (cluster != nullptr) sees_session_tear_down(read, *recorded, *cluster);
    return;
  }
  const auto transition = read.open_transition(recorded->metadata.deployment_id.value_or(""));
  if (transition && transition->kind == model::TransitionKind::RECOVER && cluster != nullptr &&
      is_healthy(*cluster))
    world_.violate("cluster " + cluster_id +
                   " is healthy, but an unclear observation was taken for its death");
}

// A session cluster ends for a reason of its own, never for a deployment's, and never under a job.
void Judge::sees_session_tear_down(const store::ReadModel& read, const model::Cluster& recorded,
                                   simulated::Cluster& cluster) {
  const auto owner = read.session_cluster_by_id(*recorded.metadata.session_cluster_id);
  const bool stopped = owner && owner->spec.state == model::SessionClusterDesiredState::STOPPED;
  const bool works = std::any_of(cluster.jobs.begin(), cluster.jobs.end(), [](const auto& job) {
    return !flink::is_globally_terminal(job.second.state);
  });
  const bool up = cluster.job_manager_lives() && !cluster.job_manager().stopped;
  if (is_unresolved(read, recorded)) return;
  if (stopped && works && up && owner->status.state == model::SessionClusterState::STOPPING)
    world_.violate("session cluster " + cluster.spec.cluster_id + " is stopped under a job");
  if (!stopped && is_healthy(cluster))
    world_.violate("session cluster " + cluster.spec.cluster_id + " is healthy, but ended");
}

// A live job goes on from its own newest checkpoint, else from where it was started.
std::string Judge::must_continue(const std::string& flink_job_id) const {
  const auto first = started_.find(flink_job_id);
  if (first == started_.end()) return {};
  const SavedState* newest = nullptr;
  for (const SavedState* state : world_.disk.of_job(flink_job_id))
    if (!state->savepoint && state->readable && (newest == nullptr || state->order > newest->order))
      newest = state;
  return newest != nullptr ? newest->location : first->second.location.value_or("");
}

std::string Judge::newest_start(const std::string& deployment_id, bool savepoints_only) const {
  const auto floor = floors_.find(deployment_id);
  const SavedState* newest = nullptr;
  for (const SavedState* state : world_.disk.of_deployment(deployment_id)) {
    if (!state->readable || (state->savepoint && !state->ends_job)) continue;
    if (savepoints_only && !state->savepoint) continue;
    if (floor != floors_.end() && state->order <= floor->second) continue;
    if (newest == nullptr || state->order > newest->order) newest = state;
  }
  return newest != nullptr ? newest->location : std::string();
}

std::string Judge::must_restore(const std::string& owner, const Intent& intent) const {
  if (started_.contains(intent.flink_job_id)) return must_continue(intent.flink_job_id);
  if (intent.continues) return must_continue(*intent.continues);
  switch (intent.strategy) {
    case model::RestoreStrategyKind::NONE: return {};
    case model::RestoreStrategyKind::LATEST_STATE: return newest_start(owner, false);
    case model::RestoreStrategyKind::LATEST_SAVEPOINT: return newest_start(owner, true);
  }
  return {};
}

void Judge::sees_submit(const simulated::Cluster& cluster, const flink::RunRequest& request) {
  const auto intent = intents_.find(request.flink_job_id);
  if (intent == intents_.end()) return;  // told by sees_run
  const std::string owner = world_.owner_of(cluster, request.flink_job_id);
  const std::string given = request.restore_location.value_or("");
  if (intent->second.reset && !started_.contains(request.flink_job_id)) {
    if (given != *intent->second.reset)
      world_.violate(fmt::format("job {} starts from {} although it was reset to {}",
                                 request.flink_job_id, given.empty() ? "nothing" : given,
                                 *intent->second.reset));
    // What came after the point was left behind on purpose.
    floors_[owner] = world_.disk.last_order();
    started_[request.flink_job_id] = {request.restore_location};
    return;
  }
  const std::string must = must_restore(owner, intent->second);
  const SavedState* wanted = must.empty() ? nullptr : world_.disk.find(must);
  const SavedState* got = given.empty() ? nullptr : world_.disk.find(given);
  if (wanted != nullptr && (got == nullptr || got->order < wanted->order))
    world_.violate(fmt::format("job {} starts from {} although {} is newer and can be read",
                               request.flink_job_id, given.empty() ? "nothing" : given, must));
  if (got == nullptr) floors_[owner] = world_.disk.last_order();
  if (!started_.contains(request.flink_job_id))
    started_[request.flink_job_id] = {request.restore_location};
}

// A job that reached its end needs no state any more, also before anybody has seen that.
bool Judge::has_finished(const model::Job& job) const {
  const simulated::Job* real =
      world_.job(job.internal.cluster_id.value_or(""), flink_id(job.metadata.id));
  return real != nullptr && real->ended_by_itself;
}

// Files go only after this is recorded, and never those that something needs.
void Judge::sees_remove(const store::ReadModel& read, const std::string& directory) {
  const auto inside = [&](const std::string& location) {
    return location.starts_with(directory + "/");
  };
  bool recorded = false;
  for (const auto& savepoint : read.savepoints("")) {
    if (!inside(savepoint->spec.savepoint_location.value_or(""))) continue;
    if (savepoint->status.state == model::SavepointState::DELETING) recorded = true;
    else world_.violate("the files of savepoint " + savepoint->metadata.id + " are removed");
  }
  if (!recorded) world_.violate(directory + " is removed before this is recorded");
  for (const auto& deployment : read.deployments(""))
    if (const auto& reset = deployment->internal.reset; reset && inside(reset->location)) {
      bool used = false;
      for (const auto& job : read.jobs_of(deployment->metadata.id))
        used = used || model::uses_reset(*job, *reset);
      if (!used) world_.violate(directory + " is removed although a reset needs it");
    }
  for (const auto& job : read.jobs(""))
    if (!model::is_terminal(job->status.state) &&
        inside(job->internal.restore_location.value_or("")) && !has_finished(*job) &&
        world_.disk.of_job(flink_id(job->metadata.id)).empty())
      world_.violate(directory + " is removed although job " + job->metadata.id +
                     " has nothing else");
}

}  // namespace weir::simulation
