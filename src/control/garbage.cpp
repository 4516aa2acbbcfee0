#include "control/garbage.h"

#include <algorithm>
#include <set>

#include "base/sizes.h"
#include "control/dead_state.h"

namespace weir::control {
namespace {

// Job directories that one sweep removes: each is looked at again before, which takes a moment.
constexpr std::size_t kStateAtOnce = 100;

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

// Clusters that live and are not recorded: the database is older than they are, and what it does
// not know may be their state.
bool has_strangers(const std::vector<runtime::Remains>& all, const store::ReadModel& read) {
  return std::any_of(all.begin(), all.end(), [&](const runtime::Remains& remains) {
    return remains.alive && !read.cluster(remains.cluster_id);
  });
}

// The records go first. They conflict with whatever is decided about the deployment meanwhile, and
// once they are gone no start chooses what is about to be removed.
Task<Status> forget_points(World world, DeadState dead) {
  if (dead.points.empty()) co_return Status();
  store::Batch batch;
  std::set<std::string> deployments;
  for (const auto& point : dead.points) {
    batch.remove(point);
    deployments.insert(point->metadata.deployment_id.value_or(""));
  }
  for (const std::string& id : deployments)
    if (const auto deployment = world.store.read().deployment(id))
      batch.update(deployment, *deployment);
  const auto committed = co_await world.store.commit(std::move(batch));
  co_return committed ? Status() : Status(committed.error());
}

// Looks again right before, because users go on meanwhile.
Task<Result<bool>> remove_state(World world, Settings settings, flink::JobDirectory directory) {
  auto dead = dead_state({directory}, world.store.read(), settings, world.env.wall_now());
  if (dead.empty()) co_return false;
  const Status forgotten = co_await forget_points(world, std::move(dead.front()));
  if (!forgotten && forgotten.error().code == Code::kConflict) co_return false;
  if (!forgotten) co_return Error(forgotten.error());
  WEIR_CO_CHECK_OK(co_await world.states.remove(directory.path));
  co_return true;
}

Task<Result<std::vector<Garbage>>> sweep_state(World world, Settings settings, bool dry_run) {
  std::vector<Garbage> garbage;
  WEIR_CO_TRY(const auto directories,
              co_await world.states.job_directories(settings.data_directory + "/state"));
  const auto dead = dead_state(directories, world.store.read(), settings, world.env.wall_now());
  for (const DeadState& one : dead) {
    if (!dry_run && garbage.size() == kStateAtOnce) break;
    if (!dry_run) {
      WEIR_CO_TRY(const bool removed, co_await remove_state(world, settings, one.directory));
      if (!removed) continue;
    }
    garbage.push_back({one.directory.path, one.directory.bytes, one.reason, "", ""});
  }
  co_return garbage;
}

Task<Status> remove(World world, std::vector<Garbage> garbage) {
  for (const Garbage& item : garbage) {
    if (!item.cluster_id.empty())
      WEIR_CO_CHECK_OK(co_await world.runtime.remove_remains(item.cluster_id));
    else if (const Status dropped = co_await world.artifacts.drop_kept(item.sha256);
             !dropped && dropped.error().code != Code::kConflict)
      co_return Error(dropped.error());
  }
  co_return Status();
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
  const bool strangers = has_strangers(remains, world.store.read());
  if (!dry_run) WEIR_CO_CHECK_OK(co_await remove(world, garbage));
  if (strangers) co_return garbage;
  WEIR_CO_TRY(auto state, co_await sweep_state(world, settings, dry_run));
  std::move(state.begin(), state.end(), std::back_inserter(garbage));
  co_return garbage;
}

}  // namespace weir::control
