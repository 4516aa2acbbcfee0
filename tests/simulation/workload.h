#pragma once

#include <string>
#include <vector>

#include "model/resource.h"
#include "support/world/world.h"

namespace weir::simulation {

/// One thing that a user does to a deployment, not before `at`.
struct UserAction {
  enum class Kind {
    kCreate,
    kState,
    kTemplate,
    kMember,  ///< some member of the spec
    kSavepoint,
    kRemoveSavepoint,
    kReset,
    kFork,  ///< makes this deployment, out of `source`
    kRetry,
    kDelete,
    kMove,    ///< into the session cluster, or out of it
    kSession  ///< the session cluster is created, started, stopped or resized
  };
  Kind kind = Kind::kState;
  Duration at{0};
  std::size_t deployment = 0;
  model::DesiredState state = model::DesiredState::RUNNING;  ///< kState
  std::string program;                                       ///< kTemplate
  int parallelism = 1;                                       ///< kTemplate
  std::size_t source = 0;                                    ///< kFork
  model::SessionClusterSpec session;                         ///< kSession
};

/// What goes wrong with the world at `at`; which cluster is hit is chosen then.
struct Fault {
  enum class Kind {
    kKillJobManager,
    kKillTaskManager,
    kStopJobManager,
    kDeaf,
    kSlow,
    kFailTasks,
    kReboot,
    kDiskUnreadable,
    kBlind,
    kStuck,
    kWallClock,
    kCancelOutside,
    kDamage,         ///< a job's newest checkpoint cannot be read any more
    kLoseSavepoint,  ///< a savepoint is damaged or gone
    kDiskFull,
    kForeignJob,
    kStoreDown,
    kStoreSlow,
    kEnd  ///< no fault
  };
  Kind kind = Kind::kKillJobManager;
  Duration at{0};
  Duration time{0};  ///< how long it lasts
};

/// What one seed does. Everything follows from the world's randomness.
struct Workload {
  std::vector<model::Deployment> deployments;  ///< of a fork only the name and the id count
  std::optional<model::SessionCluster> session;
  std::vector<UserAction> actions;  ///< in order of time
  std::vector<Fault> faults;
  /// The database is copied, and later that copy takes its place.
  std::optional<Duration> backup_at, restore_at;
  Duration bad_until{0};  ///< the weather is bad until then, and nothing fails later
};

Workload make_workload(simulated::World& world);
std::string describe(const UserAction& action);
/// Does to the world what the fault says.
void strike(simulated::World& world, const Fault& fault);

}  // namespace weir::simulation
