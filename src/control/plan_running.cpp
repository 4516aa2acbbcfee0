#include <fmt/format.h>

#include <algorithm>

#include "control/health.h"
#include "control/mistakes.h"
#include "control/plan.h"

namespace weir::control {

using flink::JobState;
using model::TransitionKind;
using model::TransitionPhase;

namespace {

constexpr Duration kMissingPatience = std::chrono::seconds(10);
constexpr Duration kYoung = std::chrono::seconds(15);
constexpr std::size_t kCheckpointsRecorded = 3;

std::string cause_of(const Situation& s) {
  return s.seen.exceptions ? s.seen.exceptions->root_cause : std::string();
}

bool is_young(const Situation& s) {
  const auto& running = s.view.deployment->status.running;
  return running && running->transition_time && s.wall_now - *running->transition_time < kYoung;
}

// Long enough to forget earlier failures of a job that makes no checkpoints.
bool ran_long(const Situation& s) {
  const auto& running = s.view.deployment->status.running;
  return running && running->transition_time &&
         s.wall_now - *running->transition_time > std::chrono::minutes(10);
}

Decision record_finished(Situation& s, Draft& draft) {
  draft.open(TransitionKind::CLEAN_UP, TransitionPhase::TEAR_DOWN, "");
  end_job(s, draft, model::JobState::FINISHED);
  draft.event("JOB_SUCCESSFULLY_FINISHED",
              fmt::format("Job {} finished.", s.view.job->metadata.id));
  return {};
}

void forgive(Situation& s, Draft& draft) {
  const auto& internal = s.view.job->internal;
  if (internal.recoveries > 0 || internal.lost_workers > 0) {
    draft.job().internal.recoveries = 0;
    draft.job().internal.lost_workers = 0;
  }
  if (s.view.deployment->internal.failed_jobs > 0) draft.deployment().internal.failed_jobs = 0;
}

// Only the newest few are kept as records; Flink itself deletes the older data.
void forget_old_checkpoints(Situation& s, Draft& draft) {
  std::vector<store::Stored<model::RestorePoint>> own;
  for (const auto& point : s.view.points)
    if (point->kind == model::RestorePointKind::CHECKPOINT &&
        point->metadata.job_id == s.view.job->metadata.id)
      own.push_back(point);
  std::sort(own.begin(), own.end(), [](const auto& a, const auto& b) {
    return std::pair(a->attempt, a->checkpoint_id) > std::pair(b->attempt, b->checkpoint_id);
  });
  for (std::size_t i = kCheckpointsRecorded - 1; i < own.size(); ++i) draft.remove(own[i]);
}

void take_checkpoints(Situation& s, Draft& draft, const flink::CheckpointStatistics& statistics) {
  Memory& memory = s.memory;
  memory.completed_checkpoints = statistics.completed;
  memory.failed_checkpoints = statistics.failed;
  const auto& latest = statistics.latest_completed;
  if (!latest || latest->id <= memory.last_completed_id) return;
  memory.last_completed_id = latest->id;
  forgive(s, draft);
  if (latest->is_savepoint) return;
  if (memory.checkpoint_recorded &&
      s.now - *memory.checkpoint_recorded < s.settings.checkpoint_record_interval)
    return;
  record_checkpoint(s, draft, *latest);
}

std::int64_t newest_own_checkpoint(const Situation& s,
                                   const std::vector<model::RestorePoint>& points) {
  std::int64_t newest = -1;
  for (const auto& point : points)
    if (point.metadata.job_id == s.view.job->metadata.id &&
        point.kind == model::RestorePointKind::CHECKPOINT)
      newest = std::max(newest, point.checkpoint_id);
  return newest;
}

// A JobManager that does not answer may still work: new checkpoints on disk are its proof of life.
Decision handle_unreachable(Situation& s, Draft& draft) {
  Memory& memory = s.memory;
  if (auto* found = std::get_if<FoundPoints>(&memory.result); found != nullptr) {
    memory.looked_on_disk = s.now;
    if (!found->points) return {{}, std::chrono::seconds(1)};
    const std::int64_t newest = newest_own_checkpoint(s, *found->points);
    const bool first = !memory.newest_when_lost;
    const bool alive = !first && newest > *memory.newest_when_lost;
    if (first || alive) memory.newest_when_lost = newest;
    if (alive) memory.unreachable_since = s.now;
    if (!first && !alive && s.now - *memory.unreachable_since >= s.settings.unreachable_time) {
      begin_recovery(s, draft,
                     fmt::format("The JobManager has not answered for {} and makes no checkpoints; "
                                 "its processes are ended.",
                                 format_duration(s.settings.unreachable_time)),
                     "");
      return {};
    }
    return {{}, std::chrono::seconds(1)};
  }
  const bool look =
      !memory.newest_when_lost || s.now - *memory.unreachable_since >= s.settings.unreachable_time;
  if (look && (!memory.looked_on_disk || s.now - *memory.looked_on_disk >= std::chrono::seconds(5)))
    return {FindState{{s.view.job}, recorded_points(s.view)}, Duration(0)};
  return {{}, std::chrono::seconds(1)};
}

void show_conditions(Situation& s, Draft& draft) {
  std::optional<bool> enabled;
  if (s.seen.checkpoints && *s.seen.checkpoints) enabled = (*s.seen.checkpoints)->enabled;
  const auto& running = s.view.deployment->status.running;
  const auto before = running ? running->conditions : std::vector<model::Condition>();
  auto after = conditions_of(before, s.memory, enabled, s.now, s.wall_now);
  if (running && same_statuses(before, after)) return;
  const auto turned = [&](const char* type) {
    const auto is_true = [&](const auto& list) {
      return std::any_of(list.begin(), list.end(),
                         [&](const auto& c) { return c.type == type && c.status == "True"; });
    };
    return is_true(after) && !is_true(before);
  };
  if (turned("JobFailing"))
    draft.event("GENERAL_FAILURE", "The job keeps failing: Flink restarts it again and again.",
                {model::EventLevel::ERROR, "JobFailing", cause_of(s)});
  if (turned("ClusterUnreachable"))
    draft.event("EXTERNAL", "The JobManager does not answer; the job may still be running.",
                {model::EventLevel::WARNING, "ClusterUnreachable", ""});
  if (turned("StateAtRisk"))
    draft.event("EXTERNAL",
                "The job makes no checkpoints: a crash loses its state. Set "
                "execution.checkpointing.interval in flinkConfiguration.",
                {model::EventLevel::WARNING, "NoCheckpoints", ""});
  if (!running) show_running(s, draft, *s.view.job);
  draft.deployment().status.running->conditions = std::move(after);
}

Decision take_end(Situation& s, Draft& draft, JobState state) {
  if (state == JobState::kFinished) return record_finished(s, draft);
  if (state == JobState::kCanceled) return cancelled_outside(s, draft);
  const std::string cause = cause_of(s);
  job_failed_in_flink(s, draft, cause.empty() ? "Flink gave no cause." : cause);
  return {};
}

Decision watch_job(Situation& s, Draft& draft, const flink::JobDetail& job) {
  Memory& memory = s.memory;
  memory.unreachable_since.reset();
  memory.job_missing_since.reset();
  memory.newest_when_lost.reset();
  memory.last_answer = s.wall_now;
  memory.flink_status = flink::to_string(job.state);
  if (flink::is_globally_terminal(job.state)) return take_end(s, draft, job.state);
  const bool runs = job.state == JobState::kRunning && job.all_tasks_running;
  if (runs) memory.not_running_since.reset();
  else if (!memory.not_running_since) memory.not_running_since = s.now;
  const Duration young_poll = std::max<Duration>(s.settings.poll_fast * 3, s.room.poll_floor);
  const Duration stable_poll = std::max<Duration>(s.settings.poll_stable, s.room.poll_floor * 2);
  if (s.seen.restarts) note_restarts(memory, *s.seen.restarts, s.now);
  if (s.seen.checkpoints) {
    memory.next_details =
        s.now + (is_young(s) ? std::max<Duration>(std::chrono::seconds(1), young_poll * 2)
                             : stable_poll * 4);
    if (*s.seen.checkpoints) take_checkpoints(s, draft, **s.seen.checkpoints);
  }
  if (judge_stability(s, draft)) return {};
  show_conditions(s, draft);
  if (!runs) return {{}, s.settings.poll_fast * 3};
  if (ran_long(s)) forgive(s, draft);
  return {{}, is_young(s) ? young_poll : stable_poll};
}

}  // namespace

void record_checkpoint(Situation& s, Draft& draft, const flink::CompletedCheckpoint& completed) {
  for (const auto& point : s.view.points)
    if (point->location == completed.location) return;
  s.memory.checkpoint_recorded = s.now;
  model::RestorePoint made = restore_point_of(
      s.view, *s.view.job, model::RestorePointKind::CHECKPOINT, completed.location, completed.id);
  made.metadata.id = draft.new_id();
  made.metadata.created_at = s.wall_now;
  forget_old_checkpoints(s, draft);
  draft.put(std::move(made), store::Expect::absent());
}

Decision cancelled_outside(Situation& s, Draft& draft) {
  const std::string job_id = s.view.job->metadata.id;
  const char* message = "State transition to RUNNING is needed.";
  if (s.view.transition)
    draft.supersede(TransitionKind::START, TransitionPhase::TEAR_DOWN, message);
  else draft.open(TransitionKind::START, TransitionPhase::TEAR_DOWN, message);
  end_job(s, draft, model::JobState::TERMINATED);
  draft.transition().continues_job_id = job_id;
  draft.event(
      "EXTERNAL",
      fmt::format("Job {} was cancelled outside Weir. The desired state is RUNNING, so it is "
                  "started again; to stop it, set spec.state to CANCELLED.",
                  job_id),
      {model::EventLevel::WARNING, "CancelledOutside", ""});
  return {};
}

void show_running(Situation& s, Draft& draft, const model::Job& job) {
  auto& running = draft.deployment().status.running.emplace();
  running.job_id = job.metadata.id;
  running.transition_time = s.wall_now;
  running.conditions = healthy_conditions(s.wall_now);
}

bool lacks_workers(const Situation& s) {
  // Those of a session cluster are looked after by its own reconciler.
  return s.seen.cluster && s.view.cluster && !s.view.on_session_cluster() &&
         s.seen.cluster->presence == runtime::Presence::kPresent &&
         s.seen.cluster->task_managers_alive < s.view.cluster->task_managers;
}

Decision replace_workers(Situation& s, Draft& draft) {
  const int limit = s.view.deployment->spec.max_job_creation_attempts.value_or(4);
  const std::string why = ended_process(*s.seen.cluster, "taskmanager");
  auto& wait_until = s.memory.worker_wait_until;
  if (wait_until && s.now < *wait_until) return {{}, *wait_until - s.now};
  const int losses = s.view.job->internal.lost_workers + 1;
  if (losses > limit * 2) {
    const std::string cause =
        "TaskManagers keep ending without a completed checkpoint in between. " + why;
    if (s.view.transition)
      fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB",
                   fail(Code::kUnavailable, cause, "TaskManagerEnded"));
    else job_failed_in_flink(s, draft, cause);
    return {};
  }
  draft.job().internal.lost_workers = losses;
  wait_until = s.now + backoff(s.settings, losses);
  draft.event("EXTERNAL",
              (why.empty() ? std::string("A TaskManager is gone.") : why) +
                  " Another one is started; Flink goes back to the newest checkpoint.",
              {model::EventLevel::WARNING, "TaskManagerEnded", ""});
  return {EnsureCluster{}, s.settings.poll_fast};
}

