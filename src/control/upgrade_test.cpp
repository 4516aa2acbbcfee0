#include <gtest/gtest.h>

#include "control/planner_bench.h"
#include "control/upgrade_way.h"

namespace weir::control {
namespace {

using model::DesiredState;
using model::JobState;
using model::ObservedState;
using model::TransitionKind;
using model::TransitionPhase;
using model::UpgradeMode;
using model::UpgradeStage;
using model::UpgradeStrategy;
using model::UpgradeWay;

model::UpgradeStrategy mode(UpgradeMode wanted) {
  UpgradeStrategy strategy;
  strategy.mode = wanted;
  return strategy;
}

TEST(UpgradeWay, TheShortestGapThatIsPossible) {
  const model::Job running = running_job();
  model::Job next = running_job();
  next.spec.artifact.main_args = "--other";
  EXPECT_EQ(choose_way(running, next, {}, {}).way, UpgradeWay::WARM_SWAP);
  EXPECT_EQ(choose_way(running, next, {}, {"No room.", ""}).way, UpgradeWay::SAME_CLUSTER);
  next.spec.flink_configuration["taskmanager.memory.managed.fraction"] = "0.1";
  const WayChoice restart = choose_way(running, next, {}, {"No room.", ""});
  EXPECT_EQ(restart.way, UpgradeWay::RESTART);
  EXPECT_NE(restart.reason.find("taskmanager.memory.managed.fraction"), std::string::npos);
}

TEST(UpgradeWay, WhatOnlyOneClusterCanHaveForbidsTwo) {
  const model::Job running = running_job();
  for (const auto& [key, value] : model::StringMap{
           {"env.java.opts.taskmanager", "-agentlib:jdwp=transport=dt_socket,address=5005"},
           {"metrics.reporter.prom.port", "9249"}}) {
    model::Job next = running_job();
    next.spec.user_flink_configuration[key] = value;
    const WayChoice choice = choose_way(running, next, {}, {});
    EXPECT_NE(choice.way, UpgradeWay::WARM_SWAP) << key;
    EXPECT_NE(choice.reason.find(key), std::string::npos) << choice.reason;
  }
  model::Job next = running_job();
  next.spec.user_flink_configuration["metrics.reporter.prom.port"] = "9250-9260";
  EXPECT_EQ(choose_way(running, next, {}, {}).way, UpgradeWay::WARM_SWAP);
}

TEST(UpgradeWay, TheUsersModeIsTakenWhereItIsPossible) {
  const model::Job running = running_job();
  model::Job next = running_job();
  EXPECT_EQ(choose_way(running, next, mode(UpgradeMode::RESTART), {}).way, UpgradeWay::RESTART);
  EXPECT_EQ(choose_way(running, next, mode(UpgradeMode::SAME_CLUSTER), {}).way,
            UpgradeWay::SAME_CLUSTER);
  next.spec.number_of_task_managers = 2;
  EXPECT_EQ(choose_way(running, next, mode(UpgradeMode::SAME_CLUSTER), {}).way,
            UpgradeWay::RESTART);
}

model::Job adaptive(int parallelism) {
  model::Job job = running_job();
  job.spec.artifact.flink_version = "1.20.5";
  job.spec.flink_configuration["jobmanager.scheduler"] = "adaptive";
  job.spec.parallelism = job.spec.number_of_task_managers = parallelism;
  return job;
}

TEST(UpgradeWay, OnlyAnotherParallelismIsTakenInPlace) {
  const model::Job running = adaptive(2);
  EXPECT_EQ(choose_way(running, adaptive(4), {}, {}).way, UpgradeWay::IN_PLACE);
  EXPECT_EQ(choose_way(running, adaptive(1), {}, {}).way, UpgradeWay::IN_PLACE);
  EXPECT_EQ(choose_way(running, adaptive(4), mode(UpgradeMode::WARM_SWAP), {}).way,
            UpgradeWay::WARM_SWAP);
  model::Job next = adaptive(4);
  next.spec.artifact.main_args = "--other";
  EXPECT_EQ(choose_way(running, next, {}, {}).way, UpgradeWay::WARM_SWAP);
  const WayChoice asked = choose_way(running, next, mode(UpgradeMode::IN_PLACE), {});
  EXPECT_EQ(asked.way, UpgradeWay::WARM_SWAP);
  EXPECT_NE(asked.reason.find("more than the parallelism"), std::string::npos) << asked.reason;
}

TEST(UpgradeWay, WhatRunsAlreadyIsNotExchanged) {
  EXPECT_TRUE(runs_already(adaptive(2), adaptive(2)));
  EXPECT_FALSE(runs_already(adaptive(2), adaptive(3)));
  model::Job next = adaptive(2);
  next.spec.artifact.main_args = "--other";
  EXPECT_FALSE(runs_already(adaptive(2), next));
}

TEST(UpgradeWay, WhatForbidsARescaleInPlace) {
  const auto way = [](const model::Job& from, const model::Job& to, UpgradeStrategy strategy = {},
                      Obstacles obstacles = {}) {
    return choose_way(from, to, strategy, obstacles).way;
  };
  UpgradeStrategy stateless;
  stateless.kind = model::UpgradeStrategyKind::STATELESS;
  EXPECT_EQ(way(adaptive(2), adaptive(4), stateless), UpgradeWay::WARM_SWAP);
  EXPECT_EQ(way(adaptive(2), adaptive(4), {}, {"", "it makes no checkpoints"}),
            UpgradeWay::WARM_SWAP);
  model::Job by_default = adaptive(2), next_by_default = adaptive(4);
  for (model::Job* job : {&by_default, &next_by_default})
    job->spec.flink_configuration["jobmanager.scheduler"] = "default";
  EXPECT_EQ(way(by_default, next_by_default), UpgradeWay::WARM_SWAP);
  model::Job old = adaptive(2), next_old = adaptive(4);
  for (model::Job* job : {&old, &next_old}) job->spec.artifact.flink_version = "1.19.3";
  EXPECT_EQ(way(old, next_old), UpgradeWay::WARM_SWAP);
  model::Job two_slots = adaptive(4), fewer = adaptive(2);
  for (model::Job* job : {&two_slots, &fewer}) {
    job->spec.user_flink_configuration["taskmanager.numberOfTaskSlots"] = "2";
    job->spec.number_of_task_managers = job->spec.parallelism / 2;
  }
  EXPECT_EQ(way(two_slots, fewer), UpgradeWay::WARM_SWAP) << "a slot of each may be in use";
  EXPECT_EQ(way(fewer, two_slots), UpgradeWay::IN_PLACE);
}

// An upgrade of a running job; the next job and its cluster are there from `prepared` on.
struct Upgrade : PlannerBench {
  static constexpr const char* kNext = "22222222-2222-4222-8222-222222222222";

