#include "control/state_on_disk.h"

#include <algorithm>

#include "base/strings.h"
#include "control/mistakes.h"
#include "control/plan.h"
#include "control/savepoint_deletion.h"
#include "flink/assemble.h"

namespace weir::control {

namespace {

// Flink puts its job id above "chk-N"; jobs that ran on one cluster have neighbouring directories.
bool is_of_another_job(const std::string& location, const std::string& flink_job_id) {
  const auto parts = split(location, '/');
  if (parts.size() < 2) return false;
  const std::string_view parent = parts[parts.size() - 2];
  const bool is_job_id =
      parent.size() == 32 && parent.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_job_id && parent != flink_job_id;
}

}  // namespace

Task<Result<std::vector<model::RestorePoint>>> checkpoints_on_disk(World world,
                                                                   const Settings& settings,
                                                                   View view,
                                                                   store::Stored<model::Job> job) {
  std::vector<model::RestorePoint> points;
  const auto context = context_of(*view.deployment, job->metadata.id, settings);
  // A database that was restored from a backup may count fewer attempts than there were.
  bool had_some = false;
  for (int attempt = 1; attempt <= job->internal.attempt || had_some; ++attempt) {
    const int place = mistakes.reuse_checkpoint_directory ? 1 : attempt;
    const std::string directory = flink::checkpoint_directory(*job, place, context);
    had_some = false;
    if (!is_local_path(directory)) continue;
    WEIR_CO_TRY(const auto found, co_await world.states.checkpoints(directory));
    had_some = !found.empty() && !mistakes.reuse_checkpoint_directory;
    for (const flink::FoundState& state : found) {
      if (is_of_another_job(state.location, flink_id(job->metadata.id))) continue;
      points.push_back(restore_point_of(view, *job, model::RestorePointKind::CHECKPOINT,
                                        state.location, state.checkpoint_id));
      points.back().attempt = attempt;
    }
  }
  std::sort(points.begin(), points.end(), model::is_newer);
  co_return points;
}

Task<Result<bool>> is_there(World world, model::RestorePoint point) {
  if (!is_local_path(point.location)) co_return true;
  const auto state = co_await world.states.inspect(point.location);
  if (state) co_return true;
  if (state.error().code == Code::kNotFound || state.error().code == Code::kInvalidArgument)
    co_return false;
  co_return Error(state.error());
}

Task<Result<bool>> has_another_point(World world, const Settings& settings, View view,
                                     model::Savepoint savepoint) {
  if (mistakes.delete_only_savepoint) co_return true;
  auto others = other_points(world.store.read(), savepoint);
  std::sort(others.begin(), others.end(), model::is_newer);
  for (const model::RestorePoint& point : others) {
    WEIR_CO_TRY(const bool there, co_await is_there(world, point));
    if (there) co_return true;
  }
  // A running job replaces its checkpoints faster than they are recorded.
  if (!view.job || !checkpoints_count(*view.deployment)) co_return false;
  WEIR_CO_TRY(const auto found, co_await checkpoints_on_disk(world, settings, view, view.job));
  co_return !found.empty();
}

}  // namespace weir::control
