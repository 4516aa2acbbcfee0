#include "flink/archive_schedule.h"

#include <fmt/format.h>

#include "base/sizes.h"
#include "flink/class_archive.h"

namespace weir::flink {
namespace {

// A training takes two JVMs' time, so a home that fails every time must not cost it for ever.
constexpr int kTries = 4;
constexpr Duration kFirstWait = std::chrono::minutes(1);
constexpr int kWaitGrowth = 4;

}  // namespace

std::optional<FlinkHome> ArchiveSchedule::next(const std::vector<FlinkHome>& homes,
                                               MonoTime now) const {
  for (const FlinkHome& home : homes) {
    if (has_archives(home) || home.java.empty()) continue;
    const auto tries = tries_.find(home.path);
    if (tries == tries_.end()) return home;
    if (tries->second.count < kTries && now >= tries->second.next) return home;
  }
  return std::nullopt;
}

std::string ArchiveSchedule::failed(const FlinkHome& home, const std::string& why, MonoTime now) {
  Tries& tries = tries_[home.path];
  Duration wait = kFirstWait;
  for (int i = 0; i < tries.count; ++i) wait *= kWaitGrowth;
  ++tries.count;
  tries.next = now + wait;
  if (tries.count >= kTries)
    return fmt::format("{} {} tries failed; a new start of the server tries again.", why, kTries);
  return fmt::format("{} Tried again in {}.", why, format_duration(wait));
}

void ArchiveSchedule::left_to_another(const FlinkHome& home, MonoTime now) {
  tries_[home.path].next = now + kFirstWait;
}

}  // namespace weir::flink
