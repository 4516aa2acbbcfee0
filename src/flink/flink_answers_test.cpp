#include "flink/flink_answers.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "codec/json_text.h"
#include "flink/flink_requests.h"

namespace weir::flink {
namespace {

// Answers that were recorded from real clusters; stack frames are shortened.
class Recorded : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::ifstream file(std::string(WEIR_SOURCE_DIR) + "/src/flink/testdata/rest-" + GetParam() +
                       ".json");
    std::stringstream text;
    text << file.rdbuf();
    const auto node = codec::parse_json(text.str());
    ASSERT_TRUE(node) << to_string(node.error());
    all_ = *node;
  }
  std::string body(const std::string& name) const {
    const codec::Node* entry = all_.find(name);
    EXPECT_NE(entry, nullptr) << name;
    return entry == nullptr ? std::string() : codec::write_json(*entry->find("body"));
  }
  int status(const std::string& name) const {
    return std::stoi(all_.find(name)->find("status")->text);
  }
  Error run_refusal(const std::string& name) const {
    return answers::run_refusal(status(name), body(name));
  }
  codec::Node all_;
};
INSTANTIATE_TEST_SUITE_P(Versions, Recorded, testing::Values("1.20.5", "2.3.0"), [](auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST_P(Recorded, OverviewAndIdentity) {
  const auto overview = answers::overview(body("overview"));
  ASSERT_TRUE(overview);
  EXPECT_EQ(overview->flink_version, GetParam());
  EXPECT_EQ(overview->task_managers, 1);
  EXPECT_EQ(*answers::cluster_id(body("config")), std::string("rec-") + GetParam());
  EXPECT_EQ(*answers::cluster_id("[]"), "");
  EXPECT_EQ(answers::cluster_id("{}").error().reason, "BadAnswer");
}

TEST_P(Recorded, Jars) {
  EXPECT_TRUE(answers::jars(body("jars_empty"))->empty());
  const auto jars = answers::jars(body("jars"));
  ASSERT_EQ(jars->size(), 2u);
  EXPECT_EQ((*jars)[1].name, "abc_words.jar");
  EXPECT_EQ(*answers::uploaded_jar(body("upload")), (*jars)[1].id);
}

TEST_P(Recorded, JobsWithTheirTasks) {
  const auto running = answers::jobs(body("jobs_running"));
  ASSERT_EQ(running->size(), 1u);
  EXPECT_EQ(running->front().flink_job_id, std::string(32, 'a'));
  EXPECT_EQ(running->front().detail.state, JobState::kRunning);
  EXPECT_EQ(running->front().detail.name, "word-stream");
  EXPECT_TRUE(running->front().detail.all_tasks_running);
  EXPECT_EQ(running->front().detail.end_time_ms, -1);
  EXPECT_GT(running->front().detail.now_ms, running->front().detail.start_time_ms);
  const auto find = [&](const std::string& answer, char id) {
    const auto jobs = answers::jobs(body(answer));
    for (const auto& job : *jobs)
      if (job.flink_job_id == std::string(32, id)) return job.detail;
    ADD_FAILURE() << answer << " lacks " << id;
    return JobDetail{};
  };
  EXPECT_EQ(find("jobs_finished", 'a').state, JobState::kFinished);
  EXPECT_FALSE(find("jobs_finished", 'a').all_tasks_running);
  EXPECT_GT(find("jobs_finished", 'a').end_time_ms, 0);
  // Flink says RUNNING while the tasks wait for slots.
  EXPECT_EQ(find("jobs_waiting", 'f').state, JobState::kRunning);
  EXPECT_FALSE(find("jobs_waiting", 'f').all_tasks_running);
  EXPECT_EQ(find("jobs_waiting", 'e').state, JobState::kCanceled);
  EXPECT_FALSE(find("jobs_crash", '9').all_tasks_running);
}

TEST_P(Recorded, Checkpoints) {
  const auto statistics = answers::checkpoints(body("checkpoints"));
  ASSERT_TRUE(statistics);
  EXPECT_GT(statistics->completed, 0);
  ASSERT_TRUE(statistics->latest_completed);
  EXPECT_GT(statistics->latest_completed->id, 0);
  EXPECT_TRUE(statistics->latest_completed->location.starts_with("file:/data/ck/aaaa"));
  EXPECT_FALSE(statistics->latest_completed->is_savepoint);
  EXPECT_GT(statistics->latest_completed->completed_at_ms, 0);
  EXPECT_FALSE(statistics->latest_restored);
  const auto restored = answers::checkpoints(body("checkpoints_restored"));
  EXPECT_EQ(restored->restored, 1);
  EXPECT_TRUE(restored->latest_restored->starts_with("file:/data/sp/savepoint-aaaaaa-"));
  EXPECT_TRUE(*answers::checkpoints_enabled(body("checkpoints_config")));
  EXPECT_TRUE(*answers::checkpoints_enabled(body("checkpoints_config_1h")));
  EXPECT_FALSE(*answers::checkpoints_enabled(R"({"interval":9223372036854775807})"));
}

TEST_P(Recorded, ExceptionsAndMetrics) {
  EXPECT_EQ(answers::exceptions(body("exceptions_none"))->entries, 0);
  EXPECT_EQ(answers::exceptions(body("exceptions_none"))->root_cause, "");
  const auto failed = answers::exceptions(body("exceptions"));
  EXPECT_GT(failed->entries, 0);
  EXPECT_EQ(failed->root_cause, "NoSuchFileException: /data/t.txt");
  EXPECT_GT(failed->timestamp_ms, 0);
  EXPECT_EQ(*answers::metric(body("metrics"), {"numRestarts", "fullRestarts"}), 0);
  EXPECT_FALSE(*answers::metric(body("metrics_unknown"), {"numRestarts"}));
}

TEST_P(Recorded, Savepoints) {
  EXPECT_EQ(*answers::trigger_id(body("savepoint_trigger")), "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1");
  const auto done = answers::trigger_status(body("savepoint_done"));
  EXPECT_EQ(done->state, TriggerState::kCompleted);
  EXPECT_TRUE(done->location.starts_with("file:/data/sp/savepoint-aaaaaa-"));
  EXPECT_EQ(answers::trigger_status(body("stop_done"))->state, TriggerState::kCompleted);
  const auto failed = answers::trigger_status(body("savepoint_failed"));
  EXPECT_EQ(failed->state, TriggerState::kFailed);
  EXPECT_EQ(failed->failure, "IOException: Failed to create savepoint directory at /proc/nope");
  EXPECT_TRUE(answers::trigger_status(body("stop_nojob_status"))
                  ->failure.starts_with("FlinkJobNotFoundException: Could not find Flink job"));
  const Error unknown = answers::refusal(status("savepoint_unknown"), body("savepoint_unknown"));
  EXPECT_EQ(unknown.code, Code::kNotFound);
}

TEST_P(Recorded, WhyARunWasRefused) {
  struct Case {
    const char* name;
    Code code;
    const char* reason;
    const char* message;
  };
  for (const Case& c : {
           Case{"run_noclass", Code::kInvalidArgument, "ClassNotFound",
                "ProgramInvocationException: The program's entry point class 'dev.weir.Nope' was "
                "not found in the jar file."},
           Case{"run_noentry", Code::kInvalidArgument, "ClassNotFound",
                "ProgramInvocationException: No manifest found in jar file"},
           Case{"run_main", Code::kInvalidArgument, "MainFailed",
                "IllegalArgumentException: missing argument: --input"},
           Case{"run_nojar", Code::kNotFound, "JarNotFound", "RestHandlerException: Jar file"},
           Case{"run_bad", Code::kInvalidArgument, "NotAJar",
                "ZipException: zip END header not found"},
           Case{"run_badid", Code::kInvalidArgument, "BadRequest", "NumberFormatException"},
           Case{"run_nosavepoint", Code::kInvalidArgument, "RestoreFailed",
                "FileNotFoundException: Cannot find checkpoint or savepoint file/directory"},
           Case{"run_exit", Code::kInvalidArgument, "ProgramExited",
                "UserSystemExitException: Flink user code attempted to exit JVM."},
           Case{"run_duplicate", Code::kAlreadyExists, "DuplicateJob", "Duplicate"},
       }) {
    const Error error = run_refusal(c.name);
    EXPECT_EQ(error.code, c.code) << c.name;
    EXPECT_EQ(error.reason, c.reason) << c.name;
    EXPECT_TRUE(error.message.starts_with(c.message)) << c.name << ": " << error.message;
  }
}

TEST_P(Recorded, OtherRefusals) {
  EXPECT_EQ(answers::refusal(404, body("job_unknown")).code, Code::kNotFound);
  EXPECT_EQ(answers::refusal(404, body("cancel_nojob")).reason, "FlinkJobNotFound");
  EXPECT_EQ(answers::refusal(409, body("cancel_finished")).code, Code::kFailedPrecondition);
  EXPECT_EQ(answers::refusal(400, body("upload_txt")).message,
            "RestHandlerException: Only Jar files are allowed.");
}

TEST(FlinkAnswers, StartingAndStrangeServers) {
  EXPECT_EQ(answers::refusal(503, R"({"errors":["Service temporarily unavailable due to an )"
                                  R"(ongoing leader election. Please refresh."]})")
                .code,
            Code::kUnavailable);
  EXPECT_EQ(answers::refusal(404, R"({"errors":["Not found: /jars"]})").code, Code::kUnavailable);
  EXPECT_EQ(answers::refusal(502, "<html>").code, Code::kInternal);
  EXPECT_EQ(answers::overview("<html>").error().reason, "BadAnswer");
  EXPECT_EQ(answers::overview("{}").error().reason, "BadAnswer");
  EXPECT_EQ(answers::jobs("[]").error().reason, "BadAnswer");
  EXPECT_EQ(
      answers::trigger_status(R"({"status":{"id":"COMPLETED"},"operation":null})").error().reason,
      "BadAnswer");
}

