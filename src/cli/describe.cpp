#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {
namespace {

using codec::Node;

constexpr std::size_t kEvents = 15;

// "label:   value" lines in sections; what is absent is left out.
class Sheet {
 public:
  explicit Sheet(bool color) : color_(color) {}

  void section(std::string_view title) { out_ += fmt::format("{}:\n", title); }
  void line(std::string_view label, const std::string& value, Tone tone = Tone::kPlain) {
    if (value.empty()) return;
    out_ += fmt::format("{:<24}{}\n", fmt::format("{}:", label), colored(value, tone, color_));
  }
  void inner(std::string_view label, const std::string& value, Tone tone = Tone::kPlain) {
    if (value.empty()) return;
    out_ += fmt::format("  {:<22}{}\n", fmt::format("{}:", label), colored(value, tone, color_));
  }
  void raw(std::string_view text) { out_ += text; }
  std::string text() && { return std::move(out_); }

 private:
  bool color_;
  std::string out_;
};

std::string moment(const Node& node, std::string_view path, WallTime now) {
  const auto time = time_at(node, path);
  if (!time) return {};
  return fmt::format("{} ({} ago)", format_local_time(*time), format_age(now - *time));
}

std::string map_text(const Node& document, std::string_view path) {
  const Node* map = find_at(document, path);
  std::string text;
  if (map == nullptr) return text;
  for (const auto& [name, value] : map->members)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value.text);
  return text;
}

std::string resources_text(const Node& document, const std::string& path) {
  const std::string cpu = text_at(document, path + ".cpu");
  const std::string memory = text_at(document, path + ".memory");
  return cpu.empty() && memory.empty() ? "" : fmt::format("{} CPU, {}", cpu, memory);
}

void add_artifact(Sheet& sheet, const Node& document, const std::string& path) {
  for (auto [label, member] : {std::pair{"Jar", "jarUri"},
                               {"Entry class", "entryClass"},
                               {"Arguments", "mainArgs"},
                               {"Flink", "flinkVersion"}})
    sheet.inner(label, text_at(document, path + "." + member));
}

void add_spec(Sheet& sheet, const Node& deployment) {
  const std::string base = "spec.template.spec";
  sheet.section("Specification");
  add_artifact(sheet, deployment, base + ".artifact");
  sheet.inner("Parallelism", text_at(deployment, base + ".parallelism"));
  sheet.inner("TaskManagers", text_at(deployment, base + ".numberOfTaskManagers"));
  const std::string spare = text_at(deployment, "spec.spareTaskManagers");
  if (!spare.empty() && spare != "0")
    sheet.inner("Spare TaskManagers",
                fmt::format("{}, each costs what a TaskManager costs", spare));
  sheet.inner("JobManager size", resources_text(deployment, base + ".resources.jobmanager"));
  sheet.inner("TaskManager size", resources_text(deployment, base + ".resources.taskmanager"));
  sheet.inner("Production", text_at(deployment, "spec.production") == "false" ? "no" : "yes");
  sheet.inner("Upgrade strategy", text_at(deployment, "spec.upgradeStrategy.kind"));
  sheet.inner("Restore strategy", text_at(deployment, "spec.restoreStrategy.kind"));
  sheet.inner("Flink configuration", map_text(deployment, base + ".flinkConfiguration"));
}

void add_transition(Sheet& sheet, const Node& deployment, WallTime now) {
  if (find_at(deployment, "status.transition.id") == nullptr) return;
  sheet.section("Transition");
  sheet.inner("Kind", text_at(deployment, "status.transition.kind"));
  sheet.inner("Phase", text_at(deployment, "status.transition.phase"));
  sheet.inner("Waits for", text_at(deployment, "status.transition.waitingFor"));
  sheet.inner("Since", moment(deployment, "status.transition.since", now));
}

