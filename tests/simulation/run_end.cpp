#include <fmt/format.h>

#include "codec/describe_json.h"
#include "simulation/run.h"

/// What must hold when everything has come to rest.
namespace weir::simulation {

using model::DesiredState;
using model::ObservedState;

namespace {

// It was stopped, its savepoint was removed from outside, and its trigger is forgotten: nothing in
// the world tells it from a job that reached its own end.
bool has_lost_its_end(const simulated::World& world, const simulated::Job& job) {
  if (!job.stopped_at) return false;
  const simulated::SavedState* state = world.disk.find(*job.stopped_at);
  return state == nullptr || !state->readable;
}

}  // namespace

bool Run::job_runs(const model::Deployment& deployment) const {
  return why_not_running(deployment).empty();
}

std::string Run::why_not_running(const model::Deployment& deployment) const {
  const auto& read = plane_->store().read();
  if (!deployment.internal.current_job_id) return "it has no job";
  const auto job = read.job(*deployment.internal.current_job_id);
  if (!job || !job->internal.cluster_id) return "its job has no cluster";
  auto& world = const_cast<simulated::World&>(world_);
  const simulated::Job* real = world.job(*job->internal.cluster_id, flink_id(job->metadata.id));
  if (real == nullptr) return "Flink does not have its job";
  if (flink::is_globally_terminal(real->state))
    return fmt::format("its job is {} in Flink", flink::to_string(real->state));
  const bool refused = deployment.internal.sealed_intent ||
                       deployment.internal.refused_revision == deployment.internal.spec_revision ||
                       deployment.spec.upgrade_strategy->kind == model::UpgradeStrategyKind::NONE;
  if (job->status.revision != deployment.internal.spec_revision && !refused)
    return fmt::format("its job has revision {} of {}", job->status.revision,
                       deployment.internal.spec_revision);
  return {};
}

// Empty when the deployment is where its user wants it, or FAILED with a reason.
std::string Run::not_settled(const model::Deployment& deployment) const {
  const auto& read = plane_->store().read();
  const std::string id = deployment.metadata.id;
  const auto state = codec::enum_text(deployment.status.state);
  if (deployment.internal.deleting) return "it is being deleted";
  // What a session cluster that was given up costs its deployments, only its user can mend.
  if (const auto& name = deployment.spec.session_cluster_name)
    if (const auto session = read.session_cluster("default", *name);
        session && session->status.state == model::SessionClusterState::FAILED)
      return session->status.failure ? "" : "its session cluster is FAILED without a reason";
  if (read.open_transition(id)) return fmt::format("a transition is open, it is {}", state);
  for (const auto& savepoint : read.savepoints_of(id))
    if (savepoint->status.state == model::SavepointState::STARTED)
      return "savepoint " + savepoint->metadata.id + " is under way";
  if (deployment.status.state == ObservedState::FAILED) {
    const auto& failure = deployment.status.failure;
    return failure && !failure->message.empty() ? "" : "it is FAILED without a reason";
  }
  if (deployment.status.state == ObservedState::FINISHED)
    return *deployment.spec.state == DesiredState::CANCELLED ? "it is FINISHED" : "";
  switch (*deployment.spec.state) {
    case DesiredState::RUNNING:
      if (deployment.status.state != ObservedState::RUNNING)
        return fmt::format("RUNNING is wanted, it is {}", state);
      return why_not_running(deployment);
    case DesiredState::SUSPENDED:
      // Where no savepoint can be made, the job goes on and the reason is told.
      if (deployment.status.state == ObservedState::RUNNING && deployment.internal.sealed_intent)
        return {};
      return deployment.status.state == ObservedState::SUSPENDED
                 ? ""
                 : fmt::format("SUSPENDED is wanted, it is {}", state);
    case DesiredState::CANCELLED:
      return deployment.status.state == ObservedState::CANCELLED
                 ? ""
                 : fmt::format("CANCELLED is wanted, it is {}", state);
  }
  return {};
}

void Run::check_orphans(Outcome& outcome) {
  const auto& read = plane_->store().read();
  for (const auto& [id, cluster] : world_.clusters()) {
    if (!cluster->lives()) continue;
    const auto recorded = read.cluster(id);
    if (recorded && recorded->standby) continue;
    if (!recorded && went_back_) continue;  // left alone, and told
    if (recorded && recorded->metadata.session_cluster_id) {
      if (!read.session_cluster_by_id(*recorded->metadata.session_cluster_id))
        outcome.problems.push_back("orphan: session cluster " + id + " lives without its owner");
      continue;
    }
    const auto owner = recorded ? read.deployment(recorded->metadata.deployment_id.value_or(""))
                                : store::Stored<model::Deployment>();
    if (!owner) {
      outcome.problems.push_back("orphan: cluster " + id + " lives and nothing names it");
      continue;
    }
    const bool may_live = owner->status.state == ObservedState::RUNNING ||
                          owner->status.state == ObservedState::FAILED;
    if (!may_live)
      outcome.problems.push_back(fmt::format("cluster {} lives, but its deployment is {}", id,
                                             codec::enum_text(owner->status.state)));
  }
}

void Run::check_end(Outcome& outcome) {
  for (const std::string& text : world_.violations()) outcome.problems.push_back(text);
  if (!outcome.problems.empty()) return;
  if (!is_over()) {
    if (!plane_) {
      outcome.problems.push_back("not quiet: the control plane is down");
      return;
    }
    for (const auto& deployment : plane_->store().read().deployments(""))
      if (const std::string why = not_settled(*deployment); !why.empty())
        outcome.problems.push_back(
            fmt::format("not quiet after {} s: deployment {}: {}",
                        loop_.mono_now().time_since_epoch().count() / 1000000,
                        *deployment->metadata.name, why));
    if (outcome.problems.empty()) outcome.problems.push_back("not quiet");
    return;
  }
  const auto& read = plane_->store().read();
  for (const auto& deployment : read.deployments("")) {
    if (deployment->status.state == ObservedState::FAILED) ++outcome.failed_deployments;
    if (deployment->status.state != ObservedState::FINISHED) continue;
    bool really = false;
    for (const auto& [id, cluster] : world_.clusters())
      for (const auto& [job_id, job] : cluster->jobs)
        really = really || (job_id == flink_id(deployment->internal.current_job_id.value_or("")) &&
                            (job.ended_by_itself || has_lost_its_end(world_, job)));
    // That it was stopped with a savepoint is forgotten.
    if (!really && !went_back_)
      outcome.problems.push_back(
          fmt::format("deployment {} is FINISHED, but its job did not end by itself",
                      *deployment->metadata.name));
  }
  check_orphans(outcome);
  if (world_.output.gaps() > 0) outcome.problems.push_back("records are missing");
  if (plane_->statistics().invariant_failures > 0)
    outcome.problems.push_back("the control plane refused an effect of its own");
}

}  // namespace weir::simulation
