#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/mistakes.h"
#include "control/plan.h"

namespace weir::control {

using flink::JobState;
using model::TransitionKind;
using model::TransitionPhase;
using model::UpgradeStage;

namespace {

constexpr std::int64_t kManyRestarts = 3;
constexpr Duration kAskAgain = std::chrono::seconds(5);

// What Flink says when the state that was given does not fit the new program.
bool is_about_state(const std::string& cause) {
  constexpr std::array<std::string_view, 4> kSigns{"StateMigrationException", "serializer",
                                                   "incompatible", "Could not restore"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return cause.find(sign) != std::string::npos; });
}

std::string root_cause_of(const Situation& s) {
  return s.seen.exceptions ? s.seen.exceptions->root_cause : std::string();
}

void reached(Situation& s, Draft& draft) {
  begin_probation(s, draft);
  if (s.view.clusters.size() > 1) {
    draft.enter(TransitionPhase::RETIRE);
    draft.event("AWAIT_FOR_A_CLUSTER_TO_TEARDOWN", "The old cluster's processes are ended.");
    return;
  }
  draft.finish(model::ObservedState::RUNNING, "State transition to RUNNING is completed.");
}

bool may_roll_back(const View& view) {
  const auto& transition = *view.transition;
  const auto strategy = view.deployment->spec.upgrade_strategy.value_or(model::UpgradeStrategy{});
  return transition.kind == TransitionKind::UPGRADE &&
         transition.stage == UpgradeStage::TAKE_OVER && view.old_job && view.job &&
         view.old_job->internal.jar_sha256 && view.job->metadata.id != view.old_job->metadata.id &&
         strategy.kind == model::UpgradeStrategyKind::STATEFUL &&
         strategy.rollback != model::RollbackPolicy::OFF && !view.deployment->internal.deleting;
}

// The old cluster stands idle, or the failed job has left the shared one for good.
std::optional<std::string> cluster_for_rollback(const Situation& s) {
  const auto& old = s.view.old_cluster;
  if (!old || old->phase != model::ClusterPhase::WANTED) return std::nullopt;
  if (!s.view.cluster || s.view.cluster->metadata.id != old->metadata.id) return old->metadata.id;
  const bool left =
      !s.view.job->internal.submit_recorded ||
      (s.seen.job && *s.seen.job && flink::is_globally_terminal((*s.seen.job)->state));
  return left ? std::optional(old->metadata.id) : std::nullopt;
}

Decision judge_checkpoints(Situation& s, Draft& draft) {
  const flink::CheckpointStatistics& statistics = **s.seen.checkpoints;
  if (!statistics.enabled || statistics.completed > 0) {
    reached(s, draft);
    return {};
  }
  if (s.in_phase() >= s.settings.verify_time) {
    if (statistics.failed > 0) {
      fail_attempt(
          s, draft, "FAILED_CREATING_A_NEW_JOB",
          fail(Code::kDeadline,
               fmt::format("The job runs but completed no checkpoint within {}; {} failed.",
                           format_duration(s.settings.verify_time), statistics.failed),
               "NoCheckpoint"));
      return {};
    }
    draft.event("EXTERNAL", "The upgraded job runs, but has not completed a checkpoint yet.",
                {model::EventLevel::WARNING, "NoCheckpoint", ""});
    reached(s, draft);
    return {};
  }
  draft.waiting_for("the upgraded job's first completed checkpoint.");
  auto& asked = s.memory.checkpoint_asked;
  if (!asked || s.now - *asked >= kAskAgain) {
    asked = s.now;
    return {TriggerCheckpoint{}, s.settings.poll_fast};
  }
  return {{}, s.settings.poll_fast};
}

}  // namespace

std::optional<Error> upgrade_does_not_hold(const Situation& s) {
  if (s.view.transition->kind != TransitionKind::UPGRADE || !s.view.old_job) return std::nullopt;
  const std::int64_t restarts = s.seen.restarts.value_or(0);
  const std::string cause = root_cause_of(s);
  const bool state = restarts > 0 && s.view.job->internal.restore_location && is_about_state(cause);
  if (!state && restarts < kManyRestarts) return std::nullopt;
  return fail(Code::kFailedPrecondition,
              state ? "The new job cannot use the old one's state: " + cause
                    : fmt::format("Flink restarted the new job {} times: {}", restarts, cause),
              state ? "StateIncompatible" : "RestartLoop");
}