  Upgrade() : PlannerBench(DesiredState::RUNNING, ObservedState::TRANSITIONING) {
    with_job();
    auto d = *view.deployment;
    d.internal.spec_revision = 2;
    view.deployment = stored(std::move(d));
    view.old_job = view.job;
    view.old_cluster = view.cluster;
  }
  void at(UpgradeStage stage, TransitionPhase phase) {
    model::Transition transition;
    transition.metadata.id = "t";
    transition.kind = TransitionKind::UPGRADE;
    transition.stage = stage;
    transition.phase = phase;
    transition.way = UpgradeWay::WARM_SWAP;
    transition.old_job_id = view.old_job->metadata.id;
    transition.spared_cluster_id = "c";
    view.transition = stored(std::move(transition));
  }
  model::Job next() const {
    model::Job job = running_job();
    job.metadata.id = kNext;
    job.status.state = JobState::STARTING;
    job.status.revision = 2;
    job.internal.chain_position = 2;
    job.internal.submit_recorded = false;
    job.internal.ran = false;
    job.internal.cluster_id = "c2";
    job.internal.jar_sha256 = "abc";
    return job;
  }
  void prepared() {
    view.next_job = stored(next());
    model::Cluster cluster = live_cluster();
    cluster.metadata.id = "c2";
    cluster.metadata.job_id = kNext;
    cluster.jar_id = "jar";
    view.next_cluster = stored(std::move(cluster));
    view.clusters = {view.old_cluster, view.next_cluster};
    view.jobs = {view.next_job, view.old_job};
  }
  // The next job is the current one, the old one has ended.
  void taken_over() {
    prepared();
    model::Job old = *view.old_job;
    old.status.state = JobState::TERMINATED;
    old.internal.jar_sha256 = "old";
    view.old_job = stored(std::move(old));
    model::Job now = next();
    now.internal.submit_recorded = true;
    now.internal.restore_location = now.spec.savepoint_location = "file:/sp/1";
    view.job = stored(std::move(now));
    view.cluster = view.next_cluster;
    view.next_job = {};
    view.next_cluster = {};
    view.jobs = {view.job, view.old_job};
  }
};

TEST(Upgrade, TheNextJobIsRecordedWhileTheOldOneStaysTheCurrentOne) {
  Upgrade b;
  b.at(UpgradeStage::PREPARE, TransitionPhase::CREATE_JOB);
  b.decide();
  ASSERT_NE(b.written<model::Job>(), nullptr);
  EXPECT_EQ(b.written<model::Job>()->status.revision, 2);
  EXPECT_EQ(b.written<model::Transition>()->next_job_id, b.written<model::Job>()->metadata.id);
  EXPECT_EQ(b.written<model::Deployment>()->internal.current_job_id, b.view.old_job->metadata.id);
}

TEST(Upgrade, APreparationThatFailsLeavesTheRunningJobAlone) {
  Upgrade b;
  b.at(UpgradeStage::PREPARE, TransitionPhase::CHECK_PLAN);
  b.prepared();
  b.view.job = b.view.next_job;
  b.view.cluster = b.view.next_cluster;
  b.memory.result = CheckedPlan{fail(Code::kInvalidArgument, "main() threw.", "MainFailed")};
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::RETIRE);
  EXPECT_EQ(b.written<model::Job>()->status.state, JobState::FAILED);
  const auto* deployment = b.written<model::Deployment>();
  EXPECT_EQ(deployment->internal.refused_revision, 2);
  EXPECT_EQ(deployment->internal.fallback_job_id, b.view.old_job->metadata.id);
  EXPECT_EQ(deployment->status.revision->rolled_back_because, "main() threw.");
}

// A compiled plan on a cluster of its own.
struct Compiled : Upgrade {
  Compiled() {
    at(UpgradeStage::PREPARE, TransitionPhase::CHECK_PLAN);
    prepared();
    view.job = view.next_job;
    view.cluster = view.next_cluster;
    settings.priming_jar = "/data/priming-job.jar";
    memory.result = CheckedPlan{};
  }
  void primed(Status status) {
    at(UpgradeStage::PREPARE, TransitionPhase::PRIME);
    memory.result = PrimedCluster{std::move(status)};
  }
};

TEST(Upgrade, TheNewClusterIsWarmedUpBeforeTheOldJobIsTouched) {
  Compiled b;
  EXPECT_TRUE(std::holds_alternative<PrimeCluster>(b.decide().effect));
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::PRIME);
  b.primed({});
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->stage, UpgradeStage::STOP_OLD);
  EXPECT_TRUE(b.memory.phases.primed_at);
}

