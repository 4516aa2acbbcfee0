#include <gtest/gtest.h>

#include "control/planner_bench.h"
#include "control/upgrade_way.h"

namespace weir::control {
namespace {

using model::DesiredState;
using model::ObservedState;

model::Job with_level(const std::string& level, const std::string& own_template = "") {
  model::Job job = running_job();
  job.spec.artifact.flink_version = "1.20.5";
  job.spec.logging.log4j_loggers = model::StringMap{{"org.x", level}};
  if (!own_template.empty()) job.spec.logging.log4j2_configuration_template = own_template;
  return job;
}

TEST(LogLevels, AreReadByTheRunningJob) {
  const model::Job running = with_level("INFO");
  EXPECT_TRUE(only_log_levels_differ(running, with_level("DEBUG")));
  EXPECT_FALSE(only_log_levels_differ(running, running)) << "nothing differs";
  model::Job next = with_level("DEBUG");
  next.spec.flink_configuration["a.default.of.another.weir"] = "1";
  EXPECT_TRUE(only_log_levels_differ(running, next));
  next.spec.user_flink_configuration["state.backend"] = "rocksdb";
  EXPECT_FALSE(only_log_levels_differ(running, next));
  next = with_level("DEBUG");
  next.spec.parallelism = 2;
  EXPECT_FALSE(only_log_levels_differ(running, next));
}

TEST(LogLevels, AUsersTemplateMustSayThatItIsReadAgain) {
  const std::string deaf = "rootLogger.level = {{rootLoggerLogLevel}}";
  const std::string watched = "monitorInterval = 10\n" + deaf;
  EXPECT_FALSE(only_log_levels_differ(with_level("INFO", deaf), with_level("DEBUG", deaf)));
  EXPECT_TRUE(only_log_levels_differ(with_level("INFO", watched), with_level("DEBUG", watched)));
  EXPECT_FALSE(only_log_levels_differ(with_level("INFO", deaf), with_level("DEBUG", watched)));
}

struct LogLevelsOfRunningJob : testing::Test, PlannerBench {
  LogLevelsOfRunningJob() : PlannerBench(DesiredState::RUNNING, ObservedState::RUNNING) {
    with_job(with_level("INFO"));
    auto d = *view.deployment;
    d.internal.spec_revision = 2;
    auto& spec = *d.spec.template_->spec;
    spec.artifact = view.job->spec.artifact;
    spec.logging = with_level("DEBUG").spec.logging;
    auto job = *view.job;
    job.spec.artifact.jar_uri = spec.artifact->jar_uri = "file:///x.jar";
    job.spec.number_of_task_managers = 1;
    view.job = stored(std::move(job));
    view.deployment = stored(std::move(d));
    job_says(flink::JobState::kRunning);
  }
};

TEST_F(LogLevelsOfRunningJob, AreWrittenWithoutAnotherJob) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(decide().effect));
  const model::Job taken = *written<model::Job>();
  EXPECT_EQ(taken.status.revision, 2);
  EXPECT_EQ(taken.spec.logging.log4j_loggers->at("org.x"), "DEBUG");
  EXPECT_EQ(written<model::Transition>(), nullptr);
  view.job = stored(taken);
  EXPECT_TRUE(std::holds_alternative<EnsureCluster>(decide().effect));
  memory.result = EnsuredCluster{fail(Code::kResourceExhausted, "The disk is full.")};
  EXPECT_FALSE(std::holds_alternative<EnsureCluster>(decide().effect))
      << "the job is watched first";
  memory.result = std::monostate();
  EXPECT_TRUE(std::holds_alternative<EnsureCluster>(decide().effect)) << "until they are written";
  memory.result = EnsuredCluster{};
  EXPECT_TRUE(std::holds_alternative<std::monostate>(decide().effect));
  EXPECT_FALSE(written<model::Job>()->internal.unwritten_log_levels);
  EXPECT_EQ(events(), std::vector<std::string>{"EXTERNAL"});
}

}  // namespace
}  // namespace weir::control
