#include "cli/kinds.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "cli/field.h"
#include "net/url.h"

namespace weir::cli {
namespace {

using codec::Node;

const std::vector<KindEntry>& kinds() {
  static const std::vector<KindEntry> all{
      {"Deployment", "deployment", "deployments", {"deploy", "dep"}},
      {"Job", "job", "jobs", {}, false},
      {"Savepoint", "savepoint", "savepoints", {"sp"}, false},
      {"Event", "event", "events", {"ev"}, false},
      {"DeploymentTarget", "deployment-target", "deployment-targets", {"target", "targets"}},
      {"SessionCluster",
       "sessioncluster",
       "sessionclusters",
       {"session-cluster", "session-clusters", "sc"}},
      {"SecretValue", "secret-value", "secret-values", {"secret", "secrets"}},
      {"DeploymentDefaults", "deployment-defaults", "deployment-defaults", {"defaults"}},
      {"Artifact", "artifact", "artifacts", {}},
  };
  return all;
}

Cell age_cell(const Node& item, std::string_view path, WallTime now) {
  const auto time = time_at(item, path);
  return time ? Cell(format_age(now - *time)) : Cell("");
}

Cell state_cell(const Node& item, std::string_view path) {
  const std::string state = text_at(item, path);
  return {state, tone_of_state(state)};
}

// Why it is not (yet) what its user wants.
std::string detail_of(const Node& deployment) {
  if (const std::string waiting = text_at(deployment, "status.transition.waitingFor");
      !waiting.empty())
    return "waits for " + waiting;
  std::string failure = text_at(deployment, "status.failure.message");
  if (failure.size() > 100) failure = failure.substr(0, 97) + "...";
  return failure;
}

std::vector<Cell> deployment_row(const Node& item, WallTime now) {
  const std::string version = text_at(item, "spec.template.spec.artifact.flinkVersion");
  return {text_at(item, "metadata.name"),
          state_cell(item, "status.state"),
          text_at(item, "spec.state"),
          version.empty() ? "default" : version,
          text_at(item, "spec.template.spec.parallelism"),
          age_cell(item, "metadata.createdAt", now),
          detail_of(item)};
}

std::vector<Cell> session_cluster_row(const Node& item, WallTime now) {
  std::string detail = text_at(item, "status.waitingFor");
  if (!detail.empty()) detail = "waits for " + detail;
  if (const auto failure = text_at(item, "status.failure.message"); !failure.empty())
    detail = failure.size() > 100 ? failure.substr(0, 97) + "..." : failure;
  const std::string version = text_at(item, "spec.flinkVersion");
  return {text_at(item, "metadata.name"),
          state_cell(item, "status.state"),
          text_at(item, "spec.state"),
          version.empty() ? "default" : version,
          text_at(item, "spec.numberOfTaskManagers"),
          age_cell(item, "metadata.createdAt", now),
          detail};
}

std::vector<Cell> job_row(const Node& item, WallTime now) {
  return {text_at(item, "metadata.id"),
          text_at(item, "metadata.deploymentName"),
          state_cell(item, "status.state"),
          text_at(item, "status.started.observedFlinkJobStatus"),
          text_at(item, "status.started.observedFlinkJobRestarts"),
          age_cell(item, "metadata.createdAt", now)};
}

std::vector<Cell> savepoint_row(const Node& item, WallTime now) {
  return {text_at(item, "metadata.id"), state_cell(item, "status.state"),
          text_at(item, "metadata.origin"), age_cell(item, "metadata.createdAt", now),
          text_at(item, "spec.savepointLocation")};
}

std::vector<Cell> artifact_row(const Node& item, WallTime now) {
  return {text_at(item, "filename"), age_cell(item, "createTime", now), text_at(item, "uri")};
}

std::vector<Cell> defaults_row(const Node& item) {
  return {text_at(item, "spec.state"), text_at(item, "spec.upgradeStrategy.kind"),
          text_at(item, "spec.restoreStrategy.kind"),
          text_at(item, "spec.template.spec.artifact.flinkVersion"),
          text_at(item, "spec.template.spec.parallelism")};
}

}  // namespace

std::vector<Cell> event_row(const Node& event) {
  const auto time = time_at(event, "metadata.createdAt");
  std::string message = text_at(event, "spec.message");
  if (const std::string cause = text_at(event, "spec.cause"); !cause.empty())
    message += fmt::format(" Cause: {}", cause);
  std::string level = text_at(event, "spec.level");
  const Tone tone = tone_of_state(level);
  return {time ? format_local_time(*time) : "",
          {level, tone},
          text_at(event, "metadata.name"),
          message};
}

Result<KindEntry> find_kind(std::string_view name) {
  std::string known;
  for (const KindEntry& kind : kinds()) {
    if (equals_ignoring_case(name, kind.kind) || equals_ignoring_case(name, kind.singular) ||
        equals_ignoring_case(name, kind.plural))
      return kind;
    for (const std::string_view alias : kind.aliases)
      if (equals_ignoring_case(name, alias)) return kind;
    known += (known.empty() ? "" : ", ") + std::string(kind.plural);
  }
  return fail(Code::kInvalidArgument,
              fmt::format("There is no kind '{}'. There are: {}.", name, known));
}

std::string path_of(const KindEntry& kind, std::string_view ns, std::string_view name) {
  std::string path = fmt::format("/api/v1/namespaces/{}/{}", net::percent_encode(ns), kind.plural);
  if (!name.empty()) path += "/" + net::percent_encode(name);
  return path;
}

std::string short_name(const KindEntry& kind, const Node& resource) {
  std::string name = text_at(resource, kind.named ? "metadata.name" : "metadata.id");
  if (kind.kind == "Artifact") name = text_at(resource, "filename");
  if (name.empty()) name = text_at(resource, "metadata.namespace");
  return fmt::format("{}/{}", kind.singular, name);
}

Table table_of(const KindEntry& kind, const std::vector<Node>& items, WallTime now) {
  std::vector<std::string> columns{"NAME", "AGE"};
  if (kind.kind == "Deployment")
    columns = {"NAME", "STATE", "DESIRED", "FLINK", "PARALLELISM", "AGE", "DETAIL"};
  else if (kind.kind == "Job")
    columns = {"ID", "DEPLOYMENT", "STATE", "FLINK STATUS", "RESTARTS", "AGE"};
  else if (kind.kind == "Savepoint") columns = {"ID", "STATE", "ORIGIN", "AGE", "LOCATION"};
  else if (kind.kind == "Event") columns = {"TIME", "LEVEL", "NAME", "MESSAGE"};
  else if (kind.kind == "Artifact") columns = {"FILENAME", "AGE", "URI"};
  else if (kind.kind == "SessionCluster")
    columns = {"NAME", "STATE", "DESIRED", "FLINK", "TASKMANAGERS", "AGE", "DETAIL"};
  else if (kind.kind == "DeploymentDefaults")
    columns = {"STATE", "UPGRADE", "RESTORE", "FLINK", "PARALLELISM"};

  Table table(std::move(columns));
  for (const Node& item : items) {
    if (kind.kind == "Deployment") table.add(deployment_row(item, now));
    else if (kind.kind == "Job") table.add(job_row(item, now));
    else if (kind.kind == "Savepoint") table.add(savepoint_row(item, now));
    else if (kind.kind == "Event") table.add(event_row(item));
    else if (kind.kind == "Artifact") table.add(artifact_row(item, now));
    else if (kind.kind == "SessionCluster") table.add(session_cluster_row(item, now));
    else if (kind.kind == "DeploymentDefaults") table.add(defaults_row(item));
    else table.add({text_at(item, "metadata.name"), age_cell(item, "metadata.createdAt", now)});
  }
  return table;
}

}  // namespace weir::cli
