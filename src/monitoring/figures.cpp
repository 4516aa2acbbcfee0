#include "monitoring/figures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir::monitoring {
namespace {

using Value = std::optional<double>;

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

template <class Row, class Metric>
void put(Row& row, Metric metric, const Value& value) {
  row[static_cast<std::size_t>(metric)] = value ? static_cast<float>(*value) : kUnknown;
}

template <class T>
Value in_map(const std::map<std::string, T>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? Value() : Value(static_cast<double>(found->second));
}

template <class T>
Value number(const std::optional<T>& value) {
  return value ? Value(static_cast<double>(*value)) : Value();
}

Value sum(const Value& a, const Value& b) { return a && b ? Value(*a + *b) : Value(); }

Value larger(const Value& a, const Value& b) {
  if (!a || !b) return a ? a : b;
  return std::max(*a, *b);
}

const flink::VertexReading* vertex_of(const Reading* reading, const std::string& id) {
  if (reading == nullptr) return nullptr;
  for (const flink::VertexReading& vertex : reading->graph.vertices)
    if (vertex.id == id) return &vertex;
  return nullptr;
}

// How long the vertex's subtasks have run, by their own clocks: Flink counts every moment as busy,
// idle or back-pressured.
Value ran_seconds(const flink::VertexReading& vertex) {
  if (!vertex.busy_ms || !vertex.backpressured_ms || !vertex.idle_ms || vertex.parallelism < 1)
    return std::nullopt;
  return (*vertex.busy_ms + *vertex.backpressured_ms + *vertex.idle_ms) / 1000 / vertex.parallelism;
}

// The time between what two readings show. A JobManager answers from what it fetched last, which
// may be a second older than the answer; the tasks' own clocks tell when that was.
double seconds_between(const Reading& now, const Reading& before) {
  const double asked = std::chrono::duration<double>(now.at - before.at).count();
  double sum = 0;
  int clocks = 0;
  for (const flink::VertexReading& vertex : now.graph.vertices) {
    const flink::VertexReading* last = vertex_of(&before, vertex.id);
    if (last == nullptr || last->parallelism != vertex.parallelism) continue;
    const Value from = ran_seconds(*last), to = ran_seconds(vertex);
    // Tasks that were started anew in between tell nothing.
    if (!from || !to || *to < *from || *to - *from > asked * 3) continue;
    sum += *to - *from;
    ++clocks;
  }
  return clocks == 0 ? asked : sum / clocks;
}

// Over less than that nothing was fetched in between.
constexpr double kLeastSeconds = 0.1;

/// The time between two readings, and the rates over it.
class Interval {
 public:
  Interval(const Reading& now, const Reading* before)
      : seconds_(before == nullptr ? 0 : seconds_between(now, *before)) {}

  template <class T>
  Value rate(const std::optional<T>& now, const std::optional<T>& before) const {
    if (seconds_ < kLeastSeconds || !now || !before || *now < *before) return std::nullopt;
    return static_cast<double>(*now - *before) / seconds_;
  }
  /// Of a time in milliseconds that `parallelism` subtasks spend together.
  Value share(const std::optional<double>& now, const std::optional<double>& before,
              int parallelism) const {
    const Value per_second = rate(now, before);
    if (!per_second || parallelism < 1) return std::nullopt;
    return std::clamp(*per_second / 1000 / parallelism, 0.0, 1.0);
  }