TEST(Upgrade, AClusterThatDoesNotWarmUpIsUsedOnlyIfItIsIdle) {
  Compiled b;
  b.primed(fail(Code::kDeadline, "It took too long."));
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->stage, UpgradeStage::STOP_OLD);
  EXPECT_FALSE(b.memory.phases.primed_at);
  b.primed(fail(Code::kFailedPrecondition, "It did not end.", "NotIdle"));
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->stage, UpgradeStage::PREPARE);
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::TEAR_DOWN);
  EXPECT_EQ(b.written<model::Transition>()->attempts, 1);
}

TEST(Upgrade, TheNextJobIsSubmittedInTheDecisionThatEndsTheOldOne) {
  Upgrade b;
  b.at(UpgradeStage::STOP_OLD, TransitionPhase::FIND_STATE);
  b.prepared();
  model::RestorePoint point;
  point.location = "file:/cp/chk-3";
  point.metadata.job_id = b.view.job->metadata.id;
  point.chain_position = 1;
  b.memory.result = FoundPoints{std::vector{point}};
  const Decision decision = b.decide();
  EXPECT_TRUE(std::holds_alternative<SubmitJob>(decision.effect));
  EXPECT_EQ(b.written<model::Deployment>()->internal.current_job_id, Upgrade::kNext);
  int ended = 0, submitted = 0;
  for (const auto& put : b.batch.puts)
    if (const auto* job = std::get_if<model::Job>(&put.resource)) {
      ended += job->status.state == JobState::TERMINATED ? 1 : 0;
      submitted += job->internal.submit_recorded && job->metadata.id == Upgrade::kNext &&
                           job->internal.restore_location == "file:/cp/chk-3"
                       ? 1
                       : 0;
    }
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(submitted, 1);
}

