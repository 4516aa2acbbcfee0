#pragma once

#include "blob/artifact_store.h"
#include "flink/homes.h"
#include "flink/state_directory.h"
#include "runtime/cluster_runtime.h"
#include "support/world/world.h"

namespace weir::simulated {

/// The machine of the world as a place for clusters.
class Runtime final : public runtime::ClusterRuntime {
 public:
  explicit Runtime(World& world) : world_(world) {}

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
                       runtime::LogStream stream) const override;
  void on_change(Listener listener) override;

 private:
  World& world_;
};

/// The state directories of the world's disk.
class States final : public flink::StateDirectory {
 public:
  explicit States(World& world) : world_(world) {}

  Task<Result<std::vector<flink::FoundState>>> checkpoints(std::string directory) override;
  Task<Result<std::vector<flink::FoundState>>> savepoints(std::string directory) override;
  Task<Result<flink::FoundState>> inspect(std::string location) override;
  Task<Result<std::optional<flink::ArchivedJob>>> archived_job(std::string directory,
                                                               std::string flink_job_id) override;
  Task<Status> prepare(std::string directory) override;
  Task<Result<std::vector<flink::JobDirectory>>> job_directories(std::string state) override;
  Task<Status> remove(std::string directory) override;

 private:
  World& world_;
};

/// One installed Flink.
class Homes final : public flink::FlinkHomes {
 public:
  std::vector<flink::FlinkHome> list() const override;
  Result<flink::FlinkHome> resolve(const std::optional<std::string>& version) const override;
  Task<Status> refresh() override;
};

/// Every jar is there, unless its name says "missing".
class Artifacts final : public blob::ArtifactStore {
 public:
  explicit Artifacts(World& world) : world_(world) {}

  Task<Result<std::vector<blob::ArtifactInfo>>> list(std::string ns) override;
  Task<Result<blob::ArtifactInfo>> info(std::string ns, std::string filename) override;
  Task<Result<std::string>> begin_upload(std::string ns, std::string filename) override;
  Task<Result<blob::ArtifactInfo>> finish_upload(std::string ns, std::string filename,
                                                 std::string temporary_path) override;
  Task<Status> remove(std::string ns, std::string filename) override;
  Task<Result<std::string>> path(std::string ns, std::string filename) override;
  Task<Result<blob::KeptFile>> fetch(std::string ns, std::string uri, MonoTime deadline) override;
  Task<Result<std::vector<blob::KeptFile>>> all_kept() override;
  Task<Status> drop_kept(std::string sha256) override;
  Task<Result<blob::KeptFile>> kept(std::string sha256, std::string name) override;

 private:
  World& world_;
};

}  // namespace weir::simulated
