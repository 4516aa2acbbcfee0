#include <fmt/format.h>

#include "codec/describe_json.h"
#include "model/restore_choice.h"
#include "simulation/judge.h"

/// No restore point is deleted while something needs it, or while it is the only one.
namespace weir::simulation {

using model::SavepointState;
using simulated::SavedState;

bool is_outdated(const store::ReadModel& read, const store::Batch& batch) {
  for (const store::Put& put : batch.puts) {
    if (put.expect.what != store::Expect::What::kRevision) continue;
    if (const auto* deployment = std::get_if<model::Deployment>(&put.resource);
        deployment != nullptr &&
        put.expect.revision != read.deployment(deployment->metadata.id).revision)
      return true;
    if (const auto* savepoint = std::get_if<model::Savepoint>(&put.resource);
        savepoint != nullptr &&
        put.expect.revision != read.savepoint(savepoint->metadata.id).revision)
      return true;
  }
  return false;
}

// A job that reached its end needs no state any more, also before anybody has seen that.
bool Judge::has_finished(const model::Job& job) const {
  const simulated::Job* real =
      world_.job(job.internal.cluster_id.value_or(""), flink_id(job.metadata.id));
  return real != nullptr && real->ended_by_itself;
}

// A reset that no job has used, a live job without a checkpoint of its own, an open transition.
std::string Judge::who_needs(const store::ReadModel& read,
                             const std::function<bool(const std::string&)>& is_it) const {
  for (const auto& deployment : read.deployments("")) {
    const auto transition = read.open_transition(deployment->metadata.id);
    if (transition && is_it(transition->restore_location.value_or("")))
      return "the transition of deployment " + deployment->metadata.id;
    const auto& reset = deployment->internal.reset;
    if (!reset || !is_it(reset->location)) continue;
    bool used = false;
    for (const auto& job : read.jobs_of(deployment->metadata.id))
      used = used || model::uses_reset(*job, *reset);
    if (!used) return "the reset of deployment " + deployment->metadata.id;
  }
  for (const auto& job : read.jobs(""))
    if (!model::is_terminal(job->status.state) &&
        is_it(job->internal.restore_location.value_or("")) && !has_finished(*job) &&
        world_.disk.of_job(flink_id(job->metadata.id)).empty())
      return "job " + job->metadata.id + ", which has nothing else";
  return {};
}

// By the world's own truth: nothing else that a start of its deployment would find can be read.
bool Judge::is_only_one(const store::ReadModel& read, const model::Savepoint& savepoint) const {
  const auto deployment = read.deployment(savepoint.metadata.deployment_id.value_or(""));
  const SavedState* mine = world_.disk.find(savepoint.spec.savepoint_location.value_or(""));
  if (!deployment || mine == nullptr || !mine->readable) return false;
  const auto current = read.job(deployment->internal.current_job_id.value_or(""));
  if (current && has_finished(*current)) return false;
  bool is_point = false;
  for (const auto& point : read.restore_points_of(deployment->metadata.id)) {
    const SavedState* state = world_.disk.find(point->location);
    if (point->metadata.id == savepoint.metadata.id) is_point = true;
    else if (point->usable && state != nullptr && state->readable && state->savepoint) return false;
  }
  const auto& strategy = deployment->spec.restore_strategy;
  const bool checkpoints_count =
      !strategy || strategy->kind != model::RestoreStrategyKind::LATEST_SAVEPOINT;
  if (checkpoints_count)
    for (const SavedState* state : world_.disk.of_deployment(deployment->metadata.id))
      if (!state->savepoint && state->readable) return false;
  return is_point || savepoint.status.state == SavepointState::DELETING;
}

void Judge::sees_savepoint(const store::ReadModel& read, const store::Batch& batch,
                           const model::Savepoint& savepoint) {
  const std::string id = savepoint.metadata.id;
  const std::string location = savepoint.spec.savepoint_location.value_or("");
  if (savepoint.status.state == SavepointState::PENDING_DELETION) {
    const std::string who = who_needs(read, [&](const std::string& l) { return l == location; });
    if (!who.empty())
      world_.violate(fmt::format("savepoint {} is to be deleted; it is needed by {}", id, who));
  }
  // What a schedule asks for is marked as done with in the same transaction, so it asks once.
  const auto& annotations = savepoint.metadata.annotations;
  if (!annotations || savepoint.status.state != SavepointState::STARTED || read.savepoint(id))
    return;
  const auto due = annotations->find(model::kScheduledForAnnotation);
  if (due == annotations->end()) return;
  for (const store::Put& put : batch.puts)
    if (const auto* owner = std::get_if<model::Deployment>(&put.resource);
        owner != nullptr && owner->internal.schedule && owner->internal.schedule->handled_until &&
        *owner->internal.schedule->handled_until >= *parse_rfc3339(due->second))
      return;
  world_.violate(
      fmt::format("the schedule's savepoint of {} would be asked for again", due->second));
}

// Files go only after this is recorded, and never those that something needs.
void Judge::sees_remove(const store::ReadModel& read, const std::string& directory) {
  const auto inside = [&](const std::string& location) {
    return location.starts_with(directory + "/");
  };
  // The deployment itself may be gone by now.
  bool recorded = std::any_of(to_remove_.begin(), to_remove_.end(), inside);
  for (const auto& savepoint : read.savepoints("")) {
    if (!inside(savepoint->spec.savepoint_location.value_or(""))) continue;
    if (savepoint->status.state == SavepointState::DELETING) recorded = true;
    else world_.violate("the files of savepoint " + savepoint->metadata.id + " are removed");
    if (is_only_one(read, *savepoint))
      world_.violate(directory + " is removed although it is the only restore point");
  }
  if (!recorded) world_.violate(directory + " is removed before this is recorded");
  if (const std::string who = who_needs(read, inside); !who.empty())
    world_.violate(fmt::format("{} is removed; it is needed by {}", directory, who));
  for (const auto& deployment : read.deployments(""))
    for (const auto& point : read.restore_points_of(deployment->metadata.id))
      if (inside(point->location))
        world_.violate(fmt::format("{} is removed although a start of deployment {} may choose it",
                                   directory, deployment->metadata.id));
}

}  // namespace weir::simulation
