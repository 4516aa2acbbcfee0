#pragma once

#include <string>

#include "control/plan.h"

/// Standby clusters serve whichever job fits on one: the job's start, upgrade or recovery then
/// begins with uploading its jar. What is special about the job goes with its submit. Pure.
namespace weir::control {

/// Why this cluster cannot serve the job; empty if it can.
/// @param job configured
/// @param task_managers how many the job's cluster has; missing ones are added when it is taken
std::string why_standby_differs(const model::Cluster& standby, const model::Job& job,
                                int task_managers);

struct StandbyChoice {
  store::Stored<model::Cluster> cluster;  ///< absent: none can be taken
  std::string reason;                     ///< for people; empty where there are no standby clusters
};
/// The first one that is ready and can serve the job.
StandbyChoice choose_standby(const View& view, const model::Job& job);

/// In place of a new cluster: the phase's job gets a standby cluster.
/// @return what to do now; nothing = there is none for it
std::optional<Decision> take_standby(Situation& s, Draft& draft);

/// The job finds no room beside what runs, but would if standby clusters ended: one after the other
/// does. @return how it is waited for; nothing = that would not help
std::optional<Decision> make_standby_give_way(Situation& s, Draft& draft, const ClusterNeed& need);

/// The job's own cluster was a standby cluster before.
inline bool was_standby(const model::Cluster& cluster) {
  return cluster.configuration && !cluster.standby && !cluster.metadata.session_cluster_id;
}

/// Of a cluster that was made before the job: what of the job's configuration goes with its submit.
/// `${secret}` references are kept.
/// @param checkpoints where the job's attempt puts them
model::StringMap carried_configuration(const model::Cluster& cluster, const model::Job& job,
                                       const std::string& checkpoints);

}  // namespace weir::control
