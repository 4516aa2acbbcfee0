#include <fmt/format.h>

#include "async/timer.h"
#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {
namespace {

using codec::Node;

constexpr Duration kPollTime = std::chrono::milliseconds(500);

KindEntry savepoints() { return *find_kind("savepoint"); }

Node request(const std::string& deployment_id, const std::string& location) {
  Node metadata = Node::object();
  metadata.set("deploymentId", Node::string(deployment_id));
  Node body = Node::object();
  body.set("metadata", std::move(metadata));
  if (!location.empty()) {
    Node spec = Node::object();
    spec.set("savepointLocation", Node::string(location));
    body.set("spec", std::move(spec));
  }
  return body;
}

void show(Session& session, const Node& savepoint, const std::string& sentence) {
  if (session.format != Format::kTable) return print_resource(session, savepoints(), savepoint);
  session.terminal.out << short_name(savepoints(), savepoint) << " " << sentence << std::endl;
}

bool is_under_way(const std::string& state) {
  return state == "STARTED" || state == "PENDING_DELETION" || state == "DELETING";
}

// Asks until it has ended. @return the savepoint, or nothing when it is gone
Task<Result<std::optional<Node>>> await_end(Session& session, std::string id, Duration timeout) {
  const MonoTime deadline = session.env().now() + timeout;
  Progress progress(session.terminal);
  const std::string path = path_of(savepoints(), session.ns, id);
  while (true) {
    auto seen = co_await session.client.get(path);
    if (!seen && seen.error().code == Code::kNotFound) co_return std::optional<Node>();
    if (!seen) co_return std::move(seen).error();
    const std::string state = text_at(*seen, "status.state");
    if (!is_under_way(state)) co_return std::optional<Node>(std::move(*seen));
    progress.show(fmt::format("savepoint {}: {}", id, state));
    if (session.env().now() >= deadline)
      co_return fail(Code::kDeadline, fmt::format("Savepoint {} is still {}.", id, state));
    co_await sleep_for(session.env().timer, kPollTime);
  }
}

Error failed(const Node& savepoint) {
  return fail(Code::kFailedPrecondition,
              fmt::format("Savepoint {} is {}: {}", text_at(savepoint, "metadata.id"),
                          text_at(savepoint, "status.state"),
                          text_at(savepoint, "status.failure.message")));
}

Task<Status> create(Session& session, const SavepointCommand& command) {
  WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, command.name));
  const Node body = request(text_at(deployment, "metadata.id"), command.location);
  const std::string path = path_of(savepoints(), session.ns);
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("POST", path, &body));
  if (command.verb == "register") {
    show(session, answer.body, "is registered; the next start may begin from it");
    co_return Status();
  }
  if (!command.wait) {
    show(session, answer.body, "will be taken");
    co_return Status();
  }
  const std::string id = text_at(answer.body, "metadata.id");
  WEIR_CO_TRY(const std::optional<Node> ended, co_await await_end(session, id, command.timeout));
  if (!ended) co_return fail(Code::kNotFound, fmt::format("Savepoint {} is gone.", id));
  if (text_at(*ended, "status.state") != "COMPLETED") co_return failed(*ended);
  show(session, *ended, "is complete: " + text_at(*ended, "spec.savepointLocation"));
  co_return Status();
}

Task<Status> remove(Session& session, const SavepointCommand& command) {
  std::string path = path_of(savepoints(), session.ns, command.name);
  if (command.force) path += "?force=true";
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("DELETE", path));
  const std::string name = "savepoint/" + command.name;
  if (!command.wait) {
    session.terminal.out << name << " will be deleted" << std::endl;
    co_return Status();
  }
  WEIR_CO_TRY(const std::optional<Node> left,
              co_await await_end(session, command.name, command.timeout));
  if (left) co_return failed(*left);
  session.terminal.out << name << " is deleted" << std::endl;
  co_return Status();
}

Table table_of_savepoints(const Node& list, const Node& points, WallTime now) {
  const std::string next = text_at(points, "next.location");
  Table table({"ID", "STATE", "ORIGIN", "AGE", "NEXT", "LOCATION"});
  bool marked = false;
  for (const Node& item : list.find("items")->items) {
    const std::string state = text_at(item, "status.state");
    const std::string location = text_at(item, "spec.savepointLocation");
    const auto created = time_at(item, "metadata.createdAt");
    const bool is_next = !marked && !next.empty() && location == next && state == "COMPLETED";
    marked = marked || is_next;
    table.add({text_at(item, "metadata.id"),
               {state, tone_of_state(state)},
               text_at(item, "metadata.origin"),
               created ? format_age(now - *created) : "",
               is_next ? "next" : "",
               location});
  }
  return table;
}

Task<Status> list(Session& session, const SavepointCommand& command) {
  WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, command.name));
  const std::string path =
      path_of(savepoints(), session.ns) + "?deploymentId=" + text_at(deployment, "metadata.id");
  WEIR_CO_TRY(const Node found, co_await session.client.get(path));
  if (session.format != Format::kTable) {
    print_list(session, savepoints(), found);
    co_return Status();
  }
  const std::string points_path =
      path_of(*find_kind("deployment"), session.ns, text_at(deployment, "metadata.name")) +
      "/restore-points";
  WEIR_CO_TRY(const Node points, co_await session.client.get(points_path));
  const Table table = table_of_savepoints(found, points, session.env().wall_now());
  if (!table.empty()) session.terminal.out << table.text(session.terminal.color);
  else session.terminal.err << "There are no savepoints." << std::endl;
  session.terminal.out << "Next start: " << next_start_text(points) << std::endl;
  co_return Status();
}

}  // namespace

Task<Status> run(Session& session, const SavepointCommand& command) {
  if (command.verb == "list") co_return co_await list(session, command);
  if (command.verb == "delete") co_return co_await remove(session, command);
  co_return co_await create(session, command);
}

}  // namespace weir::cli
