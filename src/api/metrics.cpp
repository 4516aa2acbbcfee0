#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "api/feeds.h"
#include "api/measurements.h"
#include "api/metrics.h"
#include "build_info.h"
#include "codec/describe_json.h"

namespace weir::api {
namespace {

void write_resources(MetricText& text, const store::ReadModel& read) {
  text.family("weir_resources", "gauge", "Stored resources by kind.");
  const auto count = [&](const char* kind, std::size_t number) {
    text.sample("weir_resources", label("kind", kind), static_cast<double>(number));
  };
  const auto deployments = read.deployments("");
  count("Deployment", deployments.size());
  count("Job", read.jobs("").size());
  count("Savepoint", read.savepoints("").size());
  count("DeploymentTarget", read.targets("").size());
  count("SecretValue", read.secrets("").size());
  count("SessionCluster", read.session_clusters("").size());
  count("Cluster", read.clusters().size());
  std::map<std::string_view, int> states;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<model::ObservedState>>(
      [&](auto state) { states[state.name] = 0; });
  for (const auto& deployment : deployments) ++states[codec::enum_text(deployment->status.state)];
  text.family("weir_deployments", "gauge", "Deployments by observed state.");
  for (const auto& [state, number] : states)
    text.sample("weir_deployments", label("state", state), number);
}

void write_controller(MetricText& text, const control::Statistics& statistics) {
  const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
    text.family(name, "counter", help);
    text.sample(name, "", static_cast<double>(value));
  };
  counter("weir_reconcile_passes_total", "Reconcile passes.", statistics.passes);
  counter("weir_commit_conflicts_total", "Controller commits that met a newer state.",
          statistics.commit_conflicts);
  counter("weir_invariant_failures_total", "Effects that the self-check refused; must stay 0.",
          statistics.invariant_failures);
  counter("weir_recoveries_total", "Jobs started again after their cluster died.",
          statistics.recoveries);
  text.family("weir_reconcile_lag_seconds", "histogram",
              "From a change's commit to the pass that reads it.");
  text.histogram("weir_reconcile_lag_seconds", "", statistics.lag);
  text.family("weir_start_seconds", "histogram", "Starts of jobs, by phase and in all.");
  const std::pair<const char*, const control::Histogram*> phases[] = {
      {"total", &statistics.start_total},   {"processes", &statistics.start_processes},
      {"rest", &statistics.start_rest},     {"slots", &statistics.start_slots},
      {"upload", &statistics.start_upload}, {"running", &statistics.start_running}};
  for (const auto& [phase, histogram] : phases)
    text.histogram("weir_start_seconds", label("phase", phase), *histogram);
}

void write_monitor(MetricText& text, const monitoring::Monitor& monitor) {
  const monitoring::Statistics& statistics = monitor.statistics();
  text.family("weir_job_readings_total", "counter", "Readings of jobs' figures, by their outcome.");
  const std::pair<const char*, std::uint64_t> outcomes[] = {{"ok", statistics.readings},
                                                            {"failed", statistics.failures},
                                                            {"postponed", statistics.postponed}};
  for (const auto& [outcome, number] : outcomes)
    text.sample("weir_job_readings_total", label("outcome", outcome), static_cast<double>(number));
  text.family("weir_metric_history_bytes", "gauge", "Memory that the metric history holds.");
  text.sample("weir_metric_history_bytes", "", static_cast<double>(monitor.history().bytes()));
}

void write_standby(MetricText& text, const std::vector<control::StandbyPoolState>& pools) {
  text.family("weir_standby_clusters", "gauge", "Standby clusters by pool.");
  for (const auto& pool : pools)
    text.sample("weir_standby_clusters", label("pool", pool.name),
                static_cast<double>(pool.clusters.size()));
  text.family("weir_standby_memory_bytes", "gauge", "Memory that they are given, by pool.");
  for (const auto& pool : pools) {
    double bytes = 0;
    for (const auto& cluster : pool.clusters) bytes += static_cast<double>(cluster.memory_bytes);
    text.sample("weir_standby_memory_bytes", label("pool", pool.name), bytes);
  }
}

void write_process(MetricText& text) {
  std::int64_t pages = 0;
  std::ifstream statm("/proc/self/statm");
  statm >> pages >> pages;
  text.family("process_resident_memory_bytes", "gauge", "Resident memory of this process.");
  text.sample("process_resident_memory_bytes", "", static_cast<double>(pages) * 4096);
  std::error_code error;
  const auto fds = std::distance(std::filesystem::directory_iterator("/proc/self/fd", error),
                                 std::filesystem::directory_iterator());
  text.family("process_open_fds", "gauge", "Open file descriptors of this process.");
  text.sample("process_open_fds", "", static_cast<double>(fds));
}

}  // namespace

Task<Result<net::Response>> get_metrics(Call& call) {
  std::string out;
  MetricText text(out);
  text.family("weir_build_info", "gauge", "What this server was built from.");
  text.sample("weir_build_info", label("version", kVersion) + "," + label("commit", kCommit), 1);
  call.context.measurements.write(out);
  write_resources(text, call.read());
  write_controller(text, call.services().controller.statistics());
  write_standby(text, call.services().controller.standby_pools());
  write_monitor(text, call.services().monitor);
  text.family("weir_store_revision", "gauge", "Number of the last commit.");
  text.sample("weir_store_revision", "", static_cast<double>(call.read().revision()));
  text.family("weir_open_feeds", "gauge", "Open feeds of server-sent events.");
  text.sample("weir_open_feeds", "", static_cast<double>(call.context.feeds.open_feeds()));
  write_process(text);
  net::Response response;
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = std::move(out);
  co_return response;
}

}  // namespace weir::api