TEST(Upgrade, ReachedOnlyWithACompletedCheckpoint) {
  Upgrade b;
  b.taken_over();
  b.at(UpgradeStage::TAKE_OVER, TransitionPhase::VERIFY);
  b.job_says(flink::JobState::kRunning);
  flink::CheckpointStatistics none;
  none.enabled = true;
  b.seen.checkpoints = none;
  EXPECT_TRUE(std::holds_alternative<TriggerCheckpoint>(b.decide().effect));
  flink::CheckpointStatistics one = none;
  one.completed = 1;
  b.seen.checkpoints = one;
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::RETIRE);
}

TEST(Upgrade, AFailedNewJobGivesWayToTheOldRevisionOnTheOldCluster) {
  Upgrade b;
  b.taken_over();
  b.at(UpgradeStage::TAKE_OVER, TransitionPhase::AWAIT_RUNNING);
  b.job_says(flink::JobState::kFailed);
  b.decide();
  const auto* transition = b.written<model::Transition>();
  ASSERT_NE(transition, nullptr);
  EXPECT_EQ(transition->kind, TransitionKind::ROLLBACK);
  EXPECT_EQ(transition->phase, TransitionPhase::TEAR_DOWN);
  EXPECT_EQ(transition->spared_cluster_id, "c");
  EXPECT_EQ(transition->continues_job_id, Upgrade::kNext);
  EXPECT_EQ(b.written<model::Deployment>()->internal.refused_revision, 2);
}

TEST(Upgrade, WithoutRollbackTheAttemptCounts) {
  Upgrade b;
  auto d = *b.view.deployment;
  d.spec.upgrade_strategy->rollback = model::RollbackPolicy::OFF;
  b.view.deployment = stored(std::move(d));
  b.taken_over();
  b.at(UpgradeStage::TAKE_OVER, TransitionPhase::AWAIT_RUNNING);
  b.job_says(flink::JobState::kFailed);
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->kind, TransitionKind::UPGRADE);
  EXPECT_EQ(b.written<model::Deployment>()->internal.failed_jobs, 1);
  EXPECT_FALSE(b.written<model::Transition>()->spared_cluster_id.has_value());
}

TEST(Upgrade, ACancelInThePreparationEndsWhatWasPrepared) {
  Upgrade b;
  b.at(UpgradeStage::PREPARE, TransitionPhase::AWAIT_CLUSTER);
  b.prepared();
  b.view.job = b.view.next_job;
  b.view.cluster = b.view.next_cluster;
  auto d = *b.view.deployment;
  d.spec.state = DesiredState::CANCELLED;
  b.view.deployment = stored(std::move(d));
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->phase, TransitionPhase::RETIRE);
  EXPECT_FALSE(b.written<model::Transition>()->next_job_id.has_value());
  EXPECT_EQ(b.written<model::Job>()->status.state, JobState::TERMINATED);
}

TEST(Upgrade, ALostTaskManagerOfTheRunningJobIsReplacedWhileTheNextJobIsPrepared) {
  Upgrade b;
  b.at(UpgradeStage::PREPARE, TransitionPhase::AWAIT_CLUSTER);
  b.prepared();
  b.view.job = b.view.next_job;
  b.view.cluster = b.view.next_cluster;
  b.job_says(flink::JobState::kRunning);
  b.seen.old_cluster = b.seen.cluster;
  b.seen.old_cluster->task_managers_alive = 0;
  EXPECT_TRUE(std::holds_alternative<EnsureOldCluster>(b.decide().effect));
  EXPECT_FALSE(std::holds_alternative<EnsureOldCluster>(b.decide().effect)) << "not at once again";
}

TEST(Upgrade, WhileNothingRunsAPreparationIsTriedOnce) {
  for (const bool lost : {false, true}) {
    Upgrade b;
    b.at(UpgradeStage::PREPARE, TransitionPhase::FETCH_JAR);
    b.prepared();
    b.view.job = b.view.next_job;
    b.job_says(flink::JobState::kRunning);
    b.seen.old_cluster = b.seen.cluster;
    b.seen.old_cluster->job_manager_alive = !lost;
    b.memory.result = FetchedJar{fail(Code::kUnavailable, "The server does not answer.")};
    b.decide();
    EXPECT_EQ(b.written<model::Transition>()->phase,
              lost ? TransitionPhase::RETIRE : TransitionPhase::TEAR_DOWN);
  }
}

