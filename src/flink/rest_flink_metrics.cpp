#include "flink/rest_flink_metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "flink/flink_answers.h"
#include "flink/metric_answers.h"
#include "flink/rest_connection.h"
#include "net/url.h"

namespace weir::flink {

bool GraphReading::has_input(const std::string& vertex_id) const {
  return std::any_of(edges.begin(), edges.end(),
                     [&](const GraphEdge& edge) { return edge.to == vertex_id; });
}

bool GraphReading::has_output(const std::string& vertex_id) const {
  return std::any_of(edges.begin(), edges.end(),
                     [&](const GraphEdge& edge) { return edge.from == vertex_id; });
}

struct RestFlinkMetrics::Impl : RestConnection {
  using RestConnection::RestConnection;
  using Values = std::map<std::string, double>;

  /// The names that are worth asking for by cluster and path; they stay the same once they are
  /// there.
  std::map<std::string, std::vector<std::string>> names;

  // Two requests the first time, one afterwards.
  template <class Choose>
  Task<Result<Values>> values(Endpoint endpoint, std::string path, std::string aggregation,
                              Choose choose, MonoTime deadline) {
    constexpr std::size_t kRemembered = 20'000;
    const std::string key = endpoint.cluster_id + path;
    if (!names.contains(key)) {
      WEIR_CO_TRY(const std::string listed, co_await get(endpoint, path, deadline));
      WEIR_CO_TRY(const std::vector<std::string> all, answers::metric_names(listed));
      std::vector<std::string> chosen = choose(all);
      // A process that has just come up may not have told its metrics yet.
      if (chosen.empty()) co_return Values();
      if (names.size() >= kRemembered) names.clear();
      names[key] = std::move(chosen);
    }
    std::vector<std::string> encoded;
    for (const std::string& name : names[key]) encoded.push_back(net::percent_encode(name));
    const std::string url = path + "?get=" + join(encoded, ",") + aggregation;
    WEIR_CO_TRY(const std::string text, co_await get(std::move(endpoint), url, deadline));
    WEIR_CO_TRY(Values values, answers::metric_values(text));
    // Flink answers nothing at all if one of them is gone.
    if (values.empty()) names.erase(key);
    co_return values;
  }
};

RestFlinkMetrics::RestFlinkMetrics(net::HttpClient& client)
    : impl_(std::make_shared<Impl>(client)) {}
RestFlinkMetrics::~RestFlinkMetrics() = default;

Task<Result<std::optional<std::int64_t>>> RestFlinkMetrics::refresh(Endpoint endpoint,
                                                                    std::string job_id,
                                                                    MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = "/jobs/" + job_id + "/metrics?get=numRestarts,fullRestarts";
  WEIR_CO_TRY(const std::string text, co_await impl->get(std::move(endpoint), path, deadline));
  co_return answers::metric(text, {"numRestarts", "fullRestarts"});
}

Task<Result<GraphReading>> RestFlinkMetrics::graph(Endpoint endpoint, std::string job_id,
                                                   MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const std::string text,
              co_await impl->get(std::move(endpoint), "/jobs/" + job_id, deadline));
  co_return answers::graph(text);
}

Task<Result<std::optional<std::int64_t>>> RestFlinkMetrics::source_records(Endpoint endpoint,
                                                                           std::string job_id,
                                                                           std::string vertex_id,
                                                                           MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = fmt::format("/jobs/{}/vertices/{}/subtasks/metrics", job_id, vertex_id);
  WEIR_CO_TRY(const Impl::Values values,
              co_await impl->values(std::move(endpoint), path, "&agg=sum", answers::source_counters,
                                    deadline));
  if (values.empty()) co_return std::optional<std::int64_t>();
  double sum = 0;
  for (const auto& [name, value] : values) sum += value;
  co_return std::optional(static_cast<std::int64_t>(sum));
}

Task<Result<std::optional<std::int64_t>>> RestFlinkMetrics::watermark(Endpoint endpoint,
                                                                      std::string job_id,
                                                                      std::string vertex_id,
                                                                      MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = fmt::format("/jobs/{}/vertices/{}/watermarks", job_id, vertex_id);
  WEIR_CO_TRY(const std::string text, co_await impl->get(std::move(endpoint), path, deadline));
  co_return answers::smallest_watermark(text);
}

Task<Result<CheckpointReading>> RestFlinkMetrics::checkpoints(Endpoint endpoint, std::string job_id,
                                                              MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = "/jobs/" + job_id + "/checkpoints";
  WEIR_CO_TRY(const std::string text, co_await impl->get(std::move(endpoint), path, deadline));
  co_return answers::checkpoint_reading(text);
}

Task<Result<std::map<std::string, std::int64_t>>> RestFlinkMetrics::checkpoint_sizes(
    Endpoint endpoint, std::string job_id, std::int64_t checkpoint_id, MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = fmt::format("/jobs/{}/checkpoints/details/{}", job_id, checkpoint_id);
  WEIR_CO_TRY(const std::string text, co_await impl->get(std::move(endpoint), path, deadline));
  co_return answers::checkpoint_sizes(text);
}

Task<Result<ProcessReading>> RestFlinkMetrics::job_manager(Endpoint endpoint, MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const Impl::Values values,
              co_await impl->values(std::move(endpoint), "/jobmanager/metrics", "",
                                    answers::process_metrics, deadline));
  co_return answers::processes(values);
}

Task<Result<ProcessReading>> RestFlinkMetrics::task_managers(Endpoint endpoint, MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const Impl::Values values,
              co_await impl->values(std::move(endpoint), "/taskmanagers/metrics", "&agg=sum",
                                    answers::process_metrics, deadline));
  co_return answers::processes(values);
}

}  // namespace weir::flink
