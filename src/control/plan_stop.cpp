#include <fmt/format.h>

#include "control/mistakes.h"
#include "control/plan.h"
#include "control/plan_session.h"

namespace weir::control {

using flink::JobState;
using model::ObservedState;
using model::TransitionKind;
using model::TransitionPhase;

namespace {

void begin_tear_down(Situation& s, Draft& draft) {
  draft.enter(TransitionPhase::TEAR_DOWN);
  if (s.view.on_session_cluster()) return;
  draft.event("AWAIT_FOR_A_CLUSTER_TO_TEARDOWN", "Waiting for the cluster's processes to end.");
}

bool gave_up_limit(const Situation& s) {
  const auto& deployment = *s.view.deployment;
  // What failed was another specification.
  if (deployment.internal.failed_revision != deployment.internal.spec_revision) return false;
  return deployment.internal.failed_jobs >= deployment.spec.max_job_creation_attempts.value_or(4);
}

Decision start_again(Situation& s, Draft& draft) {
  const View& view = s.view;
  // The cluster was lost through no fault of the job: the same job gets another one.
  const bool job_waits = view.job && view.job->status.state == model::JobState::STARTING &&
                         !view.job->internal.submit_recorded && view.job->internal.jar_sha256;
  if (job_waits) {
    draft.enter(TransitionPhase::SPIN_UP);
    return {};
  }
  if (gave_up_limit(s)) {
    give_up(s, draft, "TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS",
            fmt::format("Gave up after {} failed attempt{} to run a job. Correct what the cause "
                        "names and apply the deployment again, or try it as it is with 'weir "
                        "retry'.",
                        view.deployment->internal.failed_jobs,
                        view.deployment->internal.failed_jobs == 1 ? "" : "s"),
            "TooManyFailures", view.transition->cause.value_or(""));
    return {};
  }
  draft.enter(TransitionPhase::CREATE_JOB);
  return {};
}

Decision upgrade_again(Situation& s, Draft& draft) {
  switch (s.view.transition->stage) {
    case model::UpgradeStage::PREPARE:
      // A lost cluster is replaced, a failed preparation begins anew.
      draft.enter(s.view.next_job ? TransitionPhase::SPIN_UP : TransitionPhase::CREATE_JOB);
      return {};
    case model::UpgradeStage::STOP_OLD: draft.enter(TransitionPhase::FIND_STATE); return {};
    default: return start_again(s, draft);
  }
}

Decision recover_again(Situation& s, Draft& draft) {
  const View& view = s.view;
  const int limit = view.deployment->spec.max_job_creation_attempts.value_or(4);
  if (view.job->internal.recoveries <= limit) {
    draft.enter(TransitionPhase::FIND_STATE);
    return {};
  }
  const std::string cause = view.transition->cause.value_or("");
  model::Job& job = draft.job();
  job.status.state = model::JobState::FAILED;
  job.metadata.terminated_at = s.wall_now;
  job.status.failure = model::Failure{cause, "TooManyRecoveries", s.wall_now};
  give_up(s, draft, "TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS",
          fmt::format("Gave up after {} recoveries without a completed checkpoint. The state is "
                      "kept. Correct what the cause names, then apply the deployment again, or "
                      "try it as it is with 'weir retry'.",
                      view.job->internal.recoveries - 1),
          "TooManyRecoveries", cause);
  return {};
}

// It was stopped without a savepoint, or lost before: only its archive tells whether it had reached
// its own end by then.
bool may_have_ended_unseen(const View& view) {
  const auto& savepoint = view.savepoint;
  const bool stopped = savepoint && savepoint->status.state == model::SavepointState::COMPLETED;
  return !stopped && view.job && view.job->internal.submit_recorded &&
         !model::is_terminal(view.job->status.state);
}

Decision after_tear_down(Situation& s, Draft& draft) {
  const View& view = s.view;
  switch (view.transition->kind) {
    case TransitionKind::CANCEL:
      if (view.job && view.job->internal.submit_recorded) {
        draft.enter(TransitionPhase::FIND_STATE);
        return {};
      }
      end_job(s, draft, model::JobState::TERMINATED);
      draft.deployment().internal.failed_jobs = 0;
      draft.finish(ObservedState::CANCELLED, "State transition to CANCELLED is completed.");
      return {};
    case TransitionKind::SUSPEND:
      if (may_have_ended_unseen(view)) draft.enter(TransitionPhase::FIND_STATE);
      else finish_suspend(s, draft);
      return {};
    case TransitionKind::UPGRADE: return upgrade_again(s, draft);
    case TransitionKind::ROLLBACK: draft.enter(TransitionPhase::CREATE_JOB); return {};
    case TransitionKind::START: return start_again(s, draft);
    case TransitionKind::RECOVER: return recover_again(s, draft);
    case TransitionKind::CLEAN_UP:
      draft.event("TRANSITIONED_TO_FINISHED_STATE", "The job has finished; nothing runs any more.");
      draft.finish(ObservedState::FINISHED, "");
      return {};
  }
  return {};
}

bool has_finished(const Situation& s) {
  if (s.seen.archived) return s.seen.archived->state == JobState::kFinished;
  return s.seen.job && *s.seen.job && (*s.seen.job)->state == JobState::kFinished;
}

bool job_is_over(const Situation& s) {
  if (s.seen.cluster && s.seen.cluster->presence != runtime::Presence::kUnknown &&
      !s.seen.cluster->job_manager_alive)
    return true;
  if (!s.seen.job) return false;
  if (!*s.seen.job) return s.seen.job->error().code == Code::kNotFound;
  return flink::is_globally_terminal((*s.seen.job)->state);
}

}  // namespace

void finish_suspend(Situation& s, Draft& draft) {
  end_job(s, draft, model::JobState::TERMINATED);
  draft.deployment().internal.failed_jobs = 0;
  draft.finish(ObservedState::SUSPENDED, "State transition to SUSPENDED is completed.");
}

Decision plan_stop_job(Situation& s, Draft& draft) {
  if (!s.view.transition->stop_sent) {
    tell_stop(s, draft);
    return {};
  }
  const TransitionKind kind = s.view.transition->kind;
  const bool upgrade = kind == TransitionKind::UPGRADE;
  if (upgrade && s.seen.job && *s.seen.job && (*s.seen.job)->state == JobState::kCanceled) {
    // Flink's word on an ended job is proof enough that it writes no more.
    end_job(s, draft, model::JobState::TERMINATED);
    draft.enter(TransitionPhase::FIND_STATE);
    return {};
  }
  if (kind != TransitionKind::CANCEL && has_finished(s)) {
    job_finished_by_itself(s, draft);
    return {};
  }
  if (!s.view.cluster || job_is_over(s)) {
    if (has_finished(s)) end_job(s, draft, model::JobState::FINISHED);
    begin_tear_down(s, draft);
    return {};
  }
  if (s.in_phase() >= s.settings.cancel_time) {
    begin_tear_down(s, draft);
    return {};
  }
  draft.waiting_for("Flink to end the job; then its processes are ended.");
  const bool asked = s.seen.job && *s.seen.job && (*s.seen.job)->state == JobState::kCancelling;
  if (asked) return {{}, s.settings.poll_fast};
  return {CancelJob{}, s.settings.poll_fast};
}

std::optional<Decision> end_clusters(Situation& s, Draft& draft, const std::string& spared) {
  const auto* torn = std::get_if<TornDown>(&s.memory.result);
  bool stuck = false;
  const store::Stored<model::Cluster>* next = nullptr;
  const TransitionKind kind = s.view.transition->kind;
  const bool careless = (mistakes.start_before_proven_gone && kind != TransitionKind::CANCEL) ||
                        (mistakes.rollback_before_proven_gone && kind == TransitionKind::ROLLBACK);
  for (const auto& cluster : s.view.clusters) {
    if (cluster->metadata.id == spared) continue;
    const bool this_one = torn != nullptr && torn->cluster_id == cluster->metadata.id;
    if (careless || (this_one && torn->status)) {
      draft.cluster_gone(cluster);
      continue;
    }
    if (this_one) {
      stuck = true;
      draft.waiting_for("processes to end: " + torn->status.error().message);
    }
    draft.cluster_ending(cluster);
    if (next == nullptr) next = &cluster;
  }
  if (next == nullptr) return std::nullopt;
  const Duration again = stuck ? Duration(std::chrono::seconds(1)) : Duration(0);
  return Decision{TearDown{(*next)->metadata.id, (*next)->epoch}, again};
}

Decision plan_tear_down(Situation& s, Draft& draft) {
  const auto& transition = *s.view.transition;
  const bool spares =
      transition.kind == TransitionKind::UPGRADE || transition.kind == TransitionKind::ROLLBACK;
  const std::string spared = spares ? transition.spared_cluster_id.value_or("") : "";
  if (auto decision = end_clusters(s, draft, spared)) return *decision;
  if (auto decision = leave_session_cluster(s, draft)) return *decision;
  return after_tear_down(s, draft);
}

}  // namespace weir::control