std::string next_step(const Node& deployment) {
  const std::string name = text_at(deployment, "metadata.name");
  return fmt::format(
      "correct the cause and apply the changed specification, or try again as it is: weir cancel "
      "{0} --wait && weir start {0}. The log: weir logs {0}",
      name);
}

void add_failure(Sheet& sheet, const Node& document, WallTime now, const std::string& next) {
  if (text_at(document, "status.failure.message").empty()) return;
  sheet.section("Failure");
  sheet.inner("What", text_at(document, "status.failure.message"), Tone::kBad);
  sheet.inner("Reason", text_at(document, "status.failure.reason"));
  sheet.inner("When", moment(document, "status.failure.failedAt", now));
  sheet.inner("What to do", next);
}

void add_conditions(Sheet& sheet, const Node& deployment, WallTime now) {
  const Node* conditions = find_at(deployment, "status.running.conditions");
  if (conditions == nullptr || conditions->items.empty()) return;
  sheet.section("Conditions");
  for (const Node& condition : conditions->items) {
    const std::string status = text_at(condition, "status");
    const auto since = time_at(condition, "lastTransitionTime");
    std::string text = status;
    if (since) text += fmt::format(" for {}", format_age(now - *since));
    if (const auto message = text_at(condition, "message"); !message.empty())
      text += fmt::format(", {}", message);
    sheet.inner(text_at(condition, "type"), text, status == "True" ? Tone::kBad : Tone::kPlain);
  }
}

const Node* current_job(const Node& deployment, const Node& jobs) {
  const Node* items = jobs.find("items");
  if (items == nullptr || items->items.empty()) return nullptr;
  const std::string running = text_at(deployment, "status.running.jobId");
  for (const Node& job : items->items)
    if (!running.empty() && text_at(job, "metadata.id") == running) return &job;
  return &items->items.front();  // newest first
}

// "4", "5, not stable yet", "4, because 5 was rolled back".
std::string revision_text(const Node& deployment) {
  const std::string running = text_at(deployment, "status.revision.running");
  if (!text_at(deployment, "status.revision.rolledBackBecause").empty())
    return fmt::format("{}, because {} was rolled back", running,
                       text_at(deployment, "status.revision.desired"));
  const std::string stable = text_at(deployment, "status.revision.stable");
  return running + (stable == "false" ? ", not stable yet" : "");
}

void add_job(Sheet& sheet, const Node& job, WallTime now) {
  const std::string state = text_at(job, "status.state");
  sheet.inner("Id", text_at(job, "metadata.id"));
  sheet.inner("State", state, tone_of_state(state));
  sheet.inner("Flink job id", text_at(job, "status.started.flinkJobId"));
  sheet.inner("Flink status", text_at(job, "status.started.observedFlinkJobStatus"));
  sheet.inner("Flink restarts", text_at(job, "status.started.observedFlinkJobRestarts"));
  sheet.inner("Started", moment(job, "status.started.startedAt", now));
  sheet.inner("Ended", moment(job, "metadata.terminatedAt", now));
  sheet.inner("Revision", text_at(job, "status.revision"));
  sheet.inner("Restored from", text_at(job, "spec.savepointLocation"));
}

void add_next_start(Sheet& sheet, const Node& restore_points) {
  if (restore_points.find("next") == nullptr) return;
  sheet.section("Next start");
  const std::string location = text_at(restore_points, "next.location");
  if (text_at(restore_points, "next.possible") == "false")
    sheet.inner("From", "nothing may start", Tone::kBad);
  else sheet.inner("From", location.empty() ? "empty state" : location);
  sheet.inner("Why", text_at(restore_points, "next.why"));
}

void add_events(Sheet& sheet, const Node& events, bool color) {
  const Node* items = events.find("items");
  if (items == nullptr || items->items.empty()) return;
  // The list is newest first; the story is read forwards.
  const std::size_t count = std::min(kEvents, items->items.size());
  Table table({"TIME", "LEVEL", "NAME", "MESSAGE"});
  for (std::size_t i = count; i-- > 0;) table.add(event_row(items->items[i]));
  sheet.section(count < items->items.size()
                    ? fmt::format("Events (the last {} of {})", count, items->items.size())
                    : "Events");
  sheet.raw(table.text(color));
}

}  // namespace

