#pragma once

#include <string>

#include "model/deployment.h"
#include "model/job.h"

/// Which way an upgrade takes. Pure: the planner and the preview ask the same function.
namespace weir::control {

/// What stands in the way of a way and is not in the jobs' records; empty = nothing.
struct Obstacles {
  std::string second_cluster;  ///< why none fits beside the running one
  std::string in_place;        ///< why the running job cannot be rescaled as it is
};

struct WayChoice {
  model::UpgradeWay way = model::UpgradeWay::RESTART;
  std::string reason;  ///< a sentence for people
};

/// Its scheduler and version can change the parallelism of a job that runs.
bool can_rescale_in_place(const model::Job& job);

/// `next` is what `running` is already: exchanging them would change nothing.
bool runs_already(const model::Job& running, const model::Job& next);

/// `next` differs from `running` in nothing but levels of loggers, in a configuration of Log4j that
/// its processes read again while they run.
bool only_log_levels_differ(const model::Job& running, const model::Job& next);

/// @param running the job that runs, @param next the configured job that is to take its place
/// What the user asked for in upgradeStrategy.mode is taken if it is possible; the reason says so.
WayChoice choose_way(const model::Job& running, const model::Job& next,
                     const model::UpgradeStrategy& strategy, const Obstacles& obstacles);

}  // namespace weir::control
