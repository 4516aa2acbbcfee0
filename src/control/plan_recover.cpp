#include <fmt/format.h>

#include <algorithm>

#include "control/next_start.h"
#include "control/plan.h"

namespace weir::control {

using model::TransitionKind;
using model::TransitionPhase;

void begin_recovery(Situation& s, Draft& draft, const std::string& why, const std::string& cause) {
  model::Job& job = draft.job();
  ++job.internal.recoveries;
  const std::string text = cause.empty() ? why : cause;
  if (s.view.transition) draft.supersede(TransitionKind::RECOVER, TransitionPhase::TEAR_DOWN, "");
  else draft.open(TransitionKind::RECOVER, TransitionPhase::TEAR_DOWN, "");
  draft.transition().cause = text;
  const Duration wait = backoff(s.settings, job.internal.recoveries - 1);
  if (wait > Duration(0)) draft.transition().not_before = s.wall_now + wait;
  s.memory.restarts = -1;
  draft.event(
      "EXTERNAL",
      fmt::format("{} Job {} is recovered from its newest checkpoint.", why, job.metadata.id),
      {model::EventLevel::WARNING, "ClusterLost", cause});
}

namespace {

void recover_from(Situation& s, Draft& draft, const std::vector<model::RestorePoint>& points) {
  const model::RestoreChoice choice = model::choose_for_recovery(*s.view.job, points);
  model::Job& job = draft.job();
  job.status.state = model::JobState::STARTING;
  job.internal.submit_recorded = false;
  // The next attempt must not write where an unknown one has written.
  for (const auto& point : points)
    if (point.metadata.job_id == job.metadata.id &&
        point.kind == model::RestorePointKind::CHECKPOINT)
      job.internal.attempt = std::max(job.internal.attempt, point.attempt);
  if (choice.what == model::RestoreChoice::What::kPoint)
    job.internal.restore_location = choice.location;
  else job.internal.restore_location.reset();
  draft.enter(TransitionPhase::SPIN_UP);
  draft.event("SPINNING_UP_A_CLUSTER_FOR_A_JOB",
              fmt::format("Creating a cluster for job {}, attempt {}. {}", job.metadata.id,
                          job.internal.attempt + 1, choice.explanation));
}

// The job had ended before its JobManager did, and the archive tells how. A job that was to be
// stopped anyway is over by its own end only.
bool has_ended(const Situation& s, const flink::ArchivedJob& archived) {
  if (archived.state == flink::JobState::kFinished) return is_own_end(s.view);
  return s.view.transition->kind == TransitionKind::RECOVER;
}

void take_archived_end(Situation& s, Draft& draft, const flink::ArchivedJob& archived) {
  const bool stops = s.view.transition->kind != TransitionKind::RECOVER;
  switch (archived.state) {
    case flink::JobState::kFinished:
      return stops ? job_finished_by_itself(s, draft) : record_early_end(s, draft);
    case flink::JobState::kCanceled: (void)cancelled_outside(s, draft); return;
    default:
      job_failed_in_flink(
          s, draft, archived.root_cause.empty() ? "Flink gave no cause." : archived.root_cause);
  }
}

// What a cancelled job leaves behind is shown to the user as a savepoint of its own kind.
void retain_checkpoint(Situation& s, Draft& draft, const std::vector<model::RestorePoint>& points) {
  std::vector<model::RestorePoint> own;
  for (const auto& point : points)
    if (point.metadata.job_id == s.view.job->metadata.id &&
        point.kind == model::RestorePointKind::CHECKPOINT)
      own.push_back(point);
  const model::RestorePoint* newest = model::newest(own, true);
  if (newest == nullptr) return;
  model::Savepoint kept;
  kept.metadata.id = draft.new_id();
  kept.metadata.namespace_ = s.view.deployment->metadata.namespace_;
  kept.metadata.created_at = kept.metadata.modified_at = s.wall_now;
  kept.metadata.deployment_id = s.view.deployment->metadata.id;
  kept.metadata.job_id = s.view.job->metadata.id;
  kept.metadata.origin = "RETAINED_CHECKPOINT";
  kept.metadata.type = "UNKNOWN";
  kept.metadata.annotations = model::StringMap{
      {model::kSpecVersionAnnotation, std::to_string(s.view.job->status.revision)}};
  kept.spec.savepoint_location = newest->location;
  kept.status.state = model::SavepointState::COMPLETED;
  draft.put(std::move(kept), store::Expect::absent());
}

void finish_cancel(Situation& s, Draft& draft) {
  model::Job& job = draft.job();
  if (!model::is_terminal(job.status.state)) {
    job.status.state = model::JobState::TERMINATED;
    job.metadata.terminated_at = s.wall_now;
  }
  draft.deployment().internal.failed_jobs = 0;
  draft.finish(model::ObservedState::CANCELLED, "State transition to CANCELLED is completed.");
}

// A stop with savepoint was under way when the user cancelled: its own directory tells how it
// ended.
Decision settle_savepoint(Situation& s, Draft& draft) {
  auto* found = std::get_if<FoundSavepoint>(&s.memory.result);
  if (found == nullptr) return {FindSavepoint{}, Duration(0)};
  if (!found->point) {
    // Unknown is not absent: forgetting it would lose the newest state.
    draft.waiting_for("the savepoint directory, which cannot be read: " +
                      found->point.error().message);
    return {{}, std::chrono::seconds(1)};
  }
  if (*found->point) {
    keep_savepoint(s, draft, **found->point);
    return {};
  }
  model::Savepoint& savepoint = draft.savepoint();
  savepoint.status.state = model::SavepointState::FAILED;
  savepoint.status.failure = model::Failure{
      "The deployment was cancelled before the savepoint was complete.", "Cancelled", s.wall_now};
  return {};
}

// Before an upgrade that begins with empty state on purpose only the job's end is asked for.
FindState what_to_find(const View& view) {
  if (view.transition->kind != TransitionKind::UPGRADE) return {{view.job}, recorded_points(view)};
  if (!needs_state(view)) return {};
  return {jobs_with_state(view), recorded_points(view)};
}

}  // namespace

Decision plan_find_state(Situation& s, Draft& draft) {
  const View& view = s.view;
  if (view.savepoint && view.savepoint->status.state == model::SavepointState::STARTED)
    return settle_savepoint(s, draft);
  if (const std::string deletion = deletion_to_wait_for(view);
      view.transition->kind == TransitionKind::UPGRADE && needs_state(view) && !deletion.empty()) {
    draft.waiting_for(deletion);
    return {{}, s.settings.poll_fast * 3};
  }
  auto* found = std::get_if<FoundPoints>(&s.memory.result);
  if (found == nullptr) return {what_to_find(view), Duration(0)};
  const TransitionKind kind = view.transition->kind;
  const bool cancel = kind == TransitionKind::CANCEL;
  if (!found->points) {
    draft.waiting_for("what the job has left on disk, which cannot be read: " +
                      found->points.error().message);
    // A cancel needs no state; the records stay as they are and the next start looks again.
    if (cancel && s.in_phase() >= s.settings.cancel_time) finish_cancel(s, draft);
    return {{}, std::chrono::seconds(1)};
  }
  // What was deleted while the disk was looked at does not come back.
  drop_unrecorded(view, *found->points);
  const bool looked = kind != TransitionKind::UPGRADE || needs_state(view);
  if (looked) record_points(s, draft, *found->points);
  if (!cancel && found->archived && has_ended(s, *found->archived)) {
    take_archived_end(s, draft, *found->archived);
    return {};
  }
  switch (kind) {
    case TransitionKind::UPGRADE:
      return hand_over(s, draft, choose_next_start(view, *found->points));
    case TransitionKind::SUSPEND: finish_suspend(s, draft); return {};
    case TransitionKind::CANCEL:
      retain_checkpoint(s, draft, *found->points);
      finish_cancel(s, draft);
      return {};
    default: recover_from(s, draft, *found->points); return {};
  }
}

}  // namespace weir::control
