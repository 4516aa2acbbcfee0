#include "simulation/judge.h"

#include <fmt/format.h>

#include "codec/describe_json.h"

namespace weir::simulation {

using simulated::SavedState;

namespace {

// Far more than attempts and users' changes of one seed can ask for.
constexpr int kManyJobs = 200;
constexpr Duration kLongHealthy = std::chrono::seconds(90);
// Less than the control plane waits for the checkpoint of an upgraded job.
constexpr Duration kVerifyTime = std::chrono::seconds(40);

std::string owner_of(const model::Cluster& cluster) {
  return cluster.metadata.deployment_id.value_or(cluster.metadata.session_cluster_id.value_or(""));
}

// It is somebody's from now on: a new one, or one that waited for a job.
bool begins_ownership(const store::ReadModel& read, const model::Cluster& cluster) {
  const auto before = read.cluster(cluster.metadata.id);
  return !cluster.standby && (!before || before->standby);
}

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

void Judge::went_back() {
  foretold_.forget();
  epochs_.clear();
  forgotten_ = world_.disk.last_order();
}

void Judge::sees_commit(const store::ReadModel& read, const store::Batch& batch) {
  foretold_.sees_commit(read, batch);
  if (is_outdated(read, batch)) return;
  for (const store::Put& put : batch.puts) {
    if (const auto* savepoint = std::get_if<model::Savepoint>(&put.resource);
        savepoint != nullptr && savepoint->status.state == model::SavepointState::DELETING)
      to_remove_.insert(savepoint->spec.savepoint_location.value_or(""));
    const bool is_new = put.expect.what == store::Expect::What::kAbsent;
    if (const auto* job = std::get_if<model::Job>(&put.resource);
        job != nullptr && is_new && ++jobs_made_[*job->metadata.deployment_id] > kManyJobs)
      world_.violate("job after job is made and nothing gives up");
    const auto* cluster = std::get_if<model::Cluster>(&put.resource);
    if (cluster != nullptr && begins_ownership(read, *cluster) &&
        cluster->epoch <= epochs_[owner_of(*cluster)])
      world_.violate(
          fmt::format("cluster {} gets the epoch {} of an older one: what that may still do could "
                      "not be told apart",
                      cluster->metadata.id, cluster->epoch));
    if (const auto* changed = std::get_if<model::Deployment>(&put.resource)) {
      sees_change(read, batch, *changed);
      sees_choice(read, *changed);
    }
    if (const auto* savepoint = std::get_if<model::Savepoint>(&put.resource))
      sees_savepoint(read, batch, *savepoint);
    if (const auto* transition = std::get_if<model::Transition>(&put.resource))
      sees_transition(read, *transition);
  }
}

// An event exists for every state change; epochs only grow.
void Judge::sees_change(const store::ReadModel& read, const store::Batch& batch,
                        const model::Deployment& changed) {
  const auto before = read.deployment(changed.metadata.id);
  const auto& epoch = epochs_[changed.metadata.id];
  if (changed.internal.epoch < epoch)
    world_.violate(fmt::format("the epoch of deployment {} goes back from {} to {}",
                               changed.metadata.id, epoch, changed.internal.epoch));
  if (!before || before->status.state == changed.status.state) return;
  if (changed.status.state == model::ObservedState::SUSPENDED)
    check_suspended(read, batch, changed);
  for (const store::Put& other : batch.puts)
    if (const auto* event = std::get_if<model::Event>(&other.resource);
        event != nullptr && event->metadata.deployment_id == changed.metadata.id)
      return;
  world_.violate(fmt::format("no event tells that deployment {} goes from {} to {}",
                             changed.metadata.id, codec::enum_text(before->status.state),
                             codec::enum_text(changed.status.state)));
}

// A job that had reached its own end is not told as one that was stopped.
void Judge::check_suspended(const store::ReadModel& read, const store::Batch& batch,
                            const model::Deployment& changed) {
  const std::string job_id = changed.internal.current_job_id.value_or("");
  const auto recorded = read.job(job_id);
  auto state = recorded ? recorded->status.state : model::JobState::FINISHED;
  for (const store::Put& put : batch.puts)
    if (const auto* job = std::get_if<model::Job>(&put.resource);
        job != nullptr && job->metadata.id == job_id)
      state = job->status.state;
  if (world_.has_finished(flink_id(job_id)) && state != model::JobState::FINISHED)
    world_.violate(fmt::format("deployment {} is SUSPENDED, but its job {} had finished",
                               changed.metadata.id, job_id));
}

// Nothing follows a job that had reached its own end before it could be stopped.
void Judge::check_end_of_replaced(const model::Transition& transition,
                                  const std::string& flink_job_id) {
  if (transition.kind != model::TransitionKind::UPGRADE ||
      transition.stage != model::UpgradeStage::TAKE_OVER || !transition.old_job_id ||
      started_.contains(flink_job_id))
    return;
  if (world_.has_finished(flink_id(*transition.old_job_id)))
    world_.violate(fmt::format("job {} follows job {}, which had finished", flink_job_id,
                               *transition.old_job_id));
}

// The old cluster stays until the upgraded job has proven itself by a checkpoint.
void Judge::sees_transition(const store::ReadModel& read, const model::Transition& transition) {
  if (transition.kind != model::TransitionKind::UPGRADE ||
      transition.stage != model::UpgradeStage::TAKE_OVER ||
      transition.phase != model::TransitionPhase::RETIRE)
    return;
  const auto deployment = read.deployment(*transition.metadata.deployment_id);
  const auto open = read.open_transition(*transition.metadata.deployment_id);
  if (!deployment || !open || open->phase == model::TransitionPhase::RETIRE ||
      deployment->spec.state != model::DesiredState::RUNNING || deployment->internal.deleting)
    return;
  const auto job = read.job(deployment->internal.current_job_id.value_or(""));
  if (!job || job->status.revision != deployment->internal.spec_revision) return;
  const std::string cluster_id = job->internal.cluster_id.value_or("");
  const simulated::Job* real = world_.job(cluster_id, flink_id(job->metadata.id));
  const simulated::Cluster* cluster = world_.cluster(cluster_id);
  const auto submitted = started_.find(flink_id(job->metadata.id));
  if (real == nullptr || flink::is_globally_terminal(real->state) || real->completed > 0 ||
      cluster->checkpoint_interval <= Duration(0) || submitted == started_.end() ||
      world_.now() - submitted->second.at > kVerifyTime)
    return;
  world_.violate("the old cluster of job " + *transition.old_job_id +
                 " is to end before the new job has completed a checkpoint");
}

void Judge::sees_ensure(const store::ReadModel& read, const flink::ClusterSpec& spec) {
  const auto cluster = read.cluster(spec.cluster_id);
  if (!cluster || cluster->epoch != spec.epoch || cluster->phase != model::ClusterPhase::WANTED)
    world_.violate("cluster " + spec.cluster_id + " is started without a record that wants it");
  else epochs_[owner_of(*cluster)] = cluster->epoch;
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
    if (const auto chosen = strategies_.find(job->metadata.id); chosen != strategies_.end())
      intent.strategy = chosen->second;
    if (const auto transition = read.open_transition(deployment->metadata.id)) {
      if (transition->continues_job_id) intent.continues = flink_id(*transition->continues_job_id);
      check_end_of_replaced(*transition, request.flink_job_id);
    }
    check_savepoint_of_upgrade(read, *deployment, request);
    if (const auto& reset = deployment->internal.reset; reset && !intent.continues) {
      bool used = false;
      for (const auto& other : read.jobs_of(deployment->metadata.id))
        used = used || model::uses_reset(*other, *reset);
      if (!used) intent.reset = reset->location;
    }
  }
  intents_[request.flink_job_id] = intent;
}

// What a job starts from is chosen with the commit that makes it the current one; what its user
// says of the next start after that is for the next one.
void Judge::sees_choice(const store::ReadModel& read, const model::Deployment& changed) {
  const auto before = read.deployment(changed.metadata.id);
  const auto& current = changed.internal.current_job_id;
  if (!current || (before && before->internal.current_job_id == current)) return;
  const auto& strategy = changed.spec.restore_strategy;
  strategies_[*current] = strategy ? strategy->kind : model::RestoreStrategyKind::LATEST_STATE;
}

// A stateful upgrade starts from exactly the savepoint that it has taken. A job that was started
// from there and failed has gone on since: the next one continues that job, which is looked at as
// it is submitted.
void Judge::check_savepoint_of_upgrade(const store::ReadModel& read,
                                       const model::Deployment& deployment,
                                       const flink::RunRequest& request) {
  const auto transition = read.open_transition(deployment.metadata.id);
  const auto& strategy = deployment.spec.restore_strategy;
  if (!transition || transition->kind != model::TransitionKind::UPGRADE ||
      transition->stage != model::UpgradeStage::TAKE_OVER || !transition->restore_location ||
      transition->continues_job_id ||
      (strategy && strategy->kind == model::RestoreStrategyKind::NONE) ||
      started_.contains(request.flink_job_id) || intents_.contains(request.flink_job_id))
    return;
  if (request.restore_location != transition->restore_location)
    world_.violate(fmt::format("job {} starts from {}, but its upgrade has taken the savepoint {}",
                               request.flink_job_id, request.restore_location.value_or("nothing"),
                               *transition->restore_location));
}

// Only a cluster that an upgrade is preparing, or that no job can take yet, and nobody has used.
void Judge::sees_prime(const store::ReadModel& read, const flink::Endpoint& endpoint) {
  const auto cluster = read.cluster(endpoint.cluster_id);
  const auto transition = cluster
                              ? read.open_transition(cluster->metadata.deployment_id.value_or(""))
                              : store::Stored<model::Transition>();
  const simulated::Cluster* at = world_.cluster(endpoint.cluster_id);
  const bool used = at != nullptr && std::any_of(at->jobs.begin(), at->jobs.end(),
                                                 [](auto& job) { return !job.second.foreign; });
  const bool waits = cluster && cluster->standby && !cluster->standby->ready;
  const bool prepared = transition && transition->phase == model::TransitionPhase::PRIME;
  if ((!waits && !prepared) || used)
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
    return !job.second.foreign && !flink::is_globally_terminal(job.second.state);
  });
  return works && world_.now() - since > kLongHealthy;
}

