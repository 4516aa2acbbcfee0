#pragma once

#include <vector>

#include "control/controller.h"
#include "control/view.h"

/// What of a deployment's state stands on this machine's disk now. An Error is "unknown", never
/// "absent".
namespace weir::control {

/// The job's checkpoints of all its attempts, the newest attempt first.
/// @param settings outlives the call
Task<Result<std::vector<model::RestorePoint>>> checkpoints_on_disk(World world,
                                                                   const Settings& settings,
                                                                   View view,
                                                                   store::Stored<model::Job> job);

/// Whether the point can be read. What lies elsewhere is taken to be there.
Task<Result<bool>> is_there(World world, model::RestorePoint point);

/// Whether a start of the savepoint's deployment would find another point that can be read.
/// @param settings outlives the call
Task<Result<bool>> has_another_point(World world, const Settings& settings, View view,
                                     model::Savepoint savepoint);

}  // namespace weir::control
