#include <gtest/gtest.h>

#include <csignal>

#include "control/controller.h"
#include "control/next_start.h"
#include "control/savepoint_deletion.h"
#include "control/savepoint_policies.h"
#include "support/memory_store.h"
#include "support/world/flink.h"
#include "support/world/places.h"

/// Savepoints from their request to their end, over a simulated world.
namespace weir::control {
namespace {

using namespace std::chrono_literals;
using model::SavepointState;

constexpr char kDeployment[] = "dddddddd-0000-4000-8000-000000000000";

Settings settings() {
  Settings made;
  made.data_directory = "/data";
  return made;
}

class Savepoints : public testing::Test {
 protected:
  Savepoints() { begin(); }
  ~Savepoints() override { end(); }

  void begin() {
    store_ = std::make_unique<store::MemoryStore>(loop_.environment(), disk_);
    controller_ = std::make_unique<Controller>(World{loop_.environment(), *store_, runtime_, flink_,
                                                     homes_, states_, artifacts_, secrets_},
                                               settings());
    controller_->start();
  }
  void end() {
    EXPECT_TRUE(loop_.run(
        [](Controller& controller) -> Task<void> { co_await controller.stop(); }(*controller_)));
    world_.on_change = nullptr;
    controller_.reset();
    store_.reset();
  }

  void commit(store::Batch batch) {
    EXPECT_TRUE(loop_.run([](store::Store& store, store::Batch b) -> Task<void> {
      const auto committed = co_await store.commit(std::move(b));
      EXPECT_TRUE(committed) << to_string(committed.error());
    }(*store_, std::move(batch))));
  }
  const store::ReadModel& read() const { return store_->read(); }
  store::Stored<model::Deployment> deployment() const { return read().deployment(kDeployment); }
  template <class Change>
  void change(Change&& change) {
    model::Deployment changed = *deployment();
    change(changed);
    ++changed.metadata.resource_version;
    store::Batch batch;
    batch.update(deployment(), std::move(changed));
    commit(std::move(batch));
  }

  void create(std::optional<model::SavepointPolicy> policy = std::nullopt,
              const std::string& savepoint_directory = {}) {
    model::Deployment made;
    made.metadata.id = kDeployment;
    made.metadata.name = "d";
    made.metadata.namespace_ = "default";
    made.metadata.created_at = loop_.wall_now();
    made.metadata.annotations.emplace();
    made.spec.state = model::DesiredState::RUNNING;
    made.spec.upgrade_strategy.emplace();
    made.spec.restore_strategy.emplace();
    made.spec.max_job_creation_attempts = 2;
    made.spec.max_savepoint_creation_attempts = 2;
    made.spec.savepoint_policy = std::move(policy);
    auto& job = made.spec.template_.emplace().spec.emplace();
    job.artifact.emplace().jar_uri = "file:///jars/job.jar";
    job.artifact->main_args = "unbounded";
    job.parallelism = 1;
    auto& configuration = job.flink_configuration.emplace();
    configuration["execution.checkpointing.interval"] = "5 s";
    if (!savepoint_directory.empty())
      configuration["execution.checkpointing.savepoint-dir"] = savepoint_directory;
    store::Batch batch;
    batch.create(std::move(made));
    commit(std::move(batch));
    loop_.run_for(60s);
    ASSERT_EQ(deployment()->status.state, model::ObservedState::RUNNING);
  }

  std::string request_savepoint() {
    const auto& running = *deployment()->status.running;
    model::Savepoint made = model::requested_savepoint(
        deployment()->metadata, running.job_id, 1, loop_.uuid(), loop_.uuid(), loop_.wall_now());
    const std::string id = made.metadata.id;
    store::Batch batch;
    batch.create(std::move(made));
    commit(std::move(batch));
    return id;
  }
  std::string take_savepoint() {
    const std::string id = request_savepoint();
    // Some take the simulated Flink long.
    const MonoTime limit = loop_.mono_now() + 3min;
    do loop_.run_for(20s);
    while (read().savepoint(id)->status.state == SavepointState::STARTED &&
           loop_.mono_now() < limit);
    EXPECT_EQ(read().savepoint(id)->status.state, SavepointState::COMPLETED);
    return id;
  }
  void erase(const std::string& id, bool force = false) {
    Deletion how;
    how.force = force;
    commit(deletion_of(read(), read().savepoint(id), how, loop_, loop_.wall_now()));
  }
  std::optional<std::string> hindrance(const std::string& id) const {
    return deletion_hindrance(read(), *read().savepoint(id));
  }
  std::size_t completed() const {
    std::size_t count = 0;
    for (const auto& savepoint : read().savepoints_of(kDeployment))
      count += savepoint->status.state == SavepointState::COMPLETED;
    return count;
  }
  std::string cancel_with_one_readable_savepoint() {
    create();
    const std::string id = take_savepoint();
    take_savepoint();
    want(model::DesiredState::CANCELLED);
    for (const auto* state : world_.disk.of_deployment(kDeployment))
      if (state->location != read().savepoint(id)->spec.savepoint_location)
        world_.disk.damage(state->location);
    return id;
  }
  void want(model::DesiredState state) {
    change([&](model::Deployment& changed) { changed.spec.state = state; });
    loop_.run_for(60s);
  }

