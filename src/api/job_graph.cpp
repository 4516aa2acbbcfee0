#include <cmath>

#include "api/lookup.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "codec/describe_json.h"
#include "monitoring/monitor.h"

namespace weir::api {
namespace {

using FigureMap = std::map<std::string, double>;

struct GraphVertex {
  std::string id;
  std::string name;
  std::string status;  ///< Flink's execution state
  std::int32_t parallelism = 0;
  std::map<std::string, std::int32_t> tasks;  ///< subtasks by execution state
  FigureMap figures;  ///< by the names of .../metrics/available; what is not known is left out
};
BOOST_DESCRIBE_STRUCT(GraphVertex, (), (id, name, status, parallelism, tasks, figures))

struct GraphEdge {
  std::string from;
  std::string to;
  std::string ship_strategy;
};
BOOST_DESCRIBE_STRUCT(GraphEdge, (), (from, to, ship_strategy))

/// While `problem` says why the JobManager does not answer, there are no figures: the vertices are
/// as they were seen at `observedAt`.
struct JobGraph {
  std::string kind = "JobGraph";
  std::string api_version = "v1";
  std::string job_id;
  std::string flink_status = "UNKNOWN";
  std::optional<WallTime> observed_at;
  std::optional<double> age_seconds;
  std::optional<std::string> problem;
  std::optional<WallTime> problem_since;
  FigureMap figures;  ///< of the whole job
  std::vector<GraphVertex> vertices;
  std::vector<GraphEdge> edges;
};
BOOST_DESCRIBE_STRUCT(JobGraph, (),
                      (kind, api_version, job_id, flink_status, observed_at, age_seconds, problem,
                       problem_since, figures, vertices, edges))

// The console asks every few seconds: a JobManager that is silent must not hold its request.
constexpr Duration kPatience = std::chrono::seconds(2);

template <class Row>
FigureMap named(std::span<const monitoring::Metric> metrics, const Row& row) {
  FigureMap figures;
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (!std::isnan(row[i])) figures[std::string(metrics[i].name)] = row[i];
  return figures;
}

JobGraph graph_of(const std::string& job_id, const monitoring::Seen& seen, MonoTime now) {
  JobGraph graph;
  graph.job_id = job_id;
  const bool current = seen.problem.empty();
  if (!current) graph.problem = seen.problem;
  graph.problem_since = seen.problem_since;
  if (!seen.reading) return graph;
  const monitoring::Reading& reading = *seen.reading;
  graph.observed_at = reading.wall;
  graph.age_seconds = std::chrono::duration<double>(now - reading.at).count();
  if (current) {
    graph.flink_status = flink::to_string(reading.graph.state);
    graph.figures = named(monitoring::job_metrics(), seen.figures.job);
  }
  for (const auto& vertex : reading.graph.vertices) {
    GraphVertex shown{vertex.id, vertex.name, vertex.status, vertex.parallelism, {}, {}};
    for (const auto& [state, number] : vertex.tasks) shown.tasks[state] = number;
    if (current)
      shown.figures = named(monitoring::vertex_metrics(), seen.figures.vertices.at(vertex.id));
    graph.vertices.push_back(std::move(shown));
  }
  for (const auto& edge : reading.graph.edges)
    graph.edges.push_back({edge.from, edge.to, edge.ship_strategy});
  return graph;
}

Task<Result<net::Response>> get(Call& call) {
  WEIR_CO_TRY(const auto job, find_job(call));
  const std::string id = job->metadata.id;
  const monitoring::Seen seen =
      co_await call.services().monitor.look(id, call.env().now() + kPatience);
  co_return document(200, codec::to_json_text(graph_of(id, seen, call.env().now())), call.format);
}

}  // namespace

void add_job_graph_routes(Router& router) {
  router.add({.method = "GET",
              .pattern = "/api/v1/namespaces/{ns}/jobs/{jobId}/graph",
              .handler = get,
              .summary = "The vertices of a job, how they are connected, and what each does now; "
                         "the job is watched for a while",
              .tag = "Job",
              .answer = schema<JobGraph>});
}

}  // namespace weir::api
