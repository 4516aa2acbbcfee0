#include "flink/metric_answers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "flink/answer_reading.h"

namespace weir::flink::answers {
namespace {

using codec::Node;

constexpr std::string_view kCpuTime = "Status.JVM.CPU.Time";
constexpr std::string_view kHeapUsed = "Status.JVM.Memory.Heap.Used";
constexpr std::string_view kCollectors = "Status.JVM.GarbageCollector.";
constexpr std::string_view kAllCollectors = "Status.JVM.GarbageCollector.All.Time";

std::optional<double> finite_number(const Node* node) {
  if (node == nullptr) return std::nullopt;
  double value = 0;
  const char* end = node->text.data() + node->text.size();
  const auto [stop, error] = std::from_chars(node->text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// A counter whose "-complete" says that some subtask has not told yet is unknown.
std::optional<std::int64_t> counter(const Node& metrics, const std::string& name) {
  if (metrics.find(name) == nullptr || text_of(metrics, name + "-complete") == "false")
    return std::nullopt;
  return number_of(metrics, name);
}

VertexReading vertex(const Node& node) {
  VertexReading reading;
  reading.id = text_of(node, "id");
  reading.name = text_of(node, "name");
  reading.status = text_of(node, "status");
  reading.parallelism = static_cast<int>(number_of(node, "parallelism"));
  if (const Node* tasks = node.find("tasks"))
    for (const auto& [state, count] : tasks->members)
      if (const auto number = number_of(*tasks, state); number > 0)
        reading.tasks[state] = static_cast<int>(number);
  const Node* metrics = node.find("metrics");
  if (metrics == nullptr) return reading;
  reading.records_in = counter(*metrics, "read-records");
  reading.records_out = counter(*metrics, "write-records");
  reading.bytes_in = counter(*metrics, "read-bytes");
  reading.bytes_out = counter(*metrics, "write-bytes");
  reading.busy_ms = finite_number(metrics->find("accumulated-busy-time"));
  reading.backpressured_ms = finite_number(metrics->find("accumulated-backpressured-time"));
  reading.idle_ms = finite_number(metrics->find("accumulated-idle-time"));
  return reading;
}

}  // namespace

Result<GraphReading> graph(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  if (node.find("vertices") == nullptr) return bad_answer("vertices");
  GraphReading reading;
  reading.name = text_of(node, "name");
  reading.state = parse_job_state(text_of(node, "state"));
  for (const Node& one : items_of(node, "vertices")) reading.vertices.push_back(vertex(one));
  if (const Node* plan = node.find("plan"))
    for (const Node& one : items_of(*plan, "nodes"))
      for (const Node& input : items_of(one, "inputs"))
        reading.edges.push_back(
            {text_of(input, "id"), text_of(one, "id"), text_of(input, "ship_strategy")});
  return reading;
}

Result<std::optional<std::int64_t>> smallest_watermark(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
  std::optional<std::int64_t> smallest;
  for (const Node& subtask : node.items) {
    const std::int64_t value = number_of(subtask, "value", kNone);
    // A subtask without one holds back all that follows.
    if (value == kNone) return std::optional<std::int64_t>();
    smallest = std::min(smallest.value_or(value), value);
  }
  return smallest;
}

Result<std::vector<std::string>> metric_names(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  std::vector<std::string> names;
  for (const Node& metric : node.items) names.push_back(text_of(metric, "id"));
  return names;
}

std::vector<std::string> source_counters(const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const std::string& name : names)
    if (name.starts_with("Source__") && name.ends_with(".numRecordsOut")) found.push_back(name);
  return found;
}

Result<std::map<std::string, double>> metric_values(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  std::map<std::string, double> values;
  for (const Node& metric : node.items) {
    const Node* value = metric.find("value");
    if (const auto number = finite_number(value != nullptr ? value : metric.find("sum")))
      values[text_of(metric, "id")] = *number;
  }
  return values;
}

Result<CheckpointReading> checkpoint_reading(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  const Node* counts = node.find("counts");
  if (counts == nullptr) return bad_answer("counts");
  CheckpointReading reading;
  reading.completed = number_of(*counts, "completed");
  reading.failed = number_of(*counts, "failed");
  const Node* latest = node.find("latest");
  const Node* completed = latest != nullptr ? latest->find("completed") : nullptr;
  if (completed == nullptr || !completed->is_object()) return reading;
  reading.latest_id = number_of(*completed, "id");
  reading.latest_seconds = static_cast<double>(number_of(*completed, "end_to_end_duration")) / 1e3;
  reading.latest_bytes = number_of(*completed, "state_size");
  return reading;
}

Result<std::map<std::string, std::int64_t>> checkpoint_sizes(std::string_view body) {
  WEIR_TRY(const Node node, parse(body));
  const Node* tasks = node.find("tasks");
  if (tasks == nullptr) return bad_answer("tasks");
  std::map<std::string, std::int64_t> sizes;
  for (const auto& [vertex_id, task] : tasks->members)
    sizes[vertex_id] = number_of(task, "state_size");
  return sizes;
}

std::vector<std::string> process_metrics(const std::vector<std::string>& names) {
  const auto has = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<std::string> wanted;
  for (const std::string_view name : {kCpuTime, kHeapUsed, kAllCollectors})
    if (has(name)) wanted.emplace_back(name);
  if (has(kAllCollectors)) return wanted;
  for (const std::string& name : names)
    if (name.starts_with(kCollectors) && name.ends_with(".Time")) wanted.push_back(name);
  return wanted;
}

ProcessReading processes(const std::map<std::string, double>& values) {
  ProcessReading reading;
  double collecting_ms = 0;
  bool collects = false;
  for (const auto& [name, value] : values) {
    if (name == kCpuTime) reading.cpu_seconds = value / 1e9;
    if (name == kHeapUsed) reading.heap_bytes = static_cast<std::int64_t>(value);
    if (!name.starts_with(kCollectors)) continue;
    collecting_ms += value;
    collects = true;
  }
  if (collects) reading.gc_seconds = collecting_ms / 1e3;
  return reading;
}

}  // namespace weir::flink::answers
