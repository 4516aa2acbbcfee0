#include "control/view.h"

#include <fmt/format.h>

#include "codec/describe_json.h"
#include "control/session_jobs.h"

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

// A job's place in a session cluster; empty where it has left, or the attempt is proven gone.
store::Stored<model::Cluster> session_cluster_of(const store::ReadModel& read,
                                                 const store::Stored<model::Job>& job) {
  if (!job || !job->metadata.session_cluster_name || !job->internal.cluster_id ||
      job->internal.left_session_cluster.value_or(false))
    return {};
  return read.cluster(*job->internal.cluster_id);
}

void load_session(const store::ReadModel& read, View& view) {
  const auto take = [&](const store::Stored<model::Job>& job, store::Stored<model::Cluster>& into) {
    if (!into) into = session_cluster_of(read, job);
  };
  take(view.job, view.cluster);
  take(view.old_job, view.old_cluster);
  take(view.next_job, view.next_cluster);
  const auto phase = view.transition ? std::optional(view.transition->phase) : std::nullopt;
  const bool to_come = !view.job || phase == model::TransitionPhase::CREATE_JOB;
  auto& place = view.session;
  if (!to_come) place.name = view.job->metadata.session_cluster_name;
  else if (view.fallback) place.name = view.fallback->metadata.session_cluster_name;
  else place.name = view.deployment->spec.session_cluster_name;
  if (!place.name) return;
  const std::string& ns = view.deployment->metadata.namespace_;
  place.owner = read.session_cluster(ns, *place.name);
  if (!place.owner || !place.owner->internal.cluster_id) return;
  place.cluster = read.cluster(*place.owner->internal.cluster_id);
  if (phase != model::TransitionPhase::AWAIT_CLUSTER) return;
  for (const auto& other : jobs_in_session_cluster(read, *place.owner))
    if (other->internal.submit_recorded &&
        other->internal.cluster_id == place.owner->internal.cluster_id &&
        other->metadata.deployment_id != view.deployment->metadata.id)
      place.slots_taken += other->spec.parallelism;
}

}  // namespace

View load_view(const store::ReadModel& read, const std::string& deployment_id) {
  View view;
  view.standbys = read.standby_clusters();
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
  load_session(read, view);
  view.points = read.restore_points_of(deployment_id);
  for (auto& savepoint : read.savepoints_of(deployment_id))
    if (model::is_being_deleted(*savepoint) && !savepoint->internal.force.value_or(false))
      view.perhaps_deleted = std::move(savepoint);
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
