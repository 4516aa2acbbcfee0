#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <list>
#include <map>
#include <sstream>

#include "base/strings.h"
#include "build_info.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] =
    "Exit codes: 0 done, 1 internal error, 2 invalid request, 3 not found, 4 conflict,\n"
    "5 not allowed, 6 wrong state, 7 out of resources, 8 unreachable, 9 timed out, 130 "
    "interrupted.\n"
    "Environment: WEIR_URL (server), WEIR_CA_FILE (for https), WEIR_DATA and WEIR_FLINK_HOMES\n"
    "(of the server), NO_COLOR.";

std::string from_environment(const char* name, std::string fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

// Durations are checked while parsing, so that a typo is a usage error and not a wait for ever.
CLI::Validator duration_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const auto parsed = parse_duration(text);
        return parsed ? std::string() : parsed.error().message;
      },
      "DURATION");
}

class Parser {
 public:
  Parser() : app_("Weir, a control plane for Apache Flink", "weir") {
    app_.require_subcommand(1);
    app_.footer(kFooter);
    app_.set_version_flag("--version", std::string("weir ") + kVersion, "Print the version");
    app_.option_defaults()->always_capture_default(false);
    add_server();
    add_apply();
    add_get();
    add_describe();
    add_state("start", "RUNNING", "Make a deployment RUNNING");
    add_state("cancel", "CANCELLED", "Stop a deployment's job without a savepoint");
    add_state("suspend", "SUSPENDED", "Stop a deployment's job with a savepoint");
    add_delete();
    add_savepoint();
    add_session();
    add_reset();
    add_fork();
    add_history();
    add_rollback();
    add_retry();
    add_diff();
    add_wait();
    add_graph();
    add_top();
    add_events();
    add_logs();
    add_artifact();
    add_flink();
    add_standby();
    add_gc();
    add_version();
    add_completion();
  }

