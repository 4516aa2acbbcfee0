#include "control/retry.h"
#include "control/savepoint_deletion.h"
#include "control/session_jobs.h"
#include "model/job_relevant.h"
#include "model/restore_choice.h"
#include "simulation/random_spec.h"
#include "simulation/run.h"

/// What users ask for, written as the API writes it.
namespace weir::simulation {

using namespace std::chrono_literals;
using model::DesiredState;
using model::ObservedState;
using Kind = UserAction::Kind;

namespace {

// Registered for `owner`, as a reset and a fork do. @return its id
std::string register_copy(store::Batch& batch, VirtualLoop& loop, const store::ReadModel& read,
                          const model::Deployment& owner, const model::Savepoint& of) {
  model::Savepoint copy;
  copy.metadata.id = loop.uuid();
  copy.metadata.namespace_ = owner.metadata.namespace_;
  copy.metadata.created_at = loop.wall_now();
  copy.metadata.deployment_id = owner.metadata.id;
  copy.metadata.origin = "COPIED";
  copy.spec.savepoint_location = of.spec.savepoint_location;
  copy.status.state = model::SavepointState::COMPLETED;
  model::RestorePoint point;
  point.metadata = copy.metadata;
  point.kind = model::RestorePointKind::COPIED;
  point.location = *copy.spec.savepoint_location;
  point.chain_position = owner.internal.chain_position;
  point.attempt = model::kRegisteredAttempt;
  point.checkpoint_id = static_cast<std::int64_t>(read.revision());
  std::string id = copy.metadata.id;
  batch.create(std::move(copy));
  batch.create(std::move(point));
  return id;
}

bool is_stopped(const store::ReadModel& read, const model::Deployment& deployment) {
  for (const auto& job : read.jobs_of(deployment.metadata.id))
    if (!model::is_terminal(job->status.state)) return false;
  return !read.open_transition(deployment.metadata.id) &&
         deployment.status.state != ObservedState::RUNNING &&
         deployment.status.state != ObservedState::TRANSITIONING;
}

store::Stored<model::Savepoint> oldest_complete(const store::ReadModel& read,
                                                const std::string& deployment_id) {
  store::Stored<model::Savepoint> oldest;
  for (const auto& savepoint : read.savepoints_of(deployment_id))
    if (savepoint->status.state == model::SavepointState::COMPLETED &&
        savepoint->metadata.origin != "RETAINED_CHECKPOINT")
      oldest = savepoint;
  return oldest;
}

}  // namespace

Task<void> Run::use() {
  while (next_action_ < workload_.actions.size()) {
    const UserAction action = workload_.actions[next_action_];
    co_await sleep_until(loop_, MonoTime(action.at));
    world_.tell("user: " + describe(action));
    while (!co_await act(action)) co_await sleep_for(loop_, 20ms);
    ++next_action_;
  }
}

// The version moves with every write; a write that was not answered is looked for before it is sent
// again.
Task<bool> Run::commit_change(std::size_t number, std::function<void(model::Deployment&)> change) {
  store::Store& store = plane_->store();
  const std::string id = workload_.deployments[number].metadata.id;
  const auto old = store.read().deployment(id);
  if (!old) co_return true;
  if (versions_[number] != 0 && old->metadata.resource_version > versions_[number]) {
    versions_[number] = old->metadata.resource_version;
    co_return true;
  }
  model::Deployment changed = *old;
  ++changed.metadata.resource_version;
  changed.metadata.modified_at = loop_.wall_now();
  change(changed);
  if (!model::same_job(old->spec, changed.spec)) ++changed.internal.spec_revision;
  judge_.foretold().foretell(store.read(), changed, simulated::Homes());
  versions_[number] = old->metadata.resource_version;
  const std::int32_t version = changed.metadata.resource_version;
  store::Batch batch;
  batch.update(old, std::move(changed));
  const auto committed = co_await store.commit(std::move(batch));
  if (committed) versions_[number] = version;
  co_return bool(committed);
}

Task<bool> Run::create(std::size_t number) {
  const model::Deployment& deployment = workload_.deployments[number];
  store::Store& store = plane_->store();
  if (store.read().deployment(deployment.metadata.id)) co_return true;
  store::Batch batch;
  model::Deployment made = deployment;
  made.metadata.created_at = made.metadata.modified_at = loop_.wall_now();
  batch.create(std::move(made));
  const auto committed = co_await store.commit(std::move(batch));
  versions_[number] = 1;
  co_return bool(committed);
}

Task<bool> Run::take_savepoint(std::size_t number) {
  store::Store& store = plane_->store();
  const auto found = store.read().deployment(workload_.deployments[number].metadata.id);
  if (!found || found->status.state != ObservedState::RUNNING || !found->status.running)
    co_return true;
  store::Batch batch;
  batch.create(model::requested_savepoint(found->metadata, found->status.running->job_id,
                                          found->internal.spec_revision, loop_.uuid(), loop_.uuid(),
                                          loop_.wall_now()));
  co_return bool(co_await store.commit(std::move(batch)));
}

// The oldest savepoint that nothing needs.
Task<bool> Run::remove_savepoint(std::string deployment_id) {
  store::Store& store = plane_->store();
  auto savepoints = store.read().savepoints_of(deployment_id);
  std::reverse(savepoints.begin(), savepoints.end());
  for (const auto& savepoint : savepoints) {
    if (control::deletion_hindrance(store.read(), *savepoint)) continue;
    store::Batch batch = control::deletion_of(store.read(), savepoint, {}, loop_, loop_.wall_now());
    judge_.sees_commit(store.read(), batch);
    co_return bool(co_await store.commit(std::move(batch)));
  }
  co_return true;
}

// Where nothing runs: back to the oldest savepoint.
Task<bool> Run::reset(std::size_t number) {
  store::Store& store = plane_->store();
  const auto old = store.read().deployment(workload_.deployments[number].metadata.id);
  if (!old || old->internal.deleting || !is_stopped(store.read(), *old)) co_return true;
  const auto oldest = oldest_complete(store.read(), old->metadata.id);
  if (!oldest) co_return true;
  store::Batch batch;
  const std::string copy = register_copy(batch, loop_, store.read(), *old, *oldest);
  model::Deployment changed = *old;
  changed.internal.reset =
      model::ResetPointer{*oldest->spec.savepoint_location, copy, old->internal.chain_position};
  batch.update(old, std::move(changed));
  batch.update(oldest, *oldest);
  co_return bool(co_await store.commit(std::move(batch)));
}

// With the oldest savepoint of its source, if there is one.
Task<bool> Run::fork(std::size_t number, std::size_t of) {
  store::Store& store = plane_->store();
  const auto source = store.read().deployment(workload_.deployments[of].metadata.id);
  model::Deployment made = workload_.deployments[number];
  if (!source || source->internal.deleting || store.read().deployment(made.metadata.id))
    co_return true;
  made.metadata.created_at = made.metadata.modified_at = loop_.wall_now();
  made.spec = source->spec;
  made.spec.state = DesiredState::CANCELLED;
  store::Batch batch;
  if (const auto oldest = oldest_complete(store.read(), source->metadata.id)) {
    const std::string copy = register_copy(batch, loop_, store.read(), made, *oldest);
    made.internal.reset = model::ResetPointer{*oldest->spec.savepoint_location, copy, 0};
    batch.update(oldest, *oldest);
  }
  batch.create(std::move(made));
  const auto committed = co_await store.commit(std::move(batch));
  versions_[number] = 1;
  co_return bool(committed);
}

Task<bool> Run::retry(std::size_t number) {
  const auto old = plane_->store().read().deployment(workload_.deployments[number].metadata.id);
  if (!old || plane_->store().read().open_transition(old->metadata.id) || !control::gave_up(*old) ||
      old->spec.state == DesiredState::CANCELLED)
    co_return true;
  co_return co_await commit_change(
      number, [](model::Deployment& changed) { changed = control::tried_again(changed); });
}

// As the API does it: it is not stopped while it runs jobs.
Task<bool> Run::change_session(model::SessionClusterSpec spec) {
  store::Store& store = plane_->store();
  const auto old = store.read().session_cluster("default", *workload_.session->metadata.name);
  store::Batch batch;
  if (!old) {
    model::SessionCluster made = *workload_.session;
    made.spec = spec;
    made.metadata.created_at = loop_.wall_now();
    batch.create(std::move(made));
    co_return bool(co_await store.commit(std::move(batch)));
  }
  const bool stops = spec.state == model::SessionClusterDesiredState::STOPPED;
  if (stops && !control::jobs_in_session_cluster(store.read(), *old).empty()) co_return true;
  model::SessionCluster changed = *old;
  changed.spec = spec;
  ++changed.internal.wishes;
  batch.update(old, std::move(changed));
  co_return bool(co_await store.commit(std::move(batch)));
}

Task<bool> Run::act(UserAction action) {
  if (world_.now() < world_.store_down_until) co_return false;
  const std::size_t number = action.deployment;
  switch (action.kind) {
    case Kind::kCreate: co_return co_await create(number);
    case Kind::kState:
      co_return co_await commit_change(number, [action](model::Deployment& changed) {
        if (!changed.internal.deleting) changed.spec.state = action.state;
      });
    case Kind::kTemplate:
      co_return co_await commit_change(number, [action](model::Deployment& changed) {
        auto& job = *changed.spec.template_->spec;
        job.artifact->jar_uri = "file:///jars/job.jar";
        job.artifact->main_args = action.program;
        job.parallelism = action.parallelism;
      });
    case Kind::kMember:
      co_return co_await commit_change(number, [this](model::Deployment& changed) {
        world_.tell("  changes " + change_some_member(world_, changed));
      });
    case Kind::kDelete:
      co_return co_await commit_change(number, [](model::Deployment& changed) {
        changed.internal.deleting = true;
        changed.status.state = ObservedState::TRANSITIONING;
        changed.status.running.reset();
      });
    case Kind::kSavepoint: co_return co_await take_savepoint(number);
    case Kind::kRemoveSavepoint:
      co_return co_await remove_savepoint(workload_.deployments[number].metadata.id);
    case Kind::kReset: co_return co_await reset(number);
    case Kind::kMove:
      co_return co_await commit_change(number, [](model::Deployment& changed) {
        auto& name = changed.spec.session_cluster_name;
        if (name) name.reset();
        else name = "s";
      });
    case Kind::kSession: co_return co_await change_session(action.session);
    case Kind::kFork: co_return co_await fork(number, action.source);
    case Kind::kRetry: co_return co_await retry(number);
  }
  co_return true;
}

}  // namespace weir::simulation