  VirtualLoop loop_{7};
  simulated::World world_{loop_, 8};
  store::MemoryDisk disk_;
  simulated::Runtime runtime_{world_};
  simulated::Flink flink_{world_};
  simulated::Homes homes_;
  simulated::States states_{world_};
  simulated::Artifacts artifacts_{world_};
  store::SecretBox secrets_{std::array<unsigned char, 32>{}};
  std::unique_ptr<store::MemoryStore> store_;
  std::unique_ptr<Controller> controller_;
};

TEST_F(Savepoints, DeletingRemovesTheFilesOfTheRequestAndNothingElse) {
  create();
  const std::string first = take_savepoint();
  const std::string second = take_savepoint();
  const std::string location = *read().savepoint(first)->spec.savepoint_location;
  EXPECT_FALSE(hindrance(first));
  erase(first);
  EXPECT_EQ(read().savepoint(first)->status.state, SavepointState::PENDING_DELETION);
  EXPECT_EQ(hindrance(first), "is being deleted already");
  loop_.run_for(5s);
  EXPECT_FALSE(read().savepoint(first));
  EXPECT_EQ(world_.disk.find(location), nullptr);
  EXPECT_NE(world_.disk.find(*read().savepoint(second)->spec.savepoint_location), nullptr);
}

TEST_F(Savepoints, ADeletionGoesOnAfterTheProcessDied) {
  create();
  const std::string first = take_savepoint();
  take_savepoint();
  const std::string location = *read().savepoint(first)->spec.savepoint_location;
  end();
  store_ = std::make_unique<store::MemoryStore>(loop_.environment(), disk_);
  erase(first);
  store_.reset();
  begin();
  loop_.run_for(5s);
  EXPECT_FALSE(read().savepoint(first));
  EXPECT_EQ(world_.disk.find(location), nullptr);
}

TEST_F(Savepoints, ADiskThatDoesNotObeyFailsTheDeletionUnlessForced) {
  create();
  const std::string first = take_savepoint();
  const std::string second = take_savepoint();
  take_savepoint();
  world_.disk_unreadable_until = MonoTime::max();
  erase(first);
  erase(second, true);
  loop_.run_for(60s);
  ASSERT_TRUE(read().savepoint(first));
  EXPECT_EQ(read().savepoint(first)->status.state, SavepointState::FAILED_DELETION);
  EXPECT_FALSE(read().savepoint(first)->status.failure->message.empty());
  EXPECT_FALSE(read().savepoint(second)) << "with force the record goes in any case";
  world_.disk_unreadable_until = {};
  EXPECT_FALSE(hindrance(first)) << "it can be tried again";
  erase(first);
  loop_.run_for(5s);
  EXPECT_FALSE(read().savepoint(first));
}

TEST_F(Savepoints, WhatIsNeededStays) {
  create();
  const std::string id = request_savepoint();
  EXPECT_EQ(hindrance(id), "is not complete yet");
  loop_.run_for(20s);
  EXPECT_FALSE(hindrance(id)) << "checkpoints are restore points too";
  const std::string location = *read().savepoint(id)->spec.savepoint_location;
  want(model::DesiredState::CANCELLED);
  change([&](model::Deployment& changed) {
    changed.internal.reset = model::ResetPointer{location, "copy", 1};
    changed.spec.restore_strategy->kind = model::RestoreStrategyKind::NONE;
  });
  EXPECT_NE(hindrance(id)->find("was reset to"), std::string::npos);
  change([&](model::Deployment& changed) { changed.spec.state = model::DesiredState::RUNNING; });
  while (deployment()->status.state != model::ObservedState::RUNNING) loop_.run_for(100ms);
  const auto job = read().job(deployment()->status.running->job_id);
  EXPECT_EQ(job->spec.savepoint_location, location) << "the reset wins over the strategy";
  if (hindrance(id)) EXPECT_NE(hindrance(id)->find("was started from"), std::string::npos);
  loop_.run_for(60s);
  EXPECT_FALSE(hindrance(id)) << "the job has checkpoints of its own by now";
}

TEST_F(Savepoints, TheOnlyOneStays) {
  create();
  const std::string id = take_savepoint();
  change([](model::Deployment& changed) {
    changed.spec.restore_strategy->kind = model::RestoreStrategyKind::LATEST_SAVEPOINT;
  });
  EXPECT_EQ(hindrance(id), "is the only savepoint that deployment 'd' can start from");
  take_savepoint();
  EXPECT_FALSE(hindrance(id));
}

TEST_F(Savepoints, TheOnlyOneOfASuspendedJobStays) {
  create();
  want(model::DesiredState::SUSPENDED);
  const auto savepoints = read().savepoints_of(kDeployment);
  ASSERT_EQ(savepoints.size(), 1u);
  // Flink deletes the checkpoints of a job that has finished, but its processes may have ended
  // before.
  erase(savepoints.front()->metadata.id);
  loop_.run_for(20s);
  const auto left = world_.disk.of_deployment(kDeployment);
  EXPECT_TRUE(std::any_of(left.begin(), left.end(), [](auto* state) { return state->readable; }));
}

TEST_F(Savepoints, TheOnlyOneThatCanBeReadStays) {
  const std::string id = cancel_with_one_readable_savepoint();
  const std::string location = *read().savepoint(id)->spec.savepoint_location;
  EXPECT_FALSE(hindrance(id)) << "what is recorded does not tell";
  erase(id);
  loop_.run_for(5s);
  ASSERT_TRUE(read().savepoint(id));
  EXPECT_EQ(read().savepoint(id)->status.state, SavepointState::FAILED_DELETION);
  EXPECT_NE(world_.disk.find(location), nullptr);
  want(model::DesiredState::RUNNING);
  ASSERT_TRUE(deployment()->status.running);
  EXPECT_EQ(read().job(deployment()->status.running->job_id)->spec.savepoint_location, location)
      << "it can be started from as before";
}

class DeletionAndStart : public Savepoints, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(InAnyOrder, DeletionAndStart, testing::Range(0, 20));

TEST_P(DeletionAndStart, AStartWaitsForADeletionThatMayBeRefused) {
  const std::string id = cancel_with_one_readable_savepoint();
  const std::string location = *read().savepoint(id)->spec.savepoint_location;
  // Each looks again after a second: either may be the first to see what is there.
  world_.disk_unreadable_until = loop_.mono_now() + 5s + GetParam() * 50ms;
  erase(id);
  loop_.run_for(500ms);
  want(model::DesiredState::RUNNING);
  EXPECT_EQ(read().savepoint(id)->status.state, SavepointState::FAILED_DELETION);
  ASSERT_TRUE(deployment()->status.running);
  EXPECT_EQ(read().job(deployment()->status.running->job_id)->spec.savepoint_location, location);
}

TEST_F(Savepoints, OneThatIsDamagedBeforeItIsRecordedHasFailed) {
  create();
  const std::string id = request_savepoint();
  const auto written = [&] {
    const simulated::SavedState* found = nullptr;
    for (const auto* state : world_.disk.of_deployment(kDeployment))
      if (state->savepoint) found = state;
    return found;
  };
  while (written() == nullptr) loop_.run_for(1ms);
  ASSERT_EQ(read().savepoint(id)->status.state, SavepointState::STARTED);
  world_.disk.damage(written()->location);
  loop_.run_for(60s);
  EXPECT_EQ(read().savepoint(id)->status.state, SavepointState::FAILED);
  EXPECT_NE(read().savepoint(id)->status.failure->message.find("cannot be read there"),
            std::string::npos);
}

TEST_F(Savepoints, AResetToAPointThatIsGoneStartsNothing) {
  create();
  want(model::DesiredState::CANCELLED);
  change([](model::Deployment& changed) {
    changed.internal.reset = model::ResetPointer{"file:/gone/savepoint-1", "copy", 1};
    changed.spec.state = model::DesiredState::RUNNING;
  });
  loop_.run_for(60s);
  EXPECT_EQ(deployment()->status.state, model::ObservedState::FAILED);
  EXPECT_EQ(deployment()->status.failure->reason, "RestorePointMissing");
  EXPECT_EQ(read().jobs_of(kDeployment).size(), 1u);
}

// The next job starts from there as long as the failed one has no checkpoint of its own.
TEST_F(Savepoints, WhatAFailedJobHandsOnStays) {
  create();
  model::Savepoint savepoint;
  savepoint.metadata.id = "s";
  savepoint.metadata.deployment_id = "other";
  savepoint.spec.savepoint_location = "file:/sp/s/savepoint-1";
  savepoint.status.state = SavepointState::COMPLETED;
  model::Job job;
  job.metadata.id = "j";
  job.metadata.deployment_id = "other";
  job.spec.savepoint_location = savepoint.spec.savepoint_location;
  job.status.state = model::JobState::FAILED;
  model::Transition transition;
  transition.metadata.id = "t";
  transition.metadata.deployment_id = "other";
  transition.continues_job_id = "j";
  store::Batch batch;
  batch.create(std::move(savepoint));
  batch.create(std::move(job));
  commit(std::move(batch));
  EXPECT_FALSE(hindrance("s"));
  store::Batch opened;
  opened.create(std::move(transition));
  commit(std::move(opened));
  EXPECT_EQ(hindrance("s"), "belongs to the transition that is under way");
}

TEST_F(Savepoints, WhereWeirCannotLookTheEndOfTheClusterEndsTheSavepoint) {
  create(std::nullopt, "s3://bucket/savepoints");
  const std::string id = request_savepoint();
  world_.kill(read().clusters_of(kDeployment).front()->metadata.id, "jobmanager", 0, SIGKILL);
  want(model::DesiredState::CANCELLED);
  const auto savepoint = read().savepoint(id);
  ASSERT_EQ(savepoint->status.state, SavepointState::FAILED);
  EXPECT_NE(savepoint->status.failure->message.find("Look at s3://bucket/savepoints/" + id),
            std::string::npos)
      << savepoint->status.failure->message;
}

TEST_F(Savepoints, AScheduleTakesThemWhenTheyAreDue) {
  model::SavepointPolicy policy;
  policy.schedule = model::SavepointSchedule{"*/5 * * * *", std::nullopt};
  create(policy);
  EXPECT_EQ(completed(), 0u) << "a new schedule makes up for nothing";
  loop_.run_for(10min);
  EXPECT_EQ(completed(), 2u);
  const auto newest = read().savepoints_of(kDeployment).front();
  EXPECT_EQ(newest->metadata.origin, "USER_REQUEST");
  EXPECT_TRUE(newest->metadata.annotations->contains(model::kScheduledForAnnotation));
  want(model::DesiredState::CANCELLED);
  const std::size_t before = read().savepoints_of(kDeployment).size();
  loop_.run_for(30min);
  EXPECT_EQ(read().savepoints_of(kDeployment).size(), before) << "nothing runs";
}

TEST_F(Savepoints, WhatWasMissedIsMadeUpForOnce) {
  model::SavepointPolicy policy;
  policy.schedule = model::SavepointSchedule{"*/5 * * * *", std::nullopt};
  create(policy);
  loop_.run_for(6min);
  EXPECT_EQ(completed(), 1u);
  end();
  loop_.run_for(3h);
  begin();
  loop_.run_for(90s);
  EXPECT_EQ(completed(), 2u);
}

TEST_F(Savepoints, RetentionKeepsTheNewestAndWhatIsNeeded) {
  model::SavepointPolicy policy;
  policy.retention = model::SavepointRetention{2, std::nullopt};
  create(policy);
  const std::string first = take_savepoint();
  const std::string second = take_savepoint();
  const std::string third = take_savepoint();
  loop_.run_for(60s);
  EXPECT_FALSE(read().savepoint(first));
  EXPECT_TRUE(read().savepoint(second));
  EXPECT_TRUE(read().savepoint(third));
  change([](model::Deployment& changed) {
    changed.spec.savepoint_policy->retention = model::SavepointRetention{std::nullopt, "1 h"};
    changed.spec.restore_strategy->kind = model::RestoreStrategyKind::LATEST_SAVEPOINT;
  });
  loop_.run_for(2h);
  EXPECT_FALSE(read().savepoint(second));
  EXPECT_TRUE(read().savepoint(third)) << "it is the only one";
}

}  // namespace
}  // namespace weir::control
