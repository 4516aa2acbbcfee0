#include <fmt/format.h>

#include <set>

#include "api/lookup.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "base/strings.h"
#include "codec/describe_json.h"
#include "monitoring/monitor.h"
#include "monitoring/series.h"

namespace weir::api {
namespace {

struct MetricSeries {
  std::string name;  ///< as it was asked for
  std::string unit;
  std::vector<std::optional<double>> values;  ///< one for each time; null: nothing is known
};
BOOST_DESCRIBE_STRUCT(MetricSeries, (), (name, unit, values))

/// Series in steps of equal length; `times` are the starts of the steps, in epoch milliseconds.
struct JobMetrics {
  std::string kind = "JobMetrics";
  std::string api_version = "v1";
  std::string job_id;
  WallTime from{};
  WallTime to{};
  double step_seconds = 0;
  std::vector<std::int64_t> times;
  std::vector<MetricSeries> series;
};
BOOST_DESCRIBE_STRUCT(JobMetrics, (),
                      (kind, api_version, job_id, from, to, step_seconds, times, series))

struct AvailableMetric {
  std::string name;  ///< what `names` takes
  std::string metric;
  std::string unit;
  std::string meaning;
  std::optional<std::string> vertex_id;
  std::optional<std::string> vertex_name;
  std::optional<WallTime> first;  ///< of what is remembered
  std::optional<WallTime> last;
};
BOOST_DESCRIBE_STRUCT(AvailableMetric, (),
                      (name, metric, unit, meaning, vertex_id, vertex_name, first, last))

struct AvailableMetrics {
  std::string kind = "AvailableMetrics";
  std::string api_version = "v1";
  std::string job_id;
  double interval_seconds = 0;  ///< how often a job that nobody watches is read at present
  std::vector<AvailableMetric> items;
};
BOOST_DESCRIBE_STRUCT(AvailableMetrics, (), (kind, api_version, job_id, interval_seconds, items))

constexpr Duration kDefaultRange = std::chrono::minutes(15);
constexpr Duration kShortestStep = std::chrono::seconds(1);
constexpr std::int64_t kDefaultSteps = 300;
constexpr std::int64_t kMostSteps = 5000;
constexpr std::size_t kMostNames = 100;

Error bad_query(const char* name, const std::string& message) {
  Error error(Code::kInvalidArgument, fmt::format("{} {}", name, message), "isInvalid");
  error.fields.push_back({name, message, "isInvalid"});
  return error;
}

Result<WallTime> time_in_query(const Call& call, const char* name, WallTime otherwise) {
  const std::string text = call.query(name);
  if (text.empty()) return otherwise;
  if (const auto time = parse_rfc3339(text)) return *time;
  return bad_query(name,
                   fmt::format("is '{}', but must be a time like 2026-03-01T14:05:00Z.", text));
}

Result<monitoring::Steps> steps_in_query(const Call& call, WallTime& to) {
  WEIR_TRY(to, time_in_query(call, "to", call.wall_now()));
  monitoring::Steps steps;
  WEIR_TRY(steps.from, time_in_query(call, "from", to - kDefaultRange));
  if (steps.from >= to) return bad_query("from", "must be before 'to'.");
  const Duration range = to - steps.from;
  steps.step = std::max<Duration>(call.services().monitor.settings().watched_interval,
                                  range / kDefaultSteps);
  if (const std::string text = call.query("step"); !text.empty()) {
    const auto step = parse_duration(text);
    if (!step || *step < kShortestStep)
      return bad_query("step", fmt::format("is '{}', but must be a duration of at least 1 s, e.g. "
                                           "10 s.",
                                           text));
    steps.step = *step;
  }
  const std::int64_t count = (range + steps.step - Duration(1)) / steps.step;
  if (count > kMostSteps)
    return bad_query("step", fmt::format("makes {} values of this range; at most {} are answered. "
                                         "Take longer steps.",
                                         count, kMostSteps));
  steps.count = static_cast<std::size_t>(count);
  return steps;
}

Result<std::vector<std::string>> names_in_query(const Call& call) {
  const std::string text = call.query("names");
  std::vector<std::string> names;
  for (const std::string_view name : split(text, ','))
    if (!trim(name).empty()) names.emplace_back(trim(name));
  if (names.empty())
    return bad_query("names", "is required: metrics by name, with commas between them.");
  if (names.size() > kMostNames)
    return bad_query(
        "names", fmt::format("are {}; at most {} are answered at once.", names.size(), kMostNames));
  return names;
}

Task<Result<net::Response>> get(Call& call) {
  WEIR_CO_TRY(const auto job, find_job(call));
  WEIR_CO_TRY(const auto names, names_in_query(call));
  JobMetrics answer;
  answer.job_id = job->metadata.id;
  WEIR_CO_TRY(const monitoring::Steps steps, steps_in_query(call, answer.to));
  monitoring::Monitor& monitor = call.services().monitor;
  answer.from = steps.from;
  answer.step_seconds = std::chrono::duration<double>(steps.step).count();
  for (std::size_t i = 0; i < steps.count; ++i)
    answer.times.push_back(to_epoch_ms(steps.from + steps.step * static_cast<std::int64_t>(i)));
  for (const std::string& text : names) {
    WEIR_CO_TRY(const monitoring::SeriesName name, monitoring::parse_series_name(text));
    // Vertices are remembered while somebody looks at them.
    if (!name.vertex_id.empty()) monitor.watch(answer.job_id);
    const auto metrics =
        name.vertex_id.empty() ? monitoring::job_metrics() : monitoring::vertex_metrics();
    answer.series.push_back({text, std::string(metrics[name.column].unit),
                             monitoring::series_of(monitor.history(), answer.job_id, name, steps)});
  }
  co_return document(200, codec::to_json_text(answer), call.format);
}

void add_available(AvailableMetrics& answer, const monitoring::History& history,
                   const std::string& vertex_id, const std::string& vertex_name) {
  const bool of_vertex = !vertex_id.empty();
  const auto span = history.span_of({answer.job_id, vertex_id});
  for (const auto& metric : of_vertex ? monitoring::vertex_metrics() : monitoring::job_metrics()) {
    AvailableMetric item;
    item.metric = metric.name;
    item.name = of_vertex ? vertex_id + "." + item.metric : item.metric;
    item.unit = metric.unit;
    item.meaning = metric.meaning;
    if (of_vertex) item.vertex_id = vertex_id;
    if (!vertex_name.empty()) item.vertex_name = vertex_name;
    if (span) {
      item.first = span->first;
      item.last = span->last;
    }
    answer.items.push_back(std::move(item));
  }
}

Task<Result<net::Response>> available(Call& call) {
  WEIR_CO_TRY(const auto job, find_job(call));
  const monitoring::Monitor& monitor = call.services().monitor;
  AvailableMetrics answer;
  answer.job_id = job->metadata.id;
  answer.interval_seconds = std::chrono::duration<double>(monitor.present_interval()).count();
  add_available(answer, monitor.history(), "", "");
  std::map<std::string, std::string> vertices;  // name by id
  for (const std::string& id : monitor.history().vertices_of(answer.job_id)) vertices[id];
  if (const auto reading = monitor.last_reading(answer.job_id))
    for (const auto& vertex : reading->graph.vertices) vertices[vertex.id] = vertex.name;
  for (const auto& [id, name] : vertices) add_available(answer, monitor.history(), id, name);
  co_return document(200, codec::to_json_text(answer), call.format);
}

}  // namespace

void add_job_metrics_routes(Router& router) {
  const std::string one = "/api/v1/namespaces/{ns}/jobs/{jobId}/metrics";
  router.add({.method = "GET",
              .pattern = one,
              .handler = get,
              .summary = "What was measured of a job, in steps of equal length, from this server's "
                         "memory",
              .tag = "Job",
              .answer = schema<JobMetrics>,
              .query = {{"names",
                         "Metrics with commas between them, as .../metrics/available lists "
                         "them"},
                        {"from", "Time; default: 15 minutes before 'to'"},
                        {"to", "Time; default: now"},
                        {"step", "Duration, e.g. 10 s; default: the range in 300 steps"}}});
  router.add({.method = "GET",
              .pattern = one + "/available",
              .handler = available,
              .summary = "Lists the metrics of a job and of its vertices, and since when they are "
                         "remembered",
              .tag = "Job",
              .answer = schema<AvailableMetrics>});
}

}  // namespace weir::api
