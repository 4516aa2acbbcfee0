#include <fmt/format.h>

#include <algorithm>

#include "codec/describe_json.h"
#include "control/plan.h"
#include "control/plan_session.h"
#include "control/upgrade_way.h"

namespace weir::control {

using model::TransitionKind;
using model::TransitionPhase;
using model::UpgradeStage;
using model::UpgradeWay;

bool is_stateful(const View& view) {
  const auto& strategy = view.deployment->spec.upgrade_strategy;
  return !strategy || strategy->kind == model::UpgradeStrategyKind::STATEFUL;
}

namespace {

model::UpgradeStrategy strategy_of(const View& view) {
  return view.deployment->spec.upgrade_strategy.value_or(model::UpgradeStrategy{});
}

void take_way(Situation& s, Draft& draft, const WayChoice& choice, model::Job& next) {
  draft.transition().way = choice.way;
  next.status.way = choice.way;
  if (choice.way == UpgradeWay::SAME_CLUSTER)
    run_on_cluster_of_another(s, draft, s.view.old_cluster, next);
  draft.event(
      "USING_AN_UPGRADE_STRATEGY",
      fmt::format("The upgrade goes by {}. {}", codec::enum_text(choice.way), choice.reason));
}

// The running job is the only one again; what was prepared beside it ends.
void run_on(Situation& s, Draft& draft, model::JobState state, const std::string& why) {
  forget_next_job(s, draft, state, why);
  draft.transition().not_before.reset();
  draft.enter(TransitionPhase::RETIRE);
}

bool makes_no_checkpoints(const View& view) {
  const auto& running = view.deployment->status.running;
  return running && std::any_of(running->conditions.begin(), running->conditions.end(),
                                [](const model::Condition& condition) {
                                  return condition.type == "StateAtRisk" &&
                                         condition.status == "True";
                                });
}

constexpr int kPreparations = 3;

bool running_job_is_lost(const Situation& s) {
  const auto& old = s.seen.old_cluster;
  return old && old->presence != runtime::Presence::kUnknown && !old->job_manager_alive;
}

// Not where the JVMs are warm already, not while nothing runs, and not after a failed preparation.
bool may_prime(const Situation& s) {
  return !s.settings.priming_jar.empty() && !s.view.shares_running_cluster() &&
         !s.view.cluster->primed.value_or(false) && s.view.transition->attempts == 0 &&
         !running_job_is_lost(s);
}

// While nothing runs, the running job's recovery comes first.
bool worth_another_try(const Situation& s, const Error& error) {
  const bool transient = may_work_later(error) || error.reason == "ProcessEnded" ||
                         error.reason == "OutOfMemory" || error.reason == "NotIdle";
  return transient && !running_job_is_lost(s) && s.view.transition->attempts + 1 < kPreparations;
}

// The shared cluster is gone: the next job gets one of its own.
std::optional<Decision> leave_shared_cluster(Situation& s, Draft& draft) {
  const auto phase = s.view.transition->phase;
  if (phase != TransitionPhase::AWAIT_CLUSTER && phase != TransitionPhase::CHECK_PLAN)
    return std::nullopt;
  draft.transition().way = UpgradeWay::RESTART;
  draft.job().status.way = UpgradeWay::RESTART;
  stop_old_job(s, draft);
  return Decision{};
}

}  // namespace

void run_on_cluster_of_another(const Situation& s, Draft& draft,
                               const store::Stored<model::Cluster>& cluster, model::Job& job) {
  if (cluster->metadata.session_cluster_id) return join_session_cluster(draft, cluster, job);
  const bool owned = cluster->metadata.job_id == job.metadata.id;
  const store::Stored<model::Job>& owner = s.view.old_job;
  if (owned || !owner) return;
  job.internal.cluster_id = cluster->metadata.id;
  job.internal.attempt = 1;
  job.internal.first_checkpoints =
      flink::checkpoint_directory(*owner, owner->internal.attempt,
                                  context_of(*s.view.deployment, owner->metadata.id, s.settings));
  job.internal.unwritten_log_levels = owner->internal.unwritten_log_levels;
  if (s.view.prepares()) return;  // until it takes over, the cluster is the running job's
  model::Cluster changed = *cluster;
  changed.metadata.job_id = job.metadata.id;
  draft.put(std::move(changed), store::Expect::at(cluster.revision));
}

WayChoice way_of_upgrade(const View& view, const model::Job& next, Obstacles obstacles) {
  if (!view.old_cluster) return {UpgradeWay::RESTART, "The running cluster is gone."};
  if (next.metadata.session_cluster_name || view.old_job->metadata.session_cluster_name)
    return way_in_session(view, next);
  if (view.transition->not_in_place) obstacles.in_place = *view.transition->not_in_place;
  return choose_way(*view.old_job, next, strategy_of(view), obstacles);
}

bool insists_on_warm_swap(const View& view) {
  return strategy_of(view).mode == model::UpgradeMode::WARM_SWAP;
}

bool turned_back(const Situation& s) {
  model::Job wanted = new_job(s, s.view.job->metadata.id);
  return configure(s, wanted) && runs_already(*s.view.job, wanted);
}

void take_revision(Situation& s, Draft& draft, std::int64_t number) {
  model::Job& job = draft.job();
  job.status.revision = number;
  job.metadata.annotations =
      model::StringMap{{model::kSpecVersionAnnotation, std::to_string(number)}};
  auto& revision = draft.deployment().status.revision;
  if (!revision) revision.emplace();
  revision->desired = s.view.deployment->internal.spec_revision;
  revision->running = number;
  if (!s.view.fallback) revision->rolled_back_because.reset();
}

void begin_upgrade(Situation& s, Draft& draft) {
  if (is_stateful(s.view) && savepoint_base(*s.view.job).empty())
    return refuse_without_savepoints(s, draft);
  auto& transition = draft.open(TransitionKind::UPGRADE, TransitionPhase::CREATE_JOB,
                                fmt::format("State transition to RUNNING with revision {} is "
                                            "needed.",
                                            s.view.wanted_revision()));
  transition.stage = UpgradeStage::PREPARE;
  transition.old_job_id = s.view.job->metadata.id;
  transition.spared_cluster_id = s.view.cluster->metadata.id;
  if (makes_no_checkpoints(s.view)) transition.not_in_place = "the job makes no checkpoints";
  draft.deployment().internal.failed_jobs = 0;
  draft.event("USING_AN_UPGRADE_STRATEGY", fmt::format("Using the {} upgrade strategy.",
                                                       codec::enum_text(strategy_of(s.view).kind)));
}

Decision plan_next_job(Situation& s, Draft& draft) {
  if (s.view.old_cluster)
    if (auto wait = await_session_cluster(s, draft)) return *wait;
  s.memory.phases = {};
  model::Job wanted = new_job(s, draft.new_id());
  const Status good = configure(s, wanted);
  if (good)
    if (const WayChoice choice = way_of_upgrade(s.view, wanted, {});
        choice.way == UpgradeWay::IN_PLACE)
      return begin_rescale(s, draft, wanted, choice);
  model::Job& next = draft.create_next_job(std::move(wanted));
  if (!good) {
    next.status.state = model::JobState::FAILED;
    next.metadata.terminated_at = s.wall_now;
    next.status.failure = model::Failure{good.error().message, good.error().reason, s.wall_now};
    draft.event("FAILED_CREATING_A_NEW_JOB", good.error().message,
                {model::EventLevel::ERROR, good.error().reason, ""});
    abandon_upgrade(s, draft, good.error().message);
    return {};
  }
  // Whether there is room is known when the cluster is about to be recorded.
  const WayChoice choice = way_of_upgrade(s.view, next, {});
  draft.event("CREATING_A_NEW_JOB", fmt::format("Preparing job {} while job {} runs.",
                                                next.metadata.id, s.view.old_job->metadata.id));
  take_way(s, draft, choice, next);
  draft.enter(TransitionPhase::FETCH_JAR);
  return {};
}

std::optional<Decision> look_after_running_job(Situation& s, Draft& draft) {
  const auto& seen = s.seen.old_cluster;
  if (!seen || seen->presence == runtime::Presence::kUnknown) return std::nullopt;
  // A lost JobManager is not replaced: the next job goes on from the newest checkpoint.
  if (running_job_is_lost(s)) {
    const bool shares = s.view.shares_running_cluster() || s.view.lost_session_cluster();
    return shares ? leave_shared_cluster(s, draft) : std::nullopt;
  }
  if (s.view.old_cluster->metadata.session_cluster_id) return std::nullopt;
  auto& wait_until = s.memory.worker_wait_until;
  const bool whole = seen->task_managers_alive >= s.view.old_cluster->task_managers;
  if (whole || (wait_until && s.now < *wait_until)) return std::nullopt;
  wait_until = s.now + std::chrono::seconds(5);
  draft.event("EXTERNAL",
              "A TaskManager of the running job is gone. Another one is started while the upgrade "
              "is prepared.",
              {model::EventLevel::WARNING, "TaskManagerEnded", ""});
  return Decision{EnsureOldCluster{}, s.settings.poll_fast};
}

bool take_smaller_way(Situation& s, Draft& draft, const std::string& why) {
  if (insists_on_warm_swap(s.view)) return false;
  const WayChoice choice = way_of_upgrade(s.view, *s.view.job, {why, {}});
  take_way(s, draft, choice, draft.job());
  if (choice.way == UpgradeWay::RESTART) stop_old_job(s, draft);
  else draft.enter(TransitionPhase::AWAIT_CLUSTER);
  return true;
}

void stop_old_job(Situation& s, Draft& draft) {
  auto& transition = draft.transition();
  transition.stage = UpgradeStage::STOP_OLD;
  transition.attempts = 0;
  // On a cluster of its own the next job waits until the old one has ended.
  transition.spared_cluster_id.reset();
  if (transition.way == UpgradeWay::WARM_SWAP)
    transition.spared_cluster_id = s.view.job->internal.cluster_id;
  draft.enter(is_stateful(s.view) ? TransitionPhase::SAVEPOINT : TransitionPhase::STOP_JOB);
}

Decision plan_check_plan(Situation& s, Draft& draft) {
  const bool shared = s.view.shares_running_cluster();
  if (!shared && s.seen.cluster && handle_ended_process(s, draft)) return {};
  const auto* checked = std::get_if<CheckedPlan>(&s.memory.result);
  if (checked == nullptr) return {CheckPlan{}, Duration(0)};
  if (checked->status && may_prime(s)) {
    draft.enter(TransitionPhase::PRIME);
    return {PrimeCluster{}, Duration(0)};
  }
  if (checked->status) {
    stop_old_job(s, draft);
    return {};
  }
  const Error& error = checked->status.error();
  if (error.code == Code::kNotFound) {
    s.memory.jar_id.reset();
    draft.enter(TransitionPhase::AWAIT_CLUSTER);
    return {};
  }
  if (!may_work_later(error) || s.in_phase() >= s.settings.submit_time) {
    fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", error);
    return {};
  }
  draft.waiting_for("the JobManager to compile the job's plan.");
  return {{}, s.settings.poll_fast * 3};
}

Decision plan_prime(Situation& s, Draft& draft) {
  if (s.seen.cluster && handle_ended_process(s, draft)) return {};
  const auto* primed = std::get_if<PrimedCluster>(&s.memory.result);
  if (primed == nullptr) return {PrimeCluster{}, Duration(0)};
  if (!primed->status && primed->status.error().reason == "NotIdle") {
    fail_preparation(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB", primed->status.error());
    return {};
  }
  if (primed->status) s.memory.phases.primed_at = s.wall_now;
  stop_old_job(s, draft);
  return {};
}

Decision hand_over(Situation& s, Draft& draft, const model::RestoreChoice& choice) {
  end_job(s, draft, model::JobState::TERMINATED);
  // Flink's word, or the proof that its cluster is gone.
  if (s.view.on_session_cluster()) draft.job().internal.left_session_cluster = true;
  model::Job& next = draft.next_job();
  restore_from(next, choice);
  auto& internal = draft.deployment().internal;
  internal.current_job_id = next.metadata.id;
  next.internal.chain_position = ++internal.chain_position;
  next.status.phases.emplace(s.memory.phases).requested_at = s.view.transition->metadata.created_at;
  next.status.phases->stopping_at = s.view.transition->stopping_at;
  auto& transition = draft.transition();
  transition.stage = UpgradeStage::TAKE_OVER;
  transition.next_job_id.reset();
  transition.spared_cluster_id.reset();
  transition.continues_job_id.reset();
  transition.attempts = 0;
  const auto& cluster = s.view.next_cluster;
  const bool in_session = cluster && cluster->metadata.session_cluster_id;
  const bool ready = cluster && cluster->phase == model::ClusterPhase::WANTED &&
                     (in_session ? next.internal.jar_id : cluster->jar_id);
  if (!ready) {
    next.internal.cluster_id.reset();
    next.internal.first_checkpoints.reset();
    draft.enter(s.view.clusters.empty() ? TransitionPhase::SPIN_UP : TransitionPhase::TEAR_DOWN);
    draft.event(
        "SPINNING_UP_A_CLUSTER_FOR_A_JOB",
        fmt::format("Creating a cluster for job {}. {}", next.metadata.id, choice.explanation));
    return {};
  }
  if (!in_session && cluster->metadata.job_id != next.metadata.id) {
    model::Cluster changed = *cluster;
    changed.metadata.job_id = next.metadata.id;
    draft.put(std::move(changed), store::Expect::at(cluster.revision));
  }
  next.internal.submit_recorded = true;
  note_submit_recorded(s, next);
  draft.enter(TransitionPhase::SUBMIT);
  draft.event("AWAITING_A_JOB_TO_START",
              fmt::format("Job {} takes over. {}", next.metadata.id, choice.explanation));
  return {SubmitJob{}, Duration(0)};
}

void abandon_upgrade(Situation& s, Draft& draft, const std::string& why) {
  run_on(s, draft, model::JobState::FAILED, why);
  refuse_revision(s, draft, s.view.old_job->metadata.id, why);
  draft.event(
      "UPGRADE_ROLLED_BACK",
      fmt::format("The upgrade to revision {} is given up; job {} runs on untouched. Change "
                  "the template to try again. Cause: {}",
                  s.view.deployment->internal.spec_revision, s.view.old_job->metadata.id, why),
      {model::EventLevel::ERROR, "UpgradeAbandoned", why});
}

void withdraw_upgrade(Situation& s, Draft& draft) {
  run_on(s, draft, model::JobState::TERMINATED, "");
}

void forget_next_job(Situation& s, Draft& draft, model::JobState state, const std::string& why) {
  auto& transition = draft.transition();
  if (s.view.next_job && !model::is_terminal(s.view.next_job->status.state)) {
    model::Job& next = s.view.prepares() ? draft.job() : draft.next_job();
    next.status.state = state;
    next.metadata.terminated_at = s.wall_now;
    if (state == model::JobState::FAILED)
      next.status.failure = model::Failure{why, "UpgradeAbandoned", s.wall_now};
  }
  transition.next_job_id.reset();
  transition.spared_cluster_id.reset();
  transition.stage = UpgradeStage::NONE;
}

void fail_preparation(Situation& s, Draft& draft, const char* event, const Error& error) {
  draft.event(event, error.message, {model::EventLevel::ERROR, error.reason, ""});
  if (!worth_another_try(s, error)) return abandon_upgrade(s, draft, error.message);
  const int attempts = s.view.transition->attempts + 1;
  forget_next_job(s, draft, model::JobState::FAILED, error.message);
  auto& transition = draft.transition();
  transition.stage = UpgradeStage::PREPARE;
  transition.spared_cluster_id = s.view.old_job->internal.cluster_id;
  transition.attempts = attempts;
  transition.not_before = s.wall_now + backoff(s.settings, attempts);
  draft.enter(TransitionPhase::TEAR_DOWN);
}

}  // namespace weir::control
