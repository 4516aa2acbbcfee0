#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "flink/flink_metrics.h"
#include "monitoring/catalogue.h"

/// From two readings of a job's counters to its figures. Pure.
namespace weir::monitoring {

/// Everything that was read of a job at one moment. What could not be read is absent.
struct Reading {
  MonoTime at{};
  WallTime wall{};
  flink::GraphReading graph;
  std::map<std::string, std::int64_t> source_records;    ///< by vertex
  std::map<std::string, std::int64_t> watermarks;        ///< by vertex; epoch milliseconds
  std::map<std::string, std::int64_t> checkpoint_bytes;  ///< by vertex
  std::optional<flink::CheckpointReading> checkpoints;
  std::optional<std::int64_t> restarts;
  flink::ProcessReading job_manager;
  flink::ProcessReading task_managers;
};

/// A value for each column of the catalogue; NaN = unknown.
using JobRow = std::array<float, static_cast<std::size_t>(JobMetric::kCount)>;
using VertexRow = std::array<float, static_cast<std::size_t>(VertexMetric::kCount)>;

struct Figures {
  JobRow job;
  std::map<std::string, VertexRow> vertices;  ///< by id

  float of_job(JobMetric metric) const { return job[static_cast<std::size_t>(metric)]; }
  float of_vertex(const std::string& id, VertexMetric metric) const {
    return vertices.at(id)[static_cast<std::size_t>(metric)];
  }
};

/// Rates are differences of counters over the time between what the readings show. A counter that
/// became smaller was started anew, so there is no rate; nor is there one without `before`.
Figures figures_of(const Reading& now, const Reading* before);

}  // namespace weir::monitoring
