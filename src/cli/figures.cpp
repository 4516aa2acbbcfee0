#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/sizes.h"
#include "base/strings.h"
#include "cli/commands.h"
#include "cli/field.h"
#include "net/url.h"

namespace weir::cli {
namespace {

using codec::Node;
using Figure = std::optional<double>;

Figure number(const Node* node) {
  if (node == nullptr || node->is_null()) return std::nullopt;
  double value = 0;
  const char* end = node->text.data() + node->text.size();
  const auto [stop, error] = std::from_chars(node->text.data(), end, value);
  return error == std::errc() && stop == end ? Figure(value) : Figure();
}

Figure figure(const Node& owner, const std::string& name) {
  const Node* figures = owner.find("figures");
  return figures == nullptr ? Figure() : number(figures->find(name));
}

std::string rate(const Figure& value) {
  return value ? fmt::format("{:.{}f}", *value, *value < 100 ? 1 : 0) : std::string();
}
std::string percent(const Figure& value) {
  return value ? fmt::format("{:.0f} %", *value * 100) : std::string();
}
std::string seconds(const Figure& value) {
  return value ? fmt::format("{:.{}f} s", *value, *value < 10 ? 2 : 0) : std::string();
}
std::string bytes(const Figure& value) {
  if (!value) return {};
  return *value < 1 ? "0 B" : format_bytes(static_cast<std::int64_t>(*value));
}
std::string whole(const Figure& value) {
  return value ? fmt::format("{:.0f}", *value) : std::string();
}

// Red where a vertex can hardly send on, or has hardly any time left.
Cell load(const Figure& value) {
  if (!value) return Cell("");
  return Cell(percent(value), *value >= 0.8   ? Tone::kBad
                              : *value >= 0.4 ? Tone::kBusy
                                              : Tone::kPlain);
}

// ---- graph ----

std::string inputs_of(const Node& graph, const std::string& vertex_id) {
  std::map<std::string, std::string> names;
  if (const Node* vertices = graph.find("vertices"))
    for (const Node& vertex : vertices->items)
      names[text_at(vertex, "id")] = text_at(vertex, "name");
  std::vector<std::string> inputs;
  if (const Node* edges = graph.find("edges"))
    for (const Node& edge : edges->items)
      if (text_at(edge, "to") == vertex_id)
        inputs.push_back(
            fmt::format("{} ({})", names[text_at(edge, "from")], text_at(edge, "shipStrategy")));
  return join(inputs, ", ");
}

Table table_of_graph(const Node& graph) {
  Table table({"VERTEX", "STATUS", "PARALLELISM", "IN/S", "OUT/S", "BUSY", "BACK-PRESSURED", "LAG",
               "CHECKPOINT", "READS FROM"});
  if (const Node* vertices = graph.find("vertices"))
    for (const Node& vertex : vertices->items) {
      const std::string status = text_at(vertex, "status");
      table.add({text_at(vertex, "name"), Cell(status, tone_of_state(status)),
                 text_at(vertex, "parallelism"), rate(figure(vertex, "recordsInPerSecond")),
                 rate(figure(vertex, "recordsOutPerSecond")), load(figure(vertex, "busy")),
                 load(figure(vertex, "backPressured")), seconds(figure(vertex, "watermarkLag")),
                 bytes(figure(vertex, "checkpointSize")), inputs_of(graph, text_at(vertex, "id"))});
    }
  return table;
}

/// The job that a deployment runs, or ran last.
Task<Result<std::string>> job_of(Session& session, std::string name) {
  WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, name));
  const std::string path = path_of(*find_kind("job"), session.ns) +
                           "?deploymentId=" + text_at(deployment, "metadata.id");
  WEIR_CO_TRY(const Node jobs, co_await session.client.get(path));
  const Node* items = jobs.find("items");
  if (items == nullptr || items->items.empty())
    co_return fail(Code::kNotFound,
                   fmt::format("Deployment {0} has no job yet; 'weir start {0}' makes one.",
                               text_at(deployment, "metadata.name")));
  for (const Node& job : items->items)
    if (text_at(job, "status.state") == "STARTED") co_return text_at(job, "metadata.id");
  co_return text_at(items->items.front(), "metadata.id");
}

