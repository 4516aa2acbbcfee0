#pragma once

#include <string>

#include "async/environment.h"
#include "flink/flink_api.h"

namespace weir::flink {

/// Runs a throwaway job on a cluster whose archives are being made, so that they hold what jobs
/// need too: checkpoints, a stop with savepoint and a start from it, heap and RocksDB state. The
/// cluster must take checkpoints. The jar is within this program and fits Flink 1.19 and newer.
/// @param directory on this machine; gets the jar and the savepoint
/// @error kDeadline a step took too long;  whatever Flink answers, from an older one for instance
Task<Status> run_training_job(Environment env, FlinkApi& api, Endpoint endpoint,
                              std::string directory, MonoTime deadline);

/// Writes the jar of the throwaway job. Blocking, for the pool.
Status write_training_jar(const std::string& path);

/// `FlinkApi::prime` over the other calls of `api`.
Task<Status> prime_cluster(Environment env, FlinkApi& api, Endpoint endpoint,
                           PrimingRequest request, MonoTime deadline);

}  // namespace weir::flink
