#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {
namespace {

using codec::Node;

constexpr Duration kAskAgain = std::chrono::milliseconds(300);

// What was given up is tried again only when the user wants something else in between.
Status check_startable(const Node& cluster, const std::string& wanted) {
  if (wanted != "RUNNING" || text_at(cluster, "spec.state") != "RUNNING" ||
      text_at(cluster, "status.state") != "FAILED")
    return {};
  const std::string name = text_at(cluster, "metadata.name");
  return fail(Code::kFailedPrecondition,
              fmt::format("Session cluster {0} is FAILED and stays so until it is changed. To try "
                          "it again as it is: 'weir session stop {0} --wait', then 'weir session "
                          "start {0}'. It failed because: {1}",
                          name, text_at(cluster, "status.failure.message")));
}

/// @param stale the status before the controller has seen the change: it counts for nothing
Result<bool> is_reached(const Node& cluster, const std::string& wanted, const Node& stale) {
  const std::string state = text_at(cluster, "status.state");
  if (state == wanted) return true;
  if (const Node* status = cluster.find("status"); status != nullptr && *status == stale)
    return false;
  const std::string why = text_at(cluster, "status.failure.message");
  if (state == "FAILED" && wanted == "RUNNING")
    return fail(
        Code::kFailedPrecondition,
        fmt::format("Session cluster {} is FAILED: {}", text_at(cluster, "metadata.name"), why),
        text_at(cluster, "status.failure.reason"));
  return false;
}

Task<Status> wait_for_session(Session& session, std::string path, std::string wanted, Node stale,
                              Duration timeout) {
  const MonoTime deadline = session.env().now() + timeout;
  Progress progress(session.terminal);
  std::string last;
  while (session.env().now() < deadline) {
    WEIR_CO_TRY(const Node cluster, co_await session.client.get(path));
    WEIR_CO_TRY(const bool reached, is_reached(cluster, wanted, stale));
    if (reached) co_return Status();
    const std::string waiting = text_at(cluster, "status.waitingFor");
    last = text_at(cluster, "status.state");
    if (!waiting.empty()) last += ", waits for " + waiting;
    progress.show(last);
    co_await sleep_until(session.env().timer, std::min(session.env().now() + kAskAgain, deadline));
  }
  co_return fail(Code::kDeadline,
                 fmt::format("The session cluster is not {} after {}. Last seen: {}", wanted,
                             format_duration(timeout), last));
}

}  // namespace

Task<Status> run(Session& session, const SessionCommand& command) {
  const KindEntry kind = *find_kind("sessioncluster");
  const std::string state = command.verb == "start" ? "RUNNING" : "STOPPED";
  const std::string path = path_of(kind, session.ns, command.name);
  const Node patch = state_patch(state);
  WEIR_CO_TRY(const Node before, co_await session.client.get(path));
  WEIR_CO_CHECK_OK(check_startable(before, state));
  WEIR_CO_TRY(Answer answer, co_await session.client.send("PATCH", path, &patch));
  if (command.wait) {
    const Node* status = before.find("status");
    const Node stale = status != nullptr ? *status : Node();
    WEIR_CO_CHECK_OK(co_await wait_for_session(session, path, state, stale, command.timeout));
    WEIR_CO_TRY(answer.body, co_await session.client.get(path));
  }
  if (session.format != Format::kTable) print_resource(session, kind, answer.body);
  else
    session.terminal.out << "sessioncluster/" << command.name
                         << (command.wait ? " is " : " will be ") << state << std::endl;
  co_return Status();
}

}  // namespace weir::cli
