#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/field.h"
#include "codec/json_text.h"

namespace weir::cli {
namespace {

using codec::Node;

constexpr std::size_t kChangesShown = 3;

Task<Result<std::string>> base_path(Session& session, std::string name) {
  WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, name));
  co_return path_of(*find_kind("deployment"), session.ns, text_at(deployment, "metadata.name"));
}

std::string last_part(const std::string& path) {
  const auto dot = path.rfind('.');
  const auto bracket = path.find('[');
  if (bracket != std::string::npos) return path.substr(bracket);
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

// What a revision changed, in a few words: the last part of each path.
std::string summary(const Node& before, const Node& after) {
  const auto found = codec::differences(before, after);
  std::string text;
  for (std::size_t i = 0; i < std::min(found.size(), kChangesShown); ++i)
    text += fmt::format("{}{}: {} -> {}", i == 0 ? "" : ", ", last_part(found[i].path),
                        found[i].old.value_or("-"), found[i].new_.value_or("-"));
  if (found.size() > kChangesShown) text += fmt::format(", {} more", found.size() - kChangesShown);
  return text;
}

const Node& job_spec(const Node& revision) {
  static const Node none;
  const Node* found = find_at(revision, "spec.template.spec");
  return found != nullptr ? *found : none;
}

std::string revision_of_running_job(const Node& jobs) {
  if (const Node* items = jobs.find("items"))
    for (const Node& job : items->items)
      if (text_at(job, "status.state") == "STARTED") return text_at(job, "status.revision");
  return {};
}

Table table_of_revisions(const std::vector<Node>& revisions, const std::string& running,
                         WallTime now) {
  Table table({"REVISION", "AGE", "RUNS", "CHANGES"});
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    const auto created = time_at(revisions[i], "metadata.createdAt");
    const std::string number = text_at(revisions[i], "number");
    table.add({number, created ? format_age(now - *created) : "",
               number == running ? Cell("yes", Tone::kGood) : Cell(""),
               i == 0 ? "" : summary(job_spec(revisions[i - 1]), job_spec(revisions[i]))});
  }
  return table;
}

Task<Status> show_diff(Session& session, std::string base, std::int64_t from, std::int64_t to) {
  const std::string path = fmt::format("{}/revisions/{}/diff?from={}", base, to, from);
  WEIR_CO_TRY(const Node diff, co_await session.client.get(path));
  if (session.format != Format::kTable) {
    print_document(session, diff);
    co_return Status();
  }
  const std::vector<codec::Difference> changes = differences_in(diff);
  if (changes.empty())
    session.terminal.err << fmt::format("Revisions {} and {} are the same.", from, to) << std::endl;
  session.terminal.out << differences_text(changes, session.terminal.color) << std::flush;
  co_return Status();
}

}  // namespace

std::vector<codec::Difference> differences_in(const Node& document) {
  const auto text = [](const Node& change, const char* name) -> std::optional<std::string> {
    const Node* found = change.find(name);
    if (found == nullptr || found->is_null()) return std::nullopt;
    return found->text;
  };
  std::vector<codec::Difference> changes;
  if (const Node* items = document.find("changes"))
    for (const Node& change : items->items)
      changes.push_back({text_at(change, "path"), text(change, "old"), text(change, "new")});
  return changes;
}

std::string differences_text(const std::vector<codec::Difference>& differences, bool color) {
  std::string text;
  for (const codec::Difference& change : differences) {
    text += "  " + change.path + ": ";
    if (change.old) text += colored(*change.old, Tone::kBad, color);
    text += change.old ? " -> " : "";
    text += change.new_ ? colored(*change.new_, Tone::kGood, color) : std::string("(removed)");
    text += change.old ? "\n" : " (new)\n";
  }
  return text;
}

Task<Status> run(Session& session, const HistoryCommand& command) {
  WEIR_CO_TRY(const std::string base, co_await base_path(session, command.name));
  if (command.diff.size() == 2)
    co_return co_await show_diff(session, base, command.diff[0], command.diff[1]);
  const std::string path = base + "/revisions";
  WEIR_CO_TRY(const Node revisions, co_await session.client.get(path));
  if (session.format != Format::kTable) {
    print_document(session, revisions);
    co_return Status();
  }
  WEIR_CO_TRY(const Node deployment, co_await session.client.get(base));
  const std::string jobs_path = path_of(*find_kind("job"), session.ns) +
                                "?deploymentId=" + text_at(deployment, "metadata.id");
  WEIR_CO_TRY(const Node jobs, co_await session.client.get(jobs_path));
  const Node* items = revisions.find("items");
  session.terminal.out << table_of_revisions(items != nullptr ? items->items : std::vector<Node>(),
                                             revision_of_running_job(jobs),
                                             session.env().wall_now())
                              .text(session.terminal.color)
                       << std::flush;
  co_return Status();
}

Task<Status> run(Session& session, const RollbackCommand& command) {
  WEIR_CO_TRY(const Node before, co_await get_deployment(session, command.name));
  const KindEntry kind = *find_kind("deployment");
  const std::string name = text_at(before, "metadata.name");
  const std::string path = path_of(kind, session.ns, name) + ":rollback";
  Node body = Node::object();
  body.set("revision", Node::number(std::to_string(command.to)));
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("POST", path, &body));
  const bool changed = text_at(before, "metadata.resourceVersion") !=
                       text_at(answer.body, "metadata.resourceVersion");
  const bool replaces_job = text_at(answer.body, "spec.state") == "RUNNING" &&
                            text_at(answer.body, "spec.upgradeStrategy.kind") != "NONE";
  if (command.wait && changed && replaces_job) {
    WaitGoal goal{"RUNNING", command.timeout, std::nullopt};
    if (const Node* status = answer.body.find("status")) goal.stale_status = *status;
    WEIR_CO_CHECK_OK(co_await wait_for_state(session, answer.body, std::move(goal)));
  }
  if (session.format != Format::kTable) {
    print_resource(session, kind, answer.body);
    co_return Status();
  }
  session.terminal.out << fmt::format("deployment/{} has the specification of revision {} {}", name,
                                      command.to, changed ? "again" : "already")
                       << std::endl;
  co_return Status();
}

}  // namespace weir::cli
