#pragma once

#include "control/controller.h"
#include "control/situation.h"

namespace weir::control {

/// Asks up to `what.count` TaskManagers of the cluster to end, the last ones first, and only those
/// that Flink says have every slot free. Which ones have ended is seen, not reported.
/// @param settings outlives the call
/// @error as FlinkApi::idle_task_managers and ClusterRuntime::end_task_manager
Task<Status> end_idle_workers(World world, const Settings& settings,
                              store::Stored<model::Cluster> cluster, EndIdleWorkers what);

}  // namespace weir::control