Decision after_running(Situation& s, Draft& draft) {
  const auto& transition = *s.view.transition;
  if (transition.kind == TransitionKind::UPGRADE && transition.stage == UpgradeStage::TAKE_OVER &&
      !mistakes.end_old_cluster_early) {
    s.memory.checkpoint_asked.reset();
    draft.enter(TransitionPhase::VERIFY);
    return {};
  }
  reached(s, draft);
  return {};
}

Decision plan_verify(Situation& s, Draft& draft) {
  if (cluster_is_lost(s)) {
    begin_recovery(s, draft, ended_process(*s.seen.cluster, "jobmanager"), "");
    return {};
  }
  if (lacks_workers(s)) return replace_workers(s, draft);
  // Whatever the user wants next starts from a job that runs.
  if (!s.view.wants(model::DesiredState::RUNNING) || s.view.job_is_outdated()) {
    reached(s, draft);
    return {};
  }
  if (!s.seen.job || !*s.seen.job) {
    if (s.in_phase() >= s.settings.verify_time) reached(s, draft);  // plan_running knows what to do
    return {{}, s.settings.poll_fast * 3};
  }
  switch ((*s.seen.job)->state) {
    case JobState::kFailed:
      fail_attempt(
          s, draft, "FAILED_CREATING_A_NEW_JOB",
          fail(Code::kFailedPrecondition, "The job failed: " + root_cause_of(s), "JobFailed"));
      return {};
    case JobState::kFinished:
    case JobState::kCanceled: reached(s, draft); return {};  // plan_running tells what it means
    default: break;
  }
  if (const auto error = upgrade_does_not_hold(s)) {
    fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", *error);
    return {};
  }
  if (s.seen.checkpoints && *s.seen.checkpoints) return judge_checkpoints(s, draft);
  if (s.in_phase() >= s.settings.verify_time * 2) reached(s, draft);
  return {{}, s.settings.poll_fast};
}

Decision plan_retire(Situation& s, Draft& draft) {
  const std::string kept = s.view.job ? s.view.job->internal.cluster_id.value_or("") : "";
  if (auto decision = end_clusters(s, draft, kept)) return *decision;
  if (!s.view.deployment->status.running && s.view.job) show_running(s, draft, *s.view.job);
  draft.finish(model::ObservedState::RUNNING, "State transition to RUNNING is completed.");
  return {};
}

void refuse_revision(Situation& s, Draft& draft, const std::string& fallback_job_id,
                     const std::string& why) {
  auto& deployment = draft.deployment();
  deployment.internal.refused_revision = deployment.internal.spec_revision;
  deployment.internal.fallback_job_id = fallback_job_id;
  if (!deployment.status.revision) deployment.status.revision.emplace();
  auto& revision = *deployment.status.revision;
  revision.desired = deployment.internal.spec_revision;
  revision.rolled_back_because = why;
}

bool roll_back(Situation& s, Draft& draft, const Error& error) {
  if (!may_roll_back(s.view)) return false;
  model::Job& failed = draft.job();
  auto& transition = draft.transition();
  transition.spared_cluster_id = cluster_for_rollback(s);
  transition.kind = TransitionKind::ROLLBACK;
  transition.stage = UpgradeStage::NONE;
  // What the new job wrote after its own checkpoint is not written again.
  if (failed.internal.submit_recorded) transition.continues_job_id = failed.metadata.id;
  transition.attempts = 0;
  transition.not_before.reset();
  transition.cause = error.message;
  refuse_revision(s, draft, s.view.old_job->metadata.id, error.message);
  draft.enter(TransitionPhase::TEAR_DOWN);
  draft.event("UPGRADE_ROLLED_BACK",
              fmt::format("Revision {} does not run; revision {} is started again. Cause: {}",
                          s.view.deployment->internal.spec_revision,
                          s.view.old_job->status.revision, error.message),
              {model::EventLevel::ERROR, error.reason, error.message});
  return true;
}

}  // namespace weir::control
