#include <gtest/gtest.h>

#include "control/health.h"
#include "control/plan.h"
#include "control/planner_bench.h"
#include "control/room_ledger.h"

namespace weir::control {
namespace {

using namespace std::chrono_literals;
using model::DesiredState;
using model::JobState;
using model::ObservedState;
using model::TransitionKind;
using model::TransitionPhase;

using Bench = PlannerBench;

TEST(Plan, ANewDesireOpensATransitionBeforeAnythingHappens) {
  Bench b(DesiredState::RUNNING, ObservedState::CANCELLED);
  const Decision decision = b.decide();
  EXPECT_TRUE(std::holds_alternative<std::monostate>(decision.effect));
  ASSERT_NE(b.written<model::Transition>(), nullptr);
  EXPECT_EQ(b.written<model::Transition>()->kind, TransitionKind::START);
  EXPECT_EQ(b.written<model::Deployment>()->status.state, ObservedState::TRANSITIONING);
  EXPECT_EQ(b.events(), std::vector<std::string>{"STATE_TRANSITION_IS_NEEDED"});
}

TEST(Plan, UnknownRestorePointsBlockAStart) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  b.with_job();
  b.view.cluster = {};
  b.view.clusters.clear();
  b.open(TransitionKind::START, TransitionPhase::CREATE_JOB);
  EXPECT_TRUE(std::holds_alternative<FindState>(b.decide().effect));
  b.memory.result = FoundPoints{fail(Code::kUnavailable, "The disk does not answer.")};
  const Decision blocked = b.decide();
  EXPECT_EQ(b.written<model::Job>(), nullptr);
  EXPECT_GT(blocked.again, Duration(0));
}

TEST(Plan, WhatIsDeletedWhileTheDiskIsLookedAtDoesNotComeBack) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  b.with_job();
  b.open(TransitionKind::RECOVER, TransitionPhase::FIND_STATE);
  model::RestorePoint savepoint;
  savepoint.metadata.id = "deleted meanwhile";
  savepoint.kind = model::RestorePointKind::SAVEPOINT;
  savepoint.location = "file:///sp/1/savepoint-1";
  model::RestorePoint checkpoint;
  checkpoint.metadata.job_id = b.view.job->metadata.id;
  checkpoint.location = "file:///cp/chk-7";
  b.memory.result = FoundPoints{std::vector{savepoint, checkpoint}};
  b.decide();
  std::vector<std::string> recorded;
  for (const auto& put : b.batch.puts)
    if (const auto* point = std::get_if<model::RestorePoint>(&put.resource))
      recorded.push_back(point->location);
  EXPECT_EQ(recorded, std::vector{checkpoint.location});
}

TEST(Plan, ASubmitIsRecordedInTheSameDecision) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  model::Job job = running_job();
  job.status.state = JobState::STARTING;
  job.internal.submit_recorded = false;
  b.with_job(job);
  b.open(TransitionKind::START, TransitionPhase::AWAIT_CLUSTER);
  b.job_says(flink::JobState::kRunning);
  b.seen.overview = flink::ClusterOverview{"1.20.5", 1, 1, 1};
  b.memory.jar_id = "jar";
  b.memory.jar_place = "c/" + running_job().metadata.id;
  const Decision decision = b.decide();
  EXPECT_TRUE(std::holds_alternative<SubmitJob>(decision.effect));
  ASSERT_NE(b.written<model::Job>(), nullptr);
  EXPECT_TRUE(b.written<model::Job>()->internal.submit_recorded);
  EXPECT_EQ(b.written<model::Cluster>()->jar_id, "jar");
}

TEST(Plan, AJarThatCannotBeUploadedEndsTheAttempt) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  model::Job job = running_job();
  job.status.state = JobState::STARTING;
  job.internal.submit_recorded = false;
  b.with_job(job);
  b.open(TransitionKind::START, TransitionPhase::AWAIT_CLUSTER);
  b.job_says(flink::JobState::kRunning);
  b.seen.overview = flink::ClusterOverview{"1.20.5", 1, 1, 1};
  b.memory.result = UploadedJar{fail(Code::kUnavailable, "No answer.")};
  EXPECT_GT(b.decide().again, Duration(0)) << "it is tried again, but not at once";
  EXPECT_EQ(b.written<model::Job>(), nullptr);
  b.memory.result = UploadedJar{fail(Code::kNotFound, "The kept jar is gone.")};
  b.decide();
  ASSERT_NE(b.written<model::Job>(), nullptr);
  EXPECT_EQ(b.written<model::Job>()->status.state, JobState::FAILED);
}

