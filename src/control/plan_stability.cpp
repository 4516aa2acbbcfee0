#include <fmt/format.h>

#include <algorithm>

#include "base/sizes.h"
#include "base/strings.h"
#include "control/health.h"
#include "control/plan.h"

namespace weir::control {

using model::RollbackPolicy;
using model::TransitionKind;
using model::TransitionPhase;

namespace {

struct Gate {
  Duration time = std::chrono::minutes(2);
  std::int64_t checkpoints = 3;
  std::int64_t restarts = 3;
};

Gate gate_of(const View& view) {
  Gate gate;
  const auto& strategy = view.deployment->spec.upgrade_strategy;
  if (!strategy || !strategy->stability) return gate;
  const model::StabilityGate& given = *strategy->stability;
  if (given.time)
    if (const auto time = parse_duration(*given.time)) gate.time = *time;
  gate.checkpoints = given.checkpoints.value_or(gate.checkpoints);
  gate.restarts = given.restarts.value_or(gate.restarts);
  return gate;
}

RollbackPolicy policy_of(const View& view) {
  const auto& strategy = view.deployment->spec.upgrade_strategy;
  return strategy ? strategy->rollback.value_or(RollbackPolicy::ON_FAILURE)
                  : RollbackPolicy::ON_FAILURE;
}

const model::Probation* probation_of(const View& view) {
  const auto& probation = view.deployment->internal.probation;
  return probation && view.job && probation->job_id == view.job->metadata.id ? &*probation
                                                                             : nullptr;
}

store::Stored<model::Job> predecessor_of(const View& view, const model::Probation& probation) {
  for (const auto& job : view.jobs)
    if (job->metadata.id == probation.predecessor_job_id) return job;
  return {};
}

bool makes_checkpoints(const Situation& s) {
  return s.seen.checkpoints && *s.seen.checkpoints ? (*s.seen.checkpoints)->enabled
                                                   : s.memory.last_completed_id >= 0;
}

bool is_stable(const Situation& s, const Gate& gate) {
  const flink::JobDetail& job = **s.seen.job;
  if (job.state != flink::JobState::kRunning || !job.all_tasks_running) return false;
  const auto& running = s.view.deployment->status.running;
  if (!running || !running->transition_time) return false;
  if (s.wall_now - *running->transition_time < gate.time) return false;
  return !makes_checkpoints(s) || s.memory.completed_checkpoints >= gate.checkpoints;
}

}  // namespace

void begin_probation(Situation& s, Draft& draft) {
  const auto& transition = *s.view.transition;
  auto& deployment = draft.deployment();
  deployment.internal.probation.reset();
  if (deployment.status.revision) deployment.status.revision->stable.reset();
  const bool upgraded = transition.kind == TransitionKind::UPGRADE &&
                        transition.stage == model::UpgradeStage::TAKE_OVER && s.view.old_job &&
                        s.view.old_job->internal.jar_sha256 && is_stateful(s.view);
  if (!upgraded) return;
  deployment.internal.probation = model::Probation{
      s.view.job->metadata.id, s.view.old_job->metadata.id, s.view.job->internal.restore_location};
  if (deployment.status.revision) deployment.status.revision->stable = false;
}

bool judge_stability(Situation& s, Draft& draft) {
  if (probation_of(s.view) == nullptr) return false;
  const Gate gate = gate_of(s.view);
  const std::int64_t restarts = restarts_within(s.memory, gate.time, s.now);
  if (restarts >= gate.restarts) {
    if (policy_of(s.view) != RollbackPolicy::ON_INSTABILITY) return false;
    const std::string cause = s.seen.exceptions ? s.seen.exceptions->root_cause : "";
    return end_probation(s, draft,
                         fail(Code::kFailedPrecondition,
                              fmt::format("Flink restarted the job {} times within {}. {}",
                                          restarts, format_duration(gate.time), cause),
                              "Unstable"));
  }
  if (!is_stable(s, gate)) return false;
  auto& deployment = draft.deployment();
  deployment.internal.probation.reset();
  if (deployment.status.revision) deployment.status.revision->stable = true;
  draft.event("EXTERNAL",
              fmt::format("Revision {} is stable: its job ran for {}.", s.view.job->status.revision,
                          format_duration(gate.time)),
              {model::EventLevel::INFO, "Stable", ""});
  return false;
}

bool end_probation(Situation& s, Draft& draft, const Error& error) {
  const model::Probation* const probation = probation_of(s.view);
  if (probation == nullptr || policy_of(s.view) == RollbackPolicy::OFF ||
      s.view.deployment->internal.deleting || s.view.transition)
    return false;
  const auto predecessor = predecessor_of(s.view, *probation);
  if (!predecessor) return false;
  const std::string job_id = s.view.job->metadata.id;
  end_job(s, draft, model::JobState::FAILED);
  draft.job().status.failure = model::Failure{error.message, error.reason, s.wall_now};
  auto& transition =
      draft.open(TransitionKind::ROLLBACK, TransitionPhase::TEAR_DOWN,
                 fmt::format("State transition to RUNNING with revision {} is needed.",
                             predecessor->status.revision));
  transition.old_job_id = predecessor->metadata.id;
  transition.continues_job_id = job_id;
  transition.cause = error.message;
  refuse_revision(s, draft, predecessor->metadata.id, error.message);
  draft.deployment().internal.probation.reset();
  draft.deployment().status.revision->stable.reset();
  draft.event("UPGRADE_ROLLED_BACK",
              fmt::format("Revision {} was not stable yet; revision {} is started again. Cause: {}",
                          s.view.job->status.revision, predecessor->status.revision, error.message),
              {model::EventLevel::ERROR, error.reason, error.message});
  return true;
}

}  // namespace weir::control
