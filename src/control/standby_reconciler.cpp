#include "control/standby_reconciler.h"

#include <algorithm>

#include "base/log.h"
#include "control/executor.h"
#include "flink/assemble.h"

namespace weir::control {

struct StandbyReconciler::Actor {
  Actor(Timer& timer, model::StandbyPool p) : pool(std::move(p)), signal(timer) {}
  /// In the line of those that want to start.
  std::string id() const { return "standby " + pool.name; }
  model::StandbyPool pool;
  Signal signal;
  StandbyMemory memory;
};

StandbyReconciler::StandbyReconciler(World world, const Settings& settings, Reconciler& deployments)
    : world_(world),
      settings_(settings),
      deployments_(deployments),
      scope_(world.env.timer, "standby clusters") {}

void StandbyReconciler::start() {
  for (const model::StandbyPool& pool : settings_.standby_clusters) add(pool);
  for (const auto& cluster : world_.store.read().standby_clusters()) {
    model::StandbyPool gone;
    gone.name = cluster->standby->pool;
    gone.clusters = 0;
    add(std::move(gone));
  }
  if (actors_.empty()) return;
  subscription_ =
      world_.store.subscribe([this](const store::Change& change) { on_change(change); });
}

Task<void> StandbyReconciler::stop() {
  subscription_.reset();
  co_await scope_.stop();
  actors_.clear();
}

void StandbyReconciler::add(model::StandbyPool pool) {
  if (actors_.contains(pool.name)) return;
  auto actor = std::make_shared<Actor>(world_.env.timer, std::move(pool));
  actors_[actor->pool.name] = actor;
  scope_.spawn(actor->id(), run(actor));
}

void StandbyReconciler::wake(const std::string& pool) {
  if (const auto found = actors_.find(pool); found != actors_.end()) found->second->signal.notify();
}

// One that a job has taken names its pool no more: all look.
void StandbyReconciler::on_change(const store::Change& change) {
  if (change.kind != model::Kind::Cluster || !change.resource) return;
  const auto& cluster = std::get<model::Cluster>(*change.resource);
  if (cluster.standby) return wake(cluster.standby->pool);
  if (!cluster.configuration || cluster.metadata.session_cluster_id) return;
  for (const auto& [pool, actor] : actors_) actor->signal.notify();
}

std::vector<StandbyPoolState> StandbyReconciler::pools() const {
  std::vector<StandbyPoolState> all;
  for (const auto& [name, actor] : actors_) {
    StandbyPoolState state{name, actor->pool.clusters, actor->memory.message, {}};
    for (const auto& cluster : clusters_of(name)) state.clusters.push_back(*cluster);
    if (state.wanted > 0 || !state.clusters.empty()) all.push_back(std::move(state));
  }
  return all;
}

std::vector<store::Stored<model::Cluster>> StandbyReconciler::clusters_of(
    const std::string& pool) const {
  auto clusters = world_.store.read().standby_clusters();
  std::erase_if(clusters, [&](const auto& cluster) { return cluster->standby->pool != pool; });
  return clusters;
}

Task<void> StandbyReconciler::run(std::shared_ptr<Actor> actor) {
  co_await sleep_for(world_.env.timer, Duration(0));
  // One that a restored database takes for a standby cluster may run somebody's job.
  co_await deployments_.look_around();
  while (true) {
    const Duration again = co_await pass(actor);
    if (again > Duration(0)) co_await actor->signal.wait(world_.env.now() + again);
  }
}

Task<Duration> StandbyReconciler::pass(std::shared_ptr<Actor> actor) {
  const auto clusters = clusters_of(actor->pool.name);
  const auto seen = co_await observe(clusters);
  StandbyMemory& memory = actor->memory;
  const bool waits = memory.not_before && world_.env.now() < *memory.not_before;
  const bool comes_up = wants_standby(actor->pool, clusters) && !waits;
  const bool coming = std::any_of(clusters.begin(), clusters.end(), [](const auto& cluster) {
    return cluster->phase == model::ClusterPhase::WANTED && !cluster->standby->ready;
  });
  if (comes_up) co_await deployments_.refresh_capacity();
  RoomWish wish;
  wish.to_start = comes_up || coming;
  wish.yields = true;
  if (comes_up && !coming) wish.need = need_of(actor->pool);
  const Room room = deployments_.room_for(actor->id(), wish);
  StandbySituation situation{
      actor->pool, clusters,     seen,           memory,           room,
      settings_,   world_.homes, world_.env.ids, world_.env.now(), world_.env.wall_now()};
  const StandbyResult before = memory.result;
  const std::string told = memory.message;
  StandbyDecision decision = plan_standby_pool(situation);
  memory.result = std::monostate();
  if (memory.message != told && !memory.message.empty())
    log::info("control", "standby pool {}: {}", actor->pool.name, memory.message);
  const bool recorded = !decision.batch.empty();
  if (recorded)
    if (const Status committed = co_await commit(std::move(decision.batch)); !committed) {
      memory.result = before;
      if (committed.error().code == Code::kConflict) co_return Duration(0);
      log::warn("control", "standby pool {}: {}", actor->pool.name, to_string(committed.error()));
      co_return std::chrono::seconds(1);
    }
  if (!std::holds_alternative<std::monostate>(decision.effect)) {
    memory.result = co_await perform(std::move(decision.effect), actor);
    co_return decision.again;
  }
  // What waits for more than its turn lets others come up meanwhile.
  if (comes_up && !recorded && decision.again >= std::chrono::seconds(1))
    deployments_.leave_line(actor->id());
  if (!recorded && decision.again <= Duration(0)) co_return settings_.poll_fast;
  co_return decision.again;
}

Task<std::map<std::string, StandbyObservation>> StandbyReconciler::observe(
    std::vector<store::Stored<model::Cluster>> clusters) {
  std::map<std::string, StandbyObservation> seen;
  for (const auto& cluster : clusters) {
    if (cluster->phase != model::ClusterPhase::WANTED) continue;
    StandbyObservation& one = seen[cluster->metadata.id];
    if (auto processes = co_await world_.runtime.observe(cluster->metadata.id))
      one.processes = std::move(*processes);
    if (!cluster->standby->ready && one.processes.job_manager_alive)
      one.overview = co_await world_.flink.overview(endpoint_of(*cluster),
                                                    world_.env.now() + settings_.call_time);
  }
  co_return seen;
}

// Room is reserved together with the intent.
Task<Status> StandbyReconciler::commit(store::Batch batch) {
  std::string made;
  for (const auto& put : batch.puts)
    if (const auto* cluster = std::get_if<model::Cluster>(&put.resource);
        cluster && !world_.store.read().cluster(cluster->metadata.id)) {
      made = cluster->metadata.id;
      deployments_.ledger().count(*cluster);
    }
  auto committed = co_await world_.store.commit(std::move(batch));
  if (committed) co_return Status();
  if (!made.empty() && !world_.store.read().cluster(made)) deployments_.ledger().forget(made);
  co_return std::move(committed).error();
}

Task<StandbyResult> StandbyReconciler::perform(StandbyEffect effect, std::shared_ptr<Actor> actor) {
  actor->memory.result_of.clear();
  if (std::holds_alternative<ChoosePorts>(effect))
    co_return ChosenPorts{
        co_await world_.runtime.choose_ports(deployments_.ledger().taken_ports())};
  if (const auto* tear_down = std::get_if<TearDown>(&effect)) {
    const std::string id = tear_down->cluster_id;
    auto status = co_await world_.runtime.tear_down(id, tear_down->epoch,
                                                    world_.env.now() + settings_.tear_down_time);
    co_return TornDown{id, std::move(status)};
  }
  const auto* ensured = std::get_if<EnsureStandby>(&effect);
  const auto* primed = std::get_if<PrimeStandby>(&effect);
  const std::string id = ensured != nullptr ? ensured->cluster_id : primed->cluster_id;
  const auto cluster = world_.store.read().cluster(id);
  if (!cluster || !cluster->standby || cluster->phase != model::ClusterPhase::WANTED)
    co_return std::monostate();
  actor->memory.result_of = id;
  if (ensured != nullptr) co_return EnsuredCluster{co_await ensure(cluster)};
  co_return PrimedCluster{co_await prime(world_, settings_, cluster)};
}

Task<Status> StandbyReconciler::ensure(store::Stored<model::Cluster> cluster) {
  auto home = world_.homes.resolve(cluster->flink_version);
  if (!home) co_return Error(std::move(home).error());
  model::StandbyPool pool;
  pool.number_of_task_managers = cluster->task_managers;
  pool.flink_version = cluster->flink_version;
  pool.resources = cluster->standby->resources;
  const std::string id = cluster->metadata.id;
  const model::Job job = job_of_standby(pool, id, *cluster->configuration);
  const flink::AssembleInput input{
      job, *cluster, *home, context_of_standby(settings_, id), {}, settings_.time_zone};
  auto spec = flink::assemble(input);
  if (!spec) co_return Error(std::move(spec).error());
  flink::ClusterSpec wanted = std::move(*spec);
  co_return co_await world_.runtime.ensure(std::move(wanted));
}

}  // namespace weir::control
