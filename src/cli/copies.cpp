#include <fmt/format.h>

#include "base/ids.h"
#include "cli/commands.h"
#include "cli/field.h"

/// Where a deployment's state comes from: reset to a restore point, fork with one.
namespace weir::cli {
namespace {

using codec::Node;

// The path of a deployment's action, by the name that it has.
Task<Result<std::string>> action_path(Session& session, std::string name, std::string verb) {
  WEIR_CO_TRY(const Node deployment, co_await get_deployment(session, name));
  co_return path_of(*find_kind("deployment"), session.ns, text_at(deployment, "metadata.name")) +
      ":" + verb;
}

}  // namespace

Task<Status> run(Session& session, const ResetCommand& command) {
  WEIR_CO_TRY(const std::string path, co_await action_path(session, command.name, "reset"));
  Node body = Node::object();
  body.set(is_uuid(command.to) ? "restorePointId" : "location", Node::string(command.to));
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("POST", path, &body));
  if (session.format != Format::kTable) {
    print_resource(session, *find_kind("savepoint"), answer.body);
    co_return Status();
  }
  session.terminal.out << fmt::format("deployment/{0} is reset: its next start begins from {1}\n",
                                      command.name, text_at(answer.body, "spec.savepointLocation"))
                       << std::flush;
  session.terminal.err << fmt::format(
                              "Start it with 'weir start {0}' (where its state is wanted RUNNING "
                              "already: 'weir cancel {0} --wait' first).",
                              command.name)
                       << std::endl;
  co_return Status();
}

Task<Status> run(Session& session, const ForkCommand& command) {
  WEIR_CO_TRY(const std::string path, co_await action_path(session, command.name, "fork"));
  Node body = Node::object();
  if (!command.new_name.empty()) body.set("name", Node::string(command.new_name));
  if (!command.savepoint.empty()) body.set("savepointId", Node::string(command.savepoint));
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("POST", path, &body));
  const KindEntry kind = *find_kind("deployment");
  const Node* fork = answer.body.find("deployment");
  if (fork == nullptr) co_return fail(Code::kInternal, "The server did not tell what it created.");
  if (session.format == Format::kTable)
    session.terminal.out << short_name(kind, *fork) << " created, CANCELLED" << std::endl;
  else print_resource(session, kind, *fork);
  if (const Node* warnings = answer.body.find("warnings"))
    for (const Node& warning : warnings->items)
      session.terminal.err << "warning: " << warning.text << '\n';
  session.terminal.err << std::flush;
  co_return Status();
}

}  // namespace weir::cli
