#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/virtual_loop.h"
#include "control/plan.h"

/// For tests of planners: one situation, and what the planner makes of it.
namespace weir::control {

/// A home that has every version.
class AnyHome final : public flink::FlinkHomes {
 public:
  std::vector<flink::FlinkHome> list() const override { return {}; }
  Result<flink::FlinkHome> resolve(const std::optional<std::string>& version) const override {
    flink::FlinkHome home;
    home.version = version.value_or("1.20.5");
    return home;
  }
  Task<Status> refresh() override { co_return Status(); }
};

template <class T>
store::Stored<T> stored(T value) {
  return {std::make_shared<const T>(std::move(value)), 7};
}

inline model::Deployment deployment(model::DesiredState desired, model::ObservedState observed) {
  model::Deployment d;
  d.metadata.id = "d";
  d.metadata.name = "word-count";
  d.metadata.namespace_ = "default";
  d.spec.state = desired;
  d.spec.upgrade_strategy = model::UpgradeStrategy{};
  d.spec.restore_strategy = model::RestoreStrategy{};
  d.spec.max_job_creation_attempts = 2;
  d.spec.template_.emplace().spec.emplace().artifact.emplace().jar_uri = "file:///x.jar";
  d.status.state = observed;
  return d;
}

inline model::Job running_job() {
  model::Job job;
  job.metadata.id = "11111111-1111-4111-8111-111111111111";
  job.metadata.deployment_id = "d";
  job.status.state = model::JobState::STARTED;
  job.status.revision = 1;
  job.internal.chain_position = 1;
  job.internal.attempt = 1;
  job.internal.cluster_id = "c";
  job.internal.submit_recorded = true;
  job.internal.ran = true;
  job.spec.flink_configuration["execution.checkpointing.savepoint-dir"] = "file:///sp";
  return job;
}

inline model::Cluster live_cluster() {
  model::Cluster cluster;
  cluster.metadata.id = "c";
  cluster.metadata.deployment_id = "d";
  cluster.metadata.job_id = running_job().metadata.id;
  return cluster;
}

struct PlannerBench {
  VirtualLoop loop{1};
  AnyHome homes;
  View view;
  Observation seen;
  Memory memory;
  Room room;
  Settings settings;
  store::Batch batch;

  PlannerBench(model::DesiredState desired, model::ObservedState observed) {
    view.deployment = stored(deployment(desired, observed));
    room.capacity = {64LL << 30, 16, 64LL << 30};
    room.capacity_known = true;
  }
  void with_job(model::Job job = running_job()) {
    auto d = *view.deployment;
    d.internal.current_job_id = job.metadata.id;
    d.internal.chain_position = 1;
    view.deployment = stored(std::move(d));
    view.job = stored(std::move(job));
    view.jobs = {view.job};
    view.cluster = stored(live_cluster());
    view.clusters = {view.cluster};
  }
  void open(model::TransitionKind kind, model::TransitionPhase phase) {
    model::Transition transition;
    transition.metadata.id = "t";
    transition.metadata.deployment_id = "d";
    transition.kind = kind;
    transition.phase = phase;
    view.transition = stored(std::move(transition));
  }
  void job_says(flink::JobState state) {
    flink::JobDetail detail;
    detail.state = state;
    detail.all_tasks_running = state == flink::JobState::kRunning;
    seen.job = detail;
    runtime::ClusterObservation cluster;
    cluster.presence = runtime::Presence::kPresent;
    cluster.job_manager_alive = true;
    cluster.task_managers_alive = 1;
    seen.cluster = cluster;
  }
  Decision decide() {
    Situation situation{view,     seen,  memory,          room,
                        settings, homes, loop.mono_now(), loop.wall_now()};
    Draft draft(view, loop, situation.wall_now);
    Decision decision = plan(situation, draft);
    batch = draft.take();
    return decision;
  }
  template <class T>
  const T* written() const {
    for (const auto& put : batch.puts)
      if (const auto* found = std::get_if<T>(&put.resource)) return found;
    return nullptr;
  }
  std::vector<std::string> events() const {
    std::vector<std::string> names;
    for (const auto& put : batch.puts)
      if (const auto* event = std::get_if<model::Event>(&put.resource))
        names.push_back(*event->metadata.name);
    return names;
  }
};

}  // namespace weir::control
