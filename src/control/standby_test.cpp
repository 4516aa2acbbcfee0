#include "control/standby.h"

#include <csignal>

#include "control/controlled_world.h"
#include "control/planner_bench.h"

namespace weir::control {
namespace {

Settings with_pool(int clusters) {
  Settings made = settings_of_world();
  made.priming_jar = "/data/priming-job.jar";
  auto& pool = made.standby_clusters.emplace_back();
  pool.name = "ready";
  pool.clusters = clusters;
  return made;
}

class WithStandby : public ControlledWorld {
 protected:
  explicit WithStandby(Settings settings = with_pool(1)) : ControlledWorld(std::move(settings)) {}
  ~WithStandby() override { EXPECT_EQ(world_.violations(), std::vector<std::string>()); }

  void until(const std::function<bool()>& holds) {
    const MonoTime limit = loop_.mono_now() + 10min;
    while (!holds() && loop_.mono_now() < limit) loop_.run_for(100ms);
    ASSERT_TRUE(holds());
  }
  std::vector<store::Stored<model::Cluster>> standbys() const {
    return store_.read().standby_clusters();
  }
  bool one_is_ready() const { return standbys().size() == 1 && standbys()[0]->standby->ready; }
  /// @return the id of the cluster that waits
  std::string wait_for_standby() {
    until([this] { return one_is_ready(); });
    return standbys()[0]->metadata.id;
  }
  void run_job() {
    create();
    commit_change(want(DesiredState::RUNNING));
    come_to_rest();
    ASSERT_EQ(deployment()->status.state, ObservedState::RUNNING);
  }
  std::string cluster_of_job() const { return *jobs().front()->internal.cluster_id; }
};

TEST_F(WithStandby, IsMadeReadyAndWarm) {
  const std::string id = wait_for_standby();
  EXPECT_TRUE(standbys()[0]->primed.value_or(false));
  EXPECT_TRUE(world_.cluster(id)->lives());
  const auto pools = controller_.standby_pools();
  ASSERT_EQ(pools.size(), 1u);
  EXPECT_EQ(pools[0].message, "");
}

TEST_F(WithStandby, ServesAStartAndIsReplaced) {
  const std::string id = wait_for_standby();
  run_job();
  EXPECT_EQ(cluster_of_job(), id);
  EXPECT_FALSE(store_.read().cluster(id)->standby);
  EXPECT_EQ(store_.read().cluster(id)->metadata.deployment_id, kDeployment);
  EXPECT_NE(wait_for_standby(), id);
}

TEST_F(WithStandby, ServesARecoveryWhichLosesNothing) {
  run_job();
  const std::string next = wait_for_standby();
  const std::string lost = cluster_of_job();
  world_.kill(lost, "jobmanager", 0, SIGKILL);
  until([&] { return cluster_of_job() == next; });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(jobs().size(), 1u) << "the same job goes on";
  EXPECT_EQ(jobs().front()->internal.attempt, 2);
  EXPECT_TRUE(jobs().front()->internal.restore_location);
}

TEST_F(WithStandby, ServesAnUpgradeByWarmSwap) {
  run_job();
  const std::string next = wait_for_standby();
  commit_change(arguments("unbounded 3"));
  come_to_rest();
  EXPECT_EQ(cluster_of_job(), next);
  EXPECT_EQ(jobs().front()->status.way, model::UpgradeWay::WARM_SWAP);
}

TEST_F(WithStandby, ItsJobIsExchangedOnItLikeOnAnyOther) {
  const std::string id = wait_for_standby();
  run_job();
  commit_change([](model::Deployment& d) {
    d.spec.upgrade_strategy->mode = model::UpgradeMode::SAME_CLUSTER;
    job_of(d).artifact->main_args = "unbounded 3";
  });
  come_to_rest();
  EXPECT_EQ(cluster_of_job(), id);
  EXPECT_EQ(jobs().size(), 2u);
  world_.kill(id, "taskmanager", 0, SIGKILL);
  loop_.run_for(20s);
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(cluster_of_job(), id);
}

TEST_F(WithStandby, IsReplacedWhenAProcessDies) {
  for (const char* role : {"jobmanager", "taskmanager"}) {
    const std::string id = wait_for_standby();
    world_.kill(id, role, 0, SIGKILL);
    until([&] { return !store_.read().cluster(id); });
    EXPECT_FALSE(world_.cluster(id)->lives());
    EXPECT_NE(wait_for_standby(), id);
  }
}

TEST_F(WithStandby, ThatDiesAsItIsTakenCostsNoAttempt) {
  create();
  commit_change([](model::Deployment& d) { d.spec.max_job_creation_attempts = 1; });
  const std::string id = wait_for_standby();
  world_.on_change = nullptr;  // nobody is told
  world_.kill(id, "jobmanager", 0, SIGKILL);
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_NE(cluster_of_job(), id);
}

TEST_F(WithStandby, GivesWayToAJobThatItCannotServe) {
  const std::string id = wait_for_standby();
  world_.memory_bytes = 6LL << 30;  // one cluster of 2 + 2 GB and the reserve
  loop_.run_for(10s);
  create();
  commit_change([](model::Deployment& d) {
    job_of(d).flink_configuration->emplace("taskmanager.memory.managed.fraction", "0.2");
    d.spec.state = DesiredState::RUNNING;
  });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_FALSE(store_.read().cluster(id));
  loop_.run_for(5min);
  EXPECT_TRUE(standbys().empty()) << "there is no room for another one";
  EXPECT_NE(controller_.standby_pools()[0].message.find("memory"), std::string::npos);
}

class WithOneStartAtOnce : public WithStandby {
 protected:
  static Settings one_at_once() {
    Settings made = with_pool(2);
    made.starts_at_once = 1;
    return made;
  }
  WithOneStartAtOnce() : WithStandby(one_at_once()) {}
};

TEST_F(WithOneStartAtOnce, AJobThatWaitsForItsTurnTakesItAsSoonAsItIsReady) {
  until([this] { return standbys().size() == 1; });
  create();
  commit_change(want(DesiredState::RUNNING));
  const std::string first = standbys()[0]->metadata.id;
  until([&] { return !jobs().empty() && jobs().front()->internal.cluster_id.has_value(); });
  EXPECT_EQ(cluster_of_job(), first);
  for (const auto& other : standbys()) EXPECT_FALSE(other->standby->ready) << "not its turn yet";
}

class BesideOneThatNeverFits : public ControlledWorld {
 protected:
  static Settings pools() {
    Settings made = with_pool(1);
    made.starts_at_once = 1;
    auto& big = *made.standby_clusters.emplace(made.standby_clusters.begin());
    big.name = "big";
    big.resources.emplace().taskmanager.emplace().memory = "4000g";
    return made;
  }
  BesideOneThatNeverFits() : ControlledWorld(pools()) {}
};

TEST_F(BesideOneThatNeverFits, OthersComeUp) {
  loop_.run_for(2min);
  const auto standbys = store_.read().standby_clusters();
  ASSERT_EQ(standbys.size(), 1u);
  EXPECT_EQ(standbys[0]->standby->pool, "ready");
  EXPECT_TRUE(standbys[0]->standby->ready);
  EXPECT_NE(controller_.standby_pools()[0].message.find("never give"), std::string::npos)
      << controller_.standby_pools()[0].message;
}

class WithoutPool : public WithStandby {
 protected:
  WithoutPool() : WithStandby(with_pool(0)) {}
};

TEST_F(WithoutPool, WhatIsLeftOfAPoolEnds) {
  model::Cluster left;
  left.metadata.id = "left";
  left.metadata.created_at = loop_.wall_now();
  left.standby = model::Standby{"ready", {}, true};
  left.configuration.emplace();
  store::Batch batch;
  batch.create(std::move(left));
  commit(std::move(batch));
  until([this] { return standbys().empty(); });
}

class Serving : public testing::Test {
 protected:
  Serving() {
    job_.spec.flink_configuration = {{"execution.checkpointing.interval", "5 s"},
                                     {"state.savepoints.dir", "file:///mine"},
                                     {"heartbeat.timeout", "10000"}};
    job_.spec.artifact.flink_version = "1.20.5";
    cluster_.metadata.id = "c";
    cluster_.flink_version = "1.20.5";
    cluster_.configuration = model::StringMap{{"state.savepoints.dir", "file:///standby"},
                                              {"heartbeat.timeout", "10000"}};
    cluster_.standby = model::Standby{"ready", {}, true};
  }
  std::string why() const { return why_standby_differs(cluster_, job_, 1); }

