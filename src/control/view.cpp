#include "control/view.h"

#include <fmt/format.h>

#include "codec/describe_json.h"

namespace weir::control {

std::string View::intent() const {
  return fmt::format("{}/{}", codec::enum_text(*deployment->spec.state),
                     deployment->internal.spec_revision);
}

namespace {

void load_jobs(const store::ReadModel& read, View& view) {
  const auto find = [&](const std::optional<std::string>& id) {
    return id ? read.job(*id) : store::Stored<model::Job>();
  };
  const auto& internal = view.deployment->internal;
  view.job = find(internal.current_job_id);
  if (internal.refused_revision == internal.spec_revision)
    view.fallback = find(internal.fallback_job_id);
  if (!view.transition) return;
  view.old_job = find(view.transition->old_job_id);
  view.next_job = find(view.transition->next_job_id);
  if (view.prepares() && view.next_job) view.job = view.next_job;
}

}  // namespace

View load_view(const store::ReadModel& read, const std::string& deployment_id) {
  View view;
  view.deployment = read.deployment(deployment_id);
  if (!view.deployment) return view;
  view.transition = read.open_transition(deployment_id);
  view.jobs = read.jobs_of(deployment_id);
  load_jobs(read, view);
  for (auto& cluster : read.clusters_of(deployment_id)) {
    if (cluster->phase == model::ClusterPhase::GONE) continue;
    const auto is_of = [&](const store::Stored<model::Job>& job) {
      return job && job->internal.cluster_id == cluster->metadata.id;
    };
    if (is_of(view.job)) view.cluster = cluster;
    if (is_of(view.old_job)) view.old_cluster = cluster;
    if (is_of(view.next_job)) view.next_cluster = cluster;
    view.clusters.push_back(std::move(cluster));
  }
  view.points = read.restore_points_of(deployment_id);
  if (view.transition && view.transition->savepoint_id)
    view.savepoint = read.savepoint(*view.transition->savepoint_id);
  const auto& spec = view.deployment->spec;
  if (spec.deployment_target_id)
    view.target_exists = bool(read.target_by_id(*spec.deployment_target_id));
  else if (spec.deployment_target_name)
    view.target_exists =
        bool(read.target(view.deployment->metadata.namespace_, *spec.deployment_target_name));
  return view;
}

bool is_local_path(const std::string& location) {
  return location.starts_with("/") || location.starts_with("file:");
}

std::vector<model::RestorePoint> recorded_points(const View& view) {
  std::vector<model::RestorePoint> points;
  for (const auto& point : view.points) points.push_back(*point);
  return points;
}

}  // namespace weir::control
