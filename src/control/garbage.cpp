#include "control/garbage.h"

#include <algorithm>
#include <set>

#include "base/sizes.h"

namespace weir::control {
namespace {

// Directories of ended clusters: too old, or beyond the size, the newest kept.
std::vector<Garbage> ended_clusters(const std::vector<runtime::Remains>& all,
                                    const store::ReadModel& read, const Settings& settings,
                                    WallTime now) {
  std::vector<runtime::Remains> ended;
  for (const auto& remains : all)
    if (!remains.alive && !read.cluster(remains.cluster_id)) ended.push_back(remains);
  std::sort(ended.begin(), ended.end(),
            [](const auto& a, const auto& b) { return a.last_written > b.last_written; });
  std::vector<Garbage> garbage;
  std::int64_t kept = 0;
  for (const auto& remains : ended) {
    kept += remains.bytes;
    if (now - remains.last_written > settings.cluster_directories_age)
      garbage.push_back({remains.path, remains.bytes,
                         "older than " + format_duration(settings.cluster_directories_age),
                         remains.cluster_id, ""});
    else if (kept > settings.cluster_directories_bytes)
      garbage.push_back(
          {remains.path, remains.bytes,
           "beyond " + format_bytes(settings.cluster_directories_bytes) + " of ended clusters",
           remains.cluster_id, ""});
  }
  return garbage;
}

std::vector<Garbage> unused_jars(const std::vector<blob::KeptFile>& kept,
                                 const store::ReadModel& read) {
  std::set<std::string> used;
  for (const auto& job : read.jobs(""))
    if (job->internal.jar_sha256) used.insert(*job->internal.jar_sha256);
  std::vector<Garbage> garbage;
  for (const auto& file : kept)
    if (!used.contains(file.sha256))
      garbage.push_back({file.path, file.size_bytes, "no job names it", "", file.sha256});
  return garbage;
}

}  // namespace

Task<Result<std::vector<Garbage>>> collect_garbage(World world, Settings settings, bool dry_run) {
  // Jars first: one that is fetched while the sweep looks is named by its job only afterwards.
  WEIR_CO_TRY(const auto kept, co_await world.artifacts.all_kept());
  WEIR_CO_TRY(const auto remains, co_await world.runtime.remains());
  bool fetching = false;
  for (const auto& deployment : world.store.read().deployments(""))
    if (const auto transition = world.store.read().open_transition(deployment->metadata.id))
      fetching = fetching || transition->phase == model::TransitionPhase::FETCH_JAR;
  std::vector<Garbage> garbage =
      ended_clusters(remains, world.store.read(), settings, world.env.wall_now());
  if (!fetching)
    for (Garbage& jar : unused_jars(kept, world.store.read())) garbage.push_back(std::move(jar));
  if (dry_run) co_return garbage;
  for (const Garbage& item : garbage) {
    if (!item.cluster_id.empty())
      WEIR_CO_CHECK_OK(co_await world.runtime.remove_remains(item.cluster_id));
    else if (const Status dropped = co_await world.artifacts.drop_kept(item.sha256);
             !dropped && dropped.error().code != Code::kConflict)
      co_return Error(dropped.error());
  }
  co_return garbage;
}

}  // namespace weir::control
