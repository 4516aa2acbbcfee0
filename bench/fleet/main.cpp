#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "async/event_loop.h"
#include "base/log.h"
#include "load.h"
#include "plane.h"
#include "reactions.h"

/// The control plane and its API with N deployments over fake Flink clusters (another process),
/// used by a thread that stands for its users. Prints one JSON object.
namespace weir::bench {
namespace {

struct Options {
  int deployments = 100;
  bool restart = false;
  bool resume = false;
  bool black_holes = false;
  bool monitoring = false;
};

struct Figures {
  double create_seconds = 0, running_seconds = 0, writes_per_second = 0;
  std::vector<double> list, get;
};

/// fake-flink, which ends with this process.
class FakeFleet {
 public:
  explicit FakeFleet(const std::string& program) {
    pipe_ = ::popen(("exec " + program + " --with-parent").c_str(), "r");
    char line[32] = {};
    if (pipe_ != nullptr && std::fgets(line, sizeof line, pipe_) != nullptr)
      port_ = std::atoi(line);
  }
  int port() const { return port_; }

 private:
  std::FILE* pipe_ = nullptr;
  int port_ = 0;
};

double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// The upper bound of the bucket in which the quantile lies.
double bucket_ms(const control::Histogram& histogram, double share) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < std::size(control::Histogram::kBounds); ++i) {
    seen += histogram.buckets[i];
    if (static_cast<double>(seen) >= share * static_cast<double>(histogram.count))
      return control::Histogram::kBounds[i] * 1000;
  }
  return -1;
}

/// One run of the bench: the plane, its users, and what is printed.
class Fleet {
 public:
  Fleet(Environment env, Options options, std::string directory, std::string admin)
      : env_(env),
        options_(options),
        jar_(directory + "/job.jar"),
        client_(env),
        runtime_(client_, env, std::move(admin)),
        plane_(env, client_, runtime_, std::move(directory)) {}

  Task<Status> measure() {
    std::ofstream(jar_) << "PK\x03\x04 not run by anybody";
    WEIR_CO_CHECK_OK(co_await plane_.start());
    co_await measure_use();
    if (options_.black_holes) co_await measure_black_holes();
    if (options_.monitoring) co_await measure_monitoring();
    if (options_.restart) WEIR_CO_CHECK_OK(co_await measure_restart());
    if (options_.resume) co_await measure_resume();
    fmt::print("}}\n");
    co_await plane_.stop();
    co_return Status();
  }

 private:
  /// The users work in a thread of their own.
  Task<void> use(std::function<Task<void>(Load&)> what) {
    const std::string base = fmt::format("http://127.0.0.1:{}", plane_.port());
    co_await env_.run([&] {
      run_blocking([&](Environment users) -> Task<void> {
        return [](Environment env, std::string url, auto& work) -> Task<void> {
          Load load(env, url);
          co_await work(load);
        }(users, base, what);
      });
    });
  }

  Task<void> measure_use() {
    Figures figures;
    Reactions reactions(env_, plane_.store());
    co_await use([&](Load& load) { return use_all(load, figures); });
    const auto& lag = plane_.statistics().lag;
    print_figures(figures);
    fmt::print(
        ",\"reconcile_lag_ms_at_most\":{{\"p50\":{:.0f},\"p99\":{:.0f}}},"
        "\"reaction_ms\":{},\"rss_mb\":{:.1f}",
        bucket_ms(lag, 0.5), bucket_ms(lag, 0.99), quantiles(reactions.take()),
        resident_megabytes());
    std::fflush(stdout);
  }

  Task<void> use_all(Load& load, Figures& figures) {
    const int count = options_.deployments;
    figures.create_seconds = co_await load.create(count, jar_);
    figures.running_seconds = figures.create_seconds + co_await load.wait_for(count, "RUNNING");
    figures.list = co_await load.latencies("?limit=1000", 100);
    figures.get = co_await load.latencies("/" + name_of(0), 1000);
    figures.writes_per_second = co_await load.writes(count, std::chrono::seconds(5));
  }

