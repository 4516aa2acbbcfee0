#pragma once

#include <memory>
#include <string>

#include "async/environment.h"
#include "runtime/cluster_runtime.h"

namespace weir::runtime {

struct LocalRuntimeOptions {
  std::string data_directory;  ///< clusters stand in DATA/clusters/<id>
  std::string shim;            ///< absolute path of weir-shim
  double cpu_overcommit = 4;
  /// Between SIGTERM and SIGKILL. A JVM of Flink ends within 0.3 s; a JobManager that is asked
  /// right after its job has ended hangs now and then, and a restart waits for it.
  Duration stop_grace = std::chrono::milliseconds(750);
};

/// Runs each cluster's JVMs on this machine under weir-shim. A new process adopts what an old one
/// left running: everything it must know stands in the instance directory. `ensure` and `tear_down`
/// of one cluster take turns; a cancelled `ensure` ends when what it spawned is on record (at most
/// about a second), so no process is started twice.
class LocalRuntime final : public ClusterRuntime {
 public:
  LocalRuntime(Environment env, LocalRuntimeOptions options);
  ~LocalRuntime() override;

  Task<Result<Ports>> choose_ports(std::vector<int> taken) override;
  Task<Status> ensure(flink::ClusterSpec spec) override;
  Task<Result<ClusterObservation>> observe(std::string cluster_id) override;
  Task<Status> end_task_manager(std::string cluster_id, int epoch, int index,
                                bool at_once) override;
  Task<Status> tear_down(std::string cluster_id, int epoch, MonoTime deadline) override;
  Task<Result<Capacity>> capacity() override;
  Task<Result<std::vector<FoundCluster>>> discover() override;
  Task<Result<std::vector<Remains>>> remains() override;
  Task<Status> remove_remains(std::string cluster_id) override;
  Task<Result<std::string>> log_tail(std::string cluster_id, std::string role, int index,
                                     LogStream stream, std::size_t max_bytes) override;
  std::string log_path(const std::string& cluster_id, const std::string& role, int index,
                       LogStream stream) const override;
  void on_change(Listener listener) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weir::runtime
