#include "cli/commands.h"

namespace weir::cli {

Task<int> run_client_command(Environment env, const Arguments& arguments, Terminal& terminal) {
  Client client(env, arguments.connection.server, arguments.connection.ca_file);
  Session session{client, terminal, arguments.connection.ns, arguments.connection.format};
  Status status;
  // A visitor cannot wait, so the alternatives are asked one after the other.
  const Command& command = arguments.command;
  if (const auto* apply = std::get_if<ApplyCommand>(&command))
    status = co_await run(session, *apply);
  else if (const auto* get = std::get_if<GetCommand>(&command))
    status = co_await run(session, *get);
  else if (const auto* describe = std::get_if<DescribeCommand>(&command))
    status = co_await run(session, *describe);
  else if (const auto* state = std::get_if<StateCommand>(&command))
    status = co_await run(session, *state);
  else if (const auto* remove = std::get_if<DeleteCommand>(&command))
    status = co_await run(session, *remove);
  else if (const auto* savepoint = std::get_if<SavepointCommand>(&command))
    status = co_await run(session, *savepoint);
  else if (const auto* change = std::get_if<SessionCommand>(&command))
    status = co_await run(session, *change);
  else if (const auto* reset = std::get_if<ResetCommand>(&command))
    status = co_await run(session, *reset);
  else if (const auto* fork = std::get_if<ForkCommand>(&command))
    status = co_await run(session, *fork);
  else if (const auto* history = std::get_if<HistoryCommand>(&command))
    status = co_await run(session, *history);
  else if (const auto* rollback = std::get_if<RollbackCommand>(&command))
    status = co_await run(session, *rollback);
  else if (const auto* retry = std::get_if<RetryCommand>(&command))
    status = co_await run(session, *retry);
  else if (const auto* graph = std::get_if<GraphCommand>(&command))
    status = co_await run(session, *graph);
  else if (const auto* top = std::get_if<TopCommand>(&command))
    status = co_await run(session, *top);
  else if (const auto* diff = std::get_if<DiffCommand>(&command))
    status = co_await run(session, *diff);
  else if (const auto* wait = std::get_if<WaitCommand>(&command))
    status = co_await run(session, *wait);
  else if (const auto* events = std::get_if<EventsCommand>(&command))
    status = co_await run(session, *events);
  else if (const auto* logs = std::get_if<LogsCommand>(&command))
    status = co_await run(session, *logs);
  else if (const auto* artifact = std::get_if<ArtifactCommand>(&command))
    status = co_await run(session, *artifact);
  else if (const auto* flink = std::get_if<FlinkCommand>(&command))
    status = co_await run(session, *flink);
  else if (const auto* standby = std::get_if<StandbyCommand>(&command))
    status = co_await run(session, *standby);
  else if (const auto* gc = std::get_if<GcCommand>(&command)) status = co_await run(session, *gc);
  else status = fail(Code::kInternal, "This command needs no server.");
  if (status) co_return 0;
  print_error(terminal, status.error());
  co_return code_traits(status.error().code).exit_code;
}

}  // namespace weir::cli
