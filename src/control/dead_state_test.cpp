#include "control/dead_state.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "async/virtual_loop.h"
#include "support/memory_store.h"

namespace weir::control {
namespace {

using namespace std::chrono_literals;

constexpr char kDeployment[] = "dddddddd-0000-4000-8000-000000000000";
constexpr char kSession[] = "55555555-0000-4000-8000-000000000000";
constexpr char kFork[] = "ffffffff-0000-4000-8000-000000000000";

std::string job_id(int number) { return fmt::format("{:08}-0000-4000-8000-000000000000", number); }
std::string directory_of(int job) {
  return fmt::format("/data/state/default/{}/checkpoints/jobs/{}", kDeployment, job_id(job));
}
std::string checkpoint_of(int job) { return "file:" + directory_of(job) + "/a1/x/chk-3"; }

/// A cancelled deployment that has run six jobs, a day each, and whose time is long ago.
struct History {
  model::Deployment deployment;
  std::vector<model::Job> jobs;
  std::vector<model::RestorePoint> points;
  std::vector<model::Resource> others;
  flink::JobDirectory directory;  ///< of the oldest job
  WallTime now{};

  History() {
    now = WallTime{} + 400 * 24h;
    deployment.metadata.id = kDeployment;
    deployment.metadata.name = "d";
    deployment.metadata.namespace_ = "default";
    deployment.spec.state = model::DesiredState::CANCELLED;
    deployment.internal.current_job_id = job_id(6);
    for (int i = 1; i <= 6; ++i) {
      model::Job job;
      job.metadata.id = job_id(i);
      job.metadata.namespace_ = "default";
      job.metadata.deployment_id = kDeployment;
      job.metadata.created_at = WallTime{} + i * 24h;
      job.status.state = model::JobState::TERMINATED;
      job.internal.submit_recorded = true;
      job.internal.ran = true;
      jobs.push_back(job);
      points.push_back(point(i));
    }
    directory = {directory_of(1), kDeployment, job_id(1), 100, WallTime{} + 25h};
  }
  static model::RestorePoint point(int job) {
    model::RestorePoint made;
    made.metadata.id = fmt::format("p{}", job);
    made.metadata.deployment_id = kDeployment;
    made.metadata.job_id = job_id(job);
    made.location = checkpoint_of(job);
    made.chain_position = job;
    return made;
  }
  /// Something of another deployment.
  void fork(const std::function<void(model::Job&)>& change) {
    model::Deployment made = deployment;
    made.metadata.id = kFork;
    made.metadata.name = "f";
    made.internal.current_job_id = job_id(9);
    others.emplace_back(made);
    model::Job job = jobs.front();
    job.metadata.id = job_id(9);
    job.metadata.deployment_id = kFork;
    change(job);
    others.emplace_back(job);
  }
  std::vector<DeadState> dead() const {
    VirtualLoop loop(1);
    store::MemoryDisk disk;
    store::MemoryStore store(loop.environment(), disk);
    store::Batch batch;
    batch.create(deployment);
    for (const auto& job : jobs) batch.create(job);
    for (const auto& each : points) batch.create(each);
    for (const auto& other : others) batch.puts.push_back({other, store::Expect::absent()});
    EXPECT_TRUE(loop.run([](store::Store& s, store::Batch b) -> Task<void> {
      const auto committed = co_await s.commit(std::move(b));
      EXPECT_TRUE(committed) << to_string(committed.error());
    }(store, std::move(batch))));
    Settings settings;
    settings.state_directories_age = 7 * 24h;
    return dead_state({directory}, store.read(), settings, now);
  }
};

TEST(DeadState, WhatAnOldJobHasLeftGoesWithItsRestorePoints) {
  const auto dead = History().dead();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].directory.path, directory_of(1));
  EXPECT_EQ(dead[0].reason, "checkpoints of an ended job that no start needs, older than 7 d");
  ASSERT_EQ(dead[0].points.size(), 1u);
  EXPECT_EQ(dead[0].points[0]->metadata.id, "p1");
}

TEST(DeadState, OfADeletedDeploymentOrOfAJobThatIsLongForgotten) {
  History deleted;
  deleted.directory.deployment_id = kFork;
  deleted.directory.job_id = job_id(8);
  ASSERT_EQ(deleted.dead().size(), 1u);
  EXPECT_EQ(deleted.dead()[0].reason, "checkpoints of a deleted deployment, older than 7 d");
  History forgotten;
  forgotten.jobs.erase(forgotten.jobs.begin());
  forgotten.points.erase(forgotten.points.begin());
  ASSERT_EQ(forgotten.dead().size(), 1u);
  EXPECT_TRUE(forgotten.dead()[0].points.empty());
}

/// The oldest job ran in a session cluster that is there.
void move_into_session(History& h) {
  model::SessionCluster session;
  session.metadata.id = kSession;
  session.metadata.name = "s";
  session.metadata.namespace_ = "default";
  h.others.emplace_back(session);
  const std::string path = fmt::format("/data/state/default/{0}/checkpoints/jobs/{0}/a1/{1}",
                                       kSession, flink_id(job_id(1)));
  h.directory = {path, kSession, job_id(1), 100, WallTime{} + 25h, true};
  for (auto& job : h.jobs) job.metadata.session_cluster_name = "s";
  h.jobs[0].internal.attempt_checkpoints = {"file://" + path};
  h.points[0].location = "file:" + path + "/chk-3";
}

