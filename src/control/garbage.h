#pragma once

#include "control/controller.h"

namespace weir::control {

/// See Controller::collect_garbage.
Task<Result<std::vector<Garbage>>> collect_garbage(World world, Settings settings, bool dry_run);

}  // namespace weir::control
