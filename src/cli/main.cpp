#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "async/event_loop.h"
#include "base/log.h"
#include "build_info.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "server/configuration.h"
#include "server/server.h"

namespace weir::cli {
namespace {

int exit_code_of(const Error& error, Terminal& terminal) {
  print_error(terminal, error);
  return code_traits(error.code).exit_code;
}

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Result<server::Configuration> configuration_of(const ServerCommand& command) {
  server::ConfigurationSources sources{
      command.listen, command.data, command.flink_homes, command.config_file, {}};
  for (const char* name : {"WEIR_DATA", "WEIR_FLINK_HOMES"})
    sources.environment[name] = environment_value(name);
  return server::load_configuration(sources);
}

// The first signal ends the server in order, the second at once, whatever the server does then: the
// handler itself ends the process, so nothing that waits or hangs can be in its way.
class StopOnSignal {
 public:
  StopOnSignal(EventLoop& loop, Signal& stop)
      : wake_(loop.context(), ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), stop_(stop) {
    wake_descriptor = wake_.native_handle();
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
    wake_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (!error) stop_.notify();
                     });
  }

 private:
  static void on_signal(int signal) {
    static std::atomic<bool> asked = false;
    if (asked.exchange(true)) ::_exit(128 + signal);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_descriptor, &one, sizeof one);
  }

  static inline std::atomic<int> wake_descriptor = -1;
  boost::asio::posix::stream_descriptor wake_;
  Signal& stop_;
};

Task<void> serve(Environment env, server::Configuration configuration, server::RunOptions options,
                 Signal& stop, Status& result) {
  result = co_await server::run_server(env, std::move(configuration), std::move(options), stop);
}

int run_server_command(const ServerCommand& command, Terminal& terminal) {
  auto configuration = configuration_of(command);
  if (!configuration) return exit_code_of(configuration.error(), terminal);
  if (command.print_config) {
    terminal.out << server::print_configuration(*configuration) << std::flush;
    return 0;
  }
  const std::string home = environment_value("HOME");
  server::make_paths_absolute(*configuration, home.empty() ? "/var/lib" : home);
  log::set_level(configuration->log_level);
  server::raise_descriptor_limit();

  std::error_code error;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", error);
  server::RunOptions options;
  options.ready_file = command.ready_file;
  options.stop_jobs = command.stop_jobs;
  options.shim = (binary.parent_path() / "weir-shim").string();
  options.out = &terminal.out;

  EventLoop loop(static_cast<std::size_t>(configuration->workers));
  Signal stop(loop.environment().timer);
  StopOnSignal signals(loop, stop);
  Status result;
  loop.run(serve(loop.environment(), *configuration, std::move(options), stop, result));
  return result ? 0 : exit_code_of(result.error(), terminal);
}

Task<void> run_into(Environment env, const Arguments& arguments, Terminal& terminal, int& code) {
  code = co_await run_client_command(env, arguments, terminal);
}

int run_client(const Arguments& arguments, Terminal& terminal) {
  // Nothing here must be undone, so Ctrl-C may end the process at any moment.
  std::signal(SIGINT, [](int) { ::_exit(130); });
  log::set_level(log::Level::kError);
  int code = 1;
  EventLoop loop(1);
  loop.run(run_into(loop.environment(), arguments, terminal, code));
  return code;
}

int print_version(Terminal& terminal) {
  const std::string commit = kCommit;
  terminal.out << fmt::format("weir {}{}", kVersion,
                              commit.empty() ? "" : " (" + commit.substr(0, 12) + ")")
               << std::endl;
  return 0;
}

int print_completion(const CompletionCommand& command, Terminal& terminal) {
  const auto script = completion_script(command.shell);
  if (!script) return exit_code_of(script.error(), terminal);
  terminal.out << *script << std::flush;
  return 0;
}

int run_weir(int argc, const char* const* argv) {
  Terminal terminal = standard_terminal();
  auto parsed = parse_arguments(argc, argv);
  if (const auto* printed = std::get_if<Printed>(&parsed)) {
    (printed->exit_code == 0 ? terminal.out : terminal.err) << printed->text << std::flush;
    return printed->exit_code;
  }
  const Arguments& arguments = std::get<Arguments>(parsed);
  if (const auto* server = std::get_if<ServerCommand>(&arguments.command))
    return run_server_command(*server, terminal);
  if (std::holds_alternative<VersionCommand>(arguments.command)) return print_version(terminal);
  if (const auto* completion = std::get_if<CompletionCommand>(&arguments.command))
    return print_completion(*completion, terminal);
  if (const auto* flink = std::get_if<FlinkCommand>(&arguments.command);
      flink != nullptr && flink->verb == "add")
    return run_flink_add(*flink, terminal);
  return run_client(arguments, terminal);
}

}  // namespace
}  // namespace weir::cli

int main(int argc, char** argv) {
  try {
    return weir::cli::run_weir(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "weir: internal error: " << error.what() << std::endl;
    return 1;
  }
}
