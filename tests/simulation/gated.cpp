#include "simulation/gated.h"

namespace weir::simulation {

using flink::Endpoint;

namespace {

template <class T>
Task<T> call(Life& life, ListedCall listed, Task<T> inner) {
  return guarded(life.gate, listed, std::move(inner));
}

}  // namespace

// ---- store ----

// A database that is full, locked or slow.
Task<Result<store::Revision>> GatedStore::write(store::Batch batch) {
  if (world_.store_delay > Duration(0)) co_await sleep_for(world_.loop(), world_.store_delay);
  if (world_.now() < world_.store_down_until)
    co_return fail(Code::kUnavailable, "The database takes no writes: disk full.");
  co_return co_await life_.store.commit(std::move(batch));
}

Task<Result<store::Revision>> GatedStore::commit(store::Batch batch) {
  if (!life_.gate.dead()) life_.judge.sees_commit(life_.store.read(), batch);
  return call(life_, "store.commit", write(std::move(batch)));
}
Task<Result<std::vector<std::shared_ptr<const model::Revision>>>> GatedStore::revisions(
    std::string deployment_id) {
  return call(life_, "store.revisions", life_.store.revisions(std::move(deployment_id)));
}
Task<Status> GatedStore::prune_events(std::string deployment_id, std::size_t keep) {
  return call(life_, "store.prune", life_.store.prune_events(std::move(deployment_id), keep));
}

// ---- runtime ----

Task<Result<runtime::Ports>> GatedRuntime::choose_ports(std::vector<int> taken) {
  return call(life_, "runtime.choose_ports", inner_.choose_ports(std::move(taken)));
}
Task<Status> GatedRuntime::ensure(flink::ClusterSpec spec) {
  if (!life_.gate.dead()) life_.judge.sees_ensure(life_.store.read(), spec);
  return call(life_, "runtime.ensure", inner_.ensure(std::move(spec)));
}
Task<Result<runtime::ClusterObservation>> GatedRuntime::observe(std::string cluster_id) {
  return call(life_, "runtime.observe", inner_.observe(std::move(cluster_id)));
}
Task<Status> GatedRuntime::end_task_manager(std::string cluster_id, int epoch, int index,
                                            bool at_once) {
  return call(life_, "runtime.end_worker",
              inner_.end_task_manager(std::move(cluster_id), epoch, index, at_once));
}
Task<Status> GatedRuntime::tear_down(std::string cluster_id, int epoch, MonoTime deadline) {
  if (!life_.gate.dead()) life_.judge.sees_tear_down(life_.store.read(), cluster_id);
  return call(life_, "runtime.tear_down", inner_.tear_down(std::move(cluster_id), epoch, deadline));
}
Task<Result<runtime::Capacity>> GatedRuntime::capacity() {
  return call(life_, "runtime.capacity", inner_.capacity());
}

// ---- Flink ----

Task<Result<flink::ClusterOverview>> GatedFlink::overview(Endpoint endpoint, MonoTime deadline) {
  return call(life_, "flink.overview", inner_.overview(std::move(endpoint), deadline));
}
Task<Result<std::string>> GatedFlink::upload_jar(Endpoint endpoint, std::string path,
                                                 std::string name, MonoTime deadline) {
  return call(life_, "flink.upload_jar",
              inner_.upload_jar(std::move(endpoint), std::move(path), std::move(name), deadline));
}
Task<Result<void>> GatedFlink::run(Endpoint endpoint, flink::RunRequest request,
                                   MonoTime deadline) {
  if (!life_.gate.dead()) life_.judge.sees_run(life_.store.read(), endpoint, request);
  return call(life_, "flink.run", inner_.run(std::move(endpoint), std::move(request), deadline));
}
Task<Result<void>> GatedFlink::check_plan(Endpoint endpoint, flink::RunRequest request,
                                          MonoTime deadline) {
  return call(life_, "flink.plan",
              inner_.check_plan(std::move(endpoint), std::move(request), deadline));
}
Task<Result<void>> GatedFlink::prime(Endpoint endpoint, flink::PrimingRequest request,
                                     MonoTime deadline) {
  if (!life_.gate.dead()) life_.judge.sees_prime(life_.store.read(), endpoint);
  return call(life_, "flink.prime",
              inner_.prime(std::move(endpoint), std::move(request), deadline));
}
Task<Result<void>> GatedFlink::trigger_checkpoint(Endpoint endpoint, std::string flink_job_id,
                                                  MonoTime deadline) {
  return call(life_, "flink.checkpoint",
              inner_.trigger_checkpoint(std::move(endpoint), std::move(flink_job_id), deadline));
}
Task<Result<flink::JobDetail>> GatedFlink::job(Endpoint endpoint, std::string flink_job_id,
                                               MonoTime deadline) {
  return call(life_, "flink.job",
              inner_.job(std::move(endpoint), std::move(flink_job_id), deadline));
}
Task<Result<flink::CheckpointStatistics>> GatedFlink::checkpoints(Endpoint endpoint,
                                                                  std::string flink_job_id,
                                                                  MonoTime deadline) {
  return call(life_, "flink.checkpoints",
              inner_.checkpoints(std::move(endpoint), std::move(flink_job_id), deadline));
}
Task<Result<flink::JobExceptions>> GatedFlink::exceptions(Endpoint endpoint,
                                                          std::string flink_job_id,
                                                          MonoTime deadline) {
  return call(life_, "flink.exceptions",
              inner_.exceptions(std::move(endpoint), std::move(flink_job_id), deadline));
}
Task<Result<std::int64_t>> GatedFlink::restarts(Endpoint endpoint, std::string flink_job_id,
                                                MonoTime deadline) {
  return call(life_, "flink.restarts",
              inner_.restarts(std::move(endpoint), std::move(flink_job_id), deadline));
}
Task<Result<std::vector<flink::VertexParallelism>>> GatedFlink::parallelism(
    Endpoint endpoint, std::string flink_job_id, MonoTime deadline) {
  return call(life_, "flink.parallelism",
              inner_.parallelism(std::move(endpoint), std::move(flink_job_id), deadline));
}
Task<Result<void>> GatedFlink::require_parallelism(Endpoint endpoint, std::string flink_job_id,
                                                   std::map<std::string, int> of_vertices,
                                                   MonoTime deadline) {
  return call(life_, "flink.rescale",
              inner_.require_parallelism(std::move(endpoint), std::move(flink_job_id),
                                         std::move(of_vertices), deadline));
}
Task<Result<std::vector<int>>> GatedFlink::idle_task_managers(Endpoint endpoint,
                                                              MonoTime deadline) {
  return call(life_, "flink.idle", inner_.idle_task_managers(std::move(endpoint), deadline));
}
Task<Result<void>> GatedFlink::cancel(Endpoint endpoint, std::string flink_job_id,
                                      MonoTime deadline) {
  return call(life_, "flink.cancel",
              inner_.cancel(std::move(endpoint), std::move(flink_job_id), deadline));
}
Task<Result<void>> GatedFlink::stop_with_savepoint(Endpoint endpoint, std::string flink_job_id,
                                                   std::string directory, std::string trigger_id,
                                                   bool drain, MonoTime deadline) {
  if (!life_.gate.dead()) life_.judge.sees_stop(life_.store.read(), endpoint, trigger_id);
  return call(
      life_, "flink.stop",
      inner_.stop_with_savepoint(std::move(endpoint), std::move(flink_job_id), std::move(directory),
                                 std::move(trigger_id), drain, deadline));
}
Task<Result<void>> GatedFlink::trigger_savepoint(Endpoint endpoint, std::string flink_job_id,
                                                 std::string directory, std::string trigger_id,
                                                 MonoTime deadline) {
  return call(life_, "flink.trigger",
              inner_.trigger_savepoint(std::move(endpoint), std::move(flink_job_id),
                                       std::move(directory), std::move(trigger_id), deadline));
}
Task<Result<flink::TriggerStatus>> GatedFlink::savepoint_status(Endpoint endpoint,
                                                                std::string flink_job_id,
                                                                std::string trigger_id,
                                                                MonoTime deadline) {
  return call(life_, "flink.savepoint",
              inner_.savepoint_status(std::move(endpoint), std::move(flink_job_id),
                                      std::move(trigger_id), deadline));
}

// ---- state directories and artifacts ----

Task<Result<std::vector<flink::FoundState>>> GatedStates::checkpoints(std::string directory) {
  return call(life_, "states.checkpoints", inner_.checkpoints(std::move(directory)));
}
Task<Result<std::vector<flink::FoundState>>> GatedStates::savepoints(std::string directory) {
  return call(life_, "states.savepoints", inner_.savepoints(std::move(directory)));
}
Task<Result<flink::FoundState>> GatedStates::inspect(std::string location) {
  return call(life_, "states.inspect", inner_.inspect(std::move(location)));
}
Task<Result<std::optional<flink::ArchivedJob>>> GatedStates::archived_job(
    std::string directory, std::string flink_job_id) {
  return call(life_, "states.archived",
              inner_.archived_job(std::move(directory), std::move(flink_job_id)));
}
Task<Status> GatedStates::prepare(std::string directory) {
  return call(life_, "states.prepare", inner_.prepare(std::move(directory)));
}
Task<Result<std::vector<flink::JobDirectory>>> GatedStates::job_directories(std::string state) {
  return call(life_, "states.jobs", inner_.job_directories(std::move(state)));
}
Task<Status> GatedStates::remove(std::string directory) {
  const bool is_job = directory.find("/checkpoints/jobs/") != std::string::npos;
  if (!life_.gate.dead() && is_job) life_.judge.sees_sweep(life_.store.read(), directory);
  if (!life_.gate.dead() && !is_job) life_.judge.sees_remove(life_.store.read(), directory);
  return call(life_, "states.remove", inner_.remove(std::move(directory)));
}
Task<Result<blob::KeptFile>> GatedArtifacts::fetch(std::string ns, std::string uri,
                                                   MonoTime deadline) {
  return call(life_, "artifacts.fetch", inner_.fetch(std::move(ns), std::move(uri), deadline));
}
Task<Result<blob::KeptFile>> GatedArtifacts::kept(std::string sha256, std::string name) {
  return call(life_, "artifacts.kept", inner_.kept(std::move(sha256), std::move(name)));
}

}  // namespace weir::simulation
