#include <filesystem>
#include <fstream>

#include "runtime/local/instance_directory.h"

namespace weir::runtime {

namespace fs = std::filesystem;

Remains remains_of(const InstanceDirectory& instance) {
  Remains remains;
  remains.cluster_id = instance.path().filename().string();
  remains.path = instance.path().string();
  std::error_code error;
  fs::file_time_type newest = fs::last_write_time(instance.path(), error);
  // Files may vanish while they are counted: a live Flink rotates its logs.
  for (auto entry = fs::recursive_directory_iterator(instance.path(), error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone)) continue;
    const auto size = entry->file_size(gone);
    if (gone) continue;
    remains.bytes += static_cast<std::int64_t>(size);
    const auto written = entry->last_write_time(gone);
    if (!gone) newest = std::max(newest, written);
  }
  remains.last_written =
      std::chrono::time_point_cast<Duration>(std::chrono::file_clock::to_sys(newest));
  const auto is_gone = instance.is_gone();
  remains.alive = !is_gone || !*is_gone;
  return remains;
}

}  // namespace weir::runtime
