#include <algorithm>

#include "base/log.h"
#include "control/reconciler.h"
#include "control/session_jobs.h"

/// The self-check before an effect: what the planner can only get wrong by a bug.
namespace weir::control {

namespace {

// A cluster whose job was submitted and has not ended by Flink's own word.
bool may_have_writer(const View& view, const model::Cluster& cluster) {
  for (const auto& job : view.jobs)
    if (job->metadata.id == cluster.metadata.job_id)
      return job->internal.submit_recorded && !model::is_terminal(job->status.state);
  return true;
}

// In a session cluster nothing but a submit is this deployment's business, and only while no other
// job of it may run anywhere.
bool session_effect_is_safe(bool submits, const View& view, const store::ReadModel& read,
                            Statistics& statistics) {
  const auto may_write = [&](const store::Stored<model::Job>& job) {
    return job->metadata.id != view.job->metadata.id && job->internal.submit_recorded &&
           is_on_session_cluster(*job, read);
  };
  if (submits && !view.prepares() && view.clusters.empty() &&
      view.cluster->metadata.id == view.job->internal.cluster_id &&
      std::none_of(view.jobs.begin(), view.jobs.end(), may_write))
    return true;
  ++statistics.invariant_failures;
  log::error("control",
             "deployment {}: an effect in a session cluster was refused, because another job of "
             "it may run; this is a bug",
             view.deployment->metadata.id);
  return false;
}

// Priming ends every job of the cluster: it must be one that no user's job has ever run on.
bool may_be_primed(const View& view) {
  return view.prepares() && !view.shares_running_cluster() && view.job && view.cluster &&
         view.cluster->phase == model::ClusterPhase::WANTED &&
         view.cluster->metadata.job_id == view.job->metadata.id &&
         !view.job->internal.submit_recorded;
}

}  // namespace

// The invariant "one writer", checked once more where it matters most.
bool Reconciler::effect_is_safe(const Effect& effect, const View& view) {
  if (std::holds_alternative<PrimeCluster>(effect)) {
    if (!settings_.self_check || may_be_primed(view)) return true;
    ++statistics_.invariant_failures;
    log::error("control",
               "deployment {}: its cluster was not warmed up, because it is not the idle one of "
               "an upgrade; this is a bug",
               view.deployment->metadata.id);
    return false;
  }
  const bool starts =
      std::holds_alternative<SubmitJob>(effect) || std::holds_alternative<EnsureCluster>(effect);
  if (!starts || !settings_.self_check) return true;
  const bool submits = std::holds_alternative<SubmitJob>(effect);
  if (view.transition && has_strangers(view.deployment->metadata.id)) {
    ++statistics_.invariant_failures;
    log::error("control",
               "deployment {}: an effect was refused, because a cluster that is not recorded lives "
               "beside it; this is a bug",
               view.deployment->metadata.id);
    return false;
  }
  if (view.on_session_cluster())
    return session_effect_is_safe(submits, view, world_.store.read(), statistics_);
  const auto endangers = [&](const store::Stored<model::Cluster>& other) {
    if (view.cluster && other->metadata.id == view.cluster->metadata.id) return false;
    // The running job's cluster, while another one is made ready beside it.
    if (!submits && view.prepares() && view.old_cluster &&
        other->metadata.id == view.old_cluster->metadata.id)
      return false;
    return may_have_writer(view, *other);
  };
  if (view.cluster && view.cluster->phase == model::ClusterPhase::WANTED &&
      !(submits && view.prepares()) &&
      std::none_of(view.clusters.begin(), view.clusters.end(), endangers))
    return true;
  ++statistics_.invariant_failures;
  log::error("control",
             "deployment {}: an effect was refused, because {} clusters are recorded and one is "
             "expected; this is a bug",
             view.deployment->metadata.id, view.clusters.size());
  return false;
}

}  // namespace weir::control
