#include <fmt/format.h>

#include "codec/describe_json.h"
#include "control/plan.h"

namespace weir::control {

using model::DesiredState;
using model::ObservedState;
using model::TransitionKind;
using model::TransitionPhase;

namespace {

constexpr Duration kIdle = std::chrono::hours(1);

// Whether a cancel has anything to ask of Flink before the processes end.
bool job_may_run(const View& view) {
  return view.job && view.cluster && view.job->internal.submit_recorded &&
         !model::is_terminal(view.job->status.state) &&
         view.cluster->phase == model::ClusterPhase::WANTED;
}

void begin_cancel(Situation& s, Draft& draft) {
  const bool running = job_may_run(s.view);
  const TransitionPhase phase = running ? TransitionPhase::STOP_JOB : TransitionPhase::TEAR_DOWN;
  const std::string message = "State transition to CANCELLED is needed.";
  if (s.view.next_job) forget_next_job(s, draft, model::JobState::TERMINATED, "");
  if (s.view.transition) draft.supersede(TransitionKind::CANCEL, phase, message);
  else draft.open(TransitionKind::CANCEL, phase, message);
  draft.transition().target = DesiredState::CANCELLED;
  if (running) tell_stop(s, draft);
  else if (!s.view.clusters.empty())
    draft.event("AWAIT_FOR_A_CLUSTER_TO_TEARDOWN", "Waiting for the cluster's processes to end.");
}

void begin_start(Situation& s, Draft& draft) {
  draft.open(TransitionKind::START,
             s.view.nothing_runs() ? TransitionPhase::CREATE_JOB : TransitionPhase::TEAR_DOWN,
             "State transition to RUNNING is needed.");
  draft.deployment().internal.failed_jobs = 0;
}

// What was given up was stopping the job: it never stopped, and now it is wanted again.
void stay_running(Situation& s, Draft& draft) {
  draft.deployment().status.state = ObservedState::RUNNING;
  draft.deployment().status.failure.reset();
  draft.deployment().internal.sealed_intent.reset();
  draft.event("STATE_TRANSITION_IS_COMPLETED",
              fmt::format("Job {} still runs, as is wanted again.", s.view.job->metadata.id));
}

Decision settled_wanting_running(Situation& s, Draft& draft) {
  const View& view = s.view;
  switch (view.deployment->status.state) {
    case ObservedState::RUNNING:
    case ObservedState::TRANSITIONING:
      if (!job_is_live(view)) {
        begin_start(s, draft);
        return {};
      }
      if (!view.job_is_outdated() || view.lost_session_cluster() ||
          view.deployment->spec.upgrade_strategy->kind == model::UpgradeStrategyKind::NONE ||
          view.deployment->internal.sealed_intent == view.intent())
        return plan_running(s, draft);
      if (turned_back(s)) take_revision(s, draft, view.wanted_revision());
      else if (const auto logging = changed_log_levels(s)) take_log_levels(s, draft, *logging);
      else begin_upgrade(s, draft);
      return {};
    case ObservedState::FINISHED: return {{}, kIdle};
    case ObservedState::FAILED:
      if (view.deployment->internal.sealed_intent == view.intent()) return {{}, kIdle};
      if (job_is_live(view) && view.job_is_outdated() && !view.lost_session_cluster())
        begin_upgrade(s, draft);
      else if (job_is_live(view)) stay_running(s, draft);
      else begin_start(s, draft);
      return {};
    case ObservedState::SUSPENDED:
    case ObservedState::CANCELLED: begin_start(s, draft); return {};
  }
  return {{}, kIdle};
}

Decision settled_wanting_suspended(Situation& s, Draft& draft) {
  const View& view = s.view;
  if (view.deployment->status.state == ObservedState::SUSPENDED) return {{}, kIdle};
  const bool sealed = view.deployment->internal.sealed_intent == view.intent();
  if (job_is_live(view)) {
    if (sealed)
      return view.deployment->status.state == ObservedState::RUNNING ? plan_running(s, draft)
                                                                     : Decision{{}, kIdle};
    begin_suspend(s, draft);
    return {};
  }
  if (view.deployment->status.state == ObservedState::FAILED) return {{}, kIdle};
  draft.open(TransitionKind::SUSPEND, TransitionPhase::TEAR_DOWN,
             "State transition to SUSPENDED is needed.");
  draft.event("COULD_NOT_FIND_A_JOB_TO_SUSPEND",
              "There is no job to suspend; the deployment becomes SUSPENDED without a savepoint.");
  return {};
}

}  // namespace

bool job_is_live(const View& view) {
  return view.job && (view.cluster || view.lost_session_cluster()) &&
         !model::is_terminal(view.job->status.state);
}

void tell_stop(Situation& s, Draft& draft) {
  draft.transition().stop_sent = true;
  draft.transition().stopping_at = s.wall_now;
  draft.job().status.state = model::JobState::TERMINATING;
  draft.event("FOUND_A_JOB_TO_TERMINATE",
              fmt::format("Found job {} that has to be terminated.", s.view.job->metadata.id));
  draft.event("AWAITING_A_JOB_TO_TERMINATE",
              fmt::format("Waiting for job {} to terminate.", s.view.job->metadata.id));
}

namespace {

bool upgrade_is_unwanted(const View& view) {
  if (!view.wants(DesiredState::RUNNING)) return true;
  return view.next_job && view.job_is_outdated();
}

// The old job stops or has stopped, and the one that is to follow has not begun.
bool nothing_runs_yet(const model::Transition& open) {
  const bool between = open.phase == TransitionPhase::TEAR_DOWN ||
                       open.phase == TransitionPhase::FIND_STATE ||
                       open.phase == TransitionPhase::CREATE_JOB;
  if (open.kind == TransitionKind::ROLLBACK) return between;
  return open.kind == TransitionKind::UPGRADE && open.stage == model::UpgradeStage::STOP_OLD &&
         (between || open.phase == TransitionPhase::SAVEPOINT);
}

void suspend_instead(Situation& s, Draft& draft) {
  const TransitionPhase phase = s.view.transition->phase;
  forget_next_job(s, draft, model::JobState::TERMINATED, "");
  draft.transition().kind = TransitionKind::SUSPEND;
  draft.transition().target = DesiredState::SUSPENDED;
  draft.enter(phase == TransitionPhase::SAVEPOINT ? phase : TransitionPhase::TEAR_DOWN);
  draft.event("STATE_TRANSITION_IS_NEEDED", "State transition to SUSPENDED is needed instead.");
}

}  // namespace

bool follow_new_intent(Situation& s, Draft& draft) {
  const View& view = s.view;
  const auto& open = *view.transition;
  const bool wants_cancelled =
      view.deployment->internal.deleting || view.deployment->spec.state == DesiredState::CANCELLED;
  if (open.kind == TransitionKind::CANCEL || open.kind == TransitionKind::CLEAN_UP) return false;
  if (view.prepares() && upgrade_is_unwanted(view)) {
    withdraw_upgrade(s, draft);
    return true;
  }
  if (wants_cancelled) {
    begin_cancel(s, draft);
    return true;
  }
  if (view.wants(DesiredState::SUSPENDED) && nothing_runs_yet(open)) {
    suspend_instead(s, draft);
    return true;
  }
  // Nothing has reached Flink yet: the new specification can start at once.
  const bool not_submitted = open.phase == TransitionPhase::FETCH_JAR ||
                             open.phase == TransitionPhase::SPIN_UP ||
                             open.phase == TransitionPhase::AWAIT_CLUSTER;
  if (not_submitted && open.kind != TransitionKind::RECOVER && view.job_is_outdated() &&
      !view.job->internal.submit_recorded) {
    draft.job().status.state = model::JobState::TERMINATED;
    draft.job().metadata.terminated_at = s.wall_now;
    draft.deployment().internal.failed_jobs = 0;
    draft.transition().not_before.reset();
    // What a rollback wanted to use again is of no use to another revision.
    draft.transition().spared_cluster_id.reset();
    draft.enter(TransitionPhase::TEAR_DOWN);
    draft.event("FOUND_AN_OLD_JOB_AND_WILL_TERMINATE_IT",
                fmt::format("The specification changed before job {} was submitted; it is started "
                            "anew with revision {}.",
                            view.job->metadata.id, view.deployment->internal.spec_revision));
    return true;
  }
  return false;
}

Decision plan_settled(Situation& s, Draft& draft) {
  const View& view = s.view;
  const auto& deployment = *view.deployment;
  if (deployment.internal.deleting) {
    if (view.nothing_runs()) return {RemoveDeployment{}, std::chrono::seconds(1)};
    begin_cancel(s, draft);
    return {};
  }
  switch (*deployment.spec.state) {
    case DesiredState::RUNNING: return settled_wanting_running(s, draft);
    case DesiredState::SUSPENDED: return settled_wanting_suspended(s, draft);
    case DesiredState::CANCELLED:
      if (deployment.status.state == ObservedState::CANCELLED && view.nothing_runs())
        return {{}, kIdle};
      begin_cancel(s, draft);
      return {};
  }
  return {{}, kIdle};
}

}  // namespace weir::control