TEST(Plan, ClustersThatVanishAreNotStartedForEver) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  model::Job job = running_job();
  job.status.state = JobState::STARTING;
  job.internal.submit_recorded = false;
  b.with_job(job);
  b.open(TransitionKind::START, TransitionPhase::AWAIT_CLUSTER);
  runtime::ClusterObservation gone;
  gone.presence = runtime::Presence::kAbsent;
  gone.processes.push_back({"jobmanager", 0, runtime::ProcessState::kExited, 0, {}, {}, "", ""});
  b.seen.cluster = gone;
  b.decide();
  ASSERT_NE(b.written<model::Transition>(), nullptr);
  EXPECT_EQ(b.written<model::Transition>()->attempts, 1);
  EXPECT_EQ(b.written<model::Job>(), nullptr) << "nobody's fault: not counted";
  auto tired = *b.view.transition;
  tired.attempts = 5;
  b.view.transition = stored(std::move(tired));
  b.decide();
  ASSERT_NE(b.written<model::Job>(), nullptr);
  EXPECT_EQ(b.written<model::Job>()->status.state, JobState::FAILED);
}

TEST(Plan, RunningCountsOnlyWithTheStateRestored) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  model::Job job = running_job();
  job.internal.restore_location = "file:///chk-3";
  b.with_job(job);
  b.open(TransitionKind::START, TransitionPhase::AWAIT_RUNNING);
  b.job_says(flink::JobState::kRunning);
  b.seen.checkpoints = flink::CheckpointStatistics{};
  b.decide();
  EXPECT_TRUE(b.batch.deletes.empty());
  flink::CheckpointStatistics restored;
  restored.latest_restored = "file:///chk-3";
  b.seen.checkpoints = restored;
  b.decide();
  EXPECT_EQ(b.written<model::Deployment>()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(b.batch.deletes.size(), 1u);
}

TEST(Plan, AnUnansweredQuestionChangesNothing) {
  Bench b(DesiredState::RUNNING, ObservedState::RUNNING);
  b.with_job();
  b.job_says(flink::JobState::kRunning);
  b.seen.cluster->presence = runtime::Presence::kUnknown;
  b.seen.cluster->job_manager_alive = false;
  b.seen.job = fail(Code::kDeadline, "No answer.");
  b.decide();
  EXPECT_EQ(b.written<model::Transition>(), nullptr);
  EXPECT_EQ(b.written<model::Job>(), nullptr);
}

TEST(Plan, ADeadJobManagerIsRecoveredUnderTheSameJob) {
  Bench b(DesiredState::RUNNING, ObservedState::RUNNING);
  b.with_job();
  b.job_says(flink::JobState::kRunning);
  b.seen.cluster->presence = runtime::Presence::kPresent;
  b.seen.cluster->job_manager_alive = false;
  b.decide();
  ASSERT_NE(b.written<model::Transition>(), nullptr);
  EXPECT_EQ(b.written<model::Transition>()->kind, TransitionKind::RECOVER);
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::TEAR_DOWN);
  EXPECT_EQ(b.written<model::Job>()->metadata.id, running_job().metadata.id);
}

TEST(Plan, FinishedDuringAStopIsResolvedByTheTrigger) {
  Bench b(DesiredState::SUSPENDED, ObservedState::TRANSITIONING);
  b.with_job();
  b.open(TransitionKind::SUSPEND, TransitionPhase::SAVEPOINT);
  model::Savepoint savepoint;
  savepoint.metadata.id = "s";
  savepoint.spec.flink_savepoint_id = running_job().metadata.id;
  b.view.savepoint = stored(savepoint);
  b.job_says(flink::JobState::kFinished);
  b.seen.trigger = flink::TriggerStatus{flink::TriggerState::kInProgress, "", ""};
  b.decide();
  EXPECT_EQ(b.written<model::Job>(), nullptr);
  b.seen.trigger = flink::TriggerStatus{flink::TriggerState::kCompleted, "file:///sp/s/x", ""};
  EXPECT_TRUE(std::holds_alternative<FindSavepoint>(b.decide().effect));
  b.memory.result = FoundSavepoint{std::optional<model::RestorePoint>()};
  b.decide();
  ASSERT_NE(b.written<model::Savepoint>(), nullptr);
  EXPECT_EQ(b.written<model::Savepoint>()->status.state, model::SavepointState::COMPLETED);
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::TEAR_DOWN);
}

