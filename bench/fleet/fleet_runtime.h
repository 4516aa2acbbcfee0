#pragma once

#include <map>
#include <string>

#include "net/http_client.h"
#include "runtime/cluster_runtime.h"

namespace weir::bench {

/// A place where clusters are members of a fake-flink process: they are there at once.
class FleetRuntime final : public runtime::ClusterRuntime {
 public:
  /// @param admin base URL of fake-flink's administration; `client` outlives this
  FleetRuntime(net::HttpClient& client, Environment env, std::string admin)
      : client_(client), env_(env), admin_(std::move(admin)) {}

  Task<Result<runtime::Ports>> choose_ports(std::vector<int> taken) override;
  Task<Status> ensure(flink::ClusterSpec spec) override;
  Task<Result<runtime::ClusterObservation>> observe(std::string cluster_id) override;
  Task<Status> end_task_manager(std::string cluster_id, int epoch, int index,
                                bool at_once) override;
  Task<Status> tear_down(std::string cluster_id, int epoch, MonoTime deadline) override;
  Task<Result<runtime::Capacity>> capacity() override;
  Task<Result<std::vector<runtime::FoundCluster>>> discover() override;
  Task<Result<std::string>> log_tail(std::string cluster_id, std::string role, int index,
                                     runtime::LogStream stream, std::size_t max_bytes) override;
  std::string log_path(const std::string& cluster_id, const std::string& role, int index,
                       runtime::LogStream stream) const override {
    return {};
  }
  void on_change(Listener listener) override {}

  /// Something of fake-flink's administration. @return the body
  Task<Result<std::string>> ask(std::string method, std::string path);

 private:
  static constexpr int kFirstPort = 20'000;
  static constexpr int kLastPort = 32'000;

  net::HttpClient& client_;
  Environment env_;
  std::string admin_;
  int last_port_ = kFirstPort;
  std::map<std::string, int> alive_;  ///< TaskManagers by cluster
};

}  // namespace weir::bench