TEST(DeadState, OldAttemptsOfALiveSessionClusterGoJobByJob) {
  History ended;
  move_into_session(ended);
  ASSERT_EQ(ended.dead().size(), 1u);
  EXPECT_EQ(ended.dead()[0].points.size(), 1u);
  History forgotten = ended;
  forgotten.jobs.erase(forgotten.jobs.begin());
  forgotten.points.erase(forgotten.points.begin());
  EXPECT_EQ(forgotten.dead().size(), 1u);
  History deleted = ended;
  deleted.others.clear();
  EXPECT_TRUE(deleted.dead().empty()) << "it goes with the whole directory";
}

struct Kept {
  const char* why;
  std::function<void(History&)> change;
};

TEST(DeadState, StaysWhileAnythingMayNeedIt) {
  const std::vector<Kept> cases{
      {"young", [](History& h) { h.directory.last_written = h.now - 6 * 24h; }},
      {"its job may live", [](History& h) { h.jobs[0].status.state = model::JobState::STARTED; }},
      {"one of the last jobs, whose directories a start looks at",
       [](History& h) { h.jobs.pop_back(); }},
      {"the jobs after it are attempts that never ran",
       [](History& h) {
         for (std::size_t i = 1; i < h.jobs.size(); ++i) h.jobs[i].internal.ran = false;
       }},
      {"a transition is under way",
       [](History& h) {
         model::Transition transition;
         transition.metadata.id = "t";
         transition.metadata.deployment_id = kDeployment;
         h.others.emplace_back(transition);
       }},
      {"the newest restore point that is left",
       [](History& h) {
         for (auto& point : h.points) point.usable = point.metadata.id == "p1";
       }},
      {"another deployment's job made its checkpoints there, in a session cluster",
       [](History& h) {
         h.fork([](model::Job& job) {
           job.internal.attempt_checkpoints = {"file://" + directory_of(1) + "/a1/0123"};
         });
       }},
      {"a savepoint record names it",
       [](History& h) {
         model::Savepoint savepoint;
         savepoint.metadata.id = "s";
         savepoint.metadata.namespace_ = "default";
         savepoint.metadata.deployment_id = kDeployment;
         savepoint.metadata.origin = "RETAINED_CHECKPOINT";
         savepoint.spec.savepoint_location = checkpoint_of(1);
         h.others.emplace_back(savepoint);
       }},
      {"it is what a start was reset to",
       [](History& h) {
         h.deployment.internal.reset.emplace().location =
             "file://" + directory_of(1) + "/./a1/x/chk-3";
       }},
      {"a point of another kind",
       [](History& h) { h.points[0].kind = model::RestorePointKind::COPIED; }},
      {"another deployment's job began there",
       [](History& h) {
         h.fork([](model::Job& job) { job.internal.restore_location = checkpoint_of(1); });
       }},
      {"another job writes there, on the cluster that it took over",
       [](History& h) {
         h.jobs[5].internal.first_checkpoints = "file://" + directory_of(1) + "/a1";
       }},
      {"another job's newest checkpoint is there",
       [](History& h) { h.points[4].location = "file:" + directory_of(1) + "/a1/y/chk-9"; }},
      {"its job was never submitted, and yet has written: of a restored backup",
       [](History& h) { h.jobs[0].internal.submit_recorded = false; }},
      {"unknown, and not older than all that is known: of a restored backup",
       [](History& h) {
         h.directory.job_id = job_id(7);
         h.directory.path = directory_of(7);
       }},
      {"unknown, and nothing is known",
       [](History& h) {
         h.jobs.clear();
         h.points.clear();
         h.deployment.internal.current_job_id.reset();
       }},
  };
  for (const Kept& one : cases) {
    History history;
    one.change(history);
    EXPECT_TRUE(history.dead().empty()) << one.why;
  }
  const std::vector<Kept> in_session{
      {"all of a live session cluster", [](History& h) { h.directory.in_session_cluster = false; }},
      {"its job may live", [](History& h) { h.jobs[0].status.state = model::JobState::STARTED; }},
      {"a transition is under way",
       [](History& h) {
         model::Transition transition;
         transition.metadata.id = "t";
         transition.metadata.deployment_id = kDeployment;
         h.others.emplace_back(transition);
       }},
      {"another deployment's job began there",
       [](History& h) {
         h.fork([&](model::Job& job) { job.internal.restore_location = h.points[0].location; });
       }},
      {"unknown, and not older than all that is known there",
       [](History& h) {
         h.directory.job_id = job_id(7);
         h.directory.last_written = WallTime{} + 100 * 24h;
       }},
  };
  for (const Kept& one : in_session) {
    History history;
    move_into_session(history);
    one.change(history);
    EXPECT_TRUE(history.dead().empty()) << one.why;
  }
}

}  // namespace
}  // namespace weir::control