// A cluster of the future that nobody knows ends only for what its deployment is about to do.
void Judge::check_stranger(const store::ReadModel& read, const std::string& cluster_id) {
  const simulated::Cluster* cluster = world_.cluster(cluster_id);
  const auto owner = read.deployment(cluster != nullptr ? cluster->spec.owner : "");
  if (!owner || (!read.open_transition(owner->metadata.id) && !owner->internal.deleting))
    world_.violate("cluster " + cluster_id + " is torn down because it is not recorded");
}

void Judge::sees_tear_down(const store::ReadModel& read, const std::string& cluster_id) {
  const auto recorded = read.cluster(cluster_id);
  if (!recorded && forgotten_) return check_stranger(read, cluster_id);
  if (!recorded || recorded->phase != model::ClusterPhase::TEARING_DOWN) {
    world_.violate("cluster " + cluster_id + " is torn down before this is recorded");
    return;
  }
  // What cannot be killed at once may look healthy later: the first try is the decision.
  if (!torn_down_.insert(cluster_id).second) return;
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
    return !job.second.foreign && !flink::is_globally_terminal(job.second.state);
  });
  const bool up = cluster.job_manager_lives() && !cluster.job_manager().stopped;
  if (is_unresolved(read, recorded)) return;
  if (stopped && works && up && owner->status.state == model::SessionClusterState::STOPPING)
    world_.violate("session cluster " + cluster.spec.cluster_id + " is stopped under a job");
  if (!stopped && is_healthy(cluster))
    world_.violate("session cluster " + cluster.spec.cluster_id + " is healthy, but ended");
}

