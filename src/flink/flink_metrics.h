#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flink/flink_api.h"

/// What a job's parts did so far: counters, not rates. Flink's own "...PerSecond" are averages of a
/// minute that are made anew every five seconds; the difference of two readings is exact.
namespace weir::flink {

struct VertexReading {
  std::string id;
  std::string name;
  std::string status;  ///< Flink's execution state, e.g. "RUNNING"
  int parallelism = 0;
  std::map<std::string, int> tasks;  ///< how many are in which execution state; none with 0

  // Sums over the subtasks since each of them was started; nothing while Flink does not know all.
  std::optional<std::int64_t> records_in;
  std::optional<std::int64_t> records_out;
  std::optional<std::int64_t> bytes_in;
  std::optional<std::int64_t> bytes_out;
  std::optional<double> busy_ms;
  std::optional<double> backpressured_ms;
  std::optional<double> idle_ms;
};

struct GraphEdge {
  std::string from;  ///< ids of vertices
  std::string to;
  std::string ship_strategy;  ///< e.g. "HASH"
};

/// A job's vertices in topological order, and how they are connected.
struct GraphReading {
  std::string name;
  JobState state = JobState::kUnknown;
  std::vector<VertexReading> vertices;
  std::vector<GraphEdge> edges;

  bool has_input(const std::string& vertex_id) const;
  bool has_output(const std::string& vertex_id) const;
};

struct CheckpointReading {
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::optional<std::int64_t> latest_id;  ///< of the newest completed one
  double latest_seconds = 0;              ///< end to end
  std::int64_t latest_bytes = 0;          ///< whole state, also of an incremental one
};

/// Sums over the processes of one role.
struct ProcessReading {
  std::optional<double> cpu_seconds;  ///< used so far
  std::optional<std::int64_t> heap_bytes;
  std::optional<double> gc_seconds;  ///< spent so far
};

/// What monitoring asks of one Flink cluster. Changes nothing. Errors as FlinkApi has them.
///
/// A JobManager answers from what it fetched of its TaskManagers before, and an answer makes it
/// fetch again (not more often than `metrics.fetcher.update-interval`): `refresh` first, read a
/// moment later, and all readings are of the moment of the refresh.
class FlinkMetrics {
 public:
  virtual ~FlinkMetrics() = default;

  /// Makes the JobManager fetch. @return how often it has restarted the job, if it knows by now
  virtual Task<Result<std::optional<std::int64_t>>> refresh(Endpoint endpoint, std::string job_id,
                                                            MonoTime deadline) = 0;
  /// @error kNotFound this JobManager does not know the job
  virtual Task<Result<GraphReading>> graph(Endpoint endpoint, std::string job_id,
                                           MonoTime deadline) = 0;
  /// Records that a vertex's source operators have sent on, also where they are chained with
  /// sinks; nothing for a vertex without such an operator.
  virtual Task<Result<std::optional<std::int64_t>>> source_records(Endpoint endpoint,
                                                                   std::string job_id,
                                                                   std::string vertex_id,
                                                                   MonoTime deadline) = 0;
  /// The smallest watermark of a vertex's subtasks, in epoch milliseconds; nothing if it has none.
  virtual Task<Result<std::optional<std::int64_t>>> watermark(Endpoint endpoint, std::string job_id,
                                                              std::string vertex_id,
                                                              MonoTime deadline) = 0;
  virtual Task<Result<CheckpointReading>> checkpoints(Endpoint endpoint, std::string job_id,
                                                      MonoTime deadline) = 0;
  /// Bytes of each vertex's state in a completed checkpoint.
  /// @error kNotFound Flink has forgotten it
  virtual Task<Result<std::map<std::string, std::int64_t>>> checkpoint_sizes(
      Endpoint endpoint, std::string job_id, std::int64_t checkpoint_id, MonoTime deadline) = 0;
  virtual Task<Result<ProcessReading>> job_manager(Endpoint endpoint, MonoTime deadline) = 0;
  virtual Task<Result<ProcessReading>> task_managers(Endpoint endpoint, MonoTime deadline) = 0;
};

}  // namespace weir::flink