TEST(FlinkAnswers, OldExceptionsAndStopsThatKeptTheJob) {
  const auto old = answers::exceptions(
      R"({"root-exception":"java.lang.Exception: a\n\tat x\nCaused by: b.C$D: e\n","timestamp":5,)"
      R"("all-exceptions":[{},{}],"truncated":false})");
  EXPECT_EQ(old->root_cause, "C$D: e");
  EXPECT_EQ(old->entries, 2);
  EXPECT_EQ(old->timestamp_ms, 5);
  const auto stopped = answers::trigger_status(
      R"({"status":{"id":"COMPLETED"},"operation":{"failure-cause":{"class":"x","stack-trace":)"
      R"("java.util.concurrent.CompletionException: y\nCaused by: org.apache.flink.runtime.)"
      R"(scheduler.stopwithsavepoint.StopWithSavepointStoppingException: A savepoint has been )"
      R"(created at: file:/sp/savepoint-1, but the corresponding job 2 failed during stopping.)"
      R"(\nCaused by: z"}}})");
  EXPECT_EQ(stopped->state, TriggerState::kFailed);
  EXPECT_EQ(stopped->location, "file:/sp/savepoint-1");
  EXPECT_TRUE(stopped->failure.starts_with("StopWithSavepointStoppingException: A savepoint"));
}

