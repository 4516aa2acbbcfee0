#include <fmt/format.h>

#include "control/session_cluster_plan.h"

/// What an attempt of a session cluster is assembled from: as a job's own cluster is.
namespace weir::control {

model::Job job_of_attempt(const model::SessionCluster& owner, model::StringMap configuration) {
  model::Job job;
  job.metadata.id = owner.metadata.id;
  job.metadata.namespace_ = owner.metadata.namespace_;
  job.spec.artifact.flink_version = owner.spec.flink_version;
  job.spec.number_of_task_managers = owner.spec.number_of_task_managers.value_or(1);
  job.spec.resources = owner.spec.resources.value_or(model::Resources{});
  job.spec.user_flink_configuration = owner.spec.flink_configuration.value_or(model::StringMap{});
  job.spec.flink_configuration = std::move(configuration);
  job.spec.logging = owner.spec.logging.value_or(model::Logging{});
  job.spec.kubernetes = owner.spec.kubernetes;
  return job;
}

flink::JobContext context_of(const model::SessionCluster& owner, const Settings& settings) {
  const auto& metadata = owner.metadata;
  return {metadata.namespace_, metadata.id, metadata.name.value_or(""), metadata.id,
          fmt::format("{}/state/{}/{}", settings.data_directory, metadata.namespace_, metadata.id)};
}

}  // namespace weir::control