std::optional<Decision> fit_spare_workers(Situation& s, Draft& draft) {
  const auto& cluster = *s.view.cluster;
  const int wanted = task_managers_for(s.view, *s.view.job);
  const int alive = s.seen.cluster->task_managers_alive;
  if (cluster.task_managers < wanted) {
    auto& told = s.memory.spare_wait_since;
    const std::string lack = s.room.capacity_known
                                 ? lack_of_room_to_grow(s, cluster, *s.view.job, wanted)
                                 : "The room of this place is not known yet.";
    if (!lack.empty()) {
      if (!told && s.room.capacity_known)
        draft.event("RESOURCE_QUOTA_EXCEEDED", "There is no room for a spare TaskManager. " + lack,
                    {model::EventLevel::WARNING, "NoRoom", ""});
      if (s.room.capacity_known) told = s.now;
      return std::nullopt;
    }
    told.reset();
    resize_cluster(*s.view.job, draft.cluster(), wanted);
    return Decision{EnsureCluster{}, s.settings.poll_fast};
  }
  if (cluster.task_managers > wanted) resize_cluster(*s.view.job, draft.cluster(), wanted);
  // One that has tasks now may be without any later.
  auto& asked = s.memory.surplus_asked;
  if (alive <= wanted || (asked && s.now - *asked < kMissingPatience)) return std::nullopt;
  asked = s.now;
  return Decision{EndIdleWorkers{alive - wanted, false}, s.settings.poll_fast};
}

