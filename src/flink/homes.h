#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"

namespace weir::flink {

/// An installed Flink: jars, and what was prepared for starting it fast.
struct FlinkHome {
  std::string version;  ///< exact, e.g. "1.20.5"
  std::string path;     ///< absolute
  std::string java;     ///< absolute path of the java executable to use
  int java_major = 17;
  std::vector<std::string> class_path;  ///< absolute jar paths in order: by name, flink-dist last
  std::optional<std::string> job_manager_archive;  ///< class-data-sharing archives, when trained
  std::optional<std::string> task_manager_archive;
  std::string archive_problem;  ///< why they are not there, for people; empty: not tried yet
  std::optional<std::string> queryable_state_jar;  ///< its server, from lib or opt
};

/// The Flink versions that can run here. I/O thread only.
class FlinkHomes {
 public:
  virtual ~FlinkHomes() = default;

  /// Newest version first; what the last `refresh` saw.
  virtual std::vector<FlinkHome> list() const = 0;
  /// "1.20.5" is that one; "1.20" the newest installed 1.20.x; nothing means the configured
  /// default, else the newest installed.
  /// @error kFailedPrecondition reason "FlinkVersionUnknown": names what is installed and how to
  /// add
  virtual Result<FlinkHome> resolve(const std::optional<std::string>& version) const = 0;
  /// Looks at the disk again (on the pool).
  virtual Task<Status> refresh() = 0;
};

}  // namespace weir::flink
