#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {

using codec::Node;

Task<Status> run(Session& session, const RetryCommand& command) {
  const KindEntry kind = *find_kind("deployment");
  WEIR_CO_TRY(const Node before, co_await get_deployment(session, command.name));
  const std::string name = text_at(before, "metadata.name");
  const std::string path = path_of(kind, session.ns, name) + ":retry";
  WEIR_CO_TRY(const Answer answer, co_await session.client.send("POST", path));
  if (command.wait) {
    WaitGoal goal{text_at(answer.body, "spec.state"), command.timeout, std::nullopt};
    // RUNNING alone could be the revision that runs in its place.
    if (goal.state == "RUNNING") goal.revision = newest_revision(answer.body);
    if (const Node* status = answer.body.find("status")) goal.stale_status = *status;
    WEIR_CO_CHECK_OK(co_await wait_for_state(session, answer.body, std::move(goal)));
  }
  if (session.format == Format::kTable)
    session.terminal.out << "deployment/" << name << " is tried again" << std::endl;
  else print_resource(session, kind, answer.body);
  co_return Status();
}

}  // namespace weir::cli
