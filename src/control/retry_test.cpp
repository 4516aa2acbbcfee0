#include <gtest/gtest.h>

#include "control/controlled_world.h"
#include "control/retry.h"

/// What was given up is tried again when the user asks for it, as the API records that.
namespace weir::control {
namespace {

void ask_for_retry(model::Deployment& d) {
  EXPECT_TRUE(gave_up(d));
  d = tried_again(d);
}

class Retry : public ControlledWorld {
 protected:
  std::size_t failed_jobs() const {
    std::size_t count = 0;
    for (const auto& job : jobs()) count += job->status.state == model::JobState::FAILED;
    return count;
  }
};

TEST_F(Retry, AFailedStartGetsFreshAttempts) {
  create();
  commit_change([](model::Deployment& d) {
    job_of(d).artifact->jar_uri = "file:///jars/missing.jar";
    d.spec.state = DesiredState::RUNNING;
  });
  come_to_rest();
  ASSERT_EQ(deployment()->status.state, ObservedState::FAILED);
  EXPECT_EQ(failed_jobs(), 2u);
  loop_.run_for(10min);
  EXPECT_EQ(failed_jobs(), 2u) << "nothing is tried unasked";
  commit_change(ask_for_retry);
  come_to_rest();
  EXPECT_EQ(deployment()->status.state, ObservedState::FAILED);
  EXPECT_EQ(failed_jobs(), 4u);
  EXPECT_EQ(deployment()->internal.spec_revision, 2);
}

TEST_F(Retry, ARevisionThatWasRolledBackIsTriedAgain) {
  create();
  commit_change(want(DesiredState::RUNNING));
  come_to_rest();
  commit_change(arguments("restarts-forever"));
  come_to_rest();
  ASSERT_EQ(deployment()->status.state, ObservedState::RUNNING);
  ASSERT_EQ(deployment()->internal.refused_revision, 2);
  ASSERT_EQ(jobs().front()->status.revision, 1);
  const std::size_t before = failed_jobs();
  loop_.run_for(10min);
  EXPECT_EQ(failed_jobs(), before) << "nothing is tried unasked";
  commit_change(ask_for_retry);
  come_to_rest();
  EXPECT_EQ(failed_jobs(), before + 1) << "it was tried, and does not hold this time either";
  EXPECT_EQ(deployment()->internal.refused_revision, 2);
  EXPECT_EQ(jobs().front()->status.revision, 1);
  EXPECT_TRUE(deployment()->status.revision->rolled_back_because);
}

}  // namespace
}  // namespace weir::control
