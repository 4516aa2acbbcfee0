#include "control/plan.h"

namespace weir::control {

using model::TransitionPhase;

Questions questions_for(const View& view, const Memory& memory, MonoTime now) {
  Questions ask;
  ask.old_cluster = view.prepares() && (view.old_cluster || View::has_lost_session_cluster(
                                                                view.old_job, view.old_cluster));
  ask.cluster = view.lost_session_cluster();
  if (!view.cluster) return ask;
  if (!view.transition) {
    if (view.deployment->status.state != model::ObservedState::RUNNING) return ask;
    ask.cluster = ask.job = true;
    ask.parallelism = must_hold_parallelism(view, memory);
    ask.checkpoints = !memory.next_details || now >= *memory.next_details;
    return ask;
  }
  switch (view.transition->phase) {
    case TransitionPhase::SPIN_UP: ask.cluster = true; break;
    case TransitionPhase::AWAIT_CLUSTER: ask.cluster = ask.overview = true; break;
    case TransitionPhase::CHECK_PLAN:
    case TransitionPhase::PRIME: ask.cluster = true; break;
    case TransitionPhase::SUBMIT: ask.cluster = ask.job = true; break;
    case TransitionPhase::AWAIT_RUNNING:
      ask.cluster = ask.job = true;
      ask.checkpoints = view.job && (view.job->internal.restore_location || view.old_job);
      ask.parallelism = must_hold_parallelism(view, memory);
      break;
    case TransitionPhase::VERIFY: ask.cluster = ask.job = ask.checkpoints = true; break;
    case TransitionPhase::ADD_WORKERS: ask.overview = true; [[fallthrough]];
    case TransitionPhase::RESCALE:
      ask.cluster = ask.job = ask.checkpoints = ask.parallelism = true;
      break;
    case TransitionPhase::SHED_WORKERS: ask.cluster = true; break;
    case TransitionPhase::STOP_JOB: ask.cluster = ask.job = true; break;
    case TransitionPhase::SAVEPOINT:
      ask.cluster = ask.job = true;
      ask.trigger = bool(view.savepoint);
      break;
    case TransitionPhase::TEAR_DOWN: ask.cluster = ask.job = view.on_session_cluster(); break;
    case TransitionPhase::CREATE_JOB:
    case TransitionPhase::FETCH_JAR:
    case TransitionPhase::RETIRE:
    case TransitionPhase::FIND_STATE: break;
  }
  return ask;
}

namespace {

void note_phase(Situation& s) {
  const auto& transition = s.view.transition;
  std::string key = transition ? transition->metadata.id + std::to_string(int(transition->phase)) +
                                     s.view.deployment->internal.current_job_id.value_or("")
                               : std::string();
  if (s.view.job) key += std::to_string(s.view.job->internal.attempt);
  if (key == s.memory.phase_key) return;
  s.memory.phase_key = std::move(key);
  s.memory.phase_since = s.now;
  s.memory.finished_since.reset();
  s.memory.savepoint_found_since.reset();
  s.memory.room_wait_since.reset();
}

}  // namespace

Duration poll_in_gap(const Situation& s) {
  return s.in_phase() < std::chrono::seconds(5) ? s.settings.poll_gap : s.settings.poll_fast;
}

Decision plan(Situation& s, Draft& draft) {
  note_phase(s);
  if (!s.view.transition) return plan_settled(s, draft);
  if (follow_new_intent(s, draft)) return {};
  if (s.view.prepares())
    if (auto first = look_after_running_job(s, draft)) return *first;
  const auto until = s.view.transition->not_before;
  const bool waits = s.view.transition->phase != TransitionPhase::TEAR_DOWN && until &&
                     *until > s.wall_now && s.in_phase() < s.settings.backoff_limit;
  // The wall clock may jump back: no back-off lasts longer than its limit.
  if (waits) return {{}, std::min<Duration>(*until - s.wall_now, s.settings.backoff_limit)};
  switch (s.view.transition->phase) {
    case TransitionPhase::CREATE_JOB: return plan_create_job(s, draft);
    case TransitionPhase::FETCH_JAR: return plan_fetch_jar(s, draft);
    case TransitionPhase::SPIN_UP: return plan_spin_up(s, draft);
    case TransitionPhase::AWAIT_CLUSTER: return plan_await_cluster(s, draft);
    case TransitionPhase::CHECK_PLAN: return plan_check_plan(s, draft);
    case TransitionPhase::PRIME: return plan_prime(s, draft);
    case TransitionPhase::SUBMIT: return plan_submit(s, draft);
    case TransitionPhase::AWAIT_RUNNING: return plan_await_running(s, draft);
    case TransitionPhase::VERIFY: return plan_verify(s, draft);
    case TransitionPhase::RETIRE: return plan_retire(s, draft);
    case TransitionPhase::STOP_JOB: return plan_stop_job(s, draft);
    case TransitionPhase::SAVEPOINT: return plan_savepoint(s, draft);
    case TransitionPhase::TEAR_DOWN: return plan_tear_down(s, draft);
    case TransitionPhase::FIND_STATE: return plan_find_state(s, draft);
    case TransitionPhase::ADD_WORKERS: return plan_add_workers(s, draft);
    case TransitionPhase::RESCALE: return plan_rescale(s, draft);
    case TransitionPhase::SHED_WORKERS: return plan_shed_workers(s, draft);
  }
  return {};
}

}  // namespace weir::control
