#include <fmt/format.h>

#include "control/health.h"
#include "control/mistakes.h"
#include "control/plan.h"

namespace weir::control {

using flink::JobState;
using model::TransitionKind;
using model::TransitionPhase;

namespace {

std::string cause_in_flink(const Situation& s) {
  if (s.seen.exceptions && !s.seen.exceptions->root_cause.empty())
    return s.seen.exceptions->root_cause;
  return "Flink gave no cause; see 'weir logs'.";
}

// The cluster died after a submit may have happened: the job may have run and left checkpoints.
Decision lost_after_submit(Situation& s, Draft& draft) {
  const std::string why = ended_process(*s.seen.cluster, "jobmanager");
  if (s.view.transition->kind == TransitionKind::RECOVER) {
    fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB",
                 fail(Code::kUnavailable,
                      why.empty() ? "The cluster ended before the job ran." : why, "ClusterLost"));
    return {};
  }
  begin_recovery(s, draft, why.empty() ? "The cluster's processes are gone." : why, "");
  return {};
}

bool has_restored(const Situation& s) {
  if (!s.view.job->internal.restore_location) return true;
  return s.seen.checkpoints && *s.seen.checkpoints && (*s.seen.checkpoints)->latest_restored;
}

// A reset is used up by the first job that began there and ran. Only its absence says so: the job's
// own record may be pruned one day.
void note_run(Draft& draft) {
  model::Job& job = draft.job();
  job.internal.ran = true;
  const auto& reset = draft.deployment().internal.reset;
  if (reset && model::uses_reset(job, *reset)) draft.deployment().internal.reset.reset();
}

void record_running(Situation& s, Draft& draft) {
  model::Job& job = draft.job();
  const bool first = !job.internal.ran;
  note_run(draft);
  if (s.view.on_session_cluster()) job.internal.ran_in_session_cluster = true;
  job.status.state = model::JobState::STARTED;
  auto& started = job.status.started.emplace();
  started.started_at = s.wall_now;
  started.flink_job_id = flink_id(job.metadata.id);
  started.last_update_time = s.wall_now;
  started.observed_flink_job_status = "RUNNING";
  if (first) {
    s.memory.restart_times.clear();  // of the job before
    const model::StartPhases recorded = job.status.phases.value_or(model::StartPhases{});
    job.status.phases = s.memory.phases;
    job.status.phases->requested_at = recorded.requested_at;
    job.status.phases->stopping_at = recorded.stopping_at;
    job.status.phases->running_at = s.wall_now;
  }
  s.memory.last_completed_id = s.memory.restarts = -1;
  s.memory.checkpoint_recorded.reset();
  s.memory.next_details.reset();
  s.memory.not_running_since.reset();
  s.memory.unreachable_since.reset();
  show_running(s, draft, job);
  auto& status = draft.deployment().status;
  auto& revision = status.revision.emplace(status.revision.value_or(model::RevisionStatus{}));
  revision.desired = s.view.deployment->internal.spec_revision;
  revision.running = job.status.revision;
  if (!s.view.fallback) revision.rolled_back_because.reset();
  draft.event("JOB_SUCCESSFULLY_STARTED", fmt::format("Job {} started.", job.metadata.id));
}

Decision not_running_in_time(Situation& s, Draft& draft, const std::string& state) {
  const std::string restored =
      has_restored(s) ? "" : " It did not restore the state that it was given.";
  fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB",
               fail(Code::kDeadline,
                    fmt::format("The job did not run within {}; Flink says {}.{} {}",
                                format_duration(s.settings.running_time), state, restored,
                                cause_in_flink(s)),
                    "JobNotRunning"));
  return {};
}

}  // namespace

void record_early_end(Situation& s, Draft& draft) {
  model::Job& job = draft.job();
  end_job(s, draft, model::JobState::FINISHED);
  note_run(draft);
  draft.event("JOB_SUCCESSFULLY_FINISHED", fmt::format("Job {} finished.", job.metadata.id));
  draft.transition().kind = TransitionKind::CLEAN_UP;
  draft.enter(TransitionPhase::TEAR_DOWN);
}

