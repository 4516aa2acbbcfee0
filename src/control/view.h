#pragma once

#include <string>
#include <vector>

#include "model/restore_choice.h"
#include "store/store.h"

namespace weir::control {

/// The session cluster where a job is to run.
struct SessionPlace {
  std::optional<std::string> name;  ///< absent: the job has a cluster of its own
  store::Stored<model::SessionCluster> owner;
  store::Stored<model::Cluster> cluster;  ///< its present attempt
  int slots_taken = 0;                    ///< by jobs of other deployments
};

/// Everything recorded about one deployment, read at one moment.
struct View {
  store::Stored<model::Deployment> deployment;
  store::Stored<model::Transition> transition;  ///< the open one
  /// The job that the transition's phase is about: the prepared one while an upgrade prepares,
  /// else the current one.
  store::Stored<model::Job> job;
  store::Stored<model::Cluster> cluster;       ///< the job's, unless it is gone
  store::Stored<model::Job> old_job;           ///< of an upgrade: what ran before
  store::Stored<model::Cluster> old_cluster;   ///< its cluster, unless it is gone
  store::Stored<model::Job> next_job;          ///< of an upgrade: prepared
  store::Stored<model::Cluster> next_cluster;  ///< its cluster, unless it is gone
  store::Stored<model::Job> fallback;  ///< whose specification runs while a revision is refused
  std::vector<store::Stored<model::Cluster>> clusters;  ///< all that are not proven gone
  std::vector<store::Stored<model::Job>> jobs;          ///< newest first
  std::vector<store::Stored<model::RestorePoint>> points;
  store::Stored<model::Savepoint> savepoint;  ///< the transition's
  /// One whose deletion may still be refused; then it is a restore point again.
  store::Stored<model::Savepoint> perhaps_deleted;
  bool target_exists = true;
  SessionPlace session;
  std::vector<store::Stored<model::Cluster>> standbys;  ///< of every pool, whatever their state

  bool wants(model::DesiredState state) const {
    return !deployment->internal.deleting && deployment->spec.state == state;
  }
  /// The revision that is to run: the user's, unless its upgrade was rolled back.
  std::int64_t wanted_revision() const {
    return fallback ? fallback->status.revision : deployment->internal.spec_revision;
  }
  /// The job that runs is not the one that is wanted now.
  bool job_is_outdated() const { return job && job->status.revision != wanted_revision(); }
  bool prepares() const { return transition && transition->stage == model::UpgradeStage::PREPARE; }
  /// The next job is prepared on the cluster where the old one runs.
  bool shares_running_cluster() const {
    return prepares() && next_job && old_cluster &&
           next_job->internal.cluster_id == old_cluster->metadata.id;
  }
  /// The phase's job runs, or is to run, in a session cluster.
  bool job_in_session() const { return job && job->metadata.session_cluster_name; }
  /// `cluster` is a session cluster's: other deployments use it too.
  bool on_session_cluster() const { return cluster && cluster->metadata.session_cluster_id; }
  /// The attempt of the session cluster that runs `job` is proven gone.
  static bool has_lost_session_cluster(const store::Stored<model::Job>& job,
                                       const store::Stored<model::Cluster>& cluster) {
    return job && !cluster && job->metadata.session_cluster_name && job->internal.cluster_id &&
           !job->internal.left_session_cluster.value_or(false);
  }
  bool lost_session_cluster() const { return has_lost_session_cluster(job, cluster); }
  /// Nothing of the deployment runs anywhere.
  bool nothing_runs() const { return clusters.empty() && !cluster; }
  /// "RUNNING/3": desired state and revision of the job-relevant spec.
  std::string intent() const;
};

/// Of no deployment there is only what deployments share: standby clusters.
View load_view(const store::ReadModel& read, const std::string& deployment_id);

/// Whether the location is on this machine's disk: a path or a file: URI.
bool is_local_path(const std::string& location);

/// When the job's newest restore points are known only from records.
std::vector<model::RestorePoint> recorded_points(const View& view);

}  // namespace weir::control
