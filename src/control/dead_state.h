#pragma once

#include <string>
#include <vector>

#include "control/settings.h"
#include "flink/state_directory.h"
#include "store/store.h"

namespace weir::control {

/// A directory of checkpoints that no start needs any more.
struct DeadState {
  flink::JobDirectory directory;
  std::string reason;                                      ///< for people
  std::vector<store::Stored<model::RestorePoint>> points;  ///< inside; to be forgotten first
};

/// Which of these directories may go: old, of a job that has ended and that no start looks at, with
/// nothing inside that a restore point, savepoint, reset, transition or job of any deployment
/// names, and not with a deployment's newest restore point. Pure.
std::vector<DeadState> dead_state(const std::vector<flink::JobDirectory>& all,
                                  const store::ReadModel& read, const Settings& settings,
                                  WallTime now);

}  // namespace weir::control
