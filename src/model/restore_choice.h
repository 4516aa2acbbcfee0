#pragma once

#include <string>
#include <vector>

#include "model/resource.h"

namespace weir::model {

/// The place a start begins from, and why.
struct RestoreChoice {
  enum class What {
    kNothing,  ///< empty state
    kPoint,
    kMissing  ///< it must begin at `location`, but that cannot be read: nothing may start
  } what = What::kNothing;
  std::string location;
  std::string explanation;  ///< a sentence for events and people
};

/// A registered savepoint ranks after everything of the jobs that were there when it was registered
/// and before everything of later ones.
inline constexpr std::int32_t kRegisteredAttempt = 1'000'000'000;

/// By (chain position, attempt, checkpoint id).
bool is_newer(const RestorePoint& a, const RestorePoint& b);

/// The newest by (chain position, attempt, checkpoint id): never by wall time, which may jump.
const RestorePoint* newest(const std::vector<RestorePoint>& points, bool with_checkpoints);

/// For a job that is started by a user's intent.
/// @param points all known points of the deployment, verified to exist
RestoreChoice choose_for_start(RestoreStrategyKind strategy,
                               const std::vector<RestorePoint>& points);

/// For a start that was reset to this point: exactly there, or not at all.
RestoreChoice choose_for_reset(const ResetPointer& reset, const std::vector<RestorePoint>& points);
/// Whether this job has used the reset: it began there later and has run.
bool uses_reset(const Job& job, const ResetPointer& reset);

/// For a live job whose cluster died: its own newest completed checkpoint, else the point that it
/// was started from. Never a registered one, whatever the restore strategy says.
RestoreChoice choose_for_recovery(const Job& job, const std::vector<RestorePoint>& points);

}  // namespace weir::model