// A live job goes on from its own newest checkpoint, or from the savepoint that it was stopped
// with, else from where it was started.
std::string Judge::must_continue(const std::string& flink_job_id) const {
  const auto first = started_.find(flink_job_id);
  if (first == started_.end()) return {};
  const SavedState* newest = nullptr;
  for (const SavedState* state : world_.disk.of_job(flink_job_id))
    if ((!state->savepoint || state->ends_job) && state->readable &&
        (newest == nullptr || state->order > newest->order))
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
    started_[request.flink_job_id] = {request.restore_location, world_.now()};
    return;
  }
  const std::string must = must_restore(owner, intent->second);
  const SavedState* wanted = must.empty() ? nullptr : world_.disk.find(must);
  const SavedState* got = given.empty() ? nullptr : world_.disk.find(given);
  const bool is_known = wanted != nullptr && (!forgotten_ || wanted->order > *forgotten_);
  if (is_known && (got == nullptr || got->order < wanted->order))
    world_.violate(fmt::format("job {} starts from {} although {} is newer and can be read",
                               request.flink_job_id, given.empty() ? "nothing" : given, must));
  if (got == nullptr) floors_[owner] = world_.disk.last_order();
  if (!started_.contains(request.flink_job_id))
    started_[request.flink_job_id] = {request.restore_location, world_.now()};
}

void Judge::sees_sweep(const store::ReadModel& read, const std::string& directory) {
  const std::string prefix = "file://" + directory + "/";
  world_.tell("the checkpoints of a job are swept: " + directory);
  const auto check = [&](const std::string& location, const std::string& why) {
    if (location.starts_with(prefix)) world_.violate(directory + " is swept although " + why);
  };
  for (const auto& savepoint : read.savepoints(""))
    check(savepoint->spec.savepoint_location.value_or(""),
          "savepoint " + savepoint->metadata.id + " is there");
  for (const auto& job : read.jobs(""))
    if (!model::is_terminal(job->status.state))
      check(job->internal.restore_location.value_or(""), "a live job began there");
  for (const auto& deployment : read.deployments("")) {
    if (const auto& reset = deployment->internal.reset) check(reset->location, "a reset names it");
    for (const auto& point : read.restore_points_of(deployment->metadata.id))
      check(point->location, "a restore point is recorded there");
    const simulated::SavedState* newest = nullptr;
    for (const auto* state : world_.disk.of_deployment(deployment->metadata.id))
      if (state->readable && (newest == nullptr || state->order > newest->order)) newest = state;
    if (newest != nullptr) check(newest->location, "the newest state of a deployment is there");
  }
}

}  // namespace weir::simulation
