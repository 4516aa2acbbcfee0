#pragma once

#include "async/environment.h"
#include "flink/state_directory.h"

namespace weir::flink {

/// StateDirectory on this machine's files: absolute paths and file: URIs. Any other scheme is
/// kInvalidArgument reason "SchemeNotSupported" (for `checkpoints` and `savepoints`: kUnavailable,
/// because what is there is not known).
class LocalStateDirectory final : public StateDirectory {
 public:
  explicit LocalStateDirectory(Environment env) : env_(env) {}

  Task<Result<std::vector<FoundState>>> checkpoints(std::string directory) override;
  Task<Result<std::vector<FoundState>>> savepoints(std::string directory) override;
  Task<Result<FoundState>> inspect(std::string location) override;
  Task<Result<std::optional<ArchivedJob>>> archived_job(std::string directory,
                                                        std::string flink_job_id) override;
  Task<Status> prepare(std::string directory) override;
  Task<Result<std::vector<JobDirectory>>> job_directories(std::string state) override;
  Task<Status> remove(std::string directory) override;

 private:
  Environment env_;
};

/// The path of "file:/x", "file:///x", "file://localhost/x" or "/x"; nothing for anything else.
std::optional<std::string> local_path(std::string_view location);

/// Flink's checkpoint id from the first 16 bytes of a `_metadata` file: magic, version, id.
/// @error kInvalidArgument it is not a Flink checkpoint, or of a version without an id
Result<std::int64_t> checkpoint_id_of(std::string_view first_bytes);

}  // namespace weir::flink