Decision plan_submit(Situation& s, Draft& draft) {
  if (const auto* submitted = std::get_if<SubmittedJob>(&s.memory.result)) {
    const Status& status = submitted->status;
    if (status || status.error().code == Code::kAlreadyExists) {
      s.memory.phases.submitted_at = s.wall_now;
      draft.enter(TransitionPhase::AWAIT_RUNNING);
      return {};
    }
    const Error& error = status.error();
    if (error.code == Code::kNotFound) {
      s.memory.jar_id.reset();
      return {UploadJar{}, Duration(0)};
    }
    if (error.code == Code::kInvalidArgument || error.code == Code::kFailedPrecondition) {
      fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", error);
      return {};
    }
  }
  const auto* uploaded = std::get_if<UploadedJar>(&s.memory.result);
  if (uploaded != nullptr && !uploaded->jar_id && !may_work_later(uploaded->jar_id.error())) {
    fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", uploaded->jar_id.error());
    return {};
  }
  if (uploaded != nullptr && uploaded->jar_id) {
    s.memory.jar_id = *uploaded->jar_id;
    if (s.view.on_session_cluster()) draft.job().internal.jar_id = *uploaded->jar_id;
    else draft.cluster().jar_id = *uploaded->jar_id;
    return {SubmitJob{}, Duration(0)};
  }
  if (cluster_is_lost(s)) return lost_after_submit(s, draft);
  // Did an earlier submit happen? The id that was chosen before it tells.
  if (s.seen.job && *s.seen.job) {
    s.memory.phases.submitted_at = s.wall_now;
    draft.enter(TransitionPhase::AWAIT_RUNNING);
    return {};
  }
  if (s.in_phase() >= s.settings.submit_time + s.settings.running_time) {
    fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB",
                 fail(Code::kDeadline, "The JobManager does not tell that it has the job.",
                      "JobManagerUnreachable"));
    return {};
  }
  if (s.seen.job && s.seen.job->error().code == Code::kNotFound)
    return {SubmitJob{}, s.settings.poll_fast};
  draft.waiting_for("the JobManager to tell whether it has the job.");
  return {{}, s.settings.poll_fast * 3};
}

Decision plan_await_running(Situation& s, Draft& draft) {
  if (cluster_is_lost(s)) return lost_after_submit(s, draft);
  if (lacks_workers(s)) return replace_workers(s, draft);
  if (!s.seen.job || !*s.seen.job) {
    const bool missing = s.seen.job && s.seen.job->error().code == Code::kNotFound;
    if (missing && s.in_phase() >= std::chrono::seconds(5)) {
      draft.enter(TransitionPhase::SUBMIT);
      return {};
    }
    if (s.in_phase() >= s.settings.running_time)
      return not_running_in_time(s, draft, "nothing (it does not answer)");
    return {{}, s.settings.poll_fast};
  }
  if (auto first = hold_parallelism(s, draft)) return *first;
  const flink::JobDetail& job = **s.seen.job;
  switch (job.state) {
    case JobState::kRunning:
      if (!job.all_tasks_running || !has_restored(s)) break;
      record_running(s, draft);
      return after_running(s, draft);
    case JobState::kFinished: record_early_end(s, draft); return {};
    case JobState::kFailed:
      fail_attempt(
          s, draft, "FAILED_CREATING_A_NEW_JOB",
          fail(Code::kFailedPrecondition, "The job failed: " + cause_in_flink(s), "JobFailed"));
      return {};
    case JobState::kCanceled:
      fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB",
                   fail(Code::kFailedPrecondition,
                        "The job was cancelled in Flink while it started.", "CancelledOutside"));
      return {};
    default: break;
  }
  if (const auto error = upgrade_does_not_hold(s)) {
    fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", *error);
    return {};
  }
  if (s.in_phase() >= s.settings.running_time)
    return not_running_in_time(s, draft, std::string(flink::to_string(job.state)));
  draft.waiting_for(fmt::format("all tasks to run; Flink says {}.", flink::to_string(job.state)));
  return {{}, poll_in_gap(s)};
}

}  // namespace weir::control
