#pragma once

#include <map>
#include <string>
#include <vector>

#include "blob/artifact_store.h"
#include "control/controller.h"
#include "flink/flink_api.h"
#include "flink/homes.h"
#include "flink/state_directory.h"
#include "net/http_server.h"
#include "runtime/cluster_runtime.h"

/// Stand-ins for what is beside the API, so that scenarios need no Flink and no controller.
namespace weir::scenarios {

/// Keeps artifacts in one directory.
class FakeArtifacts final : public blob::ArtifactStore {
 public:
  FakeArtifacts(Environment env, std::string directory);

  Task<Result<std::vector<blob::ArtifactInfo>>> list(std::string ns) override;
  Task<Result<blob::ArtifactInfo>> info(std::string ns, std::string filename) override;
  Task<Result<std::string>> begin_upload(std::string ns, std::string filename) override;
  Task<Result<blob::ArtifactInfo>> finish_upload(std::string ns, std::string filename,
                                                 std::string temporary_path) override;
  Task<Status> remove(std::string ns, std::string filename) override;
  Task<Result<std::string>> path(std::string ns, std::string filename) override;
  Task<Result<blob::KeptFile>> fetch(std::string, std::string, MonoTime) override;
  Task<Result<blob::KeptFile>> kept(std::string, std::string) override;
  Task<Result<std::vector<blob::KeptFile>>> all_kept() override;
  Task<Status> drop_kept(std::string) override;

 private:
  Environment env_;
  std::string directory_;
  std::map<std::string, blob::ArtifactInfo> artifacts_;
};

class FakeHomes final : public flink::FlinkHomes {
 public:
  std::vector<flink::FlinkHome> homes;  ///< newest first

  std::vector<flink::FlinkHome> list() const override { return homes; }
  Result<flink::FlinkHome> resolve(const std::optional<std::string>& version) const override;
  Task<Status> refresh() override;
};

/// Clusters without processes; their logs are files DIRECTORY/<cluster>-<role>-<index>.<stream>.
class FakeRuntime final : public runtime::ClusterRuntime {
 public:
  explicit FakeRuntime(std::string directory) : directory_(std::move(directory)) {}

  Task<Result<runtime::Ports>> choose_ports(std::vector<int>) override;
  Task<Status> ensure(flink::ClusterSpec) override;
  Task<Result<runtime::ClusterObservation>> observe(std::string) override;
  Task<Status> end_task_manager(std::string, int, int, bool) override;
  Task<Status> tear_down(std::string, int, MonoTime) override;
  Task<Result<runtime::Capacity>> capacity() override;
  Task<Result<std::vector<runtime::FoundCluster>>> discover() override;
  Task<Result<std::string>> log_tail(std::string cluster_id, std::string role, int index,
                                     runtime::LogStream stream, std::size_t max_bytes) override;
  std::string log_path(const std::string& cluster_id, const std::string& role, int index,
                       runtime::LogStream stream) const override;
  void on_change(Listener) override {}

 private:
  std::string directory_;
};

/// Nothing in these scenarios asks Flink or looks at its state; both only have to exist.
class FakeFlink final : public flink::FlinkApi {
 public:
  using Endpoint = flink::Endpoint;
  using Text = std::string;
  Task<Result<flink::ClusterOverview>> overview(Endpoint, MonoTime) override;
  Task<Result<Text>> upload_jar(Endpoint, Text, Text, MonoTime) override;
  Task<Result<void>> run(Endpoint, flink::RunRequest, MonoTime) override;
  Task<Result<void>> check_plan(Endpoint, flink::RunRequest, MonoTime) override;
  Task<Result<void>> prime(Endpoint, flink::PrimingRequest, MonoTime) override;
  Task<Result<void>> trigger_checkpoint(Endpoint, Text, MonoTime) override;
  Task<Result<std::vector<flink::JobSummary>>> jobs(Endpoint, MonoTime) override;
  Task<Result<flink::JobDetail>> job(Endpoint, Text, MonoTime) override;
  Task<Result<flink::CheckpointStatistics>> checkpoints(Endpoint, Text, MonoTime) override;
  Task<Result<flink::JobExceptions>> exceptions(Endpoint, Text, MonoTime) override;
  Task<Result<std::int64_t>> restarts(Endpoint, Text, MonoTime) override;
  Task<Result<std::vector<flink::VertexParallelism>>> parallelism(Endpoint, Text,
                                                                  MonoTime) override;
  Task<Result<void>> require_parallelism(Endpoint, Text, std::map<std::string, int>,
                                         MonoTime) override;
  Task<Result<std::vector<int>>> idle_task_managers(Endpoint, MonoTime) override;
  Task<Result<void>> cancel(Endpoint, Text, MonoTime) override;
  Task<Result<void>> stop_with_savepoint(Endpoint, Text, Text, Text, bool, MonoTime) override;
  Task<Result<void>> trigger_savepoint(Endpoint, Text, Text, Text, MonoTime) override;
  Task<Result<flink::TriggerStatus>> savepoint_status(Endpoint, Text, Text, MonoTime) override;
};
class FakeStates final : public flink::StateDirectory {
 public:
  Task<Result<std::vector<flink::FoundState>>> checkpoints(std::string) override;
  Task<Result<std::vector<flink::FoundState>>> savepoints(std::string) override;
  Task<Result<flink::FoundState>> inspect(std::string) override;
  Task<Result<std::optional<flink::ArchivedJob>>> archived_job(std::string, std::string) override;
  Task<Status> prepare(std::string) override;
  Task<Result<std::vector<flink::JobDirectory>>> job_directories(std::string) override;
  Task<Status> remove(std::string) override;
};

/// What the controller in this program answers (see fakes.cpp).
struct ControllerAnswers {
  std::map<std::string, control::LiveJob> live_jobs;
  std::vector<control::Garbage> garbage;
  control::Room room = plenty();

  static control::Room plenty();
};
ControllerAnswers& controller_answers();

/// What the fake JobManager answers to GET by path, before its own answers.
std::map<std::string, std::string>& flink_answers();

/// A JobManager's REST as far as the proxy's scenarios look at it.
Task<net::Response> fake_flink(net::Request& request);

}  // namespace weir::scenarios
