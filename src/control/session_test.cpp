#include <csignal>

#include "control/controlled_world.h"
#include "control/session_jobs.h"

namespace weir::control {
namespace {

using model::SessionClusterDesiredState;
using model::SessionClusterState;

constexpr char kSession[] = "55555555-0000-4000-8000-000000000000";
constexpr char kSecond[] = "eeeeeeee-0000-4000-8000-000000000000";
constexpr char kThird[] = "ffffffff-0000-4000-8000-000000000000";

class InSession : public ControlledWorld {
 protected:
  InSession() {
    // Whose output a job writes, which the world cannot know of a cluster that is shared.
    owners_ = store_.subscribe([this](const store::Change& change) {
      if (change.kind != model::Kind::Job || !change.resource) return;
      const auto& job = std::get<model::Job>(*change.resource);
      world_.owners[flink_id(job.metadata.id)] = *job.metadata.deployment_id;
    });
  }
  ~InSession() override { EXPECT_EQ(world_.violations(), std::vector<std::string>()); }

  void create_session(int task_managers = 3) {
    model::SessionCluster made;
    made.metadata.id = kSession;
    made.metadata.name = "s";
    made.metadata.namespace_ = "default";
    made.metadata.created_at = loop_.wall_now();
    made.spec.state = SessionClusterDesiredState::RUNNING;
    made.spec.number_of_task_managers = task_managers;
    made.spec.flink_configuration.emplace()["execution.checkpointing.interval"] = "5 s";
    model::fill_session_cluster(made.spec);
    store::Batch batch;
    batch.create(std::move(made));
    commit(std::move(batch));
  }
  store::Stored<model::SessionCluster> session() const {
    return store_.read().session_cluster_by_id(kSession);
  }
  void change_session(const std::function<void(model::SessionClusterSpec&)>& change) {
    model::SessionCluster changed = *session();
    change(changed.spec);
    ++changed.internal.wishes;
    store::Batch batch;
    batch.update(session(), std::move(changed));
    commit(std::move(batch));
  }
  void want_session(SessionClusterDesiredState state) {
    change_session([state](auto& spec) { spec.state = state; });
  }
  void until(const std::function<bool()>& holds) {
    const MonoTime limit = loop_.mono_now() + 10min;
    while (!holds() && loop_.mono_now() < limit) loop_.run_for(100ms);
    ASSERT_TRUE(holds());
  }
  void until_session(SessionClusterState state) {
    until([&] { return session()->status.state == state; });
  }
  void create_in_session() {
    create();
    commit_change([](model::Deployment& d) { d.spec.session_cluster_name = "s"; });
  }
  /// Another deployment like the first one.
  void create_second() {
    model::Deployment made = *deployment();
    made.metadata.id = kSecond;
    made.metadata.name = "e";
    made.spec.state = DesiredState::RUNNING;
    made.status = {};
    made.internal = {};
    store::Batch batch;
    batch.create(std::move(made));
    commit(std::move(batch));
  }
  void run_both() {
    create_session();
    create_in_session();
    commit_change(want(DesiredState::RUNNING));
    create_second();
    until([&] {
      return deployment()->status.state == ObservedState::RUNNING &&
             store_.read().deployment(kSecond)->status.state == ObservedState::RUNNING;
    });
    loop_.run_for(20s);
  }
  std::string cluster_id() const { return session()->internal.cluster_id.value_or(""); }
  std::vector<std::string> events_of(std::optional<std::string> session_id) {
    std::vector<std::string> names;
    loop_.run([](store::Store& store, std::optional<std::string> id,
                 std::vector<std::string>& out) -> Task<void> {
      store::EventFilter filter;
      filter.namespace_ = "default";
      filter.session_cluster_id = id;
      const auto found = co_await store.events(std::move(filter));
      for (const auto& event : *found) out.insert(out.begin(), *event->metadata.name);
    }(store_, std::move(session_id), names));
    return names;
  }
  std::string waits_for() const {
    const auto& open = deployment()->status.transition;
    return open ? open->waiting_for : "";
  }

