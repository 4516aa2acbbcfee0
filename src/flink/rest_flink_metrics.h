#pragma once

#include <memory>

#include "flink/flink_metrics.h"
#include "net/http_client.h"

namespace weir::flink {

/// FlinkMetrics over Flink's REST.
class RestFlinkMetrics final : public FlinkMetrics {
 public:
  /// `client` outlives this.
  explicit RestFlinkMetrics(net::HttpClient& client);
  ~RestFlinkMetrics() override;

  Task<Result<std::optional<std::int64_t>>> refresh(Endpoint endpoint, std::string job_id,
                                                    MonoTime deadline) override;
  Task<Result<GraphReading>> graph(Endpoint endpoint, std::string job_id,
                                   MonoTime deadline) override;
  Task<Result<std::optional<std::int64_t>>> source_records(Endpoint endpoint, std::string job_id,
                                                           std::string vertex_id,
                                                           MonoTime deadline) override;
  Task<Result<std::optional<std::int64_t>>> watermark(Endpoint endpoint, std::string job_id,
                                                      std::string vertex_id,
                                                      MonoTime deadline) override;
  Task<Result<CheckpointReading>> checkpoints(Endpoint endpoint, std::string job_id,
                                              MonoTime deadline) override;
  Task<Result<std::map<std::string, std::int64_t>>> checkpoint_sizes(Endpoint endpoint,
                                                                     std::string job_id,
                                                                     std::int64_t checkpoint_id,
                                                                     MonoTime deadline) override;
  Task<Result<ProcessReading>> job_manager(Endpoint endpoint, MonoTime deadline) override;
  Task<Result<ProcessReading>> task_managers(Endpoint endpoint, MonoTime deadline) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weir::flink