  model::Job job_ = running_job();
  model::Cluster cluster_;
};

TEST_F(Serving, AJobThatDiffersInItsOwnOptionsOnlyIsServed) {
  EXPECT_EQ(why(), "");
  const auto carried = carried_configuration(cluster_, job_, "file:///mine/a1");
  EXPECT_EQ(carried, (std::map<std::string, std::string>{
                         {"execution.checkpointing.interval", "5 s"},
                         {"state.savepoints.dir", "file:///mine"},
                         {"execution.checkpointing.dir", "file:///mine/a1"}}));
}

TEST_F(Serving, TheOptionThatPreventsItIsNamed) {
  job_.spec.flink_configuration["taskmanager.memory.managed.fraction"] = "0.1";
  EXPECT_NE(why().find("'taskmanager.memory.managed.fraction'"), std::string::npos) << why();
  job_.spec.flink_configuration.erase("taskmanager.memory.managed.fraction");
  job_.spec.flink_configuration["state.checkpoints.num-retained"] = "9";
  EXPECT_NE(why().find("num-retained"), std::string::npos) << "the JobManager's own option";
  job_.spec.flink_configuration.erase("state.checkpoints.num-retained");
  (*cluster_.configuration)["execution.checkpointing.mode"] = "AT_LEAST_ONCE";
  EXPECT_NE(why().find("execution.checkpointing.mode"), std::string::npos)
      << "a submit cannot take it away";
}

TEST_F(Serving, SizesMustBeTheSame) {
  job_.spec.resources.taskmanager = model::ResourceSpec{1.0, "2048m"};
  EXPECT_EQ(why(), "") << "another spelling";
  job_.spec.resources.taskmanager->memory = "3g";
  EXPECT_NE(why().find("TaskManagers"), std::string::npos) << why();
  job_.spec.resources = {};
  cluster_.flink_version = job_.spec.artifact.flink_version.emplace("1.16.3");
  EXPECT_NE(why().find("1.16.3"), std::string::npos) << "no configuration goes with a submit";
}

}  // namespace
}  // namespace weir::control
