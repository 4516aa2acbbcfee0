#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace weir::control {

/// The job may run on the session cluster that its cluster_id names: it has neither left it nor
/// has that cluster been proven gone. A job that waits for a session cluster is on none.
bool is_on_session_cluster(const model::Job& job, const store::ReadModel& read);

/// The jobs that a session cluster may run, newest first.
std::vector<store::Stored<model::Job>> jobs_in_session_cluster(
    const store::ReadModel& read, const model::SessionCluster& cluster);

/// How many slots the cluster has when all its TaskManagers are there.
inline int slots_in(const model::Cluster& cluster) {
  return cluster.task_managers * cluster.slots_per_task_manager;
}

/// "word-count (job 0a1b...), orders (job ...)", for people.
std::string names_of(const std::vector<store::Stored<model::Job>>& jobs);

}  // namespace weir::control
