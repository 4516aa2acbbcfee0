#include <algorithm>

#include "base/log.h"
#include "control/reconciler.h"

/// Clusters that live and are not recorded: the database is older than they are, which only happens
/// while Weir is down. What they run is not known, so they are not adopted; a restored backup must
/// not end jobs either, so they go on until their deployment is about to do something.
namespace weir::control {

namespace {

// Its epoch is not used again, nor is its attempt, which is never higher and names a directory.
Task<Status> count_past(World world, runtime::FoundCluster cluster) {
  const View view = load_view(world.store.read(), cluster.owner);
  if (!view.deployment) co_return Status();
  store::Batch batch;
  model::Deployment deployment = *view.deployment;
  deployment.internal.epoch = std::max(deployment.internal.epoch, cluster.epoch);
  batch.update(view.deployment, std::move(deployment));
  const auto count_job = [&](const store::Stored<model::Job>& job) {
    if (!job || job->metadata.session_cluster_name) return;
    model::Job changed = *job;
    changed.internal.attempt = std::max(changed.internal.attempt, cluster.epoch);
    batch.update(job, std::move(changed));
  };
  count_job(view.job);
  if (!view.prepares()) count_job(view.next_job);
  const auto committed = co_await world.store.commit(std::move(batch));
  co_return committed ? Status() : Status(committed.error());
}

}  // namespace

// One that is recorded as a standby cluster and has an owner by now was taken after the database
// was saved: it is no standby cluster any more.
Task<Result<bool>> Reconciler::is_stranger(runtime::FoundCluster cluster) {
  const auto recorded = world_.store.read().cluster(cluster.cluster_id);
  if (!recorded) co_return true;
  if (!recorded->standby || cluster.owner.empty()) co_return false;
  store::Batch batch;
  batch.remove(recorded);
  WEIR_CO_CHECK_OK(co_await world_.store.commit(std::move(batch)));
  co_return true;
}

Task<Status> Reconciler::keep_strangers() {
  strangers_.clear();
  WEIR_CO_TRY(auto found, co_await world_.runtime.discover());
  for (auto& cluster : found) {
    WEIR_CO_TRY(const bool stranger, co_await is_stranger(cluster));
    if (!stranger) continue;
    log::warn("control",
              "cluster {} of {} lives and is not recorded: the database is older than it is. "
              "It goes on until its deployment starts, stops or is deleted",
              cluster.cluster_id, cluster.owner.empty() ? "an unknown owner" : cluster.owner);
    strangers_[cluster.owner].push_back(std::move(cluster));
  }
  co_return Status();
}

// Again from the beginning until all of it is known: nothing is begun before that.
Task<void> Reconciler::find_strangers() {
  while (true) {
    const Status found = co_await keep_strangers();
    if (found) break;
    log::warn("control", "what lives here is not known: {}", to_string(found.error()));
    co_await sleep_for(world_.env.timer, std::chrono::seconds(1));
  }
  has_looked_ = true;
}

Task<void> Reconciler::look_around() {
  while (!has_looked_) co_await sleep_for(world_.env.timer, settings_.poll_gap);
}

Task<Status> Reconciler::end_strangers(std::string owner) {
  while (strangers_.contains(owner)) {
    const runtime::FoundCluster cluster = strangers_[owner].back();
    WEIR_CO_CHECK_OK(co_await count_past(world_, cluster));
    WEIR_CO_CHECK_OK(co_await world_.runtime.tear_down(
        cluster.cluster_id, cluster.epoch, world_.env.now() + settings_.tear_down_time));
    auto& left = strangers_[owner];
    std::erase(left, cluster);
    if (left.empty()) strangers_.erase(owner);
  }
  co_return Status();
}

}  // namespace weir::control