  void print_figures(const Figures& figures) {
    fmt::print(
        "{{\"deployments\":{},\"create_seconds\":{:.2f},\"running_seconds\":{:.2f},"
        "\"list_1000_ms\":{},\"get_ms\":{},\"durable_writes_per_second\":{:.0f}",
        options_.deployments, figures.create_seconds, figures.running_seconds,
        quantiles(figures.list), quantiles(figures.get), figures.writes_per_second);
  }

  static std::string quantiles(const std::vector<double>& values) {
    return fmt::format("{{\"p50\":{:.2f},\"p99\":{:.2f}}}", quantile(values, 0.5),
                       quantile(values, 0.99));
  }

  /// Pairs of runs that differ only in a tenth of the JobManagers being black holes; those of the
  /// others are compared.
  Task<void> measure_black_holes() {
    std::vector<double> without, with;
    for (int pair = 0; pair < kPairs; ++pair) {
      without.push_back(co_await reaction_of_others(0));
      with.push_back(co_await reaction_of_others(kBlackHoles));
    }
    fmt::print(",\"black_holes\":{{\"others_p99_ms_without\":{:.2f},\"with\":{:.2f}}}",
               quantile(without, 0.5), quantile(with, 0.5));
    std::fflush(stdout);
  }

  /// The same reactions before and after the jobs' figures begin to be read.
  Task<void> measure_monitoring() {
    std::vector<double> without, with;
    const double at_first = resident_megabytes();
    for (int run = 0; run < kPairs; ++run) without.push_back(co_await reaction_of_others(0));
    const double before = resident_megabytes();
    plane_.start_monitoring();
    for (int run = 0; run < kPairs; ++run) with.push_back(co_await reaction_of_others(0));
    const auto& statistics = plane_.monitor().statistics();
    fmt::print(
        ",\"monitoring\":{{\"others_p99_ms_without\":{:.2f},\"with\":{:.2f},\"readings\":{},"
        "\"failures\":{},\"postponed\":{},\"history_mb\":{:.2f},\"rss_mb_more_without\":{:.1f},"
        "\"rss_mb_more_with\":{:.1f},"
        "\"interval_seconds\":{:.0f}}}",
        quantile(without, 0.5), quantile(with, 0.5), statistics.readings, statistics.failures,
        statistics.postponed, static_cast<double>(plane_.monitor().history().bytes()) / (1 << 20),
        before - at_first, resident_megabytes() - before,
        std::chrono::duration<double>(plane_.monitor().present_interval()).count());
    std::fflush(stdout);
  }

  Task<double> reaction_of_others(int black_holes) {
    co_await black_hole(black_holes);
    co_await sleep_for(env_.timer, std::chrono::seconds(6));
    const std::vector<std::string> names = others();
    Reactions reactions(env_, plane_.store());
    co_await use([&](Load& load) {
      return load.want_slowly(names, "SUSPENDED", std::chrono::milliseconds(10));
    });
    co_await sleep_for(env_.timer, std::chrono::seconds(1));
    const double p99 = quantile(reactions.take(), 0.99);
    co_await black_hole(0);
    co_await use([&](Load& load) { return load_back(load, names); });
    co_return p99;
  }

  Task<void> load_back(Load& load, const std::vector<std::string>& names) {
    co_await load.want(names, "RUNNING");
    co_await load.wait_for(options_.deployments, "RUNNING");
  }

  Task<void> black_hole(int percent) {
    (void)co_await runtime_.ask("POST", fmt::format("/black-holes?percent={}", percent));
  }

  /// Some deployments whose JobManager is no black hole.
  std::vector<std::string> others() {
    std::vector<std::string> names;
    for (const auto& cluster : plane_.store().read().clusters())
      if (cluster->rest_port % 100 >= kBlackHoles && names.size() < kOthers)
        names.push_back(
            *plane_.store().read().deployment(*cluster->metadata.deployment_id)->metadata.name);
    return names;
  }