Decision plan_running(Situation& s, Draft& draft) {
  if (mistakes.recover_after_restart && !s.memory.last_answer && !s.memory.phases.submitted_at) {
    begin_recovery(s, draft, "Nothing is known of it yet.", "");
    return {};
  }
  if (s.seen.cluster) {
    const auto& cluster = *s.seen.cluster;
    const bool known =
        cluster.presence != runtime::Presence::kUnknown || mistakes.unknown_is_absent;
    if (known && !cluster.job_manager_alive) {
      if (s.seen.archived) return take_end(s, draft, s.seen.archived->state);
      const std::string why = ended_process(cluster, "jobmanager");
      begin_recovery(s, draft, why.empty() ? "The cluster is gone." : why, "");
      return {};
    }
    if (known && lacks_workers(s)) return replace_workers(s, draft);
    if (known && !s.view.on_session_cluster())
      if (auto first = fit_spare_workers(s, draft)) return *first;
    if (known)
      if (auto first = write_log_levels(s, draft)) return *first;
  }
  if (!s.seen.job) return {{}, s.settings.poll_stable};
  if (*s.seen.job) {
    const bool terminal = flink::is_globally_terminal((*s.seen.job)->state);
    if (auto first = terminal ? std::nullopt : hold_parallelism(s, draft)) return *first;
    return watch_job(s, draft, **s.seen.job);
  }
  if (s.seen.job->error().code == Code::kNotFound) {
    if (!s.memory.job_missing_since) s.memory.job_missing_since = s.now;
    if (s.now - *s.memory.job_missing_since < kMissingPatience)
      return {{}, std::chrono::seconds(1)};
    begin_recovery(s, draft, "The JobManager does not know the job any more.", "");
    // Not a proof that it is gone; nor is there another, but the end of the cluster.
    if (s.view.on_session_cluster()) draft.job().internal.unresolved = true;
    return {};
  }
  if (!s.memory.unreachable_since) s.memory.unreachable_since = s.now;
  show_conditions(s, draft);
  if (s.view.on_session_cluster()) return {{}, std::chrono::seconds(1)};
  return handle_unreachable(s, draft);
}

}  // namespace weir::control
