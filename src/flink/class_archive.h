#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/environment.h"
#include "flink/flink_api.h"
#include "flink/homes.h"

namespace weir::flink {

/// Class-data-sharing archives: what a JVM makes of the classes of a Flink home, kept in a file, so
/// that the next JobManager or TaskManager starts with less than half of the work. They stand in
/// HOME/.weir-archive, named by the Java, the jars and the training they are from; another Java or
/// a changed jar has another name, so an archive never fits wrongly.
class ClassArchives {
 public:
  /// `api` outlives this.
  /// @param limit for all of one training
  ClassArchives(Environment env, FlinkApi& api, Duration limit = std::chrono::minutes(4));

  /// Starts a JobManager and a TaskManager of the home once, runs a small job on them, ends them,
  /// and puts their archives in place. Takes two JVMs' time and about 2 GiB of memory meanwhile:
  /// call it when no job is starting. Nothing to do when the archives are there, or another process
  /// trains them. A failed training leaves the home as it was: log it and go on.
  /// @error kFailedPrecondition reason "HomeNotWritable";  kDeadline, kUnavailable the JVMs did not
  ///        come up or go down in time
  /// Cancellation: kills the JVMs, waits until they and their files are gone, then throws. They
  /// also die with this process.
  Task<Status> train(FlinkHome home);

 private:
  Environment env_;
  FlinkApi& api_;
  Duration limit_;
};

/// Whether both archives of the home are there.
bool has_archives(const FlinkHome& home);
/// Sets the archives that are there. Blocking, for the pool.
void use_archives(FlinkHome& home);
/// Names the Java, the jars and the way of training: 16 hex digits. Blocking, for the pool.
std::string archive_key(const FlinkHome& home);

}  // namespace weir::flink
