#include "control/preview.h"

#include <gtest/gtest.h>

#include "control/controlled_world.h"
#include "control/planner_bench.h"

/// What a preview says is what the controller then does, over a simulated world.
namespace weir::control {
namespace {

class PreviewAndDeed : public ControlledWorld {
 protected:
  Preview preview_of(const model::Deployment& next) {
    Room room;
    EXPECT_TRUE(loop_.run([](Controller& controller, Room& found) -> Task<void> {
      found = co_await controller.room();
    }(controller_, room)));
    const View view = load_view(store_.read(), kDeployment);
    std::string says;
    if (view.job)
      if (const auto live = controller_.live_job(view.job->metadata.id)) says = live->flink_status;
    return preview(
        view, next,
        {room, controller_.settings(), homes_, loop_, loop_.mono_now(), loop_.wall_now(), says});
  }
  // The deed is compared with what was said of it.
  Preview preview_and_do(const Change& change) {
    const std::size_t jobs_before = jobs().size();
    const model::Deployment next = changed(change);
    const Preview said = preview_of(next);
    store::Batch batch;
    batch.update(deployment(), next);
    commit(std::move(batch));
    come_to_rest();
    compare(said, jobs_before);
    return said;
  }
  void compare(const Preview& said, std::size_t jobs_before) const {
    SCOPED_TRACE(codec::to_json_text(said));
    const bool starts_one =
        said.action != PreviewAction::NONE && said.action != PreviewAction::IN_PLACE &&
        said.action != PreviewAction::SUSPEND && said.action != PreviewAction::CANCEL;
    ASSERT_EQ(jobs().size(), jobs_before + (starts_one ? 1 : 0));
    if (said.action == PreviewAction::SUSPEND)
      EXPECT_EQ(deployment()->status.state, ObservedState::SUSPENDED);
    if (said.action == PreviewAction::CANCEL)
      EXPECT_EQ(deployment()->status.state, ObservedState::CANCELLED);
    if (!starts_one) return;
    const model::Job& made = *jobs().front();
    EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
    const std::string way(made.status.way ? codec::enum_text(*made.status.way) : "START");
    EXPECT_EQ(codec::enum_text(said.action), way);
    const std::string from = made.spec.savepoint_location.value_or("");
    switch (said.state->kind) {
      case PreviewedStateKind::EMPTY: EXPECT_EQ(from, ""); break;
      case PreviewedStateKind::RESTORE_POINT: EXPECT_EQ(from, said.state->location); break;
      case PreviewedStateKind::NEW_SAVEPOINT:
        EXPECT_TRUE(from.starts_with(*said.state->location + "/")) << from;
        break;
      case PreviewedStateKind::NEW_CHECKPOINT: ADD_FAILURE() << "a job was started"; break;
      case PreviewedStateKind::MISSING: ADD_FAILURE() << "a job was started"; break;
    }
  }
};

TEST_F(PreviewAndDeed, TheWholeLifeOfADeployment) {
  create();
  const auto is = [](const Preview& said, PreviewAction action) {
    EXPECT_EQ(said.action, action) << codec::to_json_text(said);
    EXPECT_FALSE(said.reason.empty());
    EXPECT_FALSE(said.waits_for);
  };
  is(preview_and_do(want(DesiredState::CANCELLED)), PreviewAction::NONE);
  is(preview_and_do(want(DesiredState::RUNNING)), PreviewAction::START);
  is(preview_and_do([](auto& d) { job_of(d).parallelism = 2; }), PreviewAction::IN_PLACE);
  EXPECT_EQ(jobs().front()->spec.parallelism, 2);
  is(preview_and_do([](auto& d) { d.metadata.labels.emplace()["a"] = "b"; }), PreviewAction::NONE);
  const Preview levels = preview_and_do([](auto& d) {
    job_of(d).logging.emplace().log4j_loggers = model::StringMap{{"x", "DEBUG"}};
  });
  is(levels, PreviewAction::NONE);
  EXPECT_NE(levels.reason.find("log levels"), std::string::npos) << levels.reason;
  EXPECT_EQ(jobs().front()->status.revision, deployment()->internal.spec_revision);
  EXPECT_FALSE(jobs().front()->internal.unwritten_log_levels);
  const Preview first = preview_and_do(arguments("unbounded 1"));
  is(first, PreviewAction::WARM_SWAP);
  EXPECT_EQ(first.expected_gap->samples, 0) << "nothing is invented";
  EXPECT_FALSE(first.expected_gap->median_seconds);
  const Preview second = preview_and_do(arguments("unbounded 2"));
  is(second, PreviewAction::WARM_SWAP);
  EXPECT_EQ(second.expected_gap->samples, 1);
  const auto& phases = *jobs()[1]->status.phases;
  EXPECT_DOUBLE_EQ(*second.expected_gap->median_seconds,
                   std::chrono::duration<double>(*phases.running_at - *phases.stopping_at).count());
  is(preview_and_do(in_mode(model::UpgradeMode::SAME_CLUSTER)), PreviewAction::SAME_CLUSTER);
  is(preview_and_do(in_mode(model::UpgradeMode::RESTART)), PreviewAction::RESTART);
  is(preview_and_do(want(DesiredState::SUSPENDED)), PreviewAction::SUSPEND);
  is(preview_and_do(want(DesiredState::RUNNING)), PreviewAction::START);
  is(preview_and_do(want(DesiredState::CANCELLED)), PreviewAction::CANCEL);
  const Preview again = preview_and_do(want(DesiredState::RUNNING));
  is(again, PreviewAction::START);
  EXPECT_EQ(again.expected_gap->samples, 2);
}

TEST_F(PreviewAndDeed, WhatTheRestoreStrategySays) {
  create();
  preview_and_do(want(DesiredState::RUNNING));
  using Kind = model::RestoreStrategyKind;
  for (const Kind kind : {Kind::NONE, Kind::LATEST_SAVEPOINT, Kind::LATEST_STATE}) {
    preview_and_do(want(DesiredState::CANCELLED));
    const Preview start = preview_and_do([&](model::Deployment& d) {
      d.spec.restore_strategy->kind = kind;
      d.spec.state = DesiredState::RUNNING;
    });
    const bool state = kind == Kind::LATEST_STATE;
    EXPECT_EQ(start.state->kind,
              state ? PreviewedStateKind::RESTORE_POINT : PreviewedStateKind::EMPTY)
        << codec::to_json_text(start);
  }
  const Preview without = preview_and_do([](model::Deployment& d) {
    d.spec.restore_strategy->kind = Kind::NONE;
    job_of(d).artifact->main_args = "unbounded 3";
  });
  EXPECT_EQ(without.state->kind, PreviewedStateKind::EMPTY);
  const Preview stateless = preview_and_do([](model::Deployment& d) {
    d.spec.upgrade_strategy->kind = model::UpgradeStrategyKind::STATELESS;
    job_of(d).artifact->main_args = "unbounded 4";
  });
  EXPECT_EQ(stateless.action, PreviewAction::WARM_SWAP);
}

TEST_F(PreviewAndDeed, NoRoomForTwoClusters) {
  create();
  preview_and_do([](model::Deployment& d) {
    d.spec.state = DesiredState::RUNNING;
    auto& resources = job_of(d).resources.emplace();
    resources.taskmanager.emplace().memory = "600g";
  });
  const Preview same = preview_and_do(arguments("unbounded 1"));
  EXPECT_EQ(same.action, PreviewAction::SAME_CLUSTER);
  EXPECT_NE(same.reason.find("of memory"), std::string::npos) << same.reason;
  const Preview restart = preview_and_do(
      [](model::Deployment& d) { job_of(d).resources->taskmanager->memory = "601g"; });
  EXPECT_EQ(restart.action, PreviewAction::RESTART);
  const Preview waits = preview_of(changed(in_mode(model::UpgradeMode::WARM_SWAP)));
  EXPECT_EQ(waits.action, PreviewAction::WARM_SWAP);
  ASSERT_EQ(waits.warnings.size(), 1u);
  EXPECT_TRUE(waits.warnings[0].starts_with("It would wait for room."));
  const Preview never = preview_of(
      changed([](model::Deployment& d) { job_of(d).resources->taskmanager->memory = "6000g"; }));
  ASSERT_EQ(never.warnings.size(), 1u);
  EXPECT_NE(never.warnings[0].find("can never give"), std::string::npos);
}

TEST_F(PreviewAndDeed, WhatDoesNothingSaysWhy) {
  create();
  preview_and_do(want(DesiredState::RUNNING));
  const Preview kept = preview_and_do([](model::Deployment& d) {
    d.spec.upgrade_strategy->kind = model::UpgradeStrategyKind::NONE;
    job_of(d).artifact->main_args = "unbounded 1";
  });
  EXPECT_EQ(kept.action, PreviewAction::NONE);
  EXPECT_NE(kept.reason.find("upgradeStrategy is NONE"), std::string::npos) << kept.reason;
  // A change that only makes the outdated job be exchanged.
  const Preview stateful = preview_and_do([](model::Deployment& d) {
    d.spec.upgrade_strategy->kind = model::UpgradeStrategyKind::STATEFUL;
    job_of(d).flink_configuration->insert_or_assign("execution.checkpointing.savepoint-dir", "");
  });
  EXPECT_EQ(stateful.action, PreviewAction::WARM_SWAP);
  const Preview refused = preview_and_do(arguments("unbounded 2"));
  EXPECT_EQ(refused.action, PreviewAction::NONE);
  EXPECT_NE(refused.reason.find("has no savepoint directory"), std::string::npos);
}

TEST_F(PreviewAndDeed, AJobThatFinished) {
  create();
  preview_and_do([](model::Deployment& d) {
    job_of(d).artifact->main_args = "bounded 1000";
    d.spec.state = DesiredState::RUNNING;
  });
  loop_.run_for(2000s);
  ASSERT_EQ(deployment()->status.state, ObservedState::FINISHED);
  const Preview said = preview_and_do(arguments("unbounded"));
  EXPECT_EQ(said.action, PreviewAction::NONE);
  EXPECT_NE(said.reason.find("FINISHED"), std::string::npos);
}

TEST_F(PreviewAndDeed, WhileATransitionIsUnderWay) {
  create();
  const auto begin = [&](const Change& change) {
    store::Batch batch;
    batch.update(deployment(), changed(change));
    commit(std::move(batch));
    while (at_rest()) loop_.run_for(1ms);
  };
  begin(want(DesiredState::RUNNING));
  const Preview cancel = preview_of(changed(want(DesiredState::CANCELLED)));
  EXPECT_EQ(cancel.action, PreviewAction::CANCEL) << codec::to_json_text(cancel);
  const Preview suspend = preview_of(changed(want(DesiredState::SUSPENDED)));
  EXPECT_EQ(suspend.action, PreviewAction::SUSPEND);
  EXPECT_TRUE(suspend.waits_for) << "what started is started first";
  const Preview same = preview_of(changed(want(DesiredState::RUNNING)));
  EXPECT_EQ(same.action, PreviewAction::NONE) << codec::to_json_text(same);
  EXPECT_TRUE(same.waits_for);
  come_to_rest();
  begin(arguments("unbounded 1"));
  while (store_.read().open_transition(kDeployment)->phase == model::TransitionPhase::CREATE_JOB)
    loop_.run_for(1ms);
  const Preview other = preview_of(changed(arguments("unbounded 2")));
  EXPECT_EQ(other.action, PreviewAction::WARM_SWAP) << codec::to_json_text(other);
  EXPECT_NE(other.waits_for->find("is dropped"), std::string::npos);
  store::Batch batch;
  batch.update(deployment(), changed(arguments("unbounded 2")));
  commit(std::move(batch));
  come_to_rest();
  EXPECT_EQ(jobs().front()->status.way, model::UpgradeWay::WARM_SWAP);
  EXPECT_EQ(jobs().front()->status.revision, 3);
}

TEST(ExpectedGap, MedianAndRangeOfThatWayOnly) {
  const WallTime start = parse_rfc3339("2026-01-01T00:00:00Z").value();
  const auto job = [&](std::optional<model::UpgradeWay> way, Duration gap) {
    model::Job made;
    made.status.way = way;
    auto& phases = made.status.phases.emplace();
    phases.requested_at = start;
    if (way) phases.stopping_at = start;
    phases.running_at = start + gap;
    return stored(std::move(made));
  };
  using model::UpgradeWay;
  const std::vector jobs{job(UpgradeWay::WARM_SWAP, 400ms), job(UpgradeWay::RESTART, 3s),
                         job(UpgradeWay::WARM_SWAP, 900ms), job(std::nullopt, 4s),
                         job(UpgradeWay::WARM_SWAP, 500ms), job(UpgradeWay::WARM_SWAP, -1s)};
  const ExpectedGap swap = gap_of_way(jobs, UpgradeWay::WARM_SWAP);
  EXPECT_EQ(swap.samples, 3) << "a clock that was set back measures nothing";
  EXPECT_DOUBLE_EQ(*swap.median_seconds, 0.5);
  EXPECT_DOUBLE_EQ(*swap.least_seconds, 0.4);
  EXPECT_DOUBLE_EQ(*swap.most_seconds, 0.9);
  EXPECT_EQ(gap_of_way(jobs, UpgradeWay::SAME_CLUSTER).samples, 0);
  EXPECT_DOUBLE_EQ(*gap_of_start(jobs).median_seconds, 4);
}

}  // namespace
}  // namespace weir::control