// ---- top ----

constexpr const char* kTopNames =
    "recordsInPerSecond,recordsOutPerSecond,watermarkLag,busy,backPressured,checkpointDuration,"
    "checkpointSize,restarts,cpu,heap";

// The newest value that is known.
Figure newest(const Node& metrics, std::string_view name) {
  const Node* series = metrics.find("series");
  if (series == nullptr) return std::nullopt;
  for (const Node& one : series->items) {
    const Node* values = one.find("values");
    if (text_at(one, "name") != name || values == nullptr) continue;
    for (auto value = values->items.rbegin(); value != values->items.rend(); ++value)
      if (const Figure found = number(&*value)) return found;
  }
  return std::nullopt;
}

std::vector<Cell> row_of(const std::string& deployment, const Node& metrics) {
  const auto of = [&](std::string_view name) { return newest(metrics, name); };
  return {deployment,
          rate(of("recordsInPerSecond")),
          rate(of("recordsOutPerSecond")),
          seconds(of("watermarkLag")),
          load(of("busy")),
          load(of("backPressured")),
          seconds(of("checkpointDuration")),
          bytes(of("checkpointSize")),
          whole(of("restarts")),
          rate(of("cpu")),
          bytes(of("heap"))};
}

bool is_wanted(const TopCommand& command, const Node& job) {
  if (text_at(job, "status.state") != "STARTED") return false;
  if (command.names.empty()) return true;
  for (const std::string& name : command.names)
    if (name == text_at(job, "metadata.deploymentName") ||
        name == text_at(job, "metadata.deploymentId"))
      return true;
  return false;
}

}  // namespace

Task<Status> run(Session& session, const GraphCommand& command) {
  WEIR_CO_TRY(const std::string job, co_await job_of(session, command.name));
  const std::string path = path_of(*find_kind("job"), session.ns, job) + "/graph";
  WEIR_CO_TRY(const Node graph, co_await session.client.get(path));
  if (session.format != Format::kTable) {
    print_document(session, graph);
    co_return Status();
  }
  const std::string problem = text_at(graph, "problem");
  const Figure age = number(graph.find("ageSeconds"));
  if (!problem.empty())
    session.terminal.err << problem
                         << (age ? fmt::format(" What is shown was seen {:.0f} s ago.", *age) : "")
                         << std::endl;
  else if (!figure(graph, "recordsInPerSecond"))
    session.terminal.err << "Rates need two readings: ask again in a few seconds." << std::endl;
  const Table table = table_of_graph(graph);
  if (!table.empty()) session.terminal.out << table.text(session.terminal.color) << std::flush;
  co_return Status();
}

Task<Status> run(Session& session, const TopCommand& command) {
  for (const std::string& name : command.names) {
    WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, name));
    if (text_at(deployment, "status.running.jobId").empty())
      session.terminal.err << fmt::format("Deployment {} is {}.", name,
                                          text_at(deployment, "status.state"))
                           << std::endl;
  }
  const KindEntry kind = *find_kind("job");
  const std::string list = path_of(kind, session.ns);
  WEIR_CO_TRY(const Node jobs, co_await session.client.get(list));
  Table table({"DEPLOYMENT", "IN/S", "OUT/S", "LAG", "BUSY", "BACK-PRESSURED", "CHECKPOINT TIME",
               "SIZE", "RESTARTS", "CPU", "HEAP"});
  Node documents{Node::Kind::kArray, {}, {}, {}};
  if (const Node* items = jobs.find("items"))
    for (const Node& job : items->items) {
      if (!is_wanted(command, job)) continue;
      const std::string path = path_of(kind, session.ns, text_at(job, "metadata.id")) +
                               "/metrics?names=" + net::percent_encode(kTopNames);
      WEIR_CO_TRY(Node metrics, co_await session.client.get(path));
      table.add(row_of(text_at(job, "metadata.deploymentName"), metrics));
      documents.items.push_back(std::move(metrics));
    }
  if (session.format != Format::kTable) print_document(session, documents);
  else if (table.empty()) session.terminal.err << "No job runs." << std::endl;
  else session.terminal.out << table.text(session.terminal.color) << std::flush;
  co_return Status();
}

}  // namespace weir::cli