 private:
  double seconds_;
};

Value lag_of(const Reading& now, const std::string& vertex_id) {
  const Value watermark = in_map(now.watermarks, vertex_id);
  if (!watermark) return std::nullopt;
  return (static_cast<double>(to_epoch_ms(now.wall)) - *watermark) / 1000;
}

Value source_rate(const Interval& interval, const Reading& now, const Reading* before,
                  const std::string& vertex_id) {
  if (before == nullptr) return std::nullopt;
  return interval.rate(in_map(now.source_records, vertex_id),
                       in_map(before->source_records, vertex_id));
}

VertexRow row_of(const Interval& interval, const Reading& now, const Reading* before,
                 const flink::VertexReading& vertex) {
  const flink::VertexReading nothing;
  const flink::VertexReading* found = vertex_of(before, vertex.id);
  const flink::VertexReading& last = found != nullptr ? *found : nothing;
  VertexRow row;
  using M = VertexMetric;
  const bool has_input = now.graph.has_input(vertex.id);
  // Flink counts what comes over the network: a source receives nothing, a last vertex sends
  // nothing, which is no figure.
  put(row, M::kRecordsIn, has_input ? interval.rate(vertex.records_in, last.records_in) : Value());
  Value sent = interval.rate(vertex.records_out, last.records_out);
  if (!now.graph.has_output(vertex.id)) sent = source_rate(interval, now, before, vertex.id);
  put(row, M::kRecordsOut, sent);
  put(row, M::kBytesIn, has_input ? interval.rate(vertex.bytes_in, last.bytes_in) : Value());
  put(row, M::kBytesOut,
      now.graph.has_output(vertex.id) ? interval.rate(vertex.bytes_out, last.bytes_out) : Value());
  // After a rescale the sums are of another number of subtasks.
  const int parallelism = vertex.parallelism == last.parallelism ? vertex.parallelism : 0;
  put(row, M::kBusy, interval.share(vertex.busy_ms, last.busy_ms, parallelism));
  put(row, M::kBackPressured,
      interval.share(vertex.backpressured_ms, last.backpressured_ms, parallelism));
  put(row, M::kIdle, interval.share(vertex.idle_ms, last.idle_ms, parallelism));
  put(row, M::kWatermarkLag, lag_of(now, vertex.id));
  put(row, M::kCheckpointSize, in_map(now.checkpoint_bytes, vertex.id));
  return row;
}

Value known(float value) { return std::isnan(value) ? Value() : Value(value); }

void add_vertices(Figures& figures, const Reading& now) {
  using M = VertexMetric;
  using J = JobMetric;
  Value in, out, lag, busy, backpressured;
  bool all_in = true, all_out = true;
  for (const flink::VertexReading& vertex : now.graph.vertices) {
    const auto of = [&](M metric) { return known(figures.of_vertex(vertex.id, metric)); };
    lag = larger(lag, of(M::kWatermarkLag));
    busy = larger(busy, of(M::kBusy));
    backpressured = larger(backpressured, of(M::kBackPressured));
    if (!now.graph.has_input(vertex.id)) {
      all_in = all_in && of(M::kRecordsOut);
      in = in.value_or(0) + of(M::kRecordsOut).value_or(0);
    }
    if (!now.graph.has_output(vertex.id)) {
      all_out = all_out && of(M::kRecordsIn);
      out = out.value_or(0) + of(M::kRecordsIn).value_or(0);
    }
  }
  put(figures.job, J::kRecordsIn, all_in ? in : Value());
  put(figures.job, J::kRecordsOut, all_out ? out : Value());
  put(figures.job, J::kWatermarkLag, lag);
  put(figures.job, J::kBusy, busy);
  put(figures.job, J::kBackPressured, backpressured);
}

void add_checkpoints(JobRow& row, const Reading& now) {
  using J = JobMetric;
  const auto& read = now.checkpoints;
  const bool completed = read && read->latest_id;
  put(row, J::kCheckpointDuration, completed ? Value(read->latest_seconds) : Value());
  put(row, J::kCheckpointSize,
      completed ? Value(static_cast<double>(read->latest_bytes)) : Value());
  put(row, J::kCheckpointsCompleted, read ? Value(static_cast<double>(read->completed)) : Value());
  put(row, J::kCheckpointsFailed, read ? Value(static_cast<double>(read->failed)) : Value());
}

void add_processes(JobRow& row, const Interval& interval, const Reading& now,
                   const Reading* before) {
  using J = JobMetric;
  const flink::ProcessReading nothing;
  const auto& jm = before != nullptr ? before->job_manager : nothing;
  const auto& tm = before != nullptr ? before->task_managers : nothing;
  put(row, J::kCpu,
      sum(interval.rate(now.job_manager.cpu_seconds, jm.cpu_seconds),
          interval.rate(now.task_managers.cpu_seconds, tm.cpu_seconds)));
  put(row, J::kGarbageCollection,
      sum(interval.rate(now.job_manager.gc_seconds, jm.gc_seconds),
          interval.rate(now.task_managers.gc_seconds, tm.gc_seconds)));
  put(row, J::kHeap, sum(number(now.job_manager.heap_bytes), number(now.task_managers.heap_bytes)));
}

}  // namespace

Figures figures_of(const Reading& now, const Reading* before) {
  const Interval interval(now, before);
  Figures figures;
  figures.job.fill(kUnknown);
  for (const flink::VertexReading& vertex : now.graph.vertices)
    figures.vertices[vertex.id] = row_of(interval, now, before, vertex);
  add_vertices(figures, now);
  add_checkpoints(figures.job, now);
  put(figures.job, JobMetric::kRestarts, number(now.restarts));
  add_processes(figures.job, interval, now, before);
  return figures;
}

}  // namespace weir::monitoring
