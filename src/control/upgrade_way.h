#pragma once

#include <string>

#include "model/deployment.h"
#include "model/job.h"

/// Which way an upgrade takes. Pure: the planner and the preview ask the same function.
namespace weir::control {

struct WayChoice {
  model::UpgradeWay way = model::UpgradeWay::RESTART;
  std::string reason;  ///< a sentence for people
};

/// @param running the job that runs, @param next the configured job that is to take its place
/// @param lack_of_room why no second cluster fits beside the running one; empty = it fits
/// What the user asked for in upgradeStrategy.mode is taken if it is possible; the reason says so.
WayChoice choose_way(const model::Job& running, const model::Job& next,
                     const model::UpgradeStrategy& strategy, const std::string& lack_of_room);

}  // namespace weir::control
