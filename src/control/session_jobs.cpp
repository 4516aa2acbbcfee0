#include "control/session_jobs.h"

#include <fmt/format.h>

namespace weir::control {

bool is_on_session_cluster(const model::Job& job, const store::ReadModel& read) {
  const auto& internal = job.internal;
  if (!job.metadata.session_cluster_name || !internal.cluster_id) return false;
  if (internal.left_session_cluster.value_or(false)) return false;
  // Whose cluster is gone still has to be recovered from it.
  return !model::is_terminal(job.status.state) ||
         (internal.submit_recorded && read.cluster(*internal.cluster_id));
}

std::vector<store::Stored<model::Job>> jobs_in_session_cluster(
    const store::ReadModel& read, const model::SessionCluster& cluster) {
  std::vector<store::Stored<model::Job>> found;
  for (auto& job : read.jobs(cluster.metadata.namespace_))
    if (job->metadata.session_cluster_name == cluster.metadata.name &&
        is_on_session_cluster(*job, read))
      found.push_back(std::move(job));
  return found;
}

std::string names_of(const std::vector<store::Stored<model::Job>>& jobs) {
  std::string text;
  for (const auto& job : jobs)
    text += fmt::format("{}{} (job {})", text.empty() ? "" : ", ",
                        job->metadata.deployment_name.value_or("?"), job->metadata.id);
  return text;
}

}  // namespace weir::control
