#pragma once

#include "async/environment.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/kinds.h"
#include "cli/terminal.h"
#include "codec/difference.h"

/// The commands that speak to a server, one file for each family. Each returns when it is done; its
/// error's code decides the exit code. Arguments by reference: the caller awaits in one expression.
namespace weir::cli {

struct Session {
  Client& client;
  Terminal& terminal;
  std::string ns;
  Format format = Format::kTable;

  const Environment& env() const { return client.env(); }
};

Task<Status> run(Session& session, const ApplyCommand& command);
Task<Status> run(Session& session, const GetCommand& command);
Task<Status> run(Session& session, const DescribeCommand& command);
Task<Status> run(Session& session, const StateCommand& command);
Task<Status> run(Session& session, const DeleteCommand& command);
Task<Status> run(Session& session, const SavepointCommand& command);
Task<Status> run(Session& session, const SessionCommand& command);
Task<Status> run(Session& session, const ResetCommand& command);
Task<Status> run(Session& session, const ForkCommand& command);
Task<Status> run(Session& session, const HistoryCommand& command);
Task<Status> run(Session& session, const RollbackCommand& command);
Task<Status> run(Session& session, const RetryCommand& command);
Task<Status> run(Session& session, const DiffCommand& command);
Task<Status> run(Session& session, const WaitCommand& command);
Task<Status> run(Session& session, const GraphCommand& command);
Task<Status> run(Session& session, const TopCommand& command);
Task<Status> run(Session& session, const EventsCommand& command);
Task<Status> run(Session& session, const LogsCommand& command);
Task<Status> run(Session& session, const ArtifactCommand& command);
Task<Status> run(Session& session, const FlinkCommand& command);
Task<Status> run(Session& session, const StandbyCommand& command);
Task<Status> run(Session& session, const GcCommand& command);

/// Runs a command that needs a server (any but server, version, completion, flink add) and prints
/// its error. @return the exit code
Task<int> run_client_command(Environment env, const Arguments& arguments, Terminal& terminal);

/// Prints an error as people read it, with every broken field.
void print_error(Terminal& terminal, const Error& error);

// ---- shared by the commands ----

/// A merge patch that sets spec.state.
codec::Node state_patch(const std::string& state);

/// The deployment of that name or id. @error kNotFound
Task<Result<codec::Node>> get_deployment(Session& session, const std::string& name);

/// Before a job that runs is stopped without a savepoint: a person at the terminal is asked, if the
/// deployment is for production. @error kCancelled the answer is not yes
Task<Status> confirm_loss(Session& session, codec::Node deployment, std::string deed);

/// "LOCATION (reason)" or the reason alone, from the document that lists restore points.
std::string next_start_text(const codec::Node& restore_points);

/// The server's "changes" of a document.
std::vector<codec::Difference> differences_in(const codec::Node& document);
/// What a change would do to the job, from the server's preview; every line indented.
std::string preview_text(const codec::Node& preview);

/// Fields that differ, one a line: "path: old -> new". Empty: none does.
std::string differences_text(const std::vector<codec::Difference>& differences, bool color);

/// One resource in the session's format; as a table with one row.
void print_resource(Session& session, const KindEntry& kind, const codec::Node& resource);
/// A list document ("items"); an empty one says so on standard error.
void print_list(Session& session, const KindEntry& kind, const codec::Node& list);
/// Any document; the table format prints YAML.
void print_document(Session& session, const codec::Node& document);
/// A list of what is no resource. @param name the member that names an item
/// @return whether it was printed; a table is the caller's
bool print_unless_table(Session& session, const codec::Node& list, std::string_view name);

/// How `describe` shows them.
std::string describe_deployment(const codec::Node& deployment, const codec::Node& jobs,
                                const codec::Node& events, const codec::Node& restore_points,
                                WallTime now, bool color);
std::string describe_job(const codec::Node& job, WallTime now, bool color);
std::string describe_session_cluster(const codec::Node& cluster, const codec::Node& jobs,
                                     const codec::Node& events, WallTime now, bool color);

/// What a wait wants, and what it knows from before.
struct WaitGoal {
  std::string state;  ///< "RUNNING"
  Duration timeout{};
  /// A status that was there before the user's change: it counts for nothing while it stays.
  std::optional<codec::Node> stale_status;
  /// That state counts only while this revision runs.
  std::optional<std::int64_t> revision = {};
};
/// The number of the deployment's present job-relevant specification.
std::int64_t newest_revision(const codec::Node& deployment);

/// Returns when the deployment is in that state, told by the live feed, or by asking once a second
/// where there is none.
/// @error kFailedPrecondition it is FAILED (the failure's sentence), FINISHED or gone instead, or
///        the revision was rolled back or overtaken
/// @error kDeadline           not in time; the message says what it waits for
Task<Status> wait_for_state(Session& session, codec::Node deployment, WaitGoal goal);

/// "flink-home" beside the binary, in ../share/weir/, or in the scripts/ of the checkout it was
/// built in; empty if there is none.
std::string find_flink_home_script(const std::string& binary_directory);
/// Runs it in this process's place; returns only when that fails. @return the exit code
int run_flink_add(const FlinkCommand& command, Terminal& terminal);

}  // namespace weir::cli
