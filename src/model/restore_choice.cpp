#include "model/restore_choice.h"

#include <fmt/format.h>

#include <tuple>

namespace weir::model {
namespace {

auto order(const RestorePoint& point) {
  return std::tuple(point.chain_position, point.attempt, point.checkpoint_id);
}

RestoreChoice nothing(std::string why) {
  return {RestoreChoice::What::kNothing, "", std::move(why)};
}
RestoreChoice point(std::string location, std::string why) {
  return {RestoreChoice::What::kPoint, std::move(location), std::move(why)};
}

}  // namespace

bool is_newer(const RestorePoint& a, const RestorePoint& b) { return order(a) > order(b); }

const RestorePoint* newest(const std::vector<RestorePoint>& points, bool with_checkpoints) {
  const RestorePoint* best = nullptr;
  for (const RestorePoint& candidate : points) {
    if (!candidate.usable) continue;
    if (!with_checkpoints && candidate.kind == RestorePointKind::CHECKPOINT) continue;
    if (best == nullptr || is_newer(candidate, *best)) best = &candidate;
  }
  return best;
}

RestoreChoice choose_for_start(RestoreStrategyKind strategy,
                               const std::vector<RestorePoint>& points) {
  if (strategy == RestoreStrategyKind::NONE)
    return nothing("restoreStrategy is NONE: the job starts with empty state.");
  const bool with_checkpoints = strategy == RestoreStrategyKind::LATEST_STATE;
  const RestorePoint* best = newest(points, with_checkpoints);
  if (best == nullptr)
    return nothing(with_checkpoints
                       ? "There is no savepoint or checkpoint: the job starts with empty state."
                       : "There is no savepoint: the job starts with empty state.");
  if (best->kind == RestorePointKind::COPIED)
    return point(best->location, "The registered savepoint " +
                                     best->metadata.name.value_or(best->metadata.id) +
                                     " is the newest.");
  const std::string number = best->checkpoint_id == RestorePoint::kUnknownId
                                 ? std::string()
                                 : fmt::format(" {}", best->checkpoint_id);
  return point(best->location,
               fmt::format("{}{} of job {} (position {}, attempt {}) is the newest of {}.",
                           best->kind == RestorePointKind::CHECKPOINT ? "Checkpoint" : "Savepoint",
                           number, best->metadata.job_id.value_or("?"), best->chain_position,
                           best->attempt, points.size()));
}

RestoreChoice choose_for_reset(const ResetPointer& reset, const std::vector<RestorePoint>& points) {
  for (const RestorePoint& candidate : points)
    if (candidate.location == reset.location && candidate.usable)
      return point(reset.location, "The deployment was reset to this restore point.");
  return {RestoreChoice::What::kMissing, reset.location,
          fmt::format("The deployment was reset to '{}', which is not there or cannot be read.",
                      reset.location)};
}

bool uses_reset(const Job& job, const ResetPointer& reset) {
  return job.internal.ran && job.internal.chain_position > reset.chain_position &&
         job.spec.savepoint_location == reset.location;
}

RestoreChoice choose_for_recovery(const Job& job, const std::vector<RestorePoint>& points) {
  std::vector<RestorePoint> own;
  for (const RestorePoint& candidate : points)
    if (candidate.metadata.job_id == job.metadata.id &&
        candidate.kind == RestorePointKind::CHECKPOINT)
      own.push_back(candidate);
  if (const RestorePoint* best = newest(own, true))
    return point(best->location, fmt::format("Checkpoint {} of attempt {} is this job's newest.",
                                             best->checkpoint_id, best->attempt));
  if (job.spec.savepoint_location)
    return point(*job.spec.savepoint_location,
                 "The job completed no checkpoint; it starts again from where it was started.");
  return nothing("The job completed no checkpoint and was started with empty state.");
}

}  // namespace weir::model