TEST(FlinkRequests, BodiesFollowTheVersion) {
  RunRequest request;
  request.flink_job_id = "id";
  request.entry_class = "a.B";
  request.program_args = {"--x", "a \"b\"", ""};
  request.parallelism = 2;
  request.restore_location = "file:/sp";
  request.flink_configuration = {{"k", "v"}};
  EXPECT_EQ(requests::run(request, capabilities_of("2.3.0")),
            R"({"jobId":"id","entryClass":"a.B","programArgsList":["--x","a \"b\"",""],)"
            R"("parallelism":2,"allowNonRestoredState":false,"savepointPath":"file:/sp",)"
            R"("claimMode":"NO_CLAIM","flinkConfiguration":{"k":"v"}})");
  EXPECT_EQ(requests::run(request, capabilities_of("1.16.3")),
            R"({"jobId":"id","entryClass":"a.B","programArgsList":["--x","a \"b\"",""],)"
            R"("parallelism":2,"allowNonRestoredState":false,"savepointPath":"file:/sp",)"
            R"("restoreMode":"NO_CLAIM"})");
  EXPECT_EQ(requests::run(request, capabilities_of("1.6.4")),
            R"({"entryClass":"a.B","programArgs":"--x 'a \"b\"' \"\"","parallelism":2,)"
            R"("allowNonRestoredState":false,"savepointPath":"file:/sp"})");
  const auto now = requests::stop_with_savepoint("file:/d", "t", false, capabilities_of("1.20"));
  EXPECT_EQ(now.path, "/stop");
  EXPECT_EQ(now.body,
            R"({"targetDirectory":"file:/d","drain":false,"formatType":"NATIVE","triggerId":"t"})");
  const auto before = requests::stop_with_savepoint("d", "t", false, capabilities_of("1.8.3"));
  EXPECT_EQ(before.path, "/savepoints");
  EXPECT_EQ(before.body, R"({"target-directory":"d","cancel-job":true})");
  EXPECT_EQ(requests::trigger_savepoint("d", "t", capabilities_of("1.14.6")).body,
            R"({"target-directory":"d","cancel-job":false})");
}