// Flink ends a job for good whose stop failed after its savepoint: sinks may have committed up to
// it.
TEST(Plan, SavepointOfAJobThatFailedToStopIsItsLastState) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  b.with_job();
  b.open(TransitionKind::UPGRADE, TransitionPhase::SAVEPOINT);
  model::Savepoint savepoint;
  savepoint.metadata.id = "s";
  savepoint.spec.flink_savepoint_id = running_job().metadata.id;
  b.view.savepoint = stored(savepoint);
  b.seen.trigger = flink::TriggerStatus{flink::TriggerState::kFailed, "", "StopWithSavepoint..."};
  model::RestorePoint kept;
  kept.location = "file:///sp/s/x";
  const auto say = [&](flink::JobState state) {
    b.job_says(state);
    b.memory.result = FoundSavepoint{std::optional(kept)};
    b.decide();
  };
  say(flink::JobState::kFailing);
  EXPECT_EQ(b.written<model::Savepoint>(), nullptr);
  say(flink::JobState::kFailed);
  ASSERT_NE(b.written<model::Transition>(), nullptr);
  EXPECT_EQ(b.written<model::Transition>()->restore_location, kept.location);
  EXPECT_EQ(b.written<model::Transition>()->continues_job_id, std::nullopt);
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::TEAR_DOWN);
  // Restarted by an older Flink, it has reached its own end.
  say(flink::JobState::kFinished);
  EXPECT_EQ(b.written<model::Transition>()->kind, model::TransitionKind::CLEAN_UP);
  EXPECT_EQ(b.written<model::Savepoint>()->status.state, model::SavepointState::COMPLETED);
}

// The directory was looked at before the savepoint was written; then the trigger failed.
// A stop whose trigger Flink does not know, and whose savepoint is found on disk.
struct Forgotten : PlannerBench {
  Forgotten() : PlannerBench(DesiredState::SUSPENDED, ObservedState::TRANSITIONING) {
    with_job();
    open(model::TransitionKind::SUSPEND, TransitionPhase::SAVEPOINT);
    model::Transition transition = *view.transition;
    transition.savepoint_id = "sp";
    view.transition = stored(std::move(transition));
    model::Savepoint savepoint;
    savepoint.metadata.id = "sp";
    view.savepoint = stored(std::move(savepoint));
    job_says(flink::JobState::kRunning);
    seen.trigger = fail(Code::kNotFound, "No such trigger.");
    memory.settled_savepoint_id = "sp";
  }
  void finds(bool outlived) {
    model::RestorePoint point;
    point.location = "file:///sp/sp/savepoint-1";
    memory.result = FoundSavepoint{std::optional(point), outlived};
  }
};

TEST(Plan, ASavepointOnDiskIsTheLastStateOnlyOfAJobThatEnded) {
  Forgotten b;
  b.finds(false);
  b.decide();
  EXPECT_TRUE(b.batch.empty() || b.written<model::Savepoint>() == nullptr);
  b.job_says(flink::JobState::kFinished);
  b.finds(false);
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->restore_location, "file:///sp/sp/savepoint-1");
}

TEST(Plan, ACheckpointThatIsNewerThanTheStopsSavepointCounts) {
  Forgotten b;
  b.seen.cluster->job_manager_alive = false;
  b.finds(true);
  b.decide();
  EXPECT_EQ(b.written<model::Savepoint>()->status.state, model::SavepointState::COMPLETED);
  EXPECT_FALSE(b.written<model::Transition>()->restore_location);
  EXPECT_EQ(b.written<model::Transition>()->continues_job_id, b.view.job->metadata.id);
  Forgotten cancelled;  // outside, after the stop had failed
  cancelled.job_says(flink::JobState::kCanceled);
  cancelled.finds(true);
  cancelled.decide();
  EXPECT_FALSE(cancelled.written<model::Transition>()->restore_location);
  EXPECT_EQ(cancelled.written<model::Transition>()->continues_job_id, b.view.job->metadata.id);
}

