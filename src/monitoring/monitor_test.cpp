#include "monitoring/monitor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "async/virtual_loop.h"
#include "base/ids.h"
#include "monitoring/series.h"
#include "support/memory_store.h"

namespace weir::monitoring {
namespace {

using namespace std::chrono_literals;

// Every job has one source and one sink and sends 100 records per second.
class CountingFlink final : public flink::FlinkMetrics {
 public:
  using Endpoint = flink::Endpoint;
  explicit CountingFlink(VirtualLoop& loop) : loop_(loop) {}

  bool answers = true;
  Duration takes{0};  ///< each answer
  std::map<std::string, int> refreshed;
  int watermarks = 0, sizes = 0, under_way = 0, most_under_way = 0;

  Task<Result<std::optional<std::int64_t>>> refresh(Endpoint, std::string job, MonoTime) override {
    ++refreshed[uuid_of_flink_id(job)];
    most_under_way = std::max(most_under_way, ++under_way);
    if (takes > Duration(0)) co_await sleep_for(loop_, takes);
    if (!answers) {
      --under_way;
      co_return fail(Code::kUnavailable, "The connection was refused.", "ConnectionRefused");
    }
    co_return std::optional<std::int64_t>(3);
  }
  Task<Result<flink::GraphReading>> graph(Endpoint, std::string, MonoTime) override {
    const double seconds =
        std::chrono::duration<double>(loop_.mono_now().time_since_epoch()).count();
    flink::GraphReading graph;
    graph.state = flink::JobState::kRunning;
    for (const char* id : {"source", "sink"}) {
      auto& vertex = graph.vertices.emplace_back();
      vertex.id = id;
      vertex.parallelism = 1;
      vertex.records_in = vertex.records_out = static_cast<std::int64_t>(100 * seconds);
    }
    graph.edges = {{"source", "sink", "HASH"}};
    co_return graph;
  }
  Task<Result<std::optional<std::int64_t>>> source_records(Endpoint, std::string, std::string,
                                                           MonoTime) override {
    ADD_FAILURE() << "the source has an output";
    co_return std::optional<std::int64_t>();
  }
  Task<Result<std::optional<std::int64_t>>> watermark(Endpoint, std::string, std::string vertex,
                                                      MonoTime) override {
    EXPECT_EQ(vertex, "sink");
    ++watermarks;
    co_return std::optional<std::int64_t>(to_epoch_ms(loop_.wall_now()) - 2000);
  }
  Task<Result<flink::CheckpointReading>> checkpoints(Endpoint, std::string, MonoTime) override {
    --under_way;
    co_return flink::CheckpointReading{4, 0, 4, 0.1, 1000};
  }
  Task<Result<std::map<std::string, std::int64_t>>> checkpoint_sizes(Endpoint, std::string,
                                                                     std::int64_t,
                                                                     MonoTime) override {
    ++sizes;
    co_return std::map<std::string, std::int64_t>{{"sink", 900}};
  }
  Task<Result<flink::ProcessReading>> job_manager(Endpoint, MonoTime) override {
    co_return flink::ProcessReading{};
  }
  Task<Result<flink::ProcessReading>> task_managers(Endpoint, MonoTime) override {
    co_return fail(Code::kInternal, "no such metrics", "BadAnswer");
  }

 private:
  VirtualLoop& loop_;
};

class MonitorTest : public testing::Test {
 protected:
  ~MonitorTest() override {
    if (monitor_)
      EXPECT_TRUE(loop_.run([](Monitor& m) -> Task<void> { co_await m.stop(); }(*monitor_)));
  }
  void start() {
    monitor_ = std::make_unique<Monitor>(loop_.environment(), store_, flink_, settings_);
    monitor_->start();
  }
  void commit(store::Batch batch) {
    EXPECT_TRUE(loop_.run([](store::Store& store, store::Batch b) -> Task<void> {
      EXPECT_TRUE(co_await store.commit(std::move(b)));
    }(store_, std::move(batch))));
  }
  std::string add_job() {
    model::Job job;
    job.metadata.id = loop_.uuid();
    job.status.state = model::JobState::STARTED;
    model::Cluster cluster;
    cluster.metadata.id = loop_.uuid();
    job.internal.cluster_id = cluster.metadata.id;
    store::Batch batch;
    batch.create(job);
    batch.create(std::move(cluster));
    commit(std::move(batch));
    return job.metadata.id;
  }
  void end_job(const std::string& id) {
    const auto old = store_.read().job(id);
    model::Job job = *old;
    job.status.state = model::JobState::TERMINATED;
    store::Batch batch;
    batch.update(old, std::move(job));
    commit(std::move(batch));
  }
  Seen look(const std::string& id) {
    Seen seen;
    EXPECT_TRUE(loop_.run(
        [](Monitor& monitor, std::string job, MonoTime deadline, Seen& out) -> Task<void> {
          out = co_await monitor.look(job, deadline);
        }(*monitor_, id, loop_.mono_now() + 2s, seen)));
    return seen;
  }
  std::vector<float> rates(const Source& source) const {
    std::vector<float> values;
    monitor_->history().each(
        source, WallTime{}, loop_.wall_now() + 1h,
        [&](WallTime, std::span<const float> row) { values.push_back(row[0]); });
    return values;
  }

