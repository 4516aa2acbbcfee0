#pragma once

#include "flink/flink_api.h"
#include "support/world/world.h"

namespace weir::simulated {

/// Flink's REST of every cluster of the world, with the faults of its weather.
class Flink final : public flink::FlinkApi {
 public:
  explicit Flink(World& world) : world_(world) {}

  Task<Result<flink::ClusterOverview>> overview(flink::Endpoint endpoint,
                                                MonoTime deadline) override;
  Task<Result<std::string>> upload_jar(flink::Endpoint endpoint, std::string path, std::string name,
                                       MonoTime deadline) override;
  Task<Result<void>> run(flink::Endpoint endpoint, flink::RunRequest request,
                         MonoTime deadline) override;
  Task<Result<void>> prime(flink::Endpoint endpoint, flink::PrimingRequest request,
                           MonoTime deadline) override;
  Task<Result<void>> check_plan(flink::Endpoint endpoint, flink::RunRequest request,
                                MonoTime deadline) override;
  Task<Result<void>> trigger_checkpoint(flink::Endpoint endpoint, std::string flink_job_id,
                                        MonoTime deadline) override;
  Task<Result<std::vector<flink::JobSummary>>> jobs(flink::Endpoint endpoint,
                                                    MonoTime deadline) override;
  Task<Result<flink::JobDetail>> job(flink::Endpoint endpoint, std::string flink_job_id,
                                     MonoTime deadline) override;
  Task<Result<flink::CheckpointStatistics>> checkpoints(flink::Endpoint endpoint,
                                                        std::string flink_job_id,
                                                        MonoTime deadline) override;
  Task<Result<flink::JobExceptions>> exceptions(flink::Endpoint endpoint, std::string flink_job_id,
                                                MonoTime deadline) override;
  Task<Result<std::int64_t>> restarts(flink::Endpoint endpoint, std::string flink_job_id,
                                      MonoTime deadline) override;
  Task<Result<std::vector<flink::VertexParallelism>>> parallelism(flink::Endpoint endpoint,
                                                                  std::string flink_job_id,
                                                                  MonoTime deadline) override;
  Task<Result<void>> require_parallelism(flink::Endpoint endpoint, std::string flink_job_id,
                                         std::map<std::string, int> of_vertices,
                                         MonoTime deadline) override;
  Task<Result<std::vector<int>>> idle_task_managers(flink::Endpoint endpoint,
                                                    MonoTime deadline) override;
  Task<Result<void>> cancel(flink::Endpoint endpoint, std::string flink_job_id,
                            MonoTime deadline) override;
  Task<Result<void>> stop_with_savepoint(flink::Endpoint endpoint, std::string flink_job_id,
                                         std::string directory, std::string trigger_id, bool drain,
                                         MonoTime deadline) override;
  Task<Result<void>> trigger_savepoint(flink::Endpoint endpoint, std::string flink_job_id,
                                       std::string directory, std::string trigger_id,
                                       MonoTime deadline) override;
  Task<Result<flink::TriggerStatus>> savepoint_status(flink::Endpoint endpoint,
                                                      std::string flink_job_id,
                                                      std::string trigger_id,
                                                      MonoTime deadline) override;

 private:
  /// Sends one request to whoever listens there; `effect` runs at the JobManager.
  template <class T>
  Task<Result<T>> send(flink::Endpoint endpoint, Duration work, bool of_a_job, MonoTime deadline,
                       std::function<Result<T>(Cluster&)> effect);

  World& world_;
};

}  // namespace weir::simulated
