#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/scope.h"
#include "async/signal.h"
#include "control/reconciler.h"
#include "control/session_cluster_plan.h"

namespace weir::control {

/// Runs the passes of all session clusters: one coroutine each, one action at a time for each. The
/// jobs in them belong to their deployments' reconciler. I/O thread only.
class SessionClusterReconciler {
 public:
  /// @param deployments shares its room; outlives this
  SessionClusterReconciler(World world, const Settings& settings, Reconciler& deployments);

  void start();
  Task<void> stop();
  /// Something about the cluster's processes has changed.
  void wake(const std::string& id);

 private:
  struct Actor;

  void add(const std::string& id);
  void on_change(const store::Change& change);
  Task<void> run(std::shared_ptr<Actor> actor);
  /// One pass. @return how long to wait before the next; nothing when the cluster is deleted
  Task<std::optional<Duration>> pass(std::shared_ptr<Actor> actor);
  Task<Status> commit(store::Batch batch);
  Task<void> keep_house(Actor& actor);
  Task<SessionObservation> observe(SessionView view);
  Task<SessionResult> perform(SessionEffect effect, std::string id);
  Task<Status> ensure(SessionView view);
  Task<Result<std::set<std::string>>> checkpoints_of(SessionView view);

  World world_;
  const Settings& settings_;
  Reconciler& deployments_;
  std::map<std::string, std::shared_ptr<Actor>> actors_;
  std::shared_ptr<void> subscription_;
  Scope scope_;
};

}  // namespace weir::control
