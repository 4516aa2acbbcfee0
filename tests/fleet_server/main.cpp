#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "async/event_loop.h"
#include "async/signal.h"
#include "base/log.h"
#include "bench/fleet/plane.h"

/// The control plane and its API, with the console, over the fake clusters of a fake-flink process:
/// what the console's tests look at. Prints its URL as the first line on standard output.
namespace weir::bench {
namespace {

Task<void> serve(Environment env, std::string fake_flink, std::string directory) {
  net::HttpClient client(env);
  FleetRuntime runtime(client, env, std::move(fake_flink));
  Plane plane(env, client, runtime, std::move(directory));
  if (const Status started = co_await plane.start(); !started) {
    fmt::print(stderr, "{}\n", to_string(started.error()));
    co_return;
  }
  plane.start_monitoring();
  fmt::print("http://127.0.0.1:{}\n", plane.port());
  std::fflush(stdout);
  Signal never(env.timer);
  co_await never.wait();
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app("Weir over fake Flink clusters, for the tests of the console.");
  std::string fake_flink;
  std::string directory;
  app.add_option("--fake-flink", fake_flink, "URL of fake-flink's administration")->required();
  app.add_option("--data", directory, "an existing directory for the database")->required();
  CLI11_PARSE(app, argc, argv);
  // Test runs are ended in many ways; nothing of them may stay.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  weir::log::set_level(weir::log::Level::kError);
  weir::run_blocking(
      [&](weir::Environment env) { return weir::bench::serve(env, fake_flink, directory); });
  return 0;
}