  std::variant<Arguments, Printed> parse(int argc, const char* const* argv) {
    if (argc < 2) return Printed{app_.help(), 2};
    if (const std::string first = argv[1]; !first.starts_with('-') && !is_command(first))
      return Printed{"There is no command '" + first + "'; 'weir --help' lists them.\n", 2};
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      std::ostringstream out, err;
      const int code = app_.exit(error, out, err);
      return Printed{out.str() + err.str(), code == 0 ? 0 : 2};
    }
    arguments_.connection.format = format_;
    arguments_.command = make_();
    return arguments_;
  }

  const CLI::App& app() const { return app_; }

 private:
  bool is_command(const std::string& name) const {
    for (const CLI::App* sub : app_.get_subcommands([](const CLI::App*) { return true; }))
      if (sub->get_name() == name) return true;
    return false;
  }

  CLI::App* client_command(const char* name, const char* help, bool formatted = false) {
    CLI::App* sub = app_.add_subcommand(name, help);
    add_connection(*sub, formatted);
    return sub;
  }

  void add_connection(CLI::App& sub, bool formatted) {
    Connection& connection = arguments_.connection;
    connection.server = from_environment("WEIR_URL", "http://127.0.0.1:8080");
    sub.add_option("--server", connection.server,
                   "URL of the Weir server (WEIR_URL; default http://127.0.0.1:8080)");
    connection.ca_file = from_environment("WEIR_CA_FILE", "");
    sub.add_option("--ca-file", connection.ca_file,
                   "PEM file with the authorities to trust for https (WEIR_CA_FILE)");
    sub.add_option("-n,--namespace", connection.ns, "Namespace (default: default)");
    if (formatted)
      sub.add_option("-o,--output", format_, "table, json, yaml or name (default: table)")
          ->transform(
              CLI::CheckedTransformer(std::map<std::string, Format>{{"table", Format::kTable},
                                                                    {"json", Format::kJson},
                                                                    {"yaml", Format::kYaml},
                                                                    {"name", Format::kName}},
                                      CLI::ignore_case));
  }

  template <class T>
  void becomes(CLI::App* sub, T& value) {
    sub->final_callback([this, &value] { make_ = [&value] { return Command(value); }; });
  }

  void add_server() {
    CLI::App* sub = app_.add_subcommand("server", "Run the server");
    sub->add_option("--listen", server_.listen,
                    "Address and port; port 0 = a free one (default: 127.0.0.1:8080)");
    sub->add_option("--data", server_.data,
                    "Data directory (WEIR_DATA; default: ~/.local/share/weir)");
    sub->add_option(
        "--flink-homes", server_.flink_homes,
        "Directory of installed Flinks (WEIR_FLINK_HOMES; default: ~/.cache/weir/flink)");
    sub->add_option("--config", server_.config_file, "YAML file with further settings");
    sub->add_option("--ready-file", server_.ready_file,
                    "Write the server's URL there once it answers");
    sub->add_flag("--stop-jobs", server_.stop_jobs,
                  "End the jobs' processes when the server ends; the next start resumes them");
    sub->add_flag("--print-config", server_.print_config,
                  "Print every setting with its value and meaning, and end");
    becomes(sub, server_);
  }

  void add_apply() {
    CLI::App* sub = client_command("apply", "Create or replace what files describe", true);
    sub->add_option("-f,--file", apply_.files, "File, directory, or - for standard input")
        ->required();
    sub->add_flag("--dry-run", apply_.dry_run, "Validate on the server, change nothing");
    becomes(sub, apply_);
  }

  void add_get() {
    CLI::App* sub = client_command("get", "List resources, or show one", true);
    sub->add_option("kind", get_.kind,
                    "deployments, jobs, savepoints, events, sessionclusters, deployment-targets, "
                    "secret-values, deployment-defaults, artifacts")
        ->required();
    sub->add_option("name", get_.name, "Name or id of one");
    sub->add_option("-l,--selector", get_.selector, "Label selector, e.g. team=a,env in (x,y)");
    sub->add_option("-d,--deployment", get_.deployment,
                    "Only of this deployment (jobs, savepoints, events)");
    becomes(sub, get_);
  }

  void add_describe() {
    CLI::App* sub = client_command("describe", "Show a resource with what happened to it");
    sub->add_option("kind", describe_.kind, "deployment, job or sessioncluster")->required();
    sub->add_option("name", describe_.name, "Name or id")->required();
    becomes(sub, describe_);
  }

  void add_state(const char* name, const char* state, const char* help) {
    StateCommand& command = states_.emplace_back();
    command.state = state;
    CLI::App* sub = client_command(name, help, true);
    sub->add_option("deployment", command.name, "Name or id")->required();
    sub->add_flag("--wait", command.wait, "Wait until the state is reached");
    if (command.state == "CANCELLED") add_yes(*sub, command.yes);
    add_timeout(*sub, command.timeout);
    becomes(sub, command);
  }

  static void add_yes(CLI::App& sub, bool& yes) {
    sub.add_flag("-y,--yes", yes, "Do not ask, also where the deployment is for production");
  }

  void add_timeout(CLI::App& sub, Duration& timeout) {
    timeout = std::chrono::minutes(5);
    sub.add_option_function<std::string>(
           "--timeout", [&timeout](const std::string& text) { timeout = *parse_duration(text); },
           "Give up after this long, e.g. 90s (default: 5 min)")
        ->check(duration_validator());
  }

  void add_delete() {
    CLI::App* sub = client_command("delete", "Delete a resource", true);
    sub->add_option("kind", delete_.kind,
                    "deployment, sessioncluster, deployment-target, secret-value")
        ->required();
    sub->add_option("name", delete_.name, "Name or id")->required();
    sub->add_flag("--cascade", delete_.cascade, "A deployment that runs: cancel it first");
    add_yes(*sub, delete_.yes);
    becomes(sub, delete_);
  }

  CLI::App* savepoint_verb(CLI::App& sub, const char* verb, const char* help) {
    CLI::App* leaf = sub.add_subcommand(verb, help);
    add_connection(*leaf, true);
    leaf->final_callback([this, verb] {
      savepoint_.verb = verb;
      make_ = [this] { return Command(savepoint_); };
    });
    return leaf;
  }

  void add_savepoint() {
    CLI::App* sub = app_.add_subcommand("savepoint", "Savepoints of a deployment");
    sub->require_subcommand(1);
    CLI::App* create = savepoint_verb(*sub, "create", "Take a savepoint of the running job");
    CLI::App* list = savepoint_verb(*sub, "list", "List them, and what the next start begins from");
    CLI::App* remove = savepoint_verb(*sub, "delete", "Delete one, with the files that Weir wrote");
    CLI::App* add =
        savepoint_verb(*sub, "register", "Make the next start begin from existing files");
    for (CLI::App* leaf : {create, list, add})
      leaf->add_option("deployment", savepoint_.name, "Name or id")->required();
    remove->add_option("savepoint", savepoint_.name, "Id")->required();
    remove->add_flag("--force", savepoint_.force,
                     "Remove the record also when something refers to it");
    add->add_option("location", savepoint_.location, "Path or URI of the savepoint")->required();
    for (CLI::App* leaf : {create, remove}) {
      leaf->add_flag("--wait", savepoint_.wait, "Wait until it is done");
      add_timeout(*leaf, savepoint_.timeout);
    }
  }

  void add_session() {
    CLI::App* sub = app_.add_subcommand("session", "Start and stop session clusters");
    sub->require_subcommand(1);
    for (const char* verb : {"start", "stop"}) {
      CLI::App* leaf = sub->add_subcommand(verb, std::string(verb) + " a session cluster");
      add_connection(*leaf, true);
      leaf->add_option("name", session_.name, "Name")->required();
      leaf->add_flag("--wait", session_.wait, "Wait until the state is reached");
      add_timeout(*leaf, session_.timeout);
      leaf->final_callback([this, verb] {
        session_.verb = verb;
        make_ = [this] { return Command(session_); };
      });
    }
  }

  void add_reset() {
    CLI::App* sub = client_command("reset", "Choose what the next start begins from", true);
    sub->add_option("deployment", reset_.name, "Name or id")->required();
    sub->add_option("--to", reset_.to, "Id of a savepoint or restore point, or a location")
        ->required();
    becomes(sub, reset_);
  }

  void add_fork() {
    CLI::App* sub = client_command("fork", "Copy a deployment, with or without state", true);
    sub->add_option("deployment", fork_.name, "Name or id")->required();
    sub->add_option("--name", fork_.new_name, "Of the copy (default: fork-of-...)");
    sub->add_option("--from-savepoint", fork_.savepoint, "Id; the copy's first start begins there");
    becomes(sub, fork_);
  }

  void add_history() {
    CLI::App* sub = client_command("history", "Show a deployment's revisions", true);
    sub->add_option("deployment", history_.name, "Name or id")->required();
    sub->add_option("--diff", history_.diff, "Two revisions: the fields in which they differ")
        ->expected(2);
    becomes(sub, history_);
  }

  void add_rollback() {
    CLI::App* sub = client_command("rollback", "Bring an old revision back as a new one", true);
    sub->add_option("deployment", rollback_.name, "Name or id")->required();
    sub->add_option("--to", rollback_.to, "Number of the revision")
        ->required()
        ->check(CLI::PositiveNumber);
    sub->add_flag("--wait", rollback_.wait, "Wait until it runs");
    add_timeout(*sub, rollback_.timeout);
    becomes(sub, rollback_);
  }

  void add_retry() {
    CLI::App* sub = client_command("retry", "Try again what was given up", true);
    sub->add_option("deployment", retry_.name, "Name or id")->required();
    sub->add_flag("--wait", retry_.wait, "Wait until it is as wished");
    add_timeout(*sub, retry_.timeout);
    becomes(sub, retry_);
  }

  void add_graph() {
    CLI::App* sub =
        client_command("graph", "Show a running job's vertices and their figures", true);
    sub->add_option("deployment", graph_.name, "Name or id")->required();
    becomes(sub, graph_);
  }

  void add_top() {
    CLI::App* sub = client_command("top", "Show the newest figures of running jobs", true);
    sub->add_option("deployments", top_.names, "Names or ids (default: all that run)");
    becomes(sub, top_);
  }

  void add_diff() {
    CLI::App* sub = client_command("diff", "Show what applying files would change", true);
    sub->add_option("-f,--file", diff_.files, "File, directory, or - for standard input")
        ->required();
    becomes(sub, diff_);
  }

  void add_wait() {
    CLI::App* sub =
        client_command("wait", "Wait until a deployment is in a state, or runs a revision");
    sub->add_option("deployment", wait_.name, "Name or id")->required();
    sub->add_option("--for", wait_.condition, "state=RUNNING, revision=3, ...")->required();
    add_timeout(*sub, wait_.timeout);
    becomes(sub, wait_);
  }

  void add_events() {
    CLI::App* sub = client_command("events", "Show a deployment's events, oldest first", true);
    sub->add_option("deployment", events_.name, "Name or id (default: all)");
    sub->add_flag("-w,--watch", events_.watch, "Go on with new ones until Ctrl-C");
    becomes(sub, events_);
  }

  void add_logs() {
    CLI::App* sub = client_command("logs", "Show the log of a deployment's processes");
    sub->add_option("deployment", logs_.name, "Name or id")->required();
    sub->add_flag("-f,--follow", logs_.follow, "Go on until Ctrl-C");
    sub->add_flag("--jobmanager", logs_.job_manager, "The JobManager's (default)");
    sub->add_option("--taskmanager", logs_.task_manager, "The log of this TaskManager (0, 1, ...)");
    sub->add_flag("--stdout", logs_.standard_output, "Standard output instead of the log");
    sub->add_option("--tail", logs_.tail_kib, "Start with the last KiB (default: 64)")
        ->check(CLI::Range(1, 16384));
    becomes(sub, logs_);
  }

  void add_artifact() {
    CLI::App* sub = app_.add_subcommand("artifact", "Uploaded jars");
    sub->require_subcommand(1);
    for (const char* verb : {"upload", "list", "delete"}) {
      CLI::App* leaf = sub->add_subcommand(verb, std::string(verb) + " artifacts");
      add_connection(*leaf, true);
      if (std::string(verb) != "list")
        leaf->add_option("file", artifact_.target, "File to upload, or file name to delete")
            ->required();
      leaf->final_callback([this, verb] {
        artifact_.verb = verb;
        make_ = [this] { return Command(artifact_); };
      });
    }
  }

  void add_flink() {
    CLI::App* sub = app_.add_subcommand("flink", "Installed Flink versions");
    sub->require_subcommand(1);
    CLI::App* list = sub->add_subcommand("list", "Versions the server can run");
    add_connection(*list, true);
    list->final_callback([this] {
      flink_.verb = "list";
      make_ = [this] { return Command(flink_); };
    });
    CLI::App* add = sub->add_subcommand("add", "Install a version on this machine");
    add->add_option("version", flink_.version, "e.g. 1.20 or 2.2.1")->required();
    add->final_callback([this] {
      flink_.verb = "add";
      make_ = [this] { return Command(flink_); };
    });
  }

  void add_standby() {
    CLI::App* sub =
        client_command("standby", "Show the pools of standby clusters and what they cost", true);
    becomes(sub, standby_);
  }

  void add_gc() {
    CLI::App* sub =
        client_command("gc", "Remove old cluster directories, logs and unused jars", true);
    sub->add_flag("--dry-run", gc_.dry_run, "Only say what would be removed");
    becomes(sub, gc_);
  }

  void add_version() {
    CLI::App* sub = app_.add_subcommand("version", "Show the version of this binary");
    becomes(sub, version_);
  }

  void add_completion() {
    CLI::App* sub = app_.add_subcommand("completion", "Print a completion script");
    sub->add_option("shell", completion_.shell, "bash, zsh or fish")->required();
    becomes(sub, completion_);
  }

  CLI::App app_;
  Arguments arguments_;
  Format format_ = Format::kTable;
  std::function<Command()> make_;
  ServerCommand server_;
  ApplyCommand apply_;
  GetCommand get_;
  DescribeCommand describe_;
  std::list<StateCommand> states_;
  DeleteCommand delete_;
  SavepointCommand savepoint_;
  SessionCommand session_;
  ResetCommand reset_;
  ForkCommand fork_;
  HistoryCommand history_;
  RetryCommand retry_;
  GraphCommand graph_;
  TopCommand top_;
  RollbackCommand rollback_;
  DiffCommand diff_;
  WaitCommand wait_;
  EventsCommand events_;
  LogsCommand logs_;
  ArtifactCommand artifact_;
  FlinkCommand flink_;
  StandbyCommand standby_;
  GcCommand gc_;
  VersionCommand version_;
  CompletionCommand completion_;
};

