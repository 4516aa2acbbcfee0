#pragma once

#include <vector>

#include "control/view.h"

/// What the next job begins from: one choice, which the planner takes and the API shows.
namespace weir::control {

/// Whether what a start needs may still be a savepoint that is being deleted: its deletion is
/// refused if it turns out to be the only restore point that can be read.
/// @return what is waited for, for people; empty if nothing is
std::string deletion_to_wait_for(const View& view);

/// The deployment's reset that no job has used yet, or nullptr. Valid as long as the view.
const model::ResetPointer* pending_reset(const View& view);

/// @param points those that are known to be there: verified by the planner, as recorded for people
model::RestoreChoice choose_next_start(const View& view,
                                       const std::vector<model::RestorePoint>& points);

/// What an upgrade begins from that has just taken its savepoint there.
model::RestoreChoice choose_after_savepoint(const View& view, const std::string& location);

/// Drops savepoints whose records went while the disk was looked at: they are being deleted.
void drop_unrecorded(const View& view, std::vector<model::RestorePoint>& points);

}  // namespace weir::control