  Task<Status> measure_restart() {
    WEIR_CO_TRY(const std::string before, co_await runtime_.ask("GET", "/counts"));
    co_await plane_.stop();
    const MonoTime start = env_.now();
    WEIR_CO_CHECK_OK(co_await plane_.start());
    std::vector<double> list;
    co_await use([&](Load& load) -> Task<void> {
      return [](Load& user, std::vector<double>& times) -> Task<void> {
        times = co_await user.latencies("?limit=1000", 1);
      }(load, list);
    });
    const double served = seconds_since(start);
    const auto count = static_cast<std::size_t>(options_.deployments);
    while (plane_.observed() < count && seconds_since(start) < 120)
      co_await sleep_for(env_.timer, std::chrono::milliseconds(20));
    const double observed = seconds_since(start);
    WEIR_CO_TRY(const std::string after, co_await runtime_.ask("GET", "/counts"));
    fmt::print(
        ",\"restart\":{{\"list_seconds\":{:.2f},\"observed_seconds\":{:.2f},"
        "\"jobs_touched\":{}}}",
        served, observed, before == after ? "false" : "true");
    std::fflush(stdout);
    co_return Status();
  }

  Task<void> measure_resume() {
    std::vector<std::string> names;
    for (int i = 0; i < options_.deployments; ++i) names.push_back(name_of(i));
    const int count = options_.deployments;
    double suspend = 0, resume = 0;
    co_await use([&](Load& load) -> Task<void> {
      return [](Load& user, auto& all, int number, double& down, double& up) -> Task<void> {
        down = co_await user.want(all, "SUSPENDED");
        down += co_await user.wait_for(number, "SUSPENDED");
        up = co_await user.want(all, "RUNNING");
        up += co_await user.wait_for(number, "RUNNING");
      }(load, names, count, suspend, resume);
    });
    const auto counts = co_await runtime_.ask("GET", "/counts");
    fmt::print(
        ",\"resume\":{{\"suspended_seconds\":{:.2f},\"running_seconds\":{:.2f},\"asked\":{}}}",
        suspend, resume, counts ? *counts : "null");
  }

  double seconds_since(MonoTime start) const {
    return std::chrono::duration<double>(env_.now() - start).count();
  }

  static constexpr int kPairs = 5;
  static constexpr int kBlackHoles = 10;  ///< percent
  static constexpr std::size_t kOthers = 400;

  Environment env_;
  Options options_;
  std::string jar_;
  net::HttpClient client_;
  FleetRuntime runtime_;
  Plane plane_;
};

Task<void> measure(Environment env, Options options, std::string directory, std::string admin) {
  Fleet fleet(env, options, std::move(directory), std::move(admin));
  if (const Status measured = co_await fleet.measure(); !measured)
    fmt::print(stderr, "{}\n", to_string(measured.error()));
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("N deployments over fake Flink clusters: writes, reads, reconcile lag, memory.");
  app.add_option("--deployments,-n", options.deployments, "how many");
  app.add_flag("--restart", options.restart, "also: a restart of Weir over the running jobs");
  app.add_flag("--resume", options.resume, "also: suspend all, then start all at once");
  app.add_flag("--black-holes", options.black_holes,
               "also: reactions of others while a tenth of the JobManagers says nothing");
  app.add_flag("--monitoring", options.monitoring,
               "also: reactions before and after the jobs' figures begin to be read");
  CLI11_PARSE(app, argc, argv);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  log::set_level(log::Level::kError);
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  FakeFleet fleet(here / "fake-flink");
  if (fleet.port() == 0) {
    fmt::print(stderr, "fake-flink must stand beside this program: build it first\n");
    return 1;
  }
  char directory[] = "/tmp/weir-fleet-XXXXXX";
  if (::mkdtemp(directory) == nullptr) return 1;
  run_blocking([&](Environment env) {
    return measure(env, options, directory, fmt::format("http://127.0.0.1:{}", fleet.port()));
  });
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) { return weir::bench::run(argc, argv); }