// A, whose second cluster attempt it was, B on its cluster, then C on the same one.
TEST(Upgrade, AJobOnASharedClusterKnowsWhereTheClusterPutsCheckpoints) {
  Upgrade b;
  b.at(UpgradeStage::PREPARE, TransitionPhase::CREATE_JOB);
  auto d = *b.view.deployment;
  d.spec.upgrade_strategy->mode = UpgradeMode::SAME_CLUSTER;
  b.view.deployment = stored(std::move(d));
  model::Job old = *b.view.old_job;
  old.internal.attempt = 1;
  old.internal.first_checkpoints = "file:/state/jobs/a/a2";
  old.spec.artifact.flink_version = "1.20.5";
  model::Cluster cluster = *b.view.old_cluster;
  cluster.attempt = 2;
  b.view.old_job = b.view.job = stored(std::move(old));
  b.view.old_cluster = b.view.cluster = stored(std::move(cluster));
  Situation situation{b.view,     b.seen,  b.memory,          b.room,
                      b.settings, b.homes, b.loop.mono_now(), b.loop.wall_now()};
  Draft draft(b.view, b.loop, situation.wall_now);
  model::Job next = b.next();
  run_on_cluster_of_another(situation, draft, b.view.old_cluster, next);
  EXPECT_EQ(next.internal.first_checkpoints, "file:/state/jobs/a/a2");
}

TEST(Upgrade, AJobThatFinishesBeforeItsCancelIsNotStartedAgain) {
  Upgrade b;
  b.at(UpgradeStage::STOP_OLD, TransitionPhase::STOP_JOB);
  auto transition = *b.view.transition;
  transition.stop_sent = true;
  b.view.transition = stored(std::move(transition));
  b.prepared();
  b.job_says(flink::JobState::kFinished);
  b.decide();
  EXPECT_EQ(b.written<model::Transition>()->kind, TransitionKind::CLEAN_UP);
  EXPECT_FALSE(b.written<model::Transition>()->next_job_id.has_value());
}

TEST(Upgrade, AGivenUpUpgradeTellsAgainWhatRuns) {
  Upgrade b;
  b.at(UpgradeStage::NONE, TransitionPhase::RETIRE);
  b.decide();
  ASSERT_TRUE(b.written<model::Deployment>()->status.running.has_value());
  EXPECT_EQ(b.written<model::Deployment>()->status.running->job_id, b.view.job->metadata.id);
}

// The record of the job that used it may be pruned; the pointer must not come back to life.
TEST(Upgrade, AResetIsUsedUpByTheJobThatBeganThereAndRan) {
  PlannerBench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
  model::Job job = running_job();
  job.internal.ran = false;
  job.internal.chain_position = 2;
  job.internal.restore_location = job.spec.savepoint_location = "file:/sp/1";
  b.with_job(job);
  auto d = *b.view.deployment;
  d.internal.reset = model::ResetPointer{"file:/sp/1", "copy", 1};
  b.view.deployment = stored(std::move(d));
  b.open(TransitionKind::START, TransitionPhase::AWAIT_RUNNING);
  b.job_says(flink::JobState::kRunning);
  flink::CheckpointStatistics restored;
  restored.latest_restored = "file:/sp/1";
  b.seen.checkpoints = restored;
  b.decide();
  ASSERT_NE(b.written<model::Deployment>(), nullptr);
  EXPECT_FALSE(b.written<model::Deployment>()->internal.reset.has_value());
}

TEST(Upgrade, ARefusedRevisionIsNotTriedAgain) {
  Upgrade b;
  auto d = *b.view.deployment;
  d.status.state = ObservedState::RUNNING;
  d.internal.refused_revision = 2;
  b.view.deployment = stored(std::move(d));
  b.view.fallback = b.view.job;
  b.job_says(flink::JobState::kRunning);
  b.decide();
  EXPECT_EQ(b.written<model::Transition>(), nullptr);
}

}  // namespace
}  // namespace weir::control
