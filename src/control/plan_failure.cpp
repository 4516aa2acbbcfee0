#include <fmt/format.h>

#include <algorithm>

#include "control/mistakes.h"
#include "control/plan.h"

namespace weir::control {

using model::TransitionKind;
using model::TransitionPhase;

namespace {

constexpr std::size_t kMessageLimit = 2000;

// The first sentence leads; the rest (last words of a process, a Flink trace) is the cause.
std::pair<std::string, std::string> split_cause(const std::string& text) {
  const auto line = text.find('\n');
  if (line == std::string::npos) return {text, ""};
  return {text.substr(0, line), text.substr(line + 1, kMessageLimit)};
}

void count_failure(Situation& s, Draft& draft) {
  auto& deployment = draft.deployment();
  auto& internal = deployment.internal;
  if (const auto& expiry = deployment.spec.job_failure_expiration_time)
    if (const auto time = parse_duration(*expiry);
        time && internal.last_failed_at && s.wall_now - *internal.last_failed_at > *time)
      internal.failed_jobs = 0;
  if (internal.failed_revision != internal.spec_revision) internal.failed_jobs = 0;
  internal.failed_revision = internal.spec_revision;
  internal.last_failed_at = s.wall_now;
  if (!mistakes.forget_failed_attempts) ++internal.failed_jobs;
}

void fail_job(Situation& s, Draft& draft, const std::string& message, const std::string& reason) {
  model::Job& job = draft.job();
  job.status.state = model::JobState::FAILED;
  job.metadata.terminated_at = s.wall_now;
  if (job.status.started) job.status.started->observed_flink_job_status = "FAILED";
  job.status.failure = model::Failure{message, reason, s.wall_now};
}

// A point that Flink could not read is not offered again.
void distrust_restore_point(Situation& s, Draft& draft) {
  for (const auto& point : s.view.points)
    if (point->location == s.view.job->internal.restore_location && point->usable) {
      model::RestorePoint changed = *point;
      changed.usable = false;
      draft.put(std::move(changed), store::Expect::at(point.revision));
      draft.event("EXTERNAL",
                  fmt::format("Restore point {} cannot be read; the next older one is tried.",
                              point->location),
                  {model::EventLevel::WARNING, "RestorePointUnreadable", ""});
    }
}

}  // namespace

bool may_work_later(const Error& error) {
  return code_traits(error.code).retry == RetryClass::kSoon;
}

bool cluster_is_lost(const Situation& s) {
  if (!s.seen.cluster) return false;
  const auto& cluster = *s.seen.cluster;
  if (cluster.presence == runtime::Presence::kUnknown) return mistakes.unknown_is_absent;
  return cluster.presence == runtime::Presence::kAbsent || !cluster.job_manager_alive;
}

void end_job(Situation& s, Draft& draft, model::JobState state) {
  if (!s.view.job || model::is_terminal(s.view.job->status.state)) return;
  model::Job& job = draft.job();
  job.status.state = state;
  job.metadata.terminated_at = s.wall_now;
  if (!job.status.started) return;
  job.status.started->last_update_time = s.wall_now;
  job.status.started->observed_flink_job_status = state == model::JobState::FINISHED ? "FINISHED"
                                                  : state == model::JobState::FAILED ? "FAILED"
                                                                                     : "CANCELED";
}

Duration backoff(const Settings& settings, int failures) {
  if (failures <= 0) return Duration(0);
  Duration wait = settings.backoff_first;
  for (int i = 1; i < failures && wait < settings.backoff_limit; ++i) wait *= 2;
  return std::min(wait, settings.backoff_limit);
}

void fail_attempt(Situation& s, Draft& draft, const char* event, const Error& error) {
  if (s.view.prepares()) return fail_preparation(s, draft, event, error);
  const auto [message, cause] = split_cause(error.message);
  int failures = 0;
  if (s.view.transition->kind == TransitionKind::RECOVER) {
    failures = ++draft.job().internal.recoveries;
    if (error.reason == "RestoreFailed") distrust_restore_point(s, draft);
  } else {
    fail_job(s, draft, message, error.reason);
    if (roll_back(s, draft, error)) {
      draft.event(event, message, {model::EventLevel::ERROR, error.reason, cause});
      return;
    }
    count_failure(s, draft);
    failures = draft.deployment().internal.failed_jobs;
  }
  auto& transition = draft.transition();
  // What was submitted may have written state and output: the next job continues there.
  if (s.view.transition->kind != TransitionKind::RECOVER && s.view.job &&
      draft.job().internal.submit_recorded)
    transition.continues_job_id = draft.job().metadata.id;
  transition.cause = cause.empty() ? message : message + "\n" + cause;
  transition.attempts = 0;
  transition.spared_cluster_id.reset();
  if (transition.kind == TransitionKind::ROLLBACK) transition.kind = TransitionKind::START;
  transition.not_before = s.wall_now + backoff(s.settings, failures);
  draft.enter(TransitionPhase::TEAR_DOWN);
  draft.event(event, message, {model::EventLevel::ERROR, error.reason, cause});
}

void give_up(Situation& s, Draft& draft, const char* event, const std::string& message,
             const std::string& reason, const std::string& cause) {
  auto& deployment = draft.deployment();
  model::Failure failure;
  failure.message = cause.empty() ? message : message + " Cause: " + cause;
  failure.reason = reason;
  failure.failed_at = s.wall_now;
  deployment.status.failure = std::move(failure);
  deployment.internal.sealed_intent = s.view.intent();
  draft.event(event, message, {model::EventLevel::ERROR, reason, cause});
  draft.finish(model::ObservedState::FAILED, "");
}

void job_failed_in_flink(Situation& s, Draft& draft, const std::string& cause) {
  const auto [message, rest] = split_cause(cause);
  const Error failed = fail(Code::kFailedPrecondition, "The job failed: " + message, "JobFailed");
  if (end_probation(s, draft, failed)) return;
  const std::string job_id = s.view.job->metadata.id;
  fail_job(s, draft, message, "JobFailed");
  if (s.view.transition) draft.supersede(TransitionKind::START, TransitionPhase::TEAR_DOWN, "");
  else draft.open(TransitionKind::START, TransitionPhase::TEAR_DOWN, "");
  // Whatever the restore strategy says: a job that is started again by itself keeps its state.
  draft.transition().continues_job_id = job_id;
  draft.transition().cause = cause;
  count_failure(s, draft);
  const int failures = draft.deployment().internal.failed_jobs;
  draft.transition().not_before = s.wall_now + backoff(s.settings, failures - 1);
  draft.event("TERMINATING_A_JOB_DUE_TO_AN_UNRECOVERABLE_FAILURE",
              fmt::format("Job {} failed in Flink: {}", job_id, message),
              {model::EventLevel::ERROR, "JobFailed", rest.empty() ? message : cause});
}

std::string ended_process(const runtime::ClusterObservation& cluster, const std::string& role) {
  for (const auto& process : cluster.processes) {
    if (process.role != role || process.state != runtime::ProcessState::kExited) continue;
    const std::string name =
        role == "jobmanager" ? "The JobManager" : fmt::format("TaskManager {}", process.index);
    const std::string why = process.cause.empty() ? "" : fmt::format(" ({})", process.cause);
    if (process.exit_signal)
      return fmt::format("{} was ended by signal {}{}.", name, *process.exit_signal, why);
    if (process.exit_code)
      return fmt::format("{} ended with exit code {}{}.", name, *process.exit_code, why);
    return fmt::format("{} is gone.", name);
  }
  if (cluster.presence == runtime::Presence::kAbsent) return "The cluster's processes are gone.";
  return {};
}

model::RestorePoint restore_point_of(const View& view, const model::Job& job,
                                     model::RestorePointKind kind, std::string location,
                                     std::int64_t checkpoint_id) {
  model::RestorePoint point;
  point.metadata.namespace_ = view.deployment->metadata.namespace_;
  point.metadata.deployment_id = view.deployment->metadata.id;
  point.metadata.job_id = job.metadata.id;
  point.kind = kind;
  point.location = std::move(location);
  point.checkpoint_id = checkpoint_id;
  point.chain_position = job.internal.chain_position;
  point.attempt = job.internal.attempt;
  point.flink_version = job.spec.artifact.flink_version.value_or("");
  return point;
}

void record_points(Situation& s, Draft& draft, const std::vector<model::RestorePoint>& found) {
  const auto is_found = [&](const std::string& location) {
    return std::any_of(found.begin(), found.end(),
                       [&](const auto& point) { return point.location == location; });
  };
  std::vector<std::string> known;
  for (const auto& point : s.view.points) {
    known.push_back(point->location);
    if (point->kind == model::RestorePointKind::CHECKPOINT && !is_found(point->location))
      draft.remove(point);
  }
  for (const auto& point : found) {
    if (std::find(known.begin(), known.end(), point.location) != known.end()) continue;
    model::RestorePoint made = point;
    made.metadata.id = draft.new_id();
    made.metadata.created_at = s.wall_now;
    draft.put(std::move(made), store::Expect::absent());
  }
}

}  // namespace weir::control
