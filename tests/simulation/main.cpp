#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "simulation/planted.h"
#include "simulation/run.h"

namespace weir::simulation {
namespace {

struct Options {
  std::uint64_t seeds = 10000;
  std::uint64_t first = 1;
  std::optional<std::uint64_t> one;
  bool trace = false;
  std::string planted;
  bool list_planted = false;
  int jobs = 1;
  bool no_coverage = false;
};

/// Sums of many seeds; travels from a child process to its parent as plain bytes.
struct Totals {
  PointCounts points;
  std::uint64_t seeds = 0, failed = 0, crashes = 0, failed_deployments = 0, records_twice = 0,
                previews = 0, virtual_seconds = 0;
  std::uint64_t first_failure = 0;
  std::uint64_t most_steps = 0, steps = 0;

  void add(const Totals& other) {
    points.add(other.points);
    seeds += other.seeds;
    failed += other.failed;
    crashes += other.crashes;
    failed_deployments += other.failed_deployments;
    records_twice += other.records_twice;
    previews += other.previews;
    virtual_seconds += other.virtual_seconds;
    steps += other.steps;
    most_steps = std::max(most_steps, other.most_steps);
    if (first_failure == 0) first_failure = other.first_failure;
  }
};

constexpr std::uint64_t kShown = 5;
// Among so many there are some whose users change a deployment at rest.
constexpr std::uint64_t kSeedsWithPreviews = 100;

void play(std::uint64_t seed, const Options& options, Totals& totals) {
  Outcome outcome;
  {
    Run run(seed, options.trace);
    outcome = run.play();
  }
  ++totals.seeds;
  totals.points.add(outcome.points);
  totals.steps += outcome.steps;
  totals.most_steps = std::max(totals.most_steps, outcome.steps);
  totals.crashes += static_cast<std::uint64_t>(outcome.crashes);
  totals.failed_deployments += static_cast<std::uint64_t>(outcome.failed_deployments);
  totals.records_twice += static_cast<std::uint64_t>(outcome.records_twice);
  totals.previews += static_cast<std::uint64_t>(outcome.previews);
  totals.virtual_seconds += static_cast<std::uint64_t>(outcome.virtual_time.count() / 1000000);
  if (outcome.problems.empty()) return;
  if (totals.failed++ == 0) totals.first_failure = seed;
  if (totals.failed > kShown) return;
  std::string text = fmt::format("seed {} failed:\n", seed);
  for (const std::string& problem : outcome.problems) text += "  " + problem + "\n";
  text += fmt::format("  again: simulation --seed {} --trace{}\n", seed,
                      options.planted.empty() ? "" : " --planted " + options.planted);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

/// @param now shows the seed that is being played to the parent, in case this process dies
Totals play_share(const Options& options, std::uint64_t share, std::uint64_t* now) {
  Totals totals;
  const auto step = static_cast<std::uint64_t>(options.jobs);
  for (std::uint64_t i = share; i < options.seeds; i += step) {
    now[share] = options.first + i;
    play(options.first + i, options, totals);
    if (!options.planted.empty() && totals.failed > 0) break;
  }
  return totals;
}

/// One process for each share of the seeds. @return false if one of them died
bool play_all(const Options& options, Totals& totals) {
  std::vector<std::pair<pid_t, int>> children;
  const auto count = static_cast<std::size_t>(options.jobs);
  auto* now = static_cast<std::uint64_t*>(::mmap(nullptr, count * sizeof(std::uint64_t),
                                                 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                                                 -1, 0));
  if (now == MAP_FAILED) return false;
  for (int share = 0; share < options.jobs; ++share) {
    int ends[2];
    if (::pipe(ends) != 0) return false;
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const Totals mine = play_share(options, static_cast<std::uint64_t>(share), now);
      const bool written = ::write(ends[1], &mine, sizeof mine) == sizeof mine;
      std::fflush(stdout);
      ::_exit(written ? 0 : 1);
    }
    ::close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  bool good = true;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const auto& [child, end] = children[i];
    Totals theirs;
    const bool told = ::read(end, &theirs, sizeof theirs) == sizeof theirs;
    if (told) totals.add(theirs);
    ::close(end);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (told && WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    fmt::print("seed {} ended its process (wait status {})\n", now[i], status);
    good = false;
  }
  return good;
}

bool print_points(const Totals& totals) {
  bool all = true;
  fmt::print("{:28} {:>10} {:>6}\n", "crash point", "passed", "died");
  for (std::size_t i = 0; i < kPoints; ++i) {
    const bool hit = totals.points.died[i] > 0;
    all = all && hit;
    fmt::print("{:28} {:>10} {:>6}{}\n", point_name(i), totals.points.passed[i],
               totals.points.died[i], hit ? "" : "   never died here");
  }
  return all;
}

int report(const Options& options, const Totals& totals, bool all_ended) {
  fmt::print(
      "{} seeds, {} crashes, {} virtual hours, {} steps (at most {} in one seed)\n"
      "{} deployments FAILED with a reason, {} records written twice after a restore\n"
      "{} previews of users' changes came true\n",
      totals.seeds, totals.crashes, totals.virtual_seconds / 3600, totals.steps, totals.most_steps,
      totals.failed_deployments, totals.records_twice, totals.previews);
  if (!options.planted.empty()) {
    if (totals.failed > 0) {
      fmt::print("planted {}: caught by seed {}\n[  PASSED  ] 1 tests.\n", options.planted,
                 totals.first_failure);
      return 0;
    }
    fmt::print("planted {}: not caught by {} seeds\n[  FAILED  ] 1 test.\n", options.planted,
               totals.seeds);
    return 1;
  }
  bool covered = true;
  if (!options.no_coverage && !options.one) covered = print_points(totals);
  if (!covered) fmt::print("some crash points were never hit\n");
  if (totals.seeds >= kSeedsWithPreviews && totals.previews == 0) {
    fmt::print("no preview was ever compared with what was done\n");
    covered = false;
  }
  if (!all_ended) fmt::print("a process of the run died\n");
  fmt::print("[  PASSED  ] {} tests.\n", totals.seeds - totals.failed);
  if (totals.failed > 0) fmt::print("[  FAILED  ] {} tests.\n", totals.failed);
  return totals.failed == 0 && covered && all_ended ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("The control plane over a simulated world in virtual time, crashed everywhere.");
  app.add_option("--seeds", options.seeds, "how many seeds");
  app.add_option("--first", options.first, "the first seed");
  app.add_option("--seed", options.one, "only this seed");
  app.add_flag("--trace", options.trace, "print what happens");
  app.add_option("--planted", options.planted, "plant this bug; passes if it is caught");
  app.add_flag("--list-planted", options.list_planted, "the bugs that can be planted");
  app.add_option("--jobs", options.jobs, "processes");
  app.add_flag("--no-coverage", options.no_coverage, "crash points need not all be hit");
  CLI11_PARSE(app, argc, argv);
  if (options.list_planted) {
    for (const std::string& name : planted_bugs()) fmt::print("{}\n", name);
    return 0;
  }
  if (!options.planted.empty() && !plant(options.planted)) {
    fmt::print(stderr, "there is no planted bug '{}'\n", options.planted);
    return 2;
  }
  log::set_level(options.trace ? log::Level::kInfo : log::Level::kError);
  Totals totals;
  bool all_ended = true;
  if (options.one) {
    play(*options.one, options, totals);
  } else {
    std::fflush(stdout);
    all_ended = play_all(options, totals);
  }
  return report(options, totals, all_ended);
}

}  // namespace
}  // namespace weir::simulation

int main(int argc, char** argv) { return weir::simulation::run(argc, argv); }