std::string next_start_text(const Node& restore_points) {
  const std::string location = text_at(restore_points, "next.location");
  const std::string why = text_at(restore_points, "next.why");
  return location.empty() ? why : fmt::format("{} ({})", location, why);
}

std::string describe_deployment(const Node& deployment, const Node& jobs, const Node& events,
                                const Node& restore_points, WallTime now, bool color) {
  Sheet sheet(color);
  const std::string state = text_at(deployment, "status.state");
  sheet.line("Name", text_at(deployment, "metadata.name"));
  if (text_at(deployment, "metadata.displayName") != text_at(deployment, "metadata.name"))
    sheet.line("Display name", text_at(deployment, "metadata.displayName"));
  sheet.line("Namespace", text_at(deployment, "metadata.namespace"));
  sheet.line("Id", text_at(deployment, "metadata.id"));
  sheet.line("Labels", map_text(deployment, "metadata.labels"));
  sheet.line("Created", moment(deployment, "metadata.createdAt", now));
  sheet.line("Modified", moment(deployment, "metadata.modifiedAt", now));
  sheet.line("Desired state", text_at(deployment, "spec.state"));
  sheet.line("Observed state", state, tone_of_state(state));
  sheet.line("Running revision", revision_text(deployment));
  add_transition(sheet, deployment, now);
  add_failure(sheet, deployment, now, next_step(deployment));
  add_conditions(sheet, deployment, now);
  add_spec(sheet, deployment);
  if (const Node* job = current_job(deployment, jobs)) {
    sheet.section("Job");
    add_job(sheet, *job, now);
  }
  add_next_start(sheet, restore_points);
  add_events(sheet, events, color);
  return std::move(sheet).text();
}

std::string describe_job(const Node& job, WallTime now, bool color) {
  Sheet sheet(color);
  sheet.line("Deployment", text_at(job, "metadata.deploymentName"));
  sheet.line("Namespace", text_at(job, "metadata.namespace"));
  sheet.line("Created", moment(job, "metadata.createdAt", now));
  sheet.section("Job");
  add_job(sheet, job, now);
  add_failure(sheet, job, now, "");
  sheet.section("Runs");
  add_artifact(sheet, job, "spec.artifact");
  sheet.inner("Parallelism", text_at(job, "spec.parallelism"));
  sheet.inner("TaskManagers", text_at(job, "spec.numberOfTaskManagers"));
  sheet.inner("JobManager size", resources_text(job, "spec.resources.jobmanager"));
  sheet.inner("TaskManager size", resources_text(job, "spec.resources.taskmanager"));
  return std::move(sheet).text();
}

