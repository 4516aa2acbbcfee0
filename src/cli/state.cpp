#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {
namespace {

using codec::Node;

// A deployment whose job has ended stays so until its user says that it shall run again.
Status check_restartable(const Node& deployment, const StateCommand& command) {
  const std::string observed = text_at(deployment, "status.state");
  if (command.state != "RUNNING" || text_at(deployment, "spec.state") != "RUNNING" ||
      (observed != "FAILED" && observed != "FINISHED"))
    return {};
  std::string message = fmt::format(
      "Deployment {0} is {1} and stays so until its specification changes. To run it "
      "again: 'weir cancel {0} --wait', then 'weir start {0}'.",
      text_at(deployment, "metadata.name"), observed);
  if (const auto failure = text_at(deployment, "status.failure.message"); !failure.empty())
    message += " It failed because: " + failure;
  return fail(Code::kFailedPrecondition, std::move(message));
}

}  // namespace

Node state_patch(const std::string& state) {
  Node spec = Node::object();
  spec.set("state", Node::string(state));
  Node patch = Node::object();
  patch.set("spec", std::move(spec));
  return patch;
}

Task<Status> run(Session& session, const StateCommand& command) {
  const KindEntry kind = *find_kind("deployment");
  WEIR_CO_TRY(const Node before, co_await get_deployment(session, command.name));
  WEIR_CO_CHECK_OK(check_restartable(before, command));
  if (command.state == "CANCELLED" && !command.yes)
    WEIR_CO_CHECK_OK(co_await confirm_loss(session, before, "Cancel"));
  const std::string name = text_at(before, "metadata.name");
  const std::string path = path_of(kind, session.ns, name);
  const Node patch = state_patch(command.state);
  WEIR_CO_TRY(Answer answer, co_await session.client.send("PATCH", path, &patch));
  if (command.wait) {
    WaitGoal goal{command.state, command.timeout, std::nullopt};
    // What was observed before the controller has seen the change says nothing about it.
    const std::string observed = text_at(before, "status.state");
    if (text_at(before, "spec.state") != command.state && observed != command.state)
      if (const Node* status = answer.body.find("status")) goal.stale_status = *status;
    WEIR_CO_CHECK_OK(co_await wait_for_state(session, answer.body, std::move(goal)));
    if (session.format != Format::kTable) {
      WEIR_CO_TRY(answer.body, co_await session.client.get(path));
    }
  }
  if (session.format != Format::kTable) print_resource(session, kind, answer.body);
  else if (command.wait)
    session.terminal.out << "deployment/" << name << " is " << command.state << std::endl;
  else session.terminal.out << "deployment/" << name << " will be " << command.state << std::endl;
  co_return Status();
}

}  // namespace weir::cli
