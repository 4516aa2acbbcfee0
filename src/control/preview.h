#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "control/situation.h"

/// What a change of a deployment would do. It asks the planner's own functions on what is recorded
/// now, so that it cannot say anything else than what is then done. Pure; changes nothing.
namespace weir::control {

enum class PreviewAction {
  NONE,  ///< no job is started, stopped or exchanged
  IN_PLACE,
  SAME_CLUSTER,
  WARM_SWAP,
  RESTART,
  START,
  SUSPEND,
  CANCEL
};
BOOST_DESCRIBE_ENUM(PreviewAction, NONE, IN_PLACE, SAME_CLUSTER, WARM_SWAP, RESTART, START, SUSPEND,
                    CANCEL)

enum class PreviewedStateKind {
  EMPTY,           ///< no state
  RESTORE_POINT,   ///< one that is there, at `location`
  NEW_SAVEPOINT,   ///< the change itself takes it, in the directory `location`
  NEW_CHECKPOINT,  ///< the change itself makes it; the job keeps running
  MISSING          ///< it must be the one at `location`, which cannot be read: nothing would start
};
BOOST_DESCRIBE_ENUM(PreviewedStateKind, EMPTY, RESTORE_POINT, NEW_SAVEPOINT, NEW_CHECKPOINT,
                    MISSING)

/// The state that the change goes on from (or, where it stops the job, the next start).
struct PreviewedState {
  PreviewedStateKind kind = PreviewedStateKind::EMPTY;
  std::optional<std::string> location;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(PreviewedState, (), (kind, location, why))

/// From this deployment's own jobs; `samples` 0 = there is none to measure, and no figure is given.
struct ExpectedGap {
  std::int32_t samples = 0;
  std::optional<double> median_seconds;
  std::optional<double> least_seconds;
  std::optional<double> most_seconds;
  std::string why;  ///< what was measured, or why there is nothing
};
BOOST_DESCRIBE_STRUCT(ExpectedGap, (), (samples, median_seconds, least_seconds, most_seconds, why))

struct Preview {
  PreviewAction action = PreviewAction::NONE;
  std::string reason;                    ///< a sentence for people
  std::optional<std::string> waits_for;  ///< a transition that ends first
  std::optional<PreviewedState> state;   ///< absent for NONE
  std::optional<ExpectedGap> expected_gap;
  std::vector<std::string> warnings;
};
BOOST_DESCRIBE_STRUCT(Preview, (), (action, reason, waits_for, state, expected_gap, warnings))

/// What is known besides the records.
struct PreviewWorld {
  const Room& room;
  const Settings& settings;
  const flink::FlinkHomes& homes;
  IdSource& ids;
  MonoTime now;
  WallTime wall_now;
  std::string flink_status;  ///< what Flink last said of the running job; empty = nothing
};

/// @param present the deployment's records; a new deployment has none but itself
/// @param changed what the user wants to write, validated
Preview preview(const View& present, const model::Deployment& changed, const PreviewWorld& world);

/// Median and range of the measured times of these jobs' upgrades of that way: from the request to
/// stop the job before to RUNNING.
ExpectedGap gap_of_way(const std::vector<store::Stored<model::Job>>& jobs, model::UpgradeWay way);
/// The same of starts with nothing running before: from the intent to RUNNING.
ExpectedGap gap_of_start(const std::vector<store::Stored<model::Job>>& jobs);

}  // namespace weir::control
