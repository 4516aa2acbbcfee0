#include "monitoring/figures.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::monitoring {
namespace {

using namespace std::chrono_literals;
using J = JobMetric;
using V = VertexMetric;

// source -> sink, after `seconds` of 100 records per second.
Reading reading(double seconds) {
  Reading made;
  made.at = MonoTime(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
  made.wall = parse_rfc3339("2026-01-01T00:00:00Z").value();
  flink::VertexReading source;
  source.id = "source";
  source.parallelism = 1;
  source.records_in = 0;
  source.records_out = static_cast<std::int64_t>(100 * seconds);
  source.busy_ms = 250 * seconds;
  flink::VertexReading sink = source;
  sink.id = "sink";
  sink.parallelism = 2;
  sink.records_in = static_cast<std::int64_t>(90 * seconds);
  sink.records_out = 0;
  sink.backpressured_ms = 500 * seconds;
  made.graph.vertices = {source, sink};
  made.graph.edges = {{"source", "sink", "HASH"}};
  made.watermarks["sink"] = to_epoch_ms(made.wall) - 1500;
  made.job_manager.cpu_seconds = 0.1 * seconds;
  made.task_managers.cpu_seconds = 0.4 * seconds;
  made.job_manager.heap_bytes = 1000;
  made.task_managers.heap_bytes = 2000;
  return made;
}

TEST(Figures, RatesAreDifferencesOfTwoReadings) {
  const Reading before = reading(10), now = reading(14);
  const Figures figures = figures_of(now, &before);
  EXPECT_FLOAT_EQ(figures.of_job(J::kRecordsIn), 100);
  EXPECT_FLOAT_EQ(figures.of_job(J::kRecordsOut), 90);
  EXPECT_FLOAT_EQ(figures.of_job(J::kBusy), 0.25);
  EXPECT_FLOAT_EQ(figures.of_job(J::kBackPressured), 0.25);
  EXPECT_FLOAT_EQ(figures.of_job(J::kWatermarkLag), 1.5);
  EXPECT_FLOAT_EQ(figures.of_job(J::kCpu), 0.5);
  EXPECT_FLOAT_EQ(figures.of_job(J::kHeap), 3000);
  EXPECT_FLOAT_EQ(figures.of_vertex("source", V::kRecordsOut), 100);
  EXPECT_FLOAT_EQ(figures.of_vertex("sink", V::kBusy), 0.125) << "of two subtasks";
}

// A JobManager that has just fetched for somebody else answers with that.
TEST(Figures, AnAnswerThatIsOlderThanItsQuestionMakesNoWrongRate) {
  const auto at = [](double asked, double fetched) {
    Reading made = reading(fetched);
    made.at = reading(asked).at;
    for (auto& vertex : made.graph.vertices) {
      vertex.backpressured_ms = 0;
      vertex.busy_ms = 250 * fetched * vertex.parallelism;
      vertex.idle_ms = 750 * fetched * vertex.parallelism;
    }
    return made;
  };
  const Reading before = at(10, 10), late = at(12, 11.1), same = at(12.5, 11.1), now = at(14, 14);
  for (const auto& [a, b] : {std::pair(&before, &late), std::pair(&late, &now)}) {
    const Figures figures = figures_of(*b, a);
    EXPECT_NEAR(figures.of_job(J::kRecordsIn), 100, 0.1);
    EXPECT_NEAR(figures.of_job(J::kCpu), 0.5, 0.001);
    EXPECT_NEAR(figures.of_job(J::kBusy), 0.25, 0.001);
    EXPECT_NEAR(figures.of_vertex("sink", V::kIdle), 0.75, 0.001);
  }
  EXPECT_TRUE(std::isnan(figures_of(same, &late).of_job(J::kRecordsIn))) << "nothing new, not 0";
}

TEST(Figures, WhatIsNotKnownIsNoNumber) {
  const Figures first = figures_of(reading(10), nullptr);
  EXPECT_TRUE(std::isnan(first.of_job(J::kRecordsIn)));
  EXPECT_TRUE(std::isnan(first.of_job(J::kCpu)));
  EXPECT_FLOAT_EQ(first.of_job(J::kHeap), 3000) << "no rate, so known at once";
  EXPECT_TRUE(std::isnan(first.of_job(J::kRestarts)));
  EXPECT_TRUE(std::isnan(first.of_job(J::kCheckpointSize)));
  const Reading before = reading(10), now = reading(14);
  const Figures figures = figures_of(now, &before);
  EXPECT_TRUE(std::isnan(figures.of_vertex("source", V::kRecordsIn)))
      << "what a source reads is not counted by Flink";
  EXPECT_TRUE(std::isnan(figures.of_vertex("sink", V::kRecordsOut)));
  EXPECT_TRUE(std::isnan(figures.of_vertex("source", V::kBackPressured)));
  EXPECT_TRUE(std::isnan(figures.of_job(J::kGarbageCollection)));
}

TEST(Figures, ARestartStartsTheCountersAnew) {
  const Reading before = reading(100), now = [] {
    Reading later = reading(3);
    later.at = MonoTime(104s);
    return later;
  }();
  const Figures figures = figures_of(now, &before);
  EXPECT_TRUE(std::isnan(figures.of_job(J::kRecordsIn)));
  EXPECT_TRUE(std::isnan(figures.of_job(J::kBusy)));
  EXPECT_TRUE(std::isnan(figures.of_job(J::kCpu)));
}

TEST(Figures, AfterARescaleThereAreNoSharesOnce) {
  const Reading before = reading(10);
  Reading now = reading(14);
  now.graph.vertices[1].parallelism = 4;
  const Figures figures = figures_of(now, &before);
  EXPECT_TRUE(std::isnan(figures.of_vertex("sink", V::kBusy)));
  EXPECT_FLOAT_EQ(figures.of_vertex("source", V::kBusy), 0.25);
}

TEST(Figures, ASourceThatIsChainedWithItsSink) {
  Reading before = reading(10), now = reading(14);
  for (Reading* one : {&before, &now}) {
    one->graph.vertices.resize(1);
    one->graph.edges.clear();
    one->graph.vertices[0].records_out = 0;
  }
  EXPECT_TRUE(std::isnan(figures_of(now, &before).of_job(J::kRecordsIn)));
  before.source_records["source"] = 1000;
  now.source_records["source"] = 1400;
  const Figures figures = figures_of(now, &before);
  EXPECT_FLOAT_EQ(figures.of_job(J::kRecordsIn), 100);
  EXPECT_TRUE(std::isnan(figures.of_job(J::kRecordsOut))) << "not 0";
}

TEST(Figures, Checkpoints) {
  Reading now = reading(10);
  now.restarts = 2;
  now.checkpoints = flink::CheckpointReading{5, 1, 7, 0.25, 4096};
  now.checkpoint_bytes["sink"] = 4000;
  const Figures figures = figures_of(now, nullptr);
  EXPECT_FLOAT_EQ(figures.of_job(J::kCheckpointDuration), 0.25);
  EXPECT_FLOAT_EQ(figures.of_job(J::kCheckpointSize), 4096);
  EXPECT_FLOAT_EQ(figures.of_job(J::kCheckpointsCompleted), 5);
  EXPECT_FLOAT_EQ(figures.of_job(J::kCheckpointsFailed), 1);
  EXPECT_FLOAT_EQ(figures.of_job(J::kRestarts), 2);
  EXPECT_FLOAT_EQ(figures.of_vertex("sink", V::kCheckpointSize), 4000);
  now.checkpoints->latest_id.reset();
  EXPECT_TRUE(std::isnan(figures_of(now, nullptr).of_job(J::kCheckpointSize)));
}

}  // namespace
}  // namespace weir::monitoring
