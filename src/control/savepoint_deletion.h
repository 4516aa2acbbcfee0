#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "store/store.h"

/// Deleting a savepoint with its files: what keeps it, and what is recorded. Pure; the savepoints'
/// reconciler does the rest. No file is removed but in the savepoint's own directory.
namespace weir::control {

/// What still needs the savepoint's files, as the end of a sentence that begins with the savepoint
/// ("is what job 'x' was started from"); nothing if nothing does.
std::optional<std::string> reference_to(const store::ReadModel& read,
                                        const model::Savepoint& savepoint);

/// Why it may not be deleted (without force): besides references, that it is not complete, is the
/// only restore point of its deployment, or lies where Weir cannot remove files.
std::optional<std::string> deletion_hindrance(const store::ReadModel& read,
                                              const model::Savepoint& savepoint);

/// Whether a start of the deployment may choose a checkpoint, not only savepoints.
bool checkpoints_count(const model::Deployment& deployment);

/// The recorded points that a start of its deployment could choose instead.
std::vector<model::RestorePoint> other_points(const store::ReadModel& read,
                                              const model::Savepoint& savepoint);

struct Deletion {
  std::string by = "user";  ///< or "retention"
  std::string why;          ///< a sentence for the event; may be empty
  bool force = false;       ///< the record goes in any case; files that others need stay
};

/// The transaction that begins it. Files of its own: it becomes PENDING_DELETION, and no start
/// chooses it any more. Otherwise only the record goes, and the event says what stays. Conflicts
/// with every transition and reset of the deployment that is decided meanwhile.
/// @param savepoint recorded, not being deleted yet
store::Batch deletion_of(const store::ReadModel& read,
                         const store::Stored<model::Savepoint>& savepoint, const Deletion& how,
                         IdSource& ids, WallTime now);

/// The transaction that ends it, with or without its files.
store::Batch end_of_deletion(const store::ReadModel& read,
                             const store::Stored<model::Savepoint>& savepoint,
                             const std::string& message, IdSource& ids, WallTime now);

/// An event about this savepoint.
model::Event savepoint_event(const store::ReadModel& read, const model::Savepoint& savepoint,
                             const char* name, std::string message, IdSource& ids, WallTime now);

}  // namespace weir::control