struct CommandWords {
  std::string name;
  std::vector<std::string> words;  // subcommands and long options
};

std::vector<CommandWords> command_words() {
  Parser parser;
  std::vector<CommandWords> all;
  for (const CLI::App* sub : parser.app().get_subcommands([](const CLI::App*) { return true; })) {
    CommandWords entry{sub->get_name(), {}};
    for (const CLI::App* leaf : sub->get_subcommands([](const CLI::App*) { return true; }))
      entry.words.push_back(leaf->get_name());
    for (const CLI::Option* option : sub->get_options())
      for (const std::string& name : option->get_lnames()) entry.words.push_back("--" + name);
    all.push_back(std::move(entry));
  }
  return all;
}

std::string bash_script() {
  std::string names, cases;
  for (const CommandWords& command : command_words()) {
    names += command.name + " ";
    cases += "    " + command.name + ") words=\"" + join(command.words, " ") + "\" ;;\n";
  }
  return "# source <(weir completion bash)\n_weir() {\n  local words=\"" + names +
         "\"\n  [ \"$COMP_CWORD\" -le 1 ] || case \"${COMP_WORDS[1]}\" in\n" + cases +
         "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
         "complete -o default -F _weir weir\n";
}

std::string fish_script() {
  std::string text = "# weir completion fish | source\n";
  for (const CommandWords& command : command_words()) {
    text += "complete -c weir -n __fish_use_subcommand -a " + command.name + "\n";
    for (const std::string& word : command.words)
      text += "complete -c weir -n '__fish_seen_subcommand_from " + command.name + "' " +
              (word.starts_with("--") ? "-l " + word.substr(2) : "-a " + word) + "\n";
  }
  return text;
}

}  // namespace

std::variant<Arguments, Printed> parse_arguments(int argc, const char* const* argv) {
  Parser parser;
  return parser.parse(argc, argv);
}

Result<std::string> completion_script(const std::string& shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash_script();
  if (shell == "fish") return fish_script();
  return fail(Code::kInvalidArgument, "No completion for '" + shell + "': use bash, zsh or fish.");
}

}  // namespace weir::cli
