#include "fleet_runtime.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::bench {

Task<Result<std::string>> FleetRuntime::ask(std::string method, std::string path) {
  net::ClientRequest request;
  request.method = std::move(method);
  request.url = admin_ + path;
  const MonoTime deadline = env_.now() + std::chrono::seconds(30);
  WEIR_CO_TRY(const auto response, co_await client_.send(std::move(request), deadline));
  if (response.status != 200) co_return fail(Code::kUnavailable, response.body);
  co_return response.body;
}

// Below the kernel's ephemeral range; the other two ports are only numbers here.
Task<Result<runtime::Ports>> FleetRuntime::choose_ports(std::vector<int> taken) {
  do last_port_ = last_port_ == kLastPort ? kFirstPort : last_port_ + 1;
  while (std::find(taken.begin(), taken.end(), last_port_) != taken.end());
  co_return runtime::Ports{last_port_, kLastPort + 1, kLastPort + 2};
}

Task<Status> FleetRuntime::ensure(flink::ClusterSpec spec) {
  WEIR_CO_CHECK_OK(co_await ask(
      "PUT", fmt::format("/clusters/{}?slots={}&port={}", spec.cluster_id,
                         spec.task_managers * spec.slots_per_task_manager, spec.rest_port)));
  alive_[spec.cluster_id] = spec.task_managers;
  co_return Status();
}

Task<Result<runtime::ClusterObservation>> FleetRuntime::observe(std::string cluster_id) {
  runtime::ClusterObservation seen;
  const auto found = alive_.find(cluster_id);
  seen.presence = found == alive_.end() ? runtime::Presence::kAbsent : runtime::Presence::kPresent;
  seen.job_manager_alive = found != alive_.end();
  seen.task_managers_alive = found == alive_.end() ? 0 : found->second;
  co_return seen;
}

Task<Status> FleetRuntime::end_task_manager(std::string cluster_id, int epoch, int index,
                                            bool at_once) {
  if (const auto found = alive_.find(cluster_id); found != alive_.end()) --found->second;
  co_return Status();
}

Task<Status> FleetRuntime::tear_down(std::string cluster_id, int epoch, MonoTime deadline) {
  alive_.erase(cluster_id);
  WEIR_CO_CHECK_OK(co_await ask("DELETE", "/clusters/" + cluster_id));
  co_return Status();
}

Task<Result<runtime::Capacity>> FleetRuntime::capacity() {
  co_return runtime::Capacity{1LL << 50, 1e6, 1LL << 40};
}

Task<Result<std::vector<runtime::FoundCluster>>> FleetRuntime::discover() {
  co_return std::vector<runtime::FoundCluster>();
}

Task<Result<std::string>> FleetRuntime::log_tail(std::string cluster_id, std::string role,
                                                 int index, runtime::LogStream stream,
                                                 std::size_t max_bytes) {
  co_return fail(Code::kNotFound, "Fake clusters write no logs.");
}

}  // namespace weir::bench
