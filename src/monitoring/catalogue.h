#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

/// The metrics that are kept, each described once: the API lists them from here.
namespace weir::monitoring {

struct Metric {
  std::string_view name;
  std::string_view unit;  ///< as Prometheus names units: "seconds", "bytes", "ratio", ...
  std::string_view meaning;
  bool counts = false;  ///< of several values the last one counts, else their mean
};

/// Columns of a job's rows. The order is that of `job_metrics`.
enum class JobMetric : std::size_t {
  kRecordsIn,
  kRecordsOut,
  kWatermarkLag,
  kBusy,
  kBackPressured,
  kCheckpointDuration,
  kCheckpointSize,
  kCheckpointsCompleted,
  kCheckpointsFailed,
  kRestarts,
  kCpu,
  kHeap,
  kGarbageCollection,
  kCount
};

/// Columns of a vertex's rows. The order is that of `vertex_metrics`.
enum class VertexMetric : std::size_t {
  kRecordsIn,
  kRecordsOut,
  kBytesIn,
  kBytesOut,
  kBusy,
  kBackPressured,
  kIdle,
  kWatermarkLag,
  kCheckpointSize,
  kCount
};

std::span<const Metric> job_metrics();
std::span<const Metric> vertex_metrics();

/// The column of that name. @return nothing for an unknown one
std::optional<std::size_t> column_of(std::span<const Metric> metrics, std::string_view name);

}  // namespace weir::monitoring