  std::shared_ptr<void> owners_;
};

TEST_F(InSession, StartsAndStopsAndTellsSo) {
  create_session();
  until_session(SessionClusterState::RUNNING);
  EXPECT_TRUE(session()->status.running);
  const simulated::Cluster* up = world_.cluster(cluster_id());
  ASSERT_NE(up, nullptr);
  EXPECT_EQ(up->slots(), 3);
  want_session(SessionClusterDesiredState::STOPPED);
  until_session(SessionClusterState::STOPPED);
  EXPECT_FALSE(up->lives());
  EXPECT_TRUE(store_.read().clusters().empty());
  EXPECT_EQ(
      events_of(kSession),
      (std::vector<std::string>{
          "SPINNING_UP_A_CLUSTER_FOR_A_SESSION_CLUSTER", "SESSION_CLUSTER_SUCCESSFULLY_STARTED",
          "AWAIT_FOR_A_CLUSTER_TO_TEARDOWN", "SESSION_CLUSTER_SUCCESSFULLY_STOPPED"}));
}

TEST_F(InSession, AMoveThereDuringARollbackLeavesNothingOfItsOwnBehind) {
  create_session();
  create();
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  commit_change(arguments("restarts-forever"));
  until([this] {
    const auto open = store_.read().open_transition(kDeployment);
    return open && open->kind == model::TransitionKind::ROLLBACK;
  });
  commit_change([](model::Deployment& d) {
    d.spec.session_cluster_name = "s";
    ++d.internal.spec_revision;
    job_of(d).artifact->main_args = "unbounded";
  });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(jobs().front()->metadata.session_cluster_name, "s");
  EXPECT_TRUE(store_.read().clusters_of(kDeployment).empty());
  EXPECT_EQ(controller_.statistics().invariant_failures, 0u);
}

TEST_F(InSession, TwoDeploymentsShareItAndACancelLeavesTheOther) {
  run_both();
  EXPECT_EQ(world_.clusters().size(), 1u);
  EXPECT_EQ(jobs_in_session_cluster(store_.read(), *session()).size(), 2u);
  EXPECT_EQ(jobs()[0]->metadata.session_cluster_name, "s");
  commit_change(want(DesiredState::CANCELLED));
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::CANCELLED);
  EXPECT_EQ(world_.job(cluster_id(), flink_id(jobs()[0]->metadata.id))->state,
            flink::JobState::kCanceled);
  EXPECT_EQ(store_.read().deployment(kSecond)->status.state, ObservedState::RUNNING);
  EXPECT_EQ(session()->status.state, SessionClusterState::RUNNING);
  EXPECT_EQ(jobs_in_session_cluster(store_.read(), *session()).size(), 1u);
}

TEST_F(InSession, AnUpgradeExchangesTheJobOnIt) {
  run_both();
  const std::string cluster = cluster_id();
  const std::string first = jobs()[0]->metadata.id;
  commit_change([](model::Deployment& d) { job_of(d).parallelism = 2; });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  const auto job = jobs()[0];
  EXPECT_NE(job->metadata.id, first);
  EXPECT_EQ(job->status.way, model::UpgradeWay::SAME_CLUSTER);
  EXPECT_EQ(job->internal.cluster_id, cluster);
  EXPECT_TRUE(job->spec.savepoint_location);
  EXPECT_EQ(world_.clusters().size(), 1u);
}

TEST_F(InSession, ABadUpgradeRollsBackOnIt) {
  run_both();
  const std::string cluster = cluster_id();
  commit_change([](model::Deployment& d) { job_of(d).artifact->main_args = "fails"; });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_TRUE(deployment()->status.revision->rolled_back_because);
  EXPECT_EQ(cluster_id(), cluster);
  EXPECT_EQ(jobs()[0]->internal.cluster_id, cluster);
}

TEST_F(InSession, SuspendsWithASavepointAndGoesOnFromIt) {
  run_both();
  commit_change(want(DesiredState::SUSPENDED));
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::SUSPENDED);
  EXPECT_TRUE(world_.cluster(cluster_id())->lives());
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  EXPECT_NE(jobs()[0]->spec.savepoint_location.value_or("").find("savepoint-"), std::string::npos);
}

TEST_F(InSession, AfterItsJobManagersDeathBothJobsGoOnInAnotherAttempt) {
  run_both();
  const std::string cluster = cluster_id();
  const auto before = jobs()[0];
  world_.kill(cluster, "jobmanager", 0, SIGKILL);
  until([&] { return cluster_id() != cluster && !cluster_id().empty(); });
  EXPECT_FALSE(world_.cluster(cluster)->lives());
  until([&] {
    return deployment()->status.state == ObservedState::RUNNING &&
           store_.read().deployment(kSecond)->status.state == ObservedState::RUNNING &&
           session()->status.state == SessionClusterState::RUNNING;
  });
  const auto after = jobs()[0];
  EXPECT_EQ(after->metadata.id, before->metadata.id);
  EXPECT_EQ(after->internal.attempt, 2);
  EXPECT_NE(after->internal.restore_location.value_or("").find("/chk-"), std::string::npos);
  EXPECT_NE(after->internal.attempt_checkpoints->at(0), after->internal.attempt_checkpoints->at(1));
}

TEST_F(InSession, ALostTaskManagerIsReplacedByTheSessionCluster) {
  run_both();
  const std::string cluster = cluster_id();
  world_.kill(cluster, "taskmanager", 0, SIGKILL);
  until([&] { return world_.cluster(cluster)->task_managers() == 3; });
  loop_.run_for(30s);
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(cluster_id(), cluster);
  EXPECT_EQ(jobs()[0]->internal.attempt, 1);
}

TEST_F(InSession, IsNotStoppedUnderAJob) {
  run_both();
  want_session(SessionClusterDesiredState::STOPPED);  // as if the API had not seen the jobs yet
  loop_.run_for(30s);
  EXPECT_EQ(session()->status.state, SessionClusterState::RUNNING);
  EXPECT_NE(session()->status.waiting_for.value_or("").find("e (job "), std::string::npos);
  commit_change(want(DesiredState::CANCELLED));
  model::Deployment second = *store_.read().deployment(kSecond);
  second.spec.state = DesiredState::CANCELLED;
  store::Batch batch;
  batch.update(store_.read().deployment(kSecond), std::move(second));
  commit(std::move(batch));
  until_session(SessionClusterState::STOPPED);
}