std::string describe_session_cluster(const Node& cluster, const Node& jobs, const Node& events,
                                     WallTime now, bool color) {
  Sheet sheet(color);
  const std::string state = text_at(cluster, "status.state");
  const std::string name = text_at(cluster, "metadata.name");
  sheet.line("Name", name);
  sheet.line("Namespace", text_at(cluster, "metadata.namespace"));
  sheet.line("Id", text_at(cluster, "metadata.id"));
  sheet.line("Labels", map_text(cluster, "metadata.labels"));
  sheet.line("Created", moment(cluster, "metadata.createdAt", now));
  sheet.line("Desired state", text_at(cluster, "spec.state"));
  sheet.line("Observed state", state, tone_of_state(state));
  sheet.line("Started", moment(cluster, "status.running.startedAt", now));
  sheet.line("Waits for", text_at(cluster, "status.waitingFor"));
  add_failure(sheet, cluster, now,
              fmt::format("correct the cause and apply the changed specification, or try again as "
                          "it is: weir session stop {0} --wait && weir session start {0}",
                          name));
  sheet.section("Specification");
  sheet.inner("Flink", text_at(cluster, "spec.flinkVersion"));
  sheet.inner("TaskManagers", text_at(cluster, "spec.numberOfTaskManagers"));
  sheet.inner("JobManager size", resources_text(cluster, "spec.resources.jobmanager"));
  sheet.inner("TaskManager size", resources_text(cluster, "spec.resources.taskmanager"));
  sheet.inner("Flink configuration", map_text(cluster, "spec.flinkConfiguration"));
  Table table({"DEPLOYMENT", "STATE", "JOB"});
  if (const Node* items = jobs.find("items"))
    for (const Node& job : items->items) {
      const std::string of_job = text_at(job, "status.state");
      const bool ended = of_job == "TERMINATED" || of_job == "FINISHED" || of_job == "FAILED";
      if (text_at(job, "metadata.sessionClusterName") == name && !ended)
        table.add({text_at(job, "metadata.deploymentName"),
                   {of_job, tone_of_state(of_job)},
                   text_at(job, "metadata.id")});
    }
  sheet.section("Jobs");
  sheet.raw(table.empty() ? "  none\n" : table.text(color));
  add_events(sheet, events, color);
  return std::move(sheet).text();
}

namespace {

Task<Status> show_session_cluster(Session& session, KindEntry kind, std::string name) {
  const std::string path = path_of(kind, session.ns, name);
  WEIR_CO_TRY(const Node cluster, co_await session.client.get(path));
  const std::string jobs_path = path_of(*find_kind("job"), session.ns);
  WEIR_CO_TRY(const Node jobs, co_await session.client.get(jobs_path));
  const std::string events_path = path_of(*find_kind("event"), session.ns) +
                                  "?sessionClusterId=" + text_at(cluster, "metadata.id");
  WEIR_CO_TRY(const Node events, co_await session.client.get(events_path));
  session.terminal.out << describe_session_cluster(cluster, jobs, events, session.env().wall_now(),
                                                   session.terminal.color)
                       << std::flush;
  co_return Status();
}

}  // namespace

Task<Status> run(Session& session, const DescribeCommand& command) {
  WEIR_CO_TRY(const KindEntry kind, find_kind(command.kind));
  const WallTime now = session.env().wall_now();
  if (kind.kind == "Job") {
    const std::string path = path_of(kind, session.ns, command.name);
    WEIR_CO_TRY(const Node job, co_await session.client.get(path));
    session.terminal.out << describe_job(job, now, session.terminal.color) << std::flush;
    co_return Status();
  }
  if (kind.kind == "SessionCluster")
    co_return co_await show_session_cluster(session, kind, command.name);
  if (kind.kind != "Deployment")
    co_return fail(
        Code::kInvalidArgument,
        fmt::format("'describe' knows deployment, job and sessioncluster; for a {0} there is "
                    "'weir get "
                    "{0} NAME -o yaml'.",
                    kind.singular));
  WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, command.name));
  const std::string query = "?deploymentId=" + text_at(deployment, "metadata.id");
  const std::string jobs_path = path_of(*find_kind("job"), session.ns) + query;
  const std::string events_path = path_of(*find_kind("event"), session.ns) + query;
  WEIR_CO_TRY(const Node jobs, co_await session.client.get(jobs_path));
  WEIR_CO_TRY(const Node events, co_await session.client.get(events_path));
  const std::string points_path =
      path_of(kind, session.ns, text_at(deployment, "metadata.name")) + "/restore-points";
  // A server that is older does not tell.
  const auto points = co_await session.client.get(points_path);
  session.terminal.out << describe_deployment(deployment, jobs, events, points.value_or(Node()),
                                              now, session.terminal.color)
                       << std::flush;
  co_return Status();
}

}  // namespace weir::cli
