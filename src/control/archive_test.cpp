#include <csignal>

#include "control/controlled_world.h"
#include "control/planner_bench.h"

/// A JobManager that dies right after its job has ended: its archive still tells.
namespace weir::control {
namespace {

class Archive : public ControlledWorld {
 protected:
  void start(const std::string& program) {
    create();
    commit_change([&](model::Deployment& d) {
      job_of(d).artifact->main_args = program;
      d.spec.state = DesiredState::RUNNING;
    });
    while (deployment()->status.state != ObservedState::RUNNING) loop_.run_for(10ms);
  }
  simulated::Cluster& cluster() { return *world_.clusters().begin()->second; }
  // From now on Weir hears nothing of what the job does.
  void lose_contact() { cluster().deaf_until = loop_.mono_now() + 1h; }
  void end_unseen() {
    lose_contact();
    while (world_.archives.empty()) loop_.run_for(10ms);
  }
  std::string story() const {
    std::string text;
    for (const auto& event : disk_.events())
      text += *event->metadata.name + ": " + event->spec.message + "\n";
    return text;
  }
  void kill() { world_.kill(cluster().spec.cluster_id, "jobmanager", 0, SIGKILL); }
};

TEST_F(Archive, AFinishedJobIsFinishedAndNotRecovered) {
  start("bounded 20");
  end_unseen();
  kill();
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::FINISHED);
  ASSERT_EQ(jobs().size(), 1u);
  EXPECT_EQ(jobs().front()->status.state, model::JobState::FINISHED);
  EXPECT_EQ(world_.clusters().size(), 1u) << "no second cluster";
}

TEST_F(Archive, WhatCannotBeReadIsWaitedFor) {
  start("bounded 20");
  end_unseen();
  world_.disk_unreadable_until = loop_.mono_now() + 5min;
  kill();
  loop_.run_for(1min);
  EXPECT_EQ(deployment()->status.state, ObservedState::TRANSITIONING);
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::FINISHED);
  EXPECT_EQ(world_.clusters().size(), 1u);
}

TEST_F(Archive, AJobThatFinishedBeforeItsSuspendIsFinished) {
  start("bounded 20");
  end_unseen();
  commit_change(want(DesiredState::SUSPENDED));
  loop_.run_for(5s);
  kill();
  come_to_rest();
  EXPECT_EQ(jobs().front()->status.state, model::JobState::FINISHED);
  EXPECT_NE(story().find("JOB_SUCCESSFULLY_FINISHED"), std::string::npos) << story();
}

TEST_F(Archive, WhereTheEndCannotBeReadASuspendWaits) {
  start("bounded 20");
  end_unseen();
  commit_change(want(DesiredState::SUSPENDED));
  loop_.run_for(5s);
  world_.disk_unreadable_until = loop_.mono_now() + 1min;
  kill();
  loop_.run_for(30s);
  EXPECT_EQ(deployment()->status.state, ObservedState::TRANSITIONING);
  come_to_rest();
  EXPECT_EQ(jobs().front()->status.state, model::JobState::FINISHED) << story();
}

struct Upgraded {
  model::UpgradeStrategyKind strategy;
  bool unreadable;  ///< the disk, for a while
};

class ArchiveOfUpgraded : public Archive, public testing::WithParamInterface<Upgraded> {};

TEST_P(ArchiveOfUpgraded, NothingFollowsAJobThatHadFinished) {
  start("bounded 20");
  end_unseen();
  commit_change([](model::Deployment& d) {
    d.spec.upgrade_strategy->kind = GetParam().strategy;
    d.spec.upgrade_strategy->mode = model::UpgradeMode::RESTART;
    d.spec.restore_strategy->kind = model::RestoreStrategyKind::NONE;
    job_of(d).artifact->main_args = "unbounded";
  });
  while (at_rest()) loop_.run_for(10ms);
  if (GetParam().unreadable) world_.disk_unreadable_until = loop_.mono_now() + 1min;
  kill();
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::FINISHED) << story();
  EXPECT_EQ(jobs().back()->status.state, model::JobState::FINISHED);
  EXPECT_EQ(world_.clusters().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Each, ArchiveOfUpgraded,
                         testing::Values(Upgraded{model::UpgradeStrategyKind::STATELESS, false},
                                         Upgraded{model::UpgradeStrategyKind::STATELESS, true},
                                         Upgraded{model::UpgradeStrategyKind::STATEFUL, true}));

TEST_F(Archive, AFailedJobCountsAsFailedAndGoesOnFromItsState) {
  start("unbounded");
  loop_.run_for(20s);
  const std::string id = flink_id(jobs().front()->metadata.id);
  world_.archives["/data/clusters/" + cluster().spec.cluster_id + "/archive/" + id] = {
      flink::JobState::kFailed, "IllegalStateException: boom"};
  kill();
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  ASSERT_EQ(jobs().size(), 2u);
  EXPECT_EQ(jobs().back()->status.state, model::JobState::FAILED);
  EXPECT_EQ(jobs().back()->status.failure->message, "IllegalStateException: boom");
  EXPECT_TRUE(jobs().front()->internal.restore_location.has_value());
}

// The stop's savepoint is complete: FINISHED was not the job's own end.
TEST(Archived, FinishedByAStopIsNotItsOwnEnd) {
  for (const auto state : {model::SavepointState::COMPLETED, model::SavepointState::FAILED}) {
    PlannerBench b(DesiredState::RUNNING, ObservedState::TRANSITIONING);
    b.with_job();
    b.view.cluster = {};
    b.view.clusters.clear();
    b.open(model::TransitionKind::RECOVER, model::TransitionPhase::FIND_STATE);
    model::Savepoint savepoint;
    savepoint.metadata.id = "sp";
    savepoint.metadata.job_id = running_job().metadata.id;
    savepoint.status.state = state;
    b.view.savepoint = stored(savepoint);
    FoundPoints found{std::vector<model::RestorePoint>()};
    found.archived = flink::ArchivedJob{flink::JobState::kFinished, ""};
    b.memory.result = found;
    b.decide();
    const bool goes_on = b.written<model::Transition>()->phase == model::TransitionPhase::SPIN_UP;
    EXPECT_EQ(goes_on, state == model::SavepointState::COMPLETED);
  }
}

}  // namespace
}  // namespace weir::control