TEST(Plan, AnEarlyLookIntoTheDirectoryDoesNotDecideHowAStopEnded) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  b.with_job();
  b.open(TransitionKind::UPGRADE, TransitionPhase::SAVEPOINT);
  model::Savepoint savepoint;
  savepoint.metadata.id = "s";
  savepoint.spec.flink_savepoint_id = running_job().metadata.id;
  b.view.savepoint = stored(savepoint);
  b.seen.trigger = flink::TriggerStatus{flink::TriggerState::kFailed, "", "StopWithSavepoint..."};
  b.job_says(flink::JobState::kFailed);
  b.memory.result = FoundSavepoint{std::optional<model::RestorePoint>()};
  EXPECT_TRUE(std::holds_alternative<FindSavepoint>(b.decide().effect));
  EXPECT_EQ(b.written<model::Savepoint>(), nullptr);
}

TEST(Plan, NoPlaceForSavepointsKeepsTheJobRunning) {
  Bench b(DesiredState::SUSPENDED, ObservedState::RUNNING);
  model::Job job = running_job();
  job.spec.flink_configuration.clear();
  b.with_job(job);
  b.job_says(flink::JobState::kRunning);
  b.decide();
  EXPECT_EQ(b.written<model::Transition>(), nullptr);
  EXPECT_EQ(b.events(), std::vector<std::string>{"JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT"});
  EXPECT_EQ(b.written<model::Deployment>()->status.state, ObservedState::RUNNING);
}

TEST(Plan, CancelReplacesAStart) {
  Bench b(DesiredState::CANCELLED, ObservedState::TRANSITIONING);
  b.with_job();
  b.open(TransitionKind::START, TransitionPhase::AWAIT_RUNNING);
  b.decide();
  ASSERT_NE(b.written<model::Transition>(), nullptr);
  EXPECT_EQ(b.written<model::Transition>()->kind, TransitionKind::CANCEL);
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::STOP_JOB);
  EXPECT_EQ(b.batch.deletes.size(), 1u);
}

TEST(Plan, WhatNeverFitsIsRefusedBeforeAnythingIsSpawned) {
  Bench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  model::Job job = running_job();
  job.status.state = JobState::STARTING;
  job.internal.submit_recorded = false;
  b.with_job(job);
  b.view.cluster = {};
  b.view.clusters.clear();
  b.room.capacity.memory_bytes = 1LL << 30;
  b.open(TransitionKind::START, TransitionPhase::SPIN_UP);
  const Decision decision = b.decide();
  EXPECT_TRUE(std::holds_alternative<std::monostate>(decision.effect));
  EXPECT_EQ(b.written<model::Job>()->status.state, JobState::FAILED);
  EXPECT_EQ(b.written<model::Job>()->status.failure->reason, "NeverFits");
}

TEST(Backoff, DoublesUpToItsLimit) {
  Settings settings;
  EXPECT_EQ(backoff(settings, 0), Duration(0));
  EXPECT_EQ(backoff(settings, 1), Duration(1s));
  EXPECT_EQ(backoff(settings, 4), Duration(8s));
  EXPECT_EQ(backoff(settings, 50), Duration(60s));
}

TEST(Health, CountsOnlyRestartsThatItSaw) {
  Memory memory;
  const MonoTime start{};
  EXPECT_EQ(note_restarts(memory, 5, start), 0);
  EXPECT_EQ(note_restarts(memory, 8, start + 1s), 3);
  const auto failing = conditions_of({}, memory, true, start + 2s, WallTime());
  EXPECT_EQ(failing[1].type, "JobFailing");
  EXPECT_EQ(failing[1].status, "True");
  const auto later = conditions_of(failing, memory, std::nullopt, start + 20min, WallTime());
  EXPECT_EQ(later[1].status, "False");
  EXPECT_EQ(later[2].status, "True");
  EXPECT_FALSE(same_statuses(failing, later));
  EXPECT_EQ(note_restarts(memory, 1, start + 21min), 1) << "a new attempt counts from zero";
}

TEST(Health, UnreachableMakesTheRestUnknown) {
  Memory memory;
  memory.unreachable_since = MonoTime{};
  const auto conditions = conditions_of({}, memory, false, MonoTime{} + 1s, WallTime());
  EXPECT_EQ(conditions[0].status, "True");
  EXPECT_EQ(conditions[1].status, "Unknown");
  EXPECT_EQ(conditions[3].type, "StateAtRisk");
}

}  // namespace
}  // namespace weir::control
