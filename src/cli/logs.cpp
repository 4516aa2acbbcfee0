#include <fmt/format.h>

#include "cli/commands.h"

namespace weir::cli {

Task<Status> run(Session& session, const LogsCommand& command) {
  if (command.job_manager && command.task_manager)
    co_return fail(Code::kInvalidArgument, "--jobmanager and --taskmanager exclude each other.");
  const KindEntry kind = *find_kind("deployment");
  net::ClientRequest request;
  request.url = fmt::format(
      "{}/logs?role={}&index={}&stream={}&tail={}{}", path_of(kind, session.ns, command.name),
      command.task_manager ? "taskmanager" : "jobmanager", command.task_manager.value_or(0),
      command.standard_output ? "out" : "log", command.tail_kib * 1024,
      command.follow ? "&follow=true" : "");
  request.headers.set("Accept", "text/plain");
  const MonoTime deadline = no_deadline(session.env());
  WEIR_CO_TRY(auto stream, co_await session.client.open(std::move(request), deadline));
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await stream->read(deadline));
    if (piece.empty()) co_return Status();
    session.terminal.out << piece << std::flush;
  }
}

}  // namespace weir::cli
