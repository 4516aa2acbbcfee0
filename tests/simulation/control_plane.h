#pragma once

#include <memory>

#include "async/scope.h"
#include "control/controller.h"
#include "simulation/gated.h"
#include "support/memory_store.h"

namespace weir::simulation {

/// One life of the control plane over the world and the disk that outlive it.
class ControlPlane {
 public:
  ControlPlane(simulated::World& world, store::MemoryDisk& disk, Judge& judge, PointCounts& counts,
               std::optional<CrashTarget> target, control::Settings settings);

  void start() { controller_.start(); }
  /// The store as its users have it: no crash points of its own, but it dies with the rest.
  store::Store& store() { return store_; }
  bool dead() const { return gate_.dead(); }
  const control::Statistics& statistics() const { return controller_.statistics(); }
  /// What is too old is swept, as it is from time to time.
  Task<void> sweep();

  /// Owns what users have asked for and not been answered.
  Scope users;

  /// Dies at the next step.
  void kill() { gate_.kill(); }
  /// Nothing has an effect any more; then every coroutine is ended.
  Task<void> die();

 private:
  simulated::World& world_;
  CrashGate gate_;
  store::MemoryStore store_;
  Life life_;
  GatedStore gated_store_;
  GatedRuntime runtime_;
  GatedFlink flink_;
  simulated::Homes homes_;
  GatedStates states_;
  GatedArtifacts artifacts_;
  store::SecretBox secrets_;
  control::Controller controller_;
};

}  // namespace weir::simulation
