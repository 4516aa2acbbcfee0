#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

/// The command line as data. CLI11 is included by arguments.cpp alone.
namespace weir::cli {

enum class Format { kTable, kJson, kYaml, kName };

/// What every command that talks to a server has.
struct Connection {
  std::string server;   ///< --server, WEIR_URL, or http://127.0.0.1:8080
  std::string ca_file;  ///< --ca-file, WEIR_CA_FILE; empty = the system's authorities
  std::string ns = "default";
  Format format = Format::kTable;
};

/// What is absent comes from the environment, the configuration file, or a default.
struct ServerCommand {
  std::optional<std::string> listen;
  std::optional<std::string> data;
  std::optional<std::string> flink_homes;
  std::string config_file;
  std::string ready_file;
  bool stop_jobs = false;
  bool print_config = false;
};
struct ApplyCommand {
  std::vector<std::string> files;  ///< "-" is standard input; directories are read one level deep
  bool dry_run = false;
};
struct GetCommand {
  std::string kind;
  std::string name;
  std::string selector;
  std::string deployment;
};
struct DescribeCommand {
  std::string kind;
  std::string name;
};
struct StateCommand {  ///< start, cancel, suspend
  std::string name;
  std::string state;
  bool wait = false;
  bool yes = false;  ///< cancel: do not ask
  Duration timeout{};
};
struct DeleteCommand {
  std::string kind;
  std::string name;
  bool cascade = false;  ///< of a deployment that runs: cancel it first
  bool yes = false;      ///< do not ask
};
struct SavepointCommand {
  std::string verb;      ///< create | list | delete | register
  std::string name;      ///< of a deployment; delete: the savepoint's id
  std::string location;  ///< register
  bool force = false;    ///< delete
  bool wait = false;     ///< create, delete
  Duration timeout{};
};
struct SessionCommand {  ///< of a session cluster
  std::string verb;      ///< start | stop
  std::string name;
  bool wait = false;
  Duration timeout{};
};
struct ResetCommand {
  std::string name;
  std::string to;  ///< a restore point's id, or a location
};
struct ForkCommand {
  std::string name;
  std::string new_name;   ///< empty: the server makes one
  std::string savepoint;  ///< id; empty: without state
};
struct HistoryCommand {
  std::string name;
  std::vector<std::int64_t> diff;  ///< two revisions; empty: the list
};
struct RollbackCommand {
  std::string name;
  std::int64_t to = 0;
  bool wait = false;
  Duration timeout{};
};
struct RetryCommand {
  std::string name;
  bool wait = false;
  Duration timeout{};
};
struct GraphCommand {
  std::string name;  ///< of a deployment
};
struct TopCommand {
  std::vector<std::string> names;  ///< of deployments; empty: all that run
};
struct DiffCommand {
  std::vector<std::string> files;
};
struct WaitCommand {
  std::string name;
  std::string condition;
  Duration timeout{};
};
struct EventsCommand {
  std::string name;
  bool watch = false;
};
struct LogsCommand {
  std::string name;
  bool follow = false;
  bool job_manager = false;         ///< the default, for scripts that like to say it
  std::optional<int> task_manager;  ///< absent: the JobManager
  bool standard_output = false;
  int tail_kib = 64;
};
struct ArtifactCommand {
  std::string verb;  ///< upload | list | delete
  std::string target;
};
struct FlinkCommand {
  std::string verb;  ///< list | add
  std::string version;
};
struct StandbyCommand {};
struct GcCommand {
  bool dry_run = false;
};
struct VersionCommand {};
struct CompletionCommand {
  std::string shell;
};

using Command =
    std::variant<ServerCommand, ApplyCommand, GetCommand, DescribeCommand, StateCommand,
                 DeleteCommand, SavepointCommand, SessionCommand, ResetCommand, ForkCommand,
                 HistoryCommand, RollbackCommand, RetryCommand, DiffCommand, WaitCommand,
                 GraphCommand, TopCommand, EventsCommand, LogsCommand, ArtifactCommand,
                 FlinkCommand, StandbyCommand, GcCommand, VersionCommand, CompletionCommand>;

struct Arguments {
  Connection connection;
  Command command;
};

/// What to do, or what to print and with which exit code (help, a usage error).
struct Printed {
  std::string text;
  int exit_code = 0;
};
std::variant<Arguments, Printed> parse_arguments(int argc, const char* const* argv);

/// A script for `shell` (bash, zsh, fish) that completes commands and options.
/// @error kInvalidArgument another shell
Result<std::string> completion_script(const std::string& shell);

}  // namespace weir::cli
