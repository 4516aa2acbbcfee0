#pragma once

#include <memory>

#include "async/environment.h"
#include "flink/flink_api.h"
#include "net/http_client.h"

namespace weir::flink {

/// FlinkApi over Flink's own REST, from 1.8 on; what a version cannot do is left out or expressed
/// the old way (`capabilities.h`). Every call first makes sure, once for a connection's life, that
/// the right cluster answers at the address; a lost connection forgets it.
///
/// Below 1.15 Flink chooses the trigger ids: which one belongs to the caller's is remembered here
/// only, so after a restart `savepoint_status` says kNotFound.
class RestFlinkApi final : public FlinkApi {
 public:
  /// `client` outlives this.
  RestFlinkApi(Environment env, net::HttpClient& client);
  ~RestFlinkApi() override;

  Task<Result<ClusterOverview>> overview(Endpoint endpoint, MonoTime deadline) override;
  Task<Result<std::string>> upload_jar(Endpoint endpoint, std::string path, std::string name,
                                       MonoTime deadline) override;
  Task<Result<void>> run(Endpoint endpoint, RunRequest request, MonoTime deadline) override;
  Task<Result<void>> check_plan(Endpoint endpoint, RunRequest request, MonoTime deadline) override;
  Task<Result<void>> prime(Endpoint endpoint, PrimingRequest request, MonoTime deadline) override;
  Task<Result<std::vector<JobSummary>>> jobs(Endpoint endpoint, MonoTime deadline) override;
  Task<Result<JobDetail>> job(Endpoint endpoint, std::string flink_job_id,
                              MonoTime deadline) override;
  Task<Result<CheckpointStatistics>> checkpoints(Endpoint endpoint, std::string flink_job_id,
                                                 MonoTime deadline) override;
  Task<Result<JobExceptions>> exceptions(Endpoint endpoint, std::string flink_job_id,
                                         MonoTime deadline) override;
  Task<Result<std::int64_t>> restarts(Endpoint endpoint, std::string flink_job_id,
                                      MonoTime deadline) override;
  Task<Result<void>> trigger_checkpoint(Endpoint endpoint, std::string flink_job_id,
                                        MonoTime deadline) override;
  Task<Result<std::vector<VertexParallelism>>> parallelism(Endpoint endpoint,
                                                           std::string flink_job_id,
                                                           MonoTime deadline) override;
  Task<Result<void>> require_parallelism(Endpoint endpoint, std::string flink_job_id,
                                         std::map<std::string, int> of_vertices,
                                         MonoTime deadline) override;
  Task<Result<std::vector<int>>> idle_task_managers(Endpoint endpoint, MonoTime deadline) override;
  Task<Result<void>> cancel(Endpoint endpoint, std::string flink_job_id,
                            MonoTime deadline) override;
  Task<Result<void>> stop_with_savepoint(Endpoint endpoint, std::string flink_job_id,
                                         std::string directory, std::string trigger_id, bool drain,
                                         MonoTime deadline) override;
  Task<Result<void>> trigger_savepoint(Endpoint endpoint, std::string flink_job_id,
                                       std::string directory, std::string trigger_id,
                                       MonoTime deadline) override;
  Task<Result<TriggerStatus>> savepoint_status(Endpoint endpoint, std::string flink_job_id,
                                               std::string trigger_id, MonoTime deadline) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weir::flink
