#include "support/world/world.h"

#include <gtest/gtest.h>

#include <csignal>

namespace weir::simulated {
namespace {

flink::ClusterSpec spec(const std::string& id, int attempt) {
  flink::ClusterSpec made;
  made.cluster_id = id;
  made.epoch = attempt;
  made.rest_port = 20000 + attempt;
  made.task_managers = 1;
  made.slots_per_task_manager = 2;
  made.files.push_back({"conf/config.yaml",
                        "execution.checkpointing.dir: \"file:///data/state/default/d/checkpoints/"
                        "jobs/j/a" +
                            std::to_string(attempt) +
                            "\"\nexecution.checkpointing.interval: \"2 s\"\n",
                        true});
  return made;
}

class WorldTest : public ::testing::Test {
 protected:
  Cluster& start(const std::string& id, int attempt) {
    EXPECT_TRUE(world_.ensure(spec(id, attempt)));
    loop_.run_for(10s);
    Cluster& cluster = *world_.cluster(id);
    cluster.jars.insert("jar");
    return cluster;
  }
  Job& submit(Cluster& cluster, const std::string& id, const std::string& from = {}) {
    flink::RunRequest request;
    request.jar_id = "jar";
    request.flink_job_id = id;
    if (!from.empty()) request.restore_location = from;
    EXPECT_TRUE(world_.submit(cluster, request));
    return *world_.job(cluster.spec.cluster_id, id);
  }

  VirtualLoop loop_{1};
  World world_{loop_, 2};
};

TEST_F(WorldTest, AJobRunsMakesCheckpointsAndKeepsThree) {
  Cluster& cluster = start("c", 1);
  Job& job = submit(cluster, "j");
  loop_.run_for(60s);
  EXPECT_EQ(job.state, flink::JobState::kRunning);
  EXPECT_TRUE(job.all_tasks_running);
  EXPECT_GT(job.completed, 5);
  EXPECT_EQ(world_.disk.of_job("j").size(), 3u);
  EXPECT_TRUE(world_.output.is_written("d"));
  flink::RunRequest again;
  again.jar_id = "jar";
  again.flink_job_id = "j";
  EXPECT_EQ(world_.submit(cluster, again).error().code, Code::kAlreadyExists);
}

TEST_F(WorldTest, AStopWithSavepointEndsExactlyAtItsSavepoint) {
  Cluster& cluster = start("c", 1);
  Job& job = submit(cluster, "j");
  loop_.run_for(20s);
  EXPECT_TRUE(world_.savepoint(cluster, "j", "file:///data/s", "t1", true));
  EXPECT_TRUE(world_.savepoint(cluster, "j", "file:///data/s", "t1", true));
  loop_.run_for(200s);
  EXPECT_EQ(job.state, flink::JobState::kFinished);
  EXPECT_EQ(job.triggers["t1"].state, flink::TriggerState::kCompleted);
  const SavedState* saved = world_.disk.find(job.triggers["t1"].location);
  ASSERT_NE(saved, nullptr);
  EXPECT_EQ(saved->position, job.position);
  EXPECT_EQ(world_.disk.of_job("j").size(), 1u);  // a finished job's checkpoints are gone
  Cluster& next = start("c2", 2);
  submit(next, "k", saved->location);
  loop_.run_for(20s);
  EXPECT_EQ(world_.output.gaps(), 0);
  EXPECT_EQ(world_.output.records_twice(), 0);
}

TEST_F(WorldTest, TasksOutliveTheirJobManagerSoAnEarlyStartIsASecondWriter) {
  submit(start("c", 1), "j");
  loop_.run_for(20s);
  world_.kill("c", "jobmanager", 0, SIGKILL);
  EXPECT_TRUE(world_.output.is_written("d"));
  Cluster& next = start("c2", 2);
  EXPECT_TRUE(world_.violations().empty()) << "a cluster may be made ready";
  submit(next, "k");
  EXPECT_FALSE(world_.violations().empty());
}

TEST_F(WorldTest, ATornDownClusterCannotBeStartedAgain) {
  start("c", 1);
  world_.fence("c", 1);
  world_.kill_all("c");
  loop_.run_for(1s);
  EXPECT_FALSE(world_.cluster("c")->lives());
  EXPECT_EQ(world_.ensure(spec("c", 1)).error().reason, "EpochOutdated");
}

TEST_F(WorldTest, RestoringAnOldStateIsSeenAsRecordsWrittenTwice) {
  Cluster& cluster = start("c", 1);
  submit(cluster, "j");
  loop_.run_for(20s);
  const std::string old = world_.disk.of_job("j").front()->location;
  world_.kill_all("c");
  loop_.run_for(1s);
  submit(start("c2", 2), "j", old);
  loop_.run_for(20s);
  EXPECT_GT(world_.output.records_twice(), 0);
  EXPECT_EQ(world_.output.gaps(), 0);
}

}  // namespace
}  // namespace weir::simulated
