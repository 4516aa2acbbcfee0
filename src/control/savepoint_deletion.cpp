#include "control/savepoint_deletion.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/executor.h"
#include "control/mistakes.h"
#include "control/next_start.h"

namespace weir::control {

using model::SavepointState;

namespace {

std::string name_of(const model::Deployment& deployment) {
  return deployment.metadata.name.value_or(deployment.metadata.id);
}

// Until its present attempt has a checkpoint of its own, Flink goes back to where it began.
bool needs_its_start(const store::ReadModel& read, const model::Job& job) {
  for (const auto& point : read.restore_points_of(job.metadata.deployment_id.value_or("")))
    if (point->metadata.job_id == job.metadata.id && point->usable &&
        point->kind == model::RestorePointKind::CHECKPOINT &&
        point->attempt >= job.internal.attempt)
      return false;
  return true;
}

std::optional<std::string> reference_of_jobs(const store::ReadModel& read,
                                             const std::string& location) {
  for (const auto& job : read.jobs(""))
    if (!model::is_terminal(job->status.state) &&
        (job->spec.savepoint_location == location || job->internal.restore_location == location) &&
        needs_its_start(read, *job))
      return fmt::format(
          "is what job '{}' was started from, and the job has no checkpoint of its own yet",
          job->metadata.id);
  return std::nullopt;
}

std::optional<std::string> reference_of_probation(const store::ReadModel& read,
                                                  const std::string& location) {
  for (const auto& deployment : read.deployments("")) {
    const auto& probation = deployment->internal.probation;
    if (!probation || probation->location != location) continue;
    const auto job = read.job(probation->job_id);
    if (job && !model::is_terminal(job->status.state))
      return fmt::format(
          "is what the upgrade of deployment '{}' began with, and its job is not "
          "stable yet",
          name_of(*deployment));
  }
  return std::nullopt;
}

std::optional<std::string> reference_of_resets(const store::ReadModel& read,
                                               const std::string& location) {
  for (const auto& deployment : read.deployments("")) {
    if (!deployment->internal.reset || deployment->internal.reset->location != location) continue;
    if (pending_reset(load_view(read, deployment->metadata.id)) != nullptr)
      return fmt::format("is what deployment '{}' was reset to; its next start needs it",
                         name_of(*deployment));
  }
  return std::nullopt;
}

// A failed job hands on what it was started from until the next one has it.
bool continues_from(const store::ReadModel& read, const model::Transition& transition,
                    const std::string& location) {
  if (!transition.continues_job_id) return false;
  const auto job = read.job(*transition.continues_job_id);
  return job &&
         (job->spec.savepoint_location == location || job->internal.restore_location == location);
}

bool is_own_point(const model::RestorePoint& point, const model::Savepoint& savepoint) {
  return point.metadata.id == savepoint.metadata.id;
}

std::optional<std::string> only_point(const store::ReadModel& read,
                                      const model::Savepoint& savepoint) {
  const auto deployment = read.deployment(savepoint.metadata.deployment_id.value_or(""));
  if (!deployment || mistakes.delete_only_savepoint) return std::nullopt;
  const auto points = read.restore_points_of(deployment->metadata.id);
  const bool is_point = std::any_of(points.begin(), points.end(), [&](const auto& point) {
    return point->usable && is_own_point(*point, savepoint);
  });
  if (!is_point || !other_points(read, savepoint).empty()) return std::nullopt;
  return fmt::format("is the only {} that deployment '{}' can start from",
                     checkpoints_count(*deployment) ? "restore point" : "savepoint",
                     name_of(*deployment));
}

bool is_remote(const model::Savepoint& savepoint) {
  const std::string location = savepoint.spec.savepoint_location.value_or("");
  return !location.empty() && !is_local_path(location);
}

std::string what_stays(const store::ReadModel& read, const model::Savepoint& savepoint) {
  const std::string location = savepoint.spec.savepoint_location.value_or("");
  if (location.empty()) return {};
  const std::string files = fmt::format(" Its files stay at {}", location);
  if (const auto reference = reference_to(read, savepoint))
    return fmt::format("{}, because it {}.", files, *reference);
  if (savepoint.metadata.origin == "RETAINED_CHECKPOINT")
    return files + ": they are a checkpoint, which a start may still choose.";
  if (savepoint.metadata.origin == "COPIED") return files + ": Weir did not write them.";
  return files + ".";
}

}  // namespace

bool checkpoints_count(const model::Deployment& deployment) {
  const auto& strategy = deployment.spec.restore_strategy;
  return !strategy || strategy->kind != model::RestoreStrategyKind::LATEST_SAVEPOINT;
}

std::vector<model::RestorePoint> other_points(const store::ReadModel& read,
                                              const model::Savepoint& savepoint) {
  std::vector<model::RestorePoint> others;
  const auto deployment = read.deployment(savepoint.metadata.deployment_id.value_or(""));
  if (!deployment) return others;
  for (const auto& point : read.restore_points_of(deployment->metadata.id))
    if (point->usable && !is_own_point(*point, savepoint) &&
        (checkpoints_count(*deployment) || point->kind != model::RestorePointKind::CHECKPOINT))
      others.push_back(*point);
  return others;
}

std::optional<std::string> reference_to(const store::ReadModel& read,
                                        const model::Savepoint& savepoint) {
  if (mistakes.delete_referenced_savepoint) return std::nullopt;
  const std::string location = savepoint.spec.savepoint_location.value_or("");
  const std::string owner = savepoint.metadata.deployment_id.value_or("");
  if (const auto transition = read.open_transition(owner);
      transition && (transition->savepoint_id == savepoint.metadata.id ||
                     (!location.empty() && (transition->restore_location == location ||
                                            continues_from(read, *transition, location)))))
    return "belongs to the transition that is under way";
  if (location.empty()) return std::nullopt;
  if (auto reset = reference_of_resets(read, location)) return reset;
  if (auto job = reference_of_jobs(read, location)) return job;
  if (auto probation = reference_of_probation(read, location)) return probation;
  for (const auto& other : read.savepoints(""))
    if (other->metadata.id != savepoint.metadata.id && other->spec.savepoint_location == location)
      return fmt::format("shares its files with savepoint '{}'", other->metadata.id);
  return std::nullopt;
}

std::optional<std::string> deletion_hindrance(const store::ReadModel& read,
                                              const model::Savepoint& savepoint) {
  switch (savepoint.status.state) {
    case SavepointState::STARTED: return "is not complete yet";
    case SavepointState::PENDING_DELETION:
    case SavepointState::DELETING: return "is being deleted already";
    case SavepointState::COMPLETED:
    case SavepointState::FAILED:
    case SavepointState::FAILED_DELETION: break;
  }
  if (auto reference = reference_to(read, savepoint)) return reference;
  if (auto only = only_point(read, savepoint)) return only;
  if (is_remote(savepoint) && savepoint.metadata.origin != "COPIED")
    return fmt::format("lies at {}, where Weir cannot remove files; remove them there",
                       *savepoint.spec.savepoint_location);
  return std::nullopt;
}

model::Event savepoint_event(const store::ReadModel& read, const model::Savepoint& savepoint,
                             const char* name, std::string message, IdSource& ids, WallTime now) {
  model::Event made;
  made.metadata.id = ids.uuid();
  made.metadata.name = name;
  made.metadata.namespace_ = savepoint.metadata.namespace_;
  made.metadata.created_at = now;
  made.metadata.deployment_id = savepoint.metadata.deployment_id;
  if (const auto owner = read.deployment(savepoint.metadata.deployment_id.value_or("")))
    made.metadata.resource_name = owner->metadata.name;
  made.metadata.job_id = savepoint.metadata.job_id;
  made.spec.message = std::move(message);
  made.spec.actor = "controller";
  return made;
}

store::Batch deletion_of(const store::ReadModel& read,
                         const store::Stored<model::Savepoint>& savepoint, const Deletion& how,
                         IdSource& ids, WallTime now) {
  store::Batch batch;
  const std::string id = savepoint->metadata.id;
  const std::string owner = savepoint->metadata.deployment_id.value_or("");
  for (const auto& point : read.restore_points_of(owner))
    if (is_own_point(*point, *savepoint)) batch.remove(point);
  // Written as it is: what was decided from the point that goes has to be decided again.
  if (const auto deployment = read.deployment(owner)) batch.update(deployment, *deployment);
  const std::string why = how.why.empty() ? "" : " " + how.why;
  if (!model::own_directory(*savepoint) || is_remote(*savepoint) ||
      reference_to(read, *savepoint)) {
    batch.remove(savepoint);
    batch.create(savepoint_event(read, *savepoint, "SUCCESSFULLY_DELETED_SAVEPOINT",
                                 fmt::format("The record of savepoint {} was removed.{}{}", id, why,
                                             what_stays(read, *savepoint)),
                                 ids, now));
    std::get<model::Event>(batch.puts.back().resource).spec.actor = how.by;
    return batch;
  }
  model::Savepoint pending = *savepoint;
  pending.status.state = SavepointState::PENDING_DELETION;
  pending.status.failure.reset();
  pending.internal.force = how.force;
  pending.internal.deleted_by = how.by;
  batch.update(savepoint, std::move(pending));
  batch.create(savepoint_event(read, *savepoint, "TRIGGERED_SAVEPOINT_DELETION",
                               fmt::format("Savepoint {} is deleted with its files at {}.{}", id,
                                           *savepoint->spec.savepoint_location, why),
                               ids, now));
  std::get<model::Event>(batch.puts.back().resource).spec.actor = how.by;
  return batch;
}

store::Batch end_of_deletion(const store::ReadModel& read,
                             const store::Stored<model::Savepoint>& savepoint,
                             const std::string& message, IdSource& ids, WallTime now) {
  store::Batch batch;
  batch.remove(savepoint);
  batch.create(
      savepoint_event(read, *savepoint, "SUCCESSFULLY_DELETED_SAVEPOINT", message, ids, now));
  return batch;
}

}  // namespace weir::control
