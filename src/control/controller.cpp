#include "control/controller.h"

#include "control/garbage.h"
#include "control/reconciler.h"
#include "control/savepoint_policies.h"
#include "control/savepoint_reconciler.h"
#include "control/session_cluster_reconciler.h"
#include "control/standby_reconciler.h"

namespace weir::control {

void Histogram::add(Duration duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  std::size_t bucket = 0;
  while (bucket < std::size(kBounds) && seconds > kBounds[bucket]) ++bucket;
  ++buckets[bucket];
  sum_seconds += seconds;
  ++count;
}

struct Controller::Impl {
  Impl(World w, Settings s)
      : world(w),
        settings(std::move(s)),
        deployments(world, settings, statistics),
        sessions(world, settings, deployments),
        standbys(world, settings, deployments),
        savepoints(world, settings),
        policies(world) {
    deployments.on_session_process = [this](const std::string& id) { sessions.wake(id); };
    deployments.on_standby_process = [this](const std::string& pool) { standbys.wake(pool); };
  }

  World world;
  Settings settings;
  Statistics statistics;
  Reconciler deployments;
  SessionClusterReconciler sessions;
  StandbyReconciler standbys;
  SavepointReconciler savepoints;
  SavepointPolicies policies;
};

Controller::Controller(World world, Settings settings)
    : impl_(std::make_unique<Impl>(world, std::move(settings))) {}
Controller::~Controller() = default;

void Controller::start() {
  impl_->deployments.start();
  impl_->sessions.start();
  impl_->standbys.start();
  impl_->savepoints.start();
  impl_->policies.start();
}

Task<void> Controller::stop() {
  co_await impl_->policies.stop();
  co_await impl_->savepoints.stop();
  co_await impl_->standbys.stop();
  co_await impl_->sessions.stop();
  co_await impl_->deployments.stop();
}

std::optional<LiveJob> Controller::live_job(const std::string& job_id) const {
  return impl_->deployments.live_job(job_id);
}

const Statistics& Controller::statistics() const { return impl_->statistics; }

const Settings& Controller::settings() const { return impl_->settings; }

std::vector<StandbyPoolState> Controller::standby_pools() const { return impl_->standbys.pools(); }

Task<Room> Controller::room() { return impl_->deployments.room(); }

bool Controller::is_quiet() const { return !impl_->deployments.is_starting_something(); }

Task<Result<std::vector<Garbage>>> Controller::collect_garbage(bool dry_run) {
  return control::collect_garbage(impl_->world, impl_->settings, dry_run);
}

Task<Status> Controller::end_processes(MonoTime deadline) {
  Status result;
  for (const auto& cluster : impl_->world.store.read().clusters()) {
    // Fenced like any cluster that is torn down; the next start finds it lost and recovers the job.
    Status ended =
        co_await impl_->world.runtime.tear_down(cluster->metadata.id, cluster->epoch, deadline);
    if (!ended && result) result = std::move(ended);
  }
  co_return result;
}

}  // namespace weir::control
