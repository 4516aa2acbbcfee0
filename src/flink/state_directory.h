#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "flink/flink_api.h"

namespace weir::flink {

/// A directory with a readable `_metadata`: a restore point that exists.
struct FoundState {
  std::string location;            ///< as Flink names it, e.g. "file:/data/..."
  std::int64_t checkpoint_id = 0;  ///< from the first 16 bytes of _metadata
};

/// How a job ended, as its JobManager has put it into its archive (`jobmanager.archive.fs.dir`).
struct ArchivedJob {
  JobState state = JobState::kUnknown;  ///< globally terminal
  std::string root_cause;               ///< of a failure
};

/// What the attempts of one job have left in DATA/state, where Weir keeps checkpoints unless the
/// user names another place. A session cluster's stands for all jobs that ran in it; below it there
/// is one for each attempt and job.
struct JobDirectory {
  std::string path;           ///< absolute
  std::string deployment_id;  ///< by the path; the deployment may be another one, or gone
  std::string job_id;
  std::int64_t bytes = 0;
  WallTime last_written;
  /// One job's in one attempt of a session cluster, which `deployment_id` then names.
  bool in_session_cluster = false;
};

/// Looks at checkpoint and savepoint directories without Flink. The local implementation reads
/// files on the worker pool; the simulated one lives in tests/.
class StateDirectory {
 public:
  virtual ~StateDirectory() = default;

  /// All `chk-*/_metadata` at any depth of two below `directory` (Flink adds the job id), newest
  /// checkpoint id first. A directory that does not exist has none.
  /// @error kUnavailable the directory cannot be read
  virtual Task<Result<std::vector<FoundState>>> checkpoints(std::string directory) = 0;
  /// The `savepoint-*/_metadata` directly below `directory`; a request's directory has at most one.
  virtual Task<Result<std::vector<FoundState>>> savepoints(std::string directory) = 0;
  /// Reads one location's `_metadata`.
  /// @error kNotFound it is not there;  kInvalidArgument it is not a Flink checkpoint
  virtual Task<Result<FoundState>> inspect(std::string location) = 0;
  /// The end of the job in the archive `directory`; nothing where none was written, or not all of
  /// it: what is cut off proves nothing.
  /// @error kUnavailable the archive cannot be read
  virtual Task<Result<std::optional<ArchivedJob>>> archived_job(std::string directory,
                                                                std::string flink_job_id) = 0;
  /// Makes sure the directory exists and can be written.
  /// @error kFailedPrecondition reason "CheckpointDirectoryNotWritable", the message names the
  /// cause
  virtual Task<Status> prepare(std::string directory) = 0;
  /// All of them below `state`; none behind a link, because that leads to what is somebody else's.
  /// @error kUnavailable a directory cannot be read
  virtual Task<Result<std::vector<JobDirectory>>> job_directories(std::string state) = 0;
  /// Removes a directory of Weir's own (a savepoint request's, a job's) with all that is in it;
  /// links are not followed.
  /// One that is not there is done.
  /// @error kUnavailable it cannot be removed;  kInvalidArgument it is not on this machine
  virtual Task<Status> remove(std::string directory) = 0;
};

}  // namespace weir::flink
