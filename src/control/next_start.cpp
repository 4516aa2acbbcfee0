#include "control/next_start.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/mistakes.h"

namespace weir::control {

const model::ResetPointer* pending_reset(const View& view) {
  const auto& reset = view.deployment->internal.reset;
  if (!reset) return nullptr;
  for (const auto& job : view.jobs)
    if (model::uses_reset(*job, *reset)) return nullptr;
  return &*reset;
}

std::string deletion_to_wait_for(const View& view) {
  if (!view.perhaps_deleted) return {};
  return fmt::format("the deletion of savepoint {} to be done or refused.",
                     view.perhaps_deleted->metadata.id);
}

model::RestoreChoice choose_next_start(const View& view,
                                       const std::vector<model::RestorePoint>& points) {
  const auto strategy = view.deployment->spec.restore_strategy.value_or(model::RestoreStrategy{});
  if (view.transition && view.transition->continues_job_id)
    for (const auto& job : view.jobs)
      if (job->metadata.id == *view.transition->continues_job_id)
        return model::choose_for_recovery(*job, points);
  if (view.transition && view.transition->restore_location &&
      strategy.kind != model::RestoreStrategyKind::NONE)
    return choose_after_savepoint(view, *view.transition->restore_location);
  if (const auto* reset = pending_reset(view)) return model::choose_for_reset(*reset, points);
  if (mistakes.newest_by_wall_time && !points.empty()) {
    const auto newest = std::max_element(points.begin(), points.end(), [](auto& a, auto& b) {
      return a.metadata.created_at < b.metadata.created_at;
    });
    return {model::RestoreChoice::What::kPoint, newest->location, "newest by time"};
  }
  return model::choose_for_start(strategy.kind, points);
}

model::RestoreChoice choose_after_savepoint(const View& view, const std::string& location) {
  const auto& strategy = view.deployment->spec.restore_strategy;
  if (mistakes.upgrade_from_checkpoint)
    for (const auto& point : view.points)
      if (point->kind == model::RestorePointKind::CHECKPOINT)
        return {model::RestoreChoice::What::kPoint, point->location, "a checkpoint will do"};
  if (strategy && strategy->kind == model::RestoreStrategyKind::NONE)
    return model::choose_for_start(strategy->kind, {});
  return {model::RestoreChoice::What::kPoint, location,
          "It starts from the savepoint that the upgrade has just taken."};
}

void drop_unrecorded(const View& view, std::vector<model::RestorePoint>& points) {
  std::erase_if(points, [&](const model::RestorePoint& point) {
    if (point.kind == model::RestorePointKind::CHECKPOINT) return false;
    return std::none_of(view.points.begin(), view.points.end(), [&](const auto& recorded) {
      return recorded->metadata.id == point.metadata.id;
    });
  });
}

}  // namespace weir::control
