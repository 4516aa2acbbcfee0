#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/scope.h"
#include "async/signal.h"
#include "control/reconciler.h"
#include "control/standby_pool.h"

namespace weir::control {

/// Keeps the pools of standby clusters full: one coroutine for each pool, one action at a time.
/// I/O thread only.
class StandbyReconciler {
 public:
  /// @param deployments shares its room; outlives this
  StandbyReconciler(World world, const Settings& settings, Reconciler& deployments);

  /// Takes up the configured pools, and those that clusters are left of.
  void start();
  Task<void> stop();
  /// Something about the processes of a cluster has changed.
  void wake(const std::string& pool);
  std::vector<StandbyPoolState> pools() const;

 private:
  struct Actor;

  void add(model::StandbyPool pool);
  void on_change(const store::Change& change);
  std::vector<store::Stored<model::Cluster>> clusters_of(const std::string& pool) const;
  Task<void> run(std::shared_ptr<Actor> actor);
  /// One pass. @return how long to wait before the next
  Task<Duration> pass(std::shared_ptr<Actor> actor);
  Task<std::map<std::string, StandbyObservation>> observe(
      std::vector<store::Stored<model::Cluster>> clusters);
  Task<Status> commit(store::Batch batch);
  Task<StandbyResult> perform(StandbyEffect effect, std::shared_ptr<Actor> actor);
  Task<Status> ensure(store::Stored<model::Cluster> cluster);

  World world_;
  const Settings& settings_;
  Reconciler& deployments_;
  std::map<std::string, std::shared_ptr<Actor>> actors_;
  std::shared_ptr<void> subscription_;
  Scope scope_;
};

}  // namespace weir::control
