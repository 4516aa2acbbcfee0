#pragma once

#include "model/metadata.h"

namespace weir::model {

enum class SavepointState {
  STARTED,
  COMPLETED,
  FAILED,
  PENDING_DELETION,
  DELETING,
  FAILED_DELETION
};
BOOST_DESCRIBE_ENUM(SavepointState, STARTED, COMPLETED, FAILED, PENDING_DELETION, DELETING,
                    FAILED_DELETION)

struct SavepointSpec {
  std::optional<std::string> savepoint_location;
  std::optional<std::string> flink_savepoint_id;  ///< UUID; without dashes it is Flink's trigger id
};
BOOST_DESCRIBE_STRUCT(SavepointSpec, (), (savepoint_location, flink_savepoint_id))

struct SavepointStatus {
  SavepointState state = SavepointState::STARTED;
  std::optional<Failure> failure;
};
BOOST_DESCRIBE_STRUCT(SavepointStatus, (), (state, failure))

/// Bookkeeping that no API answer shows.
struct SavepointInternal {
  std::optional<bool> force;              ///< the record goes even if its files cannot be removed
  std::optional<std::string> deleted_by;  ///< "user", "retention"
  std::optional<std::int32_t> attempt;    ///< of the job, when its trigger was last sent
};
BOOST_DESCRIBE_STRUCT(SavepointInternal, (), (force, deleted_by, attempt))

/// A savepoint that was asked for, registered, or kept from a checkpoint. metadata.origin and
/// metadata.type belong to it.
struct Savepoint {
  Metadata metadata;
  SavepointSpec spec;
  SavepointStatus status;
  SavepointInternal internal;  ///< stored, never shown
};
BOOST_DESCRIBE_STRUCT(Savepoint, (), (metadata, spec, status, internal))

/// The directory that Weir made for this savepoint's request alone (".../<savepoint id>"). Nothing
/// for what a user, another deployment or a job's checkpointing owns: nobody may remove that.
std::optional<std::string> own_directory(const Savepoint& savepoint);

/// The wish for a savepoint of a running job; its reconciler takes it from here with these ids.
/// @param id, trigger_id new UUIDs
Savepoint requested_savepoint(const Metadata& deployment, const std::string& job_id,
                              std::int64_t spec_revision, std::string id, std::string trigger_id,
                              WallTime now);

inline bool is_being_deleted(const Savepoint& savepoint) {
  return savepoint.status.state == SavepointState::PENDING_DELETION ||
         savepoint.status.state == SavepointState::DELETING;
}

}  // namespace weir::model
