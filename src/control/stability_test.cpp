#include <gtest/gtest.h>

#include "control/controlled_world.h"
#include "control/planner_bench.h"
#include "control/savepoint_deletion.h"

/// Whether an upgraded revision may stay.
namespace weir::control {
namespace {

using model::RollbackPolicy;

class Stability : public ControlledWorld {
 protected:
  void upgraded(RollbackPolicy policy) {
    create();
    commit_change([policy](model::Deployment& d) {
      d.spec.upgrade_strategy->rollback = policy;
      d.spec.upgrade_strategy->stability.emplace().time = "1m";
    });
    commit_change(want(DesiredState::RUNNING));
    come_to_rest();
    commit_change(arguments("unbounded 7"));
    come_to_rest();
    ASSERT_EQ(deployment()->status.revision->stable, false);
  }
  std::int64_t desired() const { return deployment()->internal.spec_revision; }
  std::int64_t running() const { return *deployment()->status.revision->running; }
  // Flink restarts the tasks, as it does when one of them fails.
  void fail_tasks(int times) {
    for (int i = 0; i < times; ++i) {
      world_.fail_tasks(*jobs().front()->internal.cluster_id, "java.lang.RuntimeException: boom");
      loop_.run_for(4s);
    }
  }
};

TEST_F(Stability, AJobThatRunsAndMakesCheckpointsIsStable) {
  upgraded(RollbackPolicy::ON_INSTABILITY);
  ASSERT_TRUE(deployment()->internal.probation);
  const std::string location = *deployment()->internal.probation->location;
  const auto hindrance = [&]() -> std::optional<std::string> {
    for (const auto& savepoint : store_.read().savepoints_of(kDeployment))
      if (savepoint->spec.savepoint_location == location)
        return reference_to(store_.read(), *savepoint);
    return "missing";
  };
  ASSERT_TRUE(hindrance());
  EXPECT_NE(hindrance()->find("not stable yet"), std::string::npos) << *hindrance();
  loop_.run_for(2min);
  EXPECT_EQ(deployment()->status.revision->stable, true);
  EXPECT_FALSE(deployment()->internal.probation);
  EXPECT_FALSE(hindrance());
  fail_tasks(5);
  come_to_rest();
  EXPECT_EQ(running(), desired()) << "what is stable stays";
}

TEST_F(Stability, TooManyRestartsBringTheRevisionBeforeBack) {
  upgraded(RollbackPolicy::ON_INSTABILITY);
  fail_tasks(4);
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::RUNNING);
  EXPECT_EQ(running(), desired() - 1);
  ASSERT_TRUE(deployment()->status.revision->rolled_back_because);
  EXPECT_NE(deployment()->status.revision->rolled_back_because->find("boom"), std::string::npos);
  EXPECT_EQ(world_.violations(), std::vector<std::string>{});
  commit_change(arguments("unbounded 8"));
  come_to_rest();
  EXPECT_EQ(running(), desired());
}

TEST_F(Stability, RestartsAloneAreToldOnly) {
  upgraded(RollbackPolicy::ON_FAILURE);
  fail_tasks(4);
  come_to_rest();
  EXPECT_EQ(running(), desired());
}

struct Failure : PlannerBench {
  Failure() : PlannerBench(DesiredState::RUNNING, ObservedState::RUNNING) {
    with_job();
    model::Job before = running_job();
    before.metadata.id = "22222222-2222-4222-8222-222222222222";
    before.status.state = model::JobState::TERMINATED;
    before.status.revision = 0;
    view.jobs.push_back(stored(std::move(before)));
    auto d = *view.deployment;
    d.internal.probation = model::Probation{view.job->metadata.id,
                                            "22222222-2222-4222-8222-222222222222", "file:/sp/1"};
    view.deployment = stored(std::move(d));
    job_says(flink::JobState::kFailed);
    seen.exceptions.emplace().root_cause = "boom";
  }
};

TEST(StabilityOfAFailedJob, TheRevisionBeforeGoesOnFromItsState) {
  Failure bench;
  bench.decide();
  const auto* transition = bench.written<model::Transition>();
  ASSERT_NE(transition, nullptr);
  EXPECT_EQ(transition->kind, model::TransitionKind::ROLLBACK);
  EXPECT_EQ(transition->phase, model::TransitionPhase::TEAR_DOWN);
  EXPECT_EQ(transition->continues_job_id, bench.view.job->metadata.id);
  const auto* written = bench.written<model::Deployment>();
  EXPECT_EQ(written->internal.refused_revision, 1);
  EXPECT_EQ(written->internal.fallback_job_id, "22222222-2222-4222-8222-222222222222");
  EXPECT_FALSE(written->internal.probation);
}

TEST(StabilityOfAFailedJob, NotWhereItsUserWantsNoRollback) {
  Failure bench;
  auto d = *bench.view.deployment;
  d.spec.upgrade_strategy->rollback = RollbackPolicy::OFF;
  bench.view.deployment = stored(std::move(d));
  bench.decide();
  EXPECT_EQ(bench.written<model::Transition>()->kind, model::TransitionKind::START);
}

}  // namespace
}  // namespace weir::control