TEST_F(InSession, IsWaitedForByName) {
  create_in_session();
  commit_change(want(DesiredState::RUNNING));
  until([&] { return waits_for() == "session cluster 's', which does not exist."; });
  create_session(1);
  until([&] { return deployment()->status.state == ObservedState::RUNNING; });
  create_second();
  const auto second_waits = [&] {
    const auto& open = store_.read().deployment(kSecond)->status.transition;
    return open && open->waiting_for.find("free slots in session cluster 's'") == 0;
  };
  until(second_waits);
  loop_.run_for(15min);
  EXPECT_TRUE(second_waits());
  change_session([](auto& spec) { spec.number_of_task_managers = 2; });
  until([&] { return store_.read().deployment(kSecond)->status.state == ObservedState::RUNNING; });
  EXPECT_EQ(session()->status.state, SessionClusterState::RUNNING);
}

TEST_F(InSession, AProgramThatIsRefusedCostsTheNeighboursNothing) {
  run_both();
  const std::string cluster = cluster_id();
  commit_change(want(DesiredState::CANCELLED));
  come_to_rest();
  commit_change([](model::Deployment& d) {
    job_of(d).artifact->main_args = "main-throws";
    d.spec.state = DesiredState::RUNNING;
  });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::FAILED);
  EXPECT_EQ(cluster_id(), cluster);
  EXPECT_EQ(session()->status.state, SessionClusterState::RUNNING);
}

TEST_F(InSession, GivesUpAfterAttemptsThatAllEnd) {
  create_session();
  std::set<std::string> attempts;
  const MonoTime limit = loop_.mono_now() + 10min;
  while (session()->status.state != SessionClusterState::FAILED && loop_.mono_now() < limit) {
    loop_.run_for(500ms);
    if (cluster_id().empty()) continue;
    attempts.insert(cluster_id());
    world_.kill(cluster_id(), "jobmanager", 0, SIGKILL);
  }
  ASSERT_EQ(session()->status.state, SessionClusterState::FAILED);
  EXPECT_EQ(attempts.size(), 4u);
  EXPECT_NE(session()->status.failure->message.find("signal 9"), std::string::npos);
  until([&] { return cluster_id().empty(); });
  loop_.run_for(10min);
  EXPECT_TRUE(cluster_id().empty());
  want_session(SessionClusterDesiredState::STOPPED);
  until_session(SessionClusterState::STOPPED);
  want_session(SessionClusterDesiredState::RUNNING);
  until_session(SessionClusterState::RUNNING);
}

TEST_F(InSession, MovesInAndOut) {
  create_session();
  create();
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  const std::string own = *jobs()[0]->internal.cluster_id;
  commit_change([](model::Deployment& d) {
    d.spec.session_cluster_name = "s";
    ++d.internal.spec_revision;
  });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(jobs()[0]->internal.cluster_id, cluster_id());
  EXPECT_FALSE(world_.cluster(own)->lives());
  EXPECT_TRUE(jobs()[0]->spec.savepoint_location);
  commit_change([](model::Deployment& d) {
    d.spec.session_cluster_name.reset();
    ++d.internal.spec_revision;
  });
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_NE(jobs()[0]->internal.cluster_id, cluster_id());
  EXPECT_TRUE(jobs_in_session_cluster(store_.read(), *session()).empty());
  EXPECT_EQ(session()->status.state, SessionClusterState::RUNNING);
}

// Two wait for room, as many as may start at once, and the third has room.
TEST_F(InSession, WhatWaitsForRoomHoldsNobodyBack) {
  world_.memory_bytes = (6LL << 30) + (512LL << 20);
  create();
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  create_session(1);
  create_second();
  until([&] {
    const auto& second = store_.read().deployment(kSecond)->status.transition;
    return session()->status.waiting_for.value_or("").starts_with("The cluster needs") && second &&
           second->waiting_for.starts_with("The cluster needs");
  });
  model::Deployment small = *store_.read().deployment(kSecond);
  small.metadata.id = kThird;
  small.metadata.name = "f";
  small.status = {};
  small.internal = {};
  auto& resources = job_of(small).resources.emplace();
  resources.jobmanager.emplace().memory = "1G";
  resources.taskmanager.emplace().memory = "1G";
  store::Batch batch;
  batch.create(std::move(small));
  commit(std::move(batch));
  const auto third_runs = [&] {
    return store_.read().deployment(kThird)->status.state == ObservedState::RUNNING;
  };
  loop_.run_for(30s);
  EXPECT_TRUE(third_runs());
  commit_change(want(DesiredState::CANCELLED));
  until([&] {
    return session()->status.state == SessionClusterState::RUNNING ||
           store_.read().deployment(kSecond)->status.state == ObservedState::RUNNING;
  });
}

}  // namespace
}  // namespace weir::control
