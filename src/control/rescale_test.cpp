#include <gtest/gtest.h>

#include "control/controlled_world.h"
#include "control/planner_bench.h"
#include "model/savepoint.h"

/// Another parallelism for a job that runs, over the simulated world.
namespace weir::control {
namespace {

using model::UpgradeWay;

Change parallelism(int wanted) {
  return [wanted](model::Deployment& d) { job_of(d).parallelism = wanted; };
}

class Rescale : public ControlledWorld {
 protected:
  void run_with(int wanted) {
    create();
    commit_change(parallelism(wanted));
    commit_change(want(DesiredState::RUNNING));
    come_to_rest();
  }
  simulated::Cluster& cluster() { return *world_.cluster(*jobs().front()->internal.cluster_id); }
  simulated::Job& in_flink() { return cluster().jobs.begin()->second; }
  void expect_running_with(int wanted) {
    EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
    EXPECT_TRUE(deployment()->status.running);
    EXPECT_EQ(jobs().front()->spec.parallelism, wanted);
    const simulated::Bounds bounds = in_flink().vertices.at("sums");
    EXPECT_EQ(bounds.now, wanted);
    EXPECT_EQ(bounds.lower, wanted) << "a lost TaskManager must not lower it";
    EXPECT_EQ(bounds.upper, wanted);
    EXPECT_EQ(cluster().task_managers(), wanted);
    EXPECT_EQ(store_.read().clusters_of(kDeployment).front()->task_managers, wanted);
    EXPECT_EQ(world_.violations(), std::vector<std::string>{});
  }
};

TEST_F(Rescale, MoreAndLessWithoutAnotherJob) {
  run_with(2);
  expect_running_with(2);
  const std::string job = jobs().front()->metadata.id;
  commit_change(parallelism(4));
  come_to_rest();
  expect_running_with(4);
  EXPECT_EQ(jobs().size(), 1u);
  EXPECT_EQ(jobs().front()->metadata.id, job);
  EXPECT_EQ(jobs().front()->status.revision, deployment()->internal.spec_revision);
  EXPECT_EQ(in_flink().restarts, 0);
  ASSERT_TRUE(jobs().front()->status.rescale);
  EXPECT_EQ(jobs().front()->status.rescale->from, 2);
  commit_change(parallelism(1));
  come_to_rest();
  expect_running_with(1);
  EXPECT_EQ(jobs().size(), 1u);
  // A vertex with a parallelism of its own keeps it, also where the others have come to the same.
  EXPECT_EQ(in_flink().vertices.at("source").upper, 1);
  commit_change(parallelism(3));
  come_to_rest();
  expect_running_with(3);
  EXPECT_EQ(in_flink().vertices.at("source").upper, 1);
}

TEST_F(Rescale, ASavepointIsNotWhatFlinkGoesBackTo) {
  create();
  commit_change([](model::Deployment& d) {
    (*job_of(d).flink_configuration)["execution.checkpointing.interval"] = "1 h";
  });
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  ASSERT_TRUE(in_flink().checkpoints.empty());
  commit_change(parallelism(2));
  store::Batch batch;
  batch.create(model::requested_savepoint(deployment()->metadata, jobs().front()->metadata.id, 1,
                                          loop_.uuid(), loop_.uuid(), loop_.wall_now()));
  commit(std::move(batch));
  come_to_rest();
  expect_running_with(2);
}

// What a start would begin from is known at once, not only when checkpoints are recorded next.
TEST_F(Rescale, TheCheckpointThatItMadeIsARestorePoint) {
  create();
  commit_change([](model::Deployment& d) {
    (*job_of(d).flink_configuration)["execution.checkpointing.interval"] = "1 h";
  });
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  ASSERT_TRUE(store_.read().restore_points_of(kDeployment).empty());
  commit_change(parallelism(2));
  while (jobs().front()->spec.parallelism != 2) loop_.run_for(1ms);
  const auto points = store_.read().restore_points_of(kDeployment);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points.front()->location, in_flink().checkpoints.back());
}

struct Held : PlannerBench {
  Held() : PlannerBench(DesiredState::RUNNING, ObservedState::RUNNING) {
    model::Job job = running_job();
    job.spec.artifact.flink_version = "1.20.5";
    job.spec.flink_configuration["jobmanager.scheduler"] = "adaptive";
    job.spec.parallelism = 2;
    with_job(std::move(job));
    job_says(flink::JobState::kRunning);
    says({{"a", 2, 128, 1, 2}});
  }
  void says(std::vector<flink::VertexParallelism> vertices) { seen.parallelism = vertices; }
  std::map<std::string, int> asked() {
    const Decision decision = decide();
    const auto* require = std::get_if<RequireParallelism>(&decision.effect);
    return require != nullptr ? require->of_vertices : std::map<std::string, int>();
  }
};

TEST(HoldParallelism, WhereFlinkDoesNotTakeItTheJobIsStillWatched) {
  Held bench;
  EXPECT_EQ(bench.asked(), (std::map<std::string, int>{{"a", 2}}));
  EXPECT_TRUE(bench.asked().empty()) << "the same answer again";
  bench.job_says(flink::JobState::kFailed);
  bench.decide();
  EXPECT_NE(bench.written<model::Transition>(), nullptr);
}

TEST(HoldParallelism, WhatAGivenUpRescaleHasLeftGoesBackToWhatIsRecorded) {
  Held bench;
  model::Job job = *bench.view.job;
  job.internal.scaled_vertices = {"a"};
  bench.view.job = stored(std::move(job));
  bench.says({{"a", 4, 128, 4, 4}, {"own", 4, 128, 1, 4}});
  EXPECT_EQ(bench.asked(), (std::map<std::string, int>{{"a", 2}, {"own", 4}}));
}

TEST_F(Rescale, TheParallelismNeverDropsWhenATaskManagerDies) {
  run_with(2);
  const std::string id = cluster().spec.cluster_id;
  world_.kill(id, "taskmanager", 0, 9);
  const MonoTime limit = loop_.mono_now() + 1min;
  while (loop_.mono_now() < limit) {
    loop_.run_for(50ms);
    if (in_flink().state == flink::JobState::kRunning) {
      EXPECT_EQ(in_flink().vertices.at("sums").now, 2);
    }
  }
  expect_running_with(2);
}

TEST_F(Rescale, ASpareTaskManagerTakesOverAtOnce) {
  run_with(2);
  const auto cluster_of_record = [&] { return store_.read().clusters_of(kDeployment).front(); };
  const std::int64_t memory = cluster_of_record()->memory_bytes;
  commit_change([](model::Deployment& d) { d.spec.spare_task_managers = 1; });
  come_to_rest();
  EXPECT_EQ(cluster().task_managers(), 3);
  EXPECT_GT(cluster_of_record()->memory_bytes, memory);
  EXPECT_EQ(in_flink().restarts, 0) << "the job is not touched";
  EXPECT_EQ(jobs().size(), 1u);
  // One that the job runs on is lost: before another one is up, the job runs again.
  world_.kill(cluster().spec.cluster_id, "taskmanager", 1, 9);
  EXPECT_EQ(in_flink().state, flink::JobState::kRestarting);
  const MonoTime limit = loop_.mono_now() + 1min;
  while (in_flink().state != flink::JobState::kRunning && loop_.mono_now() < limit) {
    EXPECT_LE(cluster().slots(), 2);
    loop_.run_for(10ms);
  }
  come_to_rest();
  EXPECT_EQ(cluster().task_managers(), 3);
  commit_change(parallelism(3));
  come_to_rest();
  EXPECT_EQ(cluster().task_managers(), 4);
  EXPECT_EQ(in_flink().vertices.at("sums").now, 3);
  commit_change([](model::Deployment& d) { d.spec.spare_task_managers.reset(); });
  come_to_rest();
  expect_running_with(3);
}

TEST_F(Rescale, WithoutCheckpointsAnotherWayIsTaken) {
  create();
  commit_change([](model::Deployment& d) { job_of(d).flink_configuration->clear(); });
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  commit_change(parallelism(2));
  come_to_rest();
  expect_running_with(2);
  EXPECT_EQ(jobs().size(), 2u);
  EXPECT_EQ(jobs().front()->status.way, UpgradeWay::WARM_SWAP);
}

TEST_F(Rescale, TheUserTurnsBackBeforeFlinkIsAsked) {
  run_with(2);
  commit_change(parallelism(4));
  while (!store_.read().open_transition(kDeployment) ||
         store_.read().open_transition(kDeployment)->phase != model::TransitionPhase::ADD_WORKERS)
    loop_.run_for(1ms);
  loop_.run_for(100ms);
  commit_change(parallelism(2));
  come_to_rest();
  expect_running_with(2);
  EXPECT_EQ(jobs().size(), 1u);
  EXPECT_EQ(in_flink().restored, 0);
}

TEST_F(Rescale, AJobManagerThatDiesWhileItRescales) {
  run_with(2);
  commit_change(parallelism(4));
  while (!store_.read().open_transition(kDeployment) ||
         store_.read().open_transition(kDeployment)->phase != model::TransitionPhase::RESCALE)
    loop_.run_for(1ms);
  world_.kill(cluster().spec.cluster_id, "jobmanager", 0, 9);
  come_to_rest();
  expect_running_with(4);
  EXPECT_EQ(jobs().size(), 1u) << "the same job is recovered and rescaled then";
}

}  // namespace
}  // namespace weir::control