  VirtualLoop loop_{3};
  store::MemoryDisk disk_;
  store::MemoryStore store_{loop_.environment(), disk_};
  CountingFlink flink_{loop_};
  Settings settings_;
  std::unique_ptr<Monitor> monitor_;
};

TEST_F(MonitorTest, EveryRunningJobHasAHistory) {
  const std::string before = add_job();
  start();
  const std::string later = add_job();
  loop_.run_for(60s);
  for (const std::string& id : {before, later}) {
    EXPECT_GE(flink_.refreshed[id], 9) << "every 5 to 6 s";
    EXPECT_LE(flink_.refreshed[id], 13);
    const auto values = rates({id, ""});
    ASSERT_GT(values.size(), 5u);
    EXPECT_TRUE(std::isnan(values[0])) << "one reading makes no rate";
    for (std::size_t i = 1; i < values.size(); ++i) EXPECT_NEAR(values[i], 100, 2);
    EXPECT_TRUE(monitor_->history().vertices_of(id).empty()) << "nobody watches";
  }
  EXPECT_EQ(flink_.sizes, 0);
  end_job(later);
  const int asked = flink_.refreshed[later];
  loop_.run_for(60s);
  EXPECT_EQ(flink_.refreshed[later], asked);
  const Seen seen = look(later);
  EXPECT_TRUE(seen.reading) << "what was seen last is still told";
  EXPECT_EQ(seen.problem, "The job has ended.");
}

TEST_F(MonitorTest, AWatchedJobIsReadOftenWithItsVertices) {
  const std::string id = add_job();
  start();
  loop_.run_for(20s);
  const int before = flink_.refreshed[id];
  for (int i = 0; i < 10; ++i) {
    const Seen seen = look(id);
    ASSERT_TRUE(seen.reading);
    EXPECT_EQ(seen.problem, "");
    EXPECT_LE(loop_.mono_now() - seen.reading->at, 4500ms);
    loop_.run_for(2s);
  }
  EXPECT_GE(flink_.refreshed[id] - before, 8);
  EXPECT_EQ(monitor_->history().vertices_of(id).size(), 2u);
  for (const float rate : rates({id, "source"}))
    if (!std::isnan(rate)) ADD_FAILURE() << "a source receives nothing";
  EXPECT_EQ(flink_.sizes, 1) << "of the same checkpoint only once";
  loop_.run_for(60s);
  const int after = flink_.refreshed[id];
  loop_.run_for(60s);
  EXPECT_LE(flink_.refreshed[id] - after, 13) << "nobody looks any more";
}

TEST_F(MonitorTest, ASilentJobManagerIsNamedAndWhatWasSeenKeepsItsAge) {
  const std::string id = add_job();
  start();
  flink_.answers = false;
  Seen seen = look(id);
  EXPECT_FALSE(seen.reading);
  EXPECT_EQ(seen.problem, "The connection was refused.");
  flink_.answers = true;
  loop_.run_for(30s);
  ASSERT_TRUE(look(id).reading);
  flink_.answers = false;
  loop_.run_for(30s);
  seen = look(id);
  ASSERT_TRUE(seen.reading);
  EXPECT_GT(loop_.mono_now() - seen.reading->at, 20s);
  EXPECT_EQ(seen.problem, "The connection was refused.");
  EXPECT_TRUE(seen.problem_since);
  flink_.answers = true;
  loop_.run_for(10s);
  EXPECT_EQ(look(id).problem, "");
}

TEST_F(MonitorTest, OneThatHangsHoldsNobodyUp) {
  settings_.at_once = 2;
  const std::string id = add_job();
  start();
  flink_.takes = 1h;
  loop_.run_for(20s);
  const MonoTime begin = loop_.mono_now();
  const Seen seen = look(id);
  EXPECT_LE(loop_.mono_now() - begin, 2s);
  EXPECT_EQ(seen.problem, "The JobManager has not answered yet.");
}

TEST_F(MonitorTest, WhoeverWaitsForAJobIsToldThatItEnds) {
  settings_.at_once = 1;
  add_job();
  start();
  flink_.takes = 1h;
  loop_.run_for(20s);
  const std::string id = add_job();  // whose turn does not come
  Seen seen;
  Scope looking(loop_, "looking");
  looking.spawn("one",
                [](Monitor& monitor, std::string job, MonoTime deadline, Seen& out) -> Task<void> {
                  out = co_await monitor.look(job, deadline);
                }(*monitor_, id, loop_.mono_now() + 1h, seen));
  loop_.run_for(1s);
  EXPECT_EQ(seen.problem, "");
  end_job(id);
  loop_.run_for(1s);
  EXPECT_EQ(seen.problem, "The job has ended.");
}

TEST_F(MonitorTest, ManyJobsAreReadInTurnAndSeldom) {
  for (int i = 0; i < 500; ++i) add_job();
  flink_.takes = 300ms;
  start();
  EXPECT_EQ(monitor_->present_interval(), 50s);
  loop_.run_for(10min);
  EXPECT_LE(flink_.most_under_way, settings_.at_once);
  int all = 0, least = 1000;
  for (const auto& [id, number] : flink_.refreshed) {
    all += number;
    least = std::min(least, number);
  }
  EXPECT_EQ(flink_.refreshed.size(), 500u);
  EXPECT_GE(least, 8) << "nobody is left out";
  EXPECT_LE(all, 500 * 14);
  EXPECT_LE(monitor_->history().bytes(), static_cast<std::size_t>(settings_.history_bytes));
}

TEST_F(MonitorTest, SwitchedOffItSaysSo) {
  settings_.enabled = false;
  const std::string id = add_job();
  start();
  loop_.run_for(60s);
  EXPECT_TRUE(flink_.refreshed.empty());
  EXPECT_NE(look(id).problem.find("metrics.enabled"), std::string::npos);
}

}  // namespace
}  // namespace weir::monitoring
