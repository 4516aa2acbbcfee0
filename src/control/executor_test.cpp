#include "control/executor.h"

#include "control/controlled_world.h"
#include "control/planner_bench.h"
#include "flink/assemble.h"

namespace weir::control {
namespace {

class Looking : public ControlledWorld {
 protected:
  Looking() {
    view_.deployment = stored(control::deployment(DesiredState::SUSPENDED, ObservedState::RUNNING));
    model::Job job = running_job();
    job.internal.attempt = 2;
    view_.job = stored(std::move(job));
    model::Savepoint savepoint;
    savepoint.metadata.id = "sp";
    view_.savepoint = stored(std::move(savepoint));
    keep("file:///sp/sp/savepoint-1", 7, true);
  }
  void keep(std::string location, std::int64_t checkpoint_id, bool savepoint) {
    simulated::SavedState state;
    state.location = std::move(location);
    state.checkpoint_id = checkpoint_id;
    state.savepoint = savepoint;
    ASSERT_TRUE(world_.disk.write(std::move(state)));
  }
  void keep_checkpoint(int attempt, std::int64_t id) {
    const auto& job = view_.job;
    const std::string directory = flink::checkpoint_directory(
        *job, attempt, context_of(*view_.deployment, job->metadata.id, settings_));
    keep(fmt::format("{}/{}/chk-{}", directory, flink_id(job->metadata.id), id), id, false);
  }
  FoundSavepoint found() {
    const RoomLedger ledger(1, std::chrono::minutes(1));
    Executor executor(
        {loop_.environment(), store_, runtime_, flink_, homes_, states_, artifacts_, secrets_},
        settings_, ledger);
    EffectResult result;
    EXPECT_TRUE(loop_.run([](Executor& e, View view, EffectResult& out) -> Task<void> {
      out = co_await e.perform(FindSavepoint{}, std::move(view));
    }(executor, view_, result)));
    return std::get<FoundSavepoint>(std::move(result));
  }

  View view_;
  Settings settings_ = settings_of_world();
};

TEST_F(Looking, ASavepointIsOutlivedByALaterCheckpointOfItsOwnAttemptOnly) {
  keep_checkpoint(2, 6);
  EXPECT_FALSE(found().outlived);
  keep_checkpoint(1, 50);  // of an attempt that the job did not go on from
  EXPECT_FALSE(found().outlived);
  keep_checkpoint(2, 8);
  const FoundSavepoint last = found();
  EXPECT_TRUE(last.outlived);
  EXPECT_EQ((*last.point)->checkpoint_id, 7);
}

}  // namespace
}  // namespace weir::control
