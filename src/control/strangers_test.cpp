#include "control/controlled_world.h"

/// Clusters that live and are not recorded, as after an older backup of the database was restored.
namespace weir::control {
namespace {

flink::ClusterSpec stranger() {
  flink::ClusterSpec spec;
  spec.cluster_id = "stranger";
  spec.owner = kDeployment;
  spec.epoch = 7;
  spec.files.push_back({"conf/config.yaml",
                        std::string("execution.checkpointing.dir: \"file:///data/state/default/") +
                            kDeployment + "/checkpoints/jobs/x/a1\"\n",
                        false});
  return spec;
}

class Strangers : public ControlledWorld {
 protected:
  Strangers() {
    EXPECT_TRUE(world_.ensure(stranger()));
    create();
  }
  ~Strangers() override { EXPECT_EQ(world_.violations(), std::vector<std::string>{}); }
  bool stranger_lives() { return world_.cluster("stranger")->lives(); }
};

TEST_F(Strangers, GoOnWhileNothingIsBegun) {
  loop_.run_for(1min);
  EXPECT_TRUE(stranger_lives());
  EXPECT_EQ(deployment()->status.state, ObservedState::CANCELLED);
}

TEST_F(Strangers, EndBeforeAJobOfTheirDeploymentIsStarted) {
  commit_change(want(DesiredState::RUNNING));
  while (world_.clusters().size() == 1) {
    EXPECT_TRUE(store_.read().clusters().empty() || !stranger_lives());
    loop_.run_for(1ms);
  }
  EXPECT_FALSE(stranger_lives());
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(store_.read().clusters_of(kDeployment).front()->epoch, 8);
}

TEST_F(Strangers, EndWithTheirDeployment) {
  commit_change([](model::Deployment& d) {
    d.internal.deleting = true;
    d.status.state = ObservedState::TRANSITIONING;
  });
  while (deployment()) loop_.run_for(1s);
  EXPECT_FALSE(stranger_lives());
}

// The database is of a time when the cluster waited for a job; by now one runs on it.
TEST_F(ControlledWorld, AStandbyClusterThatWasTakenSinceIsItsOwners) {
  EXPECT_TRUE(world_.ensure(stranger()));
  world_.blind_until = loop_.mono_now() + 2s;
  model::Cluster standby;
  standby.metadata.id = "stranger";
  standby.metadata.created_at = loop_.wall_now();
  standby.configuration.emplace();
  standby.standby = model::Standby{"p", {}, true};
  store::Batch batch;
  batch.create(std::move(standby));
  commit(std::move(batch));
  create();
  loop_.run_for(1min);
  EXPECT_TRUE(world_.cluster("stranger")->lives());
  EXPECT_FALSE(store_.read().cluster("stranger"));
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  EXPECT_FALSE(world_.cluster("stranger")->lives());
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(world_.violations(), std::vector<std::string>{});
}

}  // namespace
}  // namespace weir::control
