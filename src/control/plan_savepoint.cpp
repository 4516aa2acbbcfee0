#include <fmt/format.h>

#include "base/strings.h"
#include "codec/describe_json.h"
#include "control/mistakes.h"
#include "control/next_start.h"
#include "control/plan.h"

namespace weir::control {

using flink::JobState;
using model::SavepointState;
using model::TransitionKind;
using model::TransitionPhase;

namespace {

constexpr Duration kWaitForRunning = std::chrono::seconds(30);
constexpr Duration kWaitForTrigger = std::chrono::seconds(10);

bool is_in(const Situation& s, JobState state) {
  return s.seen.job && *s.seen.job && (*s.seen.job)->state == state;
}

bool is_finished(const Situation& s) { return is_in(s, JobState::kFinished); }

// Its JobManager said so before it died.
bool had_finished(const Situation& s) {
  return s.seen.archived && s.seen.archived->state == JobState::kFinished && is_own_end(s.view);
}

bool goes_on(const Situation& s) {
  return is_in(s, JobState::kRestarting) ||
         (is_in(s, JobState::kRunning) && (*s.seen.job)->all_tasks_running);
}

void create_stop_savepoint(Situation& s, Draft& draft) {
  model::Savepoint made;
  made.metadata.id = draft.new_id();
  made.metadata.namespace_ = s.view.deployment->metadata.namespace_;
  made.metadata.created_at = made.metadata.modified_at = s.wall_now;
  made.metadata.deployment_id = s.view.deployment->metadata.id;
  made.metadata.job_id = s.view.job->metadata.id;
  made.metadata.origin = "SUSPEND";
  made.metadata.type = "FULL";
  made.metadata.annotations = model::StringMap{
      {model::kSpecVersionAnnotation, std::to_string(s.view.job->status.revision)}};
  made.spec.flink_savepoint_id = draft.new_id();
  draft.transition().savepoint_id = made.metadata.id;
  draft.transition().stop_sent = true;
  draft.transition().stopping_at = s.wall_now;
  draft.job().status.state = model::JobState::TERMINATING;
  draft.create_savepoint(std::move(made));
}

void enter_tear_down(Situation& s, Draft& draft) {
  draft.event("FOUND_A_JOB_TO_TERMINATE",
              fmt::format("Found job {} that has to be terminated.", s.view.job->metadata.id));
  if (!s.view.on_session_cluster())
    draft.event("AWAIT_FOR_A_CLUSTER_TO_TEARDOWN", "Waiting for the cluster's processes to end.");
  draft.enter(TransitionPhase::TEAR_DOWN);
}

void fail_savepoint(Situation& s, Draft& draft, const std::string& cause) {
  model::Savepoint& savepoint = draft.savepoint();
  savepoint.status.state = SavepointState::FAILED;
  savepoint.status.failure = model::Failure{cause, "SavepointFailed", s.wall_now};
  draft.event("TRANSITIONING_TO_FAILED_STATE_BECAUSE_SAVEPOINT_FAILED_IN_FLINK",
              fmt::format("Savepoint {} failed: {}", savepoint.metadata.id, cause),
              {model::EventLevel::ERROR, "SavepointFailed", cause});
}

// Flink deletes the checkpoints of a job that has finished.
void forget_checkpoints(Situation& s, Draft& draft) {
  for (const auto& point : s.view.points)
    if (point->kind == model::RestorePointKind::CHECKPOINT &&
        point->metadata.job_id == s.view.job->metadata.id)
      draft.remove(point);
}

/// @param job_has_ended Flink says so, not only that the savepoint is there
Decision complete(Situation& s, Draft& draft, const model::RestorePoint& found,
                  bool job_has_ended) {
  keep_savepoint(s, draft, found);
  if (is_finished(s)) forget_checkpoints(s, draft);
  const std::string id = s.view.savepoint->metadata.id;
  draft.transition().restore_location = found.location;
  draft.event("TRANSITIONED_TO_COMPLETED",
              fmt::format("Savepoint {} is complete: {}", id, found.location));
  if (job_has_ended && s.view.next_cluster)
    return hand_over(s, draft, choose_after_savepoint(s.view, found.location));
  draft.event("FOUND_A_COMPLETED_SAVEPOINT_READY_FOR_SUSPENSION",
              fmt::format("Savepoint {} is complete, suspending.", id));
  enter_tear_down(s, draft);
  return {};
}

/// @param kept the savepoint itself was written, only the stop failed
Decision savepoint_failed(Situation& s, Draft& draft, const std::string& cause,
                          const std::optional<model::RestorePoint>& kept = {}) {
  if (kept) {
    keep_savepoint(s, draft, *kept);
    draft.event("TRANSITIONED_TO_COMPLETED",
                fmt::format("Savepoint {} is complete, but the job could not be stopped: {}",
                            s.view.savepoint->metadata.id, cause),
                {model::EventLevel::WARNING, "StopFailed", cause});
  } else {
    fail_savepoint(s, draft, cause);
  }
  auto& transition = draft.transition();
  transition.cause = cause;
  const int limit = s.view.deployment->spec.max_savepoint_creation_attempts.value_or(4);
  if (++transition.attempts < limit) {
    transition.savepoint_id.reset();
    transition.stop_sent = false;
    transition.not_before = s.wall_now + backoff(s.settings, transition.attempts);
    return {};
  }
  draft.job().status.state = model::JobState::STARTED;
  if (s.view.transition->kind == TransitionKind::UPGRADE) {
    abandon_upgrade(s, draft, "No savepoint could be made of the running job: " + cause);
    return {};
  }
  give_up(s, draft, "TOO_MANY_FAILED_SUSPENSION_ATTEMPTS",
          fmt::format("Gave up after {} failed attempts to create a savepoint; the job still runs. "
                      "Correct what the cause names and change the deployment again.",
                      transition.attempts),
          "SavepointFailed", cause);
  return {};
}

// Without a savepoint the newest checkpoint carries the state: the same as after a crash.
Decision stop_without_savepoint(Situation& s, Draft& draft, const std::string& why) {
  if (draft.has_transition() && s.view.savepoint &&
      s.view.savepoint->status.state == SavepointState::STARTED)
    fail_savepoint(s, draft, why);
  draft.transition().continues_job_id = s.view.job->metadata.id;
  draft.event(
      "EXTERNAL",
      fmt::format("{} No savepoint can be made; the newest checkpoint is used instead.", why),
      {model::EventLevel::WARNING, "NoSavepoint", ""});
  const bool lost = s.seen.cluster && !s.seen.cluster->job_manager_alive;
  if (lost) enter_tear_down(s, draft);
  else draft.enter(TransitionPhase::STOP_JOB);
  draft.transition().stop_sent = true;
  return {};
}

Decision first_savepoint(Situation& s, Draft& draft) {
  const bool running = s.seen.job && *s.seen.job && (*s.seen.job)->state == JobState::kRunning &&
                       (*s.seen.job)->all_tasks_running;
  const bool lost = cluster_is_lost(s);
  if (lost && !had_finished(s)) return stop_without_savepoint(s, draft, "The cluster is gone.");
  if (lost || is_finished(s)) {
    job_finished_by_itself(s, draft);
    return {};
  }
  if (lacks_workers(s)) return replace_workers(s, draft);
  if (!running) {
    const bool failing = s.seen.job && *s.seen.job;
    if (s.in_phase() >= kWaitForRunning && failing && state_is_latest(s.view))
      return stop_without_savepoint(s, draft,
                                    fmt::format("The job does not run (Flink says {}).",
                                                flink::to_string((*s.seen.job)->state)));
    if (s.in_phase() >= s.settings.unreachable_time * 3) {
      draft.job().status.state = model::JobState::STARTED;
      if (s.view.transition->kind == TransitionKind::UPGRADE) {
        abandon_upgrade(s, draft,
                        "The job does not run, so no savepoint can be made, and the restore "
                        "strategy allows only savepoints. Set restoreStrategy to LATEST_STATE.");
        return {};
      }
      give_up(s, draft, "TOO_MANY_FAILED_SUSPENSION_ATTEMPTS",
              "The job does not run, so no savepoint can be made, and the restore strategy allows "
              "only savepoints. Set restoreStrategy to LATEST_STATE to use its newest checkpoint.",
              "JobNotRunning", "");
      return {};
    }
    draft.waiting_for("the job to run, so that a savepoint can be made.");
    return {{}, s.settings.poll_fast * 2};
  }
  create_stop_savepoint(s, draft);
  draft.event("SUCCESSFULLY_TRIGGERED_A_SAVEPOINT",
              fmt::format("Savepoint {} is triggered.", *draft.transition().savepoint_id));
  draft.event(
      "AWAITING_SAVEPOINT_COMPLETION_TO_TRANSITION_TO_SUSPENDED",
      fmt::format("Waiting for savepoint {} to complete.", *draft.transition().savepoint_id));
  return {StopWithSavepoint{}, Duration(0)};
}

// What the directory held before the stop was over says nothing: the savepoint may have been
// written since. Once it is over, it is looked at again.
void forget_early_look(Situation& s) {
  const auto& trigger = s.seen.trigger;
  const bool told = trigger && *trigger && (*trigger)->state != flink::TriggerState::kInProgress;
  const bool ended = s.seen.job && *s.seen.job && flink::is_globally_terminal((*s.seen.job)->state);
  const std::string& id = s.view.savepoint->metadata.id;
  if ((!told && !ended && !cluster_is_lost(s)) || s.memory.settled_savepoint_id == id) return;
  s.memory.settled_savepoint_id = id;
  s.memory.result = std::monostate();
}

Decision wait_for_directory(Draft& draft, const Error& error) {
  draft.waiting_for("the savepoint directory, which cannot be read: " + error.message);
  return {{}, std::chrono::seconds(1)};
}

// The job has ended, or is to. What is newest on disk counts.
/// @param job_has_ended Flink says so
Decision leave_to_disk(Situation& s, Draft& draft, const FoundSavepoint& found,
                       bool job_has_ended) {
  if (!found.outlived) return complete(s, draft, **found.point, job_has_ended);
  keep_savepoint(s, draft, **found.point);
  draft.event("TRANSITIONED_TO_COMPLETED",
              fmt::format("Savepoint {} is complete, but the job has made a newer checkpoint.",
                          s.view.savepoint->metadata.id),
              {model::EventLevel::WARNING, "StopFailed", ""});
  draft.transition().continues_job_id = s.view.job->metadata.id;
  enter_tear_down(s, draft);
  return {};
}

// Without the trigger's word the savepoint is the job's last state only if the job ended.
Decision take_found(Situation& s, Draft& draft, const FoundSavepoint& found, bool lost) {
  if (lost) return leave_to_disk(s, draft, found, false);
  const auto& job = s.seen.job;
  if (job && *job && flink::is_globally_terminal((*job)->state))
    return leave_to_disk(s, draft, found, is_finished(s));
  auto& since = s.memory.savepoint_found_since;
  if (!since) since = s.now;
  if (s.now - *since >= kWaitForTrigger) {
    if (goes_on(s))
      return savepoint_failed(s, draft, "The job goes on after its savepoint.", *found.point);
    if (job && !*job && job->error().code == Code::kNotFound)
      return leave_to_disk(s, draft, found, false);
  }
  draft.waiting_for("the job, whose savepoint is complete, to end.");
  return {{}, s.settings.poll_fast};
}

// Flink does not know the trigger any more, or is gone: the request's own directory tells.
Decision look_for_savepoint(Situation& s, Draft& draft, bool lost) {
  auto* found = std::get_if<FoundSavepoint>(&s.memory.result);
  if (found == nullptr) return {FindSavepoint{}, Duration(0)};
  if (!found->point) return wait_for_directory(draft, found->point.error());
  if (*found->point) return take_found(s, draft, *found, lost);
  if (lost && !had_finished(s))
    return stop_without_savepoint(s, draft, "The job ended during the savepoint.");
  if (lost || is_finished(s)) {
    job_finished_by_itself(s, draft);
    return {};
  }
  // The trigger never arrived: the same id is sent again.
  return {StopWithSavepoint{}, s.settings.poll_fast};
}

// The trigger is complete: with its place on disk comes the id that orders it.
Decision take_completed(Situation& s, Draft& draft, const std::string& location) {
  // Before the next job is submitted, this one must have ended by Flink's word; a moment later it
  // has. Where Flink does not tell, its cluster is ended first.
  const bool ends = s.seen.job && *s.seen.job && !is_finished(s);
  if (s.view.next_cluster && ends && s.in_phase() < s.settings.savepoint_time)
    return {{}, poll_in_gap(s)};
  auto* found = std::get_if<FoundSavepoint>(&s.memory.result);
  if (found == nullptr) return {FindSavepoint{}, Duration(0)};
  if (!found->point) return wait_for_directory(draft, found->point.error());
  model::RestorePoint point;
  if (*found->point) {
    point = **found->point;
  } else {
    // Not on this machine's disk: Flink's word counts. The job stopped there, so it is the last.
    point.location = location;
    point.checkpoint_id = model::RestorePoint::kUnknownId;
  }
  return complete(s, draft, point, is_finished(s));
}

// The savepoint may have been written although the stop failed. Sinks may have committed up to it,
// so Flink then lets the job fail for good: the savepoint is its last state. An older Flink
// restarts the job, which leaves the savepoint behind.
Decision take_failed(Situation& s, Draft& draft, const std::string& failure) {
  auto* found = std::get_if<FoundSavepoint>(&s.memory.result);
  if (found == nullptr) return {FindSavepoint{}, Duration(0)};
  if (!found->point) return wait_for_directory(draft, found->point.error());
  if (!*found->point || goes_on(s)) return savepoint_failed(s, draft, failure, *found->point);
  // A stop that has ended the job does not fail: it was restarted, and has reached its own end.
  if (is_finished(s)) {
    keep_savepoint(s, draft, **found->point);
    job_finished_by_itself(s, draft);
    return {};
  }
  if (s.seen.job && *s.seen.job && flink::is_globally_terminal((*s.seen.job)->state))
    return leave_to_disk(s, draft, *found, true);
  draft.waiting_for(
      "the job, which could not be stopped after its savepoint, to end or to restart.");
  return {{}, s.settings.poll_fast};
}

Decision savepoint_in_progress(Situation& s, Draft& draft) {
  // A job that failed or was cancelled makes no savepoint any more, whatever its trigger says; one
  // that has finished tells about its own soon, or the directory does.
  const bool over = is_in(s, JobState::kFailed) || is_in(s, JobState::kCanceled);
  const bool silent = s.memory.finished_since && s.now - *s.memory.finished_since > kWaitForTrigger;
  if (over || silent) return look_for_savepoint(s, draft, over);
  draft.waiting_for(s.in_phase() < s.settings.savepoint_time
                        ? "the savepoint to complete."
                        : "the savepoint, which takes long; it cannot be abandoned safely. "
                          "Setting the state to CANCELLED stops without it.");
  return {{}, poll_in_gap(s)};
}

}  // namespace

bool state_is_latest(const View& view) {
  const auto& strategy = view.deployment->spec.restore_strategy;
  return !strategy || strategy->kind != model::RestoreStrategyKind::LATEST_SAVEPOINT;
}

void job_finished_by_itself(Situation& s, Draft& draft) {
  if (s.view.savepoint && draft.savepoint().status.state == SavepointState::STARTED)
    fail_savepoint(s, draft, "The job finished before the savepoint was made.");
  forget_next_job(s, draft, model::JobState::TERMINATED, "");
  end_job(s, draft, model::JobState::FINISHED);
  draft.event("JOB_SUCCESSFULLY_FINISHED",
              fmt::format("Job {} finished.", s.view.job->metadata.id));
  draft.transition().kind = TransitionKind::CLEAN_UP;
  draft.enter(TransitionPhase::TEAR_DOWN);
}

// Where the savepoint's directory cannot be looked at, the stop may have written it.
bool is_own_end(const View& view) {
  const auto& savepoint = view.savepoint;
  if (!savepoint || savepoint->metadata.job_id != view.job->metadata.id) return true;
  return savepoint->status.state != SavepointState::COMPLETED &&
         is_local_path(savepoint_base(*view.job));
}

void keep_savepoint(Situation& s, Draft& draft, const model::RestorePoint& found) {
  model::Savepoint& savepoint = draft.savepoint();
  savepoint.spec.savepoint_location = found.location;
  savepoint.status.state = SavepointState::COMPLETED;
  model::RestorePoint point = restore_point_of(
      s.view, *s.view.job, model::RestorePointKind::SAVEPOINT, found.location, found.checkpoint_id);
  point.metadata.id = savepoint.metadata.id;
  point.metadata.created_at = s.wall_now;
  draft.put(std::move(point), store::Expect::any());
}

void refuse_without_savepoints(Situation& s, Draft& draft) {
  const std::string message =
      "The job has no savepoint directory, so it goes on running as it is. Set "
      "execution.checkpointing.savepoint-dir (state.savepoints.dir before Flink 1.20) in "
      "flinkConfiguration, or change the state to CANCELLED to stop without a savepoint.";
  auto& deployment = draft.deployment();
  deployment.status.failure = model::Failure{message, "NoSavepointDirectory", s.wall_now};
  deployment.internal.sealed_intent = s.view.intent();
  draft.event("JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT", message,
              {model::EventLevel::WARNING, "NoSavepointDirectory", ""});
}

void begin_suspend(Situation& s, Draft& draft) {
  if (savepoint_base(*s.view.job).empty()) return refuse_without_savepoints(s, draft);
  draft.open(TransitionKind::SUSPEND, TransitionPhase::SAVEPOINT,
             "State transition to SUSPENDED is needed.");
  draft.event(
      "CREATING_A_SAVEPOINT_BEFORE_SUSPENSION",
      fmt::format("Creating a savepoint of job {} before suspension.", s.view.job->metadata.id));
}

std::string savepoint_base(const model::Job& job) {
  for (const char* key : {"execution.checkpointing.savepoint-dir", "state.savepoints.dir"}) {
    const auto found = job.spec.flink_configuration.find(key);
    if (found != job.spec.flink_configuration.end()) return found->second;
  }
  return {};
}

std::string savepoint_directory(const model::Job& job, const std::string& savepoint_id) {
  return savepoint_base(job) + "/" + savepoint_id;
}

Decision plan_savepoint(Situation& s, Draft& draft) {
  if (!s.view.savepoint) return first_savepoint(s, draft);
  if (mistakes.believe_finished_during_stop && s.seen.job && *s.seen.job &&
      (*s.seen.job)->state == JobState::kFinished) {
    job_finished_by_itself(s, draft);
    return {};
  }
  if (const auto* stopped = std::get_if<StoppedWithSavepoint>(&s.memory.result);
      stopped != nullptr && !stopped->status &&
      (stopped->status.error().code == Code::kInvalidArgument ||
       stopped->status.error().code == Code::kFailedPrecondition))
    return savepoint_failed(s, draft, stopped->status.error().message);
  if (is_finished(s) && !s.memory.finished_since) s.memory.finished_since = s.now;
  forget_early_look(s);
  if (s.seen.trigger && *s.seen.trigger) {
    const flink::TriggerStatus& trigger = **s.seen.trigger;
    switch (trigger.state) {
      case flink::TriggerState::kCompleted: return take_completed(s, draft, trigger.location);
      case flink::TriggerState::kFailed: return take_failed(s, draft, trigger.failure);
      case flink::TriggerState::kInProgress: return savepoint_in_progress(s, draft);
    }
  }
  const bool lost = cluster_is_lost(s);
  if (lost || (s.seen.trigger && s.seen.trigger->error().code == Code::kNotFound))
    return look_for_savepoint(s, draft, lost);
  draft.waiting_for("the JobManager, which does not answer, to tell about the savepoint.");
  return {{}, s.settings.poll_fast * 3};
}

}  // namespace weir::control
