#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace weir::flink {

/// The JVM's memory flags and the `-D` settings that a process must be given, as Flink's own
/// scripts would compute them (unified model, Flink 1.11+; source: Flink's
/// TaskExecutorProcessUtils).
struct ProcessMemory {
  std::vector<std::string> jvm_flags;
  std::vector<std::pair<std::string, std::string>> settings;  ///< key, value
};

using Configuration = std::map<std::string, std::string>;

/// @param process_bytes the whole process: heap, native memory and the JVM itself
/// @error kInvalidArgument reason "MemoryTooSmall": names the terms and the smallest size that
/// works
Result<ProcessMemory> task_manager_memory(std::int64_t process_bytes, int slots,
                                          const Configuration& configuration);
Result<ProcessMemory> job_manager_memory(std::int64_t process_bytes,
                                         const Configuration& configuration);

}  // namespace weir::flink