TEST(Answers, ParallelismOfVertices) {
  const auto vertices = answers::parallelism(
      R"({"vertices":[{"id":"a","parallelism":2,"maxParallelism":128},{"id":"b","parallelism":1}]})",
      R"({"b":{"parallelism":{"lowerBound":1,"upperBound":1}},)"
      R"("a":{"parallelism":{"lowerBound":1,"upperBound":4}}})");
  ASSERT_TRUE(vertices) << to_string(vertices.error());
  ASSERT_EQ(vertices->size(), 2u);
  EXPECT_EQ(vertices->front().now, 2);
  EXPECT_EQ(vertices->front().most, 128);
  EXPECT_EQ(vertices->front().lower, 1);
  EXPECT_EQ(vertices->front().upper, 4);
  EXPECT_FALSE(answers::parallelism(R"({"vertices":[{"id":"a","parallelism":2}]})", "{}"));
}

// As 1.20.5 and 2.3.0 answer where the job runs under another scheduler.
TEST(Answers, RequirementsOfAnotherScheduler) {
  const Error error = answers::requirements_refusal(
      500, R"({"errors":["Internal server error.","<Exception on server side:\njava.lang.)"
           R"(UnsupportedOperationException: The DefaultScheduler does not support changing the )"
           R"(parallelism without a job restart.\n\tat org.apache"]})");
  EXPECT_EQ(error.code, Code::kFailedPrecondition);
  EXPECT_EQ(error.reason, "NotAdaptive");
}

TEST(Answers, WhatAJobThatNeverRanEndedWith) {
  const auto failed = answers::execution_failure(
      R"({"status":{"id":"COMPLETED"},"job-execution-result":{"id":"ab","failure-cause":{"class":"x",)"
      R"("stack-trace":"java.util.concurrent.CompletionException: a\nCaused by: )"
      R"(java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint\n\tat b"}}})");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->root_cause,
            "IllegalStateException: Failed to rollback to checkpoint/savepoint");
  const auto runs = answers::execution_failure(R"({"status":{"id":"IN_PROGRESS"}})");
  ASSERT_TRUE(runs);
  EXPECT_EQ(runs->root_cause, "");
}

TEST(Answers, IdleTaskManagers) {
  const auto idle = answers::idle_task_managers(
      R"({"taskmanagers":[{"id":"tm-0-9cdf8bad","slotsNumber":1,"freeSlots":0},)"
      R"({"id":"tm-12-9cdf8bad","slotsNumber":2,"freeSlots":2},)"
      R"({"id":"somebody","slotsNumber":1,"freeSlots":1}]})");
  ASSERT_TRUE(idle);
  EXPECT_EQ(*idle, std::vector<int>{12});
}

TEST(Answers, ArchiveOfAnEndedJob) {
  const auto archive = [](const std::string& state) {
    return R"({"archive":[{"path":"/jobs/overview","json":"{\"jobs\":[{\"jid\":\"a1\",)"
           R"(\"name\":\"n\",\"state\":\")" +
           state +
           R"(\"}]}"},{"path":"/jobs/a1/exceptions","json":"{\"root-exception\":)"
           R"(\"java.lang.RuntimeException: x\\n\\tat y\\nCaused by: java.io.IOException: boom\"}"}]})";
  };
  const auto failed = answers::archived_job(archive("FAILED"), "a1");
  ASSERT_TRUE(failed) << to_string(failed.error());
  EXPECT_EQ(failed->state, JobState::kFailed);
  EXPECT_EQ(failed->root_cause, "IOException: boom");
  EXPECT_EQ(answers::archived_job(archive("CANCELED"), "a1")->state, JobState::kCanceled);
  EXPECT_FALSE(answers::archived_job(archive("FINISHED"), "a2")) << "of another job";
  EXPECT_FALSE(answers::archived_job(archive("RUNNING"), "a1")) << "not an end";
  EXPECT_FALSE(answers::archived_job(archive("FINISHED").substr(0, 60), "a1"));
  for (const char* other :
       {"", "[]", "{}", R"({"archive":[{"path":"/jobs/overview","json":"x"}]})"})
    EXPECT_FALSE(answers::archived_job(other, "a1")) << other;
}

}  // namespace
}  // namespace weir::flink
