#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "codec/describe_json.h"
#include "control/controller.h"
#include "support/memory_store.h"
#include "support/world/flink.h"
#include "support/world/places.h"

/// For tests of what a controller makes of one deployment over a simulated world.
namespace weir::control {

using namespace std::chrono_literals;
using model::DesiredState;
using model::ObservedState;
using Change = std::function<void(model::Deployment&)>;

inline constexpr char kDeployment[] = "dddddddd-0000-4000-8000-000000000000";

inline Settings settings_of_world() {
  Settings made;
  made.data_directory = "/data";
  return made;
}

class ControlledWorld : public testing::Test {
 protected:
  explicit ControlledWorld(Settings settings = settings_of_world())
      : store_(loop_.environment(), disk_),
        controller_(
            {loop_.environment(), store_, runtime_, flink_, homes_, states_, artifacts_, secrets_},
            std::move(settings)) {
    controller_.start();
  }
  ~ControlledWorld() override {
    EXPECT_TRUE(loop_.run([](Controller& c) -> Task<void> { co_await c.stop(); }(controller_)));
    world_.on_change = nullptr;
  }

  void commit(store::Batch batch) {
    EXPECT_TRUE(loop_.run([](store::Store& store, store::Batch b) -> Task<void> {
      const auto committed = co_await store.commit(std::move(b));
      EXPECT_TRUE(committed) << to_string(committed.error());
    }(store_, std::move(batch))));
  }
  store::Stored<model::Deployment> deployment() const {
    return store_.read().deployment(kDeployment);
  }
  std::vector<store::Stored<model::Job>> jobs() const { return store_.read().jobs_of(kDeployment); }

  void create() {
    model::Deployment made;
    made.metadata.id = kDeployment;
    made.metadata.name = "d";
    made.metadata.namespace_ = "default";
    made.metadata.created_at = loop_.wall_now();
    made.metadata.annotations.emplace();
    made.spec.state = DesiredState::CANCELLED;
    made.spec.upgrade_strategy.emplace();
    made.spec.restore_strategy.emplace();
    made.spec.max_job_creation_attempts = 2;
    made.spec.max_savepoint_creation_attempts = 2;
    auto& job = made.spec.template_.emplace().spec.emplace();
    job.artifact.emplace().jar_uri = "file:///jars/job.jar";
    job.artifact->main_args = "unbounded";
    job.parallelism = 1;
    job.flink_configuration.emplace()["execution.checkpointing.interval"] = "5 s";
    store::Batch batch;
    batch.create(std::move(made));
    commit(std::move(batch));
  }

  // As the API does it: a change of the template is a new revision.
  model::Deployment changed(const Change& change) const {
    model::Deployment next = *deployment();
    const std::string before = codec::to_json_text(next.spec.template_);
    change(next);
    ++next.metadata.resource_version;
    if (codec::to_json_text(next.spec.template_) != before) ++next.internal.spec_revision;
    return next;
  }
  void commit_change(const Change& change) {
    store::Batch batch;
    batch.update(deployment(), changed(change));
    commit(std::move(batch));
  }
  bool at_rest() const {
    return !store_.read().open_transition(kDeployment) &&
           deployment()->status.state != ObservedState::TRANSITIONING;
  }
  void come_to_rest() {
    const MonoTime limit = loop_.mono_now() + 10min;
    do loop_.run_for(1s);
    while (!at_rest() && loop_.mono_now() < limit);
    ASSERT_TRUE(at_rest());
    loop_.run_for(20s);  // for a checkpoint, and whatever should not follow
    ASSERT_TRUE(at_rest());
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
  store::MemoryStore store_;
  Controller controller_;
};

inline model::TemplateSpec& job_of(model::Deployment& d) { return *d.spec.template_->spec; }
inline Change want(DesiredState state) {
  return [state](model::Deployment& d) { d.spec.state = state; };
}
inline Change arguments(std::string text) {
  return [text](model::Deployment& d) { job_of(d).artifact->main_args = text; };
}
inline Change in_mode(model::UpgradeMode mode) {
  return [mode](model::Deployment& d) {
    d.spec.upgrade_strategy->mode = mode;
    job_of(d).artifact->main_args = *job_of(d).artifact->main_args + " x";
  };
}

}  // namespace weir::control
