#include "monitoring/catalogue.h"

#include <array>

namespace weir::monitoring {
namespace {

constexpr std::array<Metric, static_cast<std::size_t>(JobMetric::kCount)> kJob{{
    {"recordsInPerSecond", "records per second", "What all sources have sent on."},
    {"recordsOutPerSecond", "records per second",
     "What has reached the last vertices; nothing where a source is chained with them."},
    {"watermarkLag", "seconds", "Now less the smallest watermark, of event time."},
    {"busy", "ratio", "Of the busiest vertex: the share of its time in which it worked."},
    {"backPressured", "ratio",
     "Of the worst vertex: the share of its time in which it could not send on."},
    {"checkpointDuration", "seconds", "Of the newest completed checkpoint, end to end."},
    {"checkpointSize", "bytes", "Of the newest completed checkpoint's whole state."},
    {"checkpointsCompleted", "checkpoints", "Since the job was submitted.", true},
    {"checkpointsFailed", "checkpoints", "Since the job was submitted.", true},
    {"restarts", "restarts", "How often Flink has restarted the job since it was submitted.", true},
    {"cpu", "cores", "Used by the JobManager and the TaskManagers."},
    {"heap", "bytes", "Heap in use in the JobManager and the TaskManagers."},
    {"garbageCollection", "ratio",
     "Time in garbage collection, of all processes together, in a second."},
}};

constexpr std::array<Metric, static_cast<std::size_t>(VertexMetric::kCount)> kVertex{{
    {"recordsInPerSecond", "records per second", "Received, of all subtasks."},
    {"recordsOutPerSecond", "records per second", "Sent on, of all subtasks."},
    {"bytesInPerSecond", "bytes per second", "Received, of all subtasks."},
    {"bytesOutPerSecond", "bytes per second", "Sent on, of all subtasks."},
    {"busy", "ratio", "The share of time in which the subtasks worked, on average."},
    {"backPressured", "ratio", "The share of time in which they could not send on, on average."},
    {"idle", "ratio", "The share of time in which they had nothing to do, on average."},
    {"watermarkLag", "seconds", "Now less the smallest watermark of the subtasks."},
    {"checkpointSize", "bytes", "The vertex's part of the newest completed checkpoint."},
}};

}  // namespace

std::span<const Metric> job_metrics() { return kJob; }
std::span<const Metric> vertex_metrics() { return kVertex; }

std::optional<std::size_t> column_of(std::span<const Metric> metrics, std::string_view name) {
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (metrics[i].name == name) return i;
  return std::nullopt;
}

}  // namespace weir::monitoring
