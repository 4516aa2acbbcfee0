#include "flink/metric_answers.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "codec/json_text.h"

namespace weir::flink {
namespace {

// Recorded from a real cluster; the lists of metrics are shortened.
class RecordedMetrics : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(WEIR_SOURCE_DIR "/src/flink/testdata/metrics-1.20.5.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto node = codec::parse_json(text.str());
    ASSERT_TRUE(node) << to_string(node.error());
    all_ = *node;
  }
  std::string body(const std::string& name) const {
    const codec::Node* entry = all_.find(name);
    EXPECT_NE(entry, nullptr) << name;
    return entry == nullptr ? std::string() : codec::write_json(*entry);
  }
  codec::Node all_;
};

TEST_F(RecordedMetrics, TheGraphAndItsCounters) {
  const auto graph = answers::graph(body("job"));
  ASSERT_TRUE(graph) << to_string(graph.error());
  EXPECT_EQ(graph->name, "word-stream");
  EXPECT_EQ(graph->state, JobState::kRunning);
  ASSERT_EQ(graph->vertices.size(), 2u);
  const VertexReading& source = graph->vertices[0];
  const VertexReading& count = graph->vertices[1];
  EXPECT_EQ(source.name, "Source: Text");
  EXPECT_EQ(count.name, "Count -> Append");
  EXPECT_EQ(count.status, "RUNNING");
  EXPECT_EQ(count.parallelism, 2);
  EXPECT_EQ(count.tasks, (std::map<std::string, int>{{"RUNNING", 2}}));
  EXPECT_GT(*source.records_out, 1000);
  EXPECT_GT(*count.records_in, 1000);
  EXPECT_GT(*count.busy_ms, 0);
  EXPECT_GT(*count.idle_ms, 0);
  EXPECT_DOUBLE_EQ(*count.backpressured_ms, 0);
  ASSERT_EQ(graph->edges.size(), 1u);
  EXPECT_EQ(graph->edges[0].from, source.id);
  EXPECT_EQ(graph->edges[0].to, count.id);
  EXPECT_EQ(graph->edges[0].ship_strategy, "HASH");
  EXPECT_TRUE(graph->has_output(source.id));
  EXPECT_FALSE(graph->has_input(source.id));
}

TEST_F(RecordedMetrics, Watermarks) {
  EXPECT_FALSE(*answers::smallest_watermark(body("watermarks_source")));
  EXPECT_FALSE(*answers::smallest_watermark(body("watermarks"))) << "none has arrived yet";
  EXPECT_EQ(
      *answers::smallest_watermark(R"([{"id":"0.currentInputWatermark","value":"1700000000500"},)"
                                   R"({"id":"1.currentInputWatermark","value":"1700000000000"}])"),
      1700000000000);
  EXPECT_FALSE(*answers::smallest_watermark(
      R"([{"id":"0.currentInputWatermark","value":"1700000000500"},)"
      R"({"id":"1.currentInputWatermark","value":"-9223372036854775808"}])"))
      << "one subtask without holds back the vertex";
}

TEST_F(RecordedMetrics, WhatSourcesHaveSent) {
  const auto names = answers::metric_names(body("source_metric_ids"));
  ASSERT_TRUE(names);
  EXPECT_EQ(answers::source_counters(*names),
            std::vector<std::string>{"Source__Text.numRecordsOut"});
  EXPECT_GT(answers::metric_values(body("source_metrics"))->at("Source__Text.numRecordsOut"), 1000);
  EXPECT_TRUE(answers::metric_values(body("source_metrics_unknown"))->empty());
}

TEST_F(RecordedMetrics, Checkpoints) {
  const auto reading = answers::checkpoint_reading(body("checkpoints"));
  ASSERT_TRUE(reading);
  EXPECT_GT(reading->completed, 0);
  EXPECT_EQ(reading->failed, 1) << "the first one, while tasks came up";
  EXPECT_TRUE(reading->latest_id);
  EXPECT_GT(reading->latest_seconds, 0);
  EXPECT_GT(reading->latest_bytes, 5000);
  const auto sizes = answers::checkpoint_sizes(body("checkpoint_details"));
  ASSERT_TRUE(sizes);
  std::int64_t sum = 0;
  for (const auto& [vertex, bytes] : *sizes) sum += bytes;
  EXPECT_EQ(sum, reading->latest_bytes);
  EXPECT_FALSE(answers::checkpoint_reading(body("checkpoints_none"))->latest_id);
}

TEST_F(RecordedMetrics, Processes) {
  const auto names = answers::metric_names(body("task_manager_ids"));
  ASSERT_TRUE(names);
  const std::vector<std::string> wanted{"Status.JVM.CPU.Time", "Status.JVM.Memory.Heap.Used",
                                        "Status.JVM.GarbageCollector.All.Time"};
  EXPECT_EQ(answers::process_metrics(*names), wanted);
  for (const char* role : {"task_managers", "job_manager"}) {
    const ProcessReading reading = answers::processes(*answers::metric_values(body(role)));
    EXPECT_GT(*reading.cpu_seconds, 1) << role;
    EXPECT_LT(*reading.cpu_seconds, 1000) << role;
    EXPECT_GT(*reading.heap_bytes, 10 << 20) << role;
    EXPECT_GT(*reading.gc_seconds, 0) << role;
    EXPECT_LT(*reading.gc_seconds, 10) << role;
  }
}

TEST(MetricAnswers, BeforeFlinkSummedCollectorsEachOneCounts) {
  const std::vector<std::string> names{"Status.JVM.CPU.Time",
                                       "Status.JVM.GarbageCollector.Copy.Time",
                                       "Status.JVM.GarbageCollector.Copy.Count",
                                       "Status.JVM.GarbageCollector.MarkSweepCompact.Time"};
  EXPECT_EQ(
      answers::process_metrics(names),
      (std::vector<std::string>{"Status.JVM.CPU.Time", "Status.JVM.GarbageCollector.Copy.Time",
                                "Status.JVM.GarbageCollector.MarkSweepCompact.Time"}));
  const ProcessReading reading =
      answers::processes({{"Status.JVM.GarbageCollector.Copy.Time", 1500},
                          {"Status.JVM.GarbageCollector.MarkSweepCompact.Time", 500}});
  EXPECT_DOUBLE_EQ(*reading.gc_seconds, 2);
  EXPECT_FALSE(reading.cpu_seconds);
}

TEST(MetricAnswers, WhatIsNotKnownYetIsAbsent) {
  const auto graph = answers::graph(
      R"({"name":"n","state":"RUNNING","vertices":[{"id":"v","name":"x","parallelism":1,)"
      R"("status":"RUNNING","metrics":{"read-records":7,"read-records-complete":false,)"
      R"("write-records":7,"accumulated-busy-time":"NaN"}}]})");
  ASSERT_TRUE(graph);
  EXPECT_FALSE(graph->vertices[0].records_in);
  EXPECT_EQ(graph->vertices[0].records_out, 7) << "old Flink says nothing about completeness";
  EXPECT_FALSE(graph->vertices[0].busy_ms);
  EXPECT_FALSE(graph->vertices[0].idle_ms);
  EXPECT_EQ(answers::graph("[]").error().reason, "BadAnswer");
  EXPECT_EQ(answers::graph("no").error().reason, "BadAnswer");
}

}  // namespace
}  // namespace weir::flink
