#include "control/session_cluster_reconciler.h"

#include "base/log.h"
#include "control/idle_workers.h"
#include "control/mistakes.h"
#include "control/plan.h"
#include "flink/assemble.h"

namespace weir::control {

struct SessionClusterReconciler::Actor {
  Actor(Timer& timer, std::string i) : id(std::move(i)), signal(timer) {}
  std::string id;
  Signal signal;
  SessionMemory memory;
  std::size_t events = 0;  ///< since the last pruning
};

SessionClusterReconciler::SessionClusterReconciler(World world, const Settings& settings,
                                                   Reconciler& deployments)
    : world_(world),
      settings_(settings),
      deployments_(deployments),
      scope_(world.env.timer, "session clusters") {}

void SessionClusterReconciler::start() {
  subscription_ =
      world_.store.subscribe([this](const store::Change& change) { on_change(change); });
  for (const auto& cluster : world_.store.read().session_clusters("")) add(cluster->metadata.id);
}

Task<void> SessionClusterReconciler::stop() {
  subscription_.reset();
  co_await scope_.stop();
  actors_.clear();
}

void SessionClusterReconciler::add(const std::string& id) {
  if (actors_.contains(id)) return;
  auto actor = std::make_shared<Actor>(world_.env.timer, id);
  actors_[id] = actor;
  scope_.spawn("session cluster " + id, run(actor));
}

void SessionClusterReconciler::wake(const std::string& id) {
  if (const auto found = actors_.find(id); found != actors_.end()) found->second->signal.notify();
}

// A job that left or came tells nothing by itself: the next pass reads everything.
void SessionClusterReconciler::on_change(const store::Change& change) {
  if (change.kind == model::Kind::SessionCluster) {
    if (!change.deleted) add(change.id);
    wake(change.id);
  }
  if (change.kind != model::Kind::Job || !change.resource) return;
  const auto& job = std::get<model::Job>(*change.resource);
  if (!job.metadata.session_cluster_name || !job.internal.cluster_id) return;
  if (const auto cluster = world_.store.read().cluster(*job.internal.cluster_id);
      cluster && cluster->metadata.session_cluster_id)
    wake(*cluster->metadata.session_cluster_id);
}

Task<void> SessionClusterReconciler::run(std::shared_ptr<Actor> actor) {
  // Spawned by a change that is still being published: its listeners must not commit.
  co_await sleep_for(world_.env.timer, Duration(0));
  co_await deployments_.look_around();
  while (true) {
    const auto again = co_await pass(actor);
    if (!again) break;
    if (*again > Duration(0)) co_await actor->signal.wait(world_.env.now() + *again);
  }
  deployments_.leave_line(actor->id);
  actors_.erase(actor->id);
  if (const Status pruned = co_await world_.store.prune_events(actor->id, 0); !pruned)
    log::warn("control", "session cluster {}: {}", actor->id, to_string(pruned.error()));
}

namespace {

// It waits for nothing while it backs off.
RoomWish room_wish_of(const SessionView& view, WallTime now) {
  RoomWish wish;
  const auto until = view.owner->internal.not_before;
  wish.to_start = comes_up(view) && (view.cluster || !until || *until <= now);
  if (!wish.to_start || view.cluster) return wish;
  const model::Job job = job_of_attempt(*view.owner, {});
  wish.need = need_of(job, job.spec.number_of_task_managers);
  wish.goes_on = !view.jobs.empty();
  return wish;
}

}  // namespace

Task<std::optional<Duration>> SessionClusterReconciler::pass(std::shared_ptr<Actor> actor) {
  const SessionView view = load_session_view(world_.store.read(), actor->id);
  if (!view.owner) co_return std::nullopt;
  if (!view.cluster && comes_up(view) && deployments_.has_strangers(actor->id)) {
    const Status ended = co_await deployments_.end_strangers(actor->id);
    if (!ended) log::warn("control", "session cluster {}: {}", actor->id, to_string(ended.error()));
    co_return ended ? Duration(0) : Duration(std::chrono::seconds(1));
  }
  const SessionObservation seen = co_await observe(view);
  const RoomWish wish = room_wish_of(view, world_.env.wall_now());
  const bool resizes =
      view.cluster && view.owner->spec.number_of_task_managers != view.cluster->task_managers;
  if (wish.to_start || resizes) co_await deployments_.refresh_capacity();
  const Room room = deployments_.room_for(actor->id, wish);
  const SessionResult before = actor->memory.result;
  SessionSituation situation{view,      seen,         actor->memory,    room,
                             settings_, world_.homes, world_.env.now(), world_.env.wall_now()};
  SessionDraft draft(view, world_.env.ids, situation.wall_now);
  SessionDecision decision = plan_session_cluster(situation, draft);
  actor->memory.result = std::monostate();
  const bool recorded = !draft.empty();
  if (recorded) {
    store::Batch batch = draft.take();
    for (const auto& put : batch.puts)
      if (std::holds_alternative<model::Event>(put.resource)) ++actor->events;
    const Status committed = co_await commit(std::move(batch));
    if (!committed) {
      actor->memory.result = before;
      if (committed.error().code == Code::kConflict) co_return Duration(0);
      log::warn("control", "session cluster {}: {}", actor->id, to_string(committed.error()));
      co_return std::chrono::seconds(1);
    }
  }
  if (!std::holds_alternative<std::monostate>(decision.effect)) {
    actor->memory.result = co_await perform(std::move(decision.effect), actor->id);
    co_return decision.again;
  }
  if (!recorded && decision.again <= Duration(0)) co_return settings_.poll_fast;
  if (!recorded) co_await keep_house(*actor);
  co_return decision.again;
}

Task<void> SessionClusterReconciler::keep_house(Actor& actor) {
  if (actor.events < settings_.events_per_deployment / 10 + 1) co_return;
  actor.events = 0;
  if (const Status pruned =
          co_await world_.store.prune_events(actor.id, settings_.events_per_deployment);
      !pruned)
    log::warn("control", "session cluster {}: {}", actor.id, to_string(pruned.error()));
}

Task<Status> SessionClusterReconciler::commit(store::Batch batch) {
  const model::Cluster* made = nullptr;
  for (const auto& put : batch.puts)
    if (const auto* cluster = std::get_if<model::Cluster>(&put.resource)) made = cluster;
  const std::string reserved = made != nullptr ? made->metadata.id : std::string();
  // Room is reserved together with the intent.
  if (made != nullptr) deployments_.ledger().count(*made);
  auto committed = co_await world_.store.commit(std::move(batch));
  if (committed) co_return Status();
  if (!reserved.empty()) {
    if (const auto recorded = world_.store.read().cluster(reserved))
      deployments_.ledger().count(*recorded);
    else deployments_.ledger().forget(reserved);
  }
  co_return std::move(committed).error();
}

Task<SessionObservation> SessionClusterReconciler::observe(SessionView view) {
  SessionObservation seen;
  if (!view.cluster || view.cluster->phase != model::ClusterPhase::WANTED) co_return seen;
  auto processes = co_await world_.runtime.observe(view.cluster->metadata.id);
  if (processes) seen.processes = std::move(*processes);
  else seen.processes.emplace().why_unknown = processes.error().message;
  const bool dead =
      seen.processes->presence != runtime::Presence::kUnknown && !seen.processes->job_manager_alive;
  if (!dead)
    seen.overview = co_await world_.flink.overview(endpoint_of(*view.cluster),
                                                   world_.env.now() + settings_.call_time);
  co_return seen;
}

Task<SessionResult> SessionClusterReconciler::perform(SessionEffect effect, std::string id) {
  const SessionView view = load_session_view(world_.store.read(), id);
  if (std::holds_alternative<ChoosePorts>(effect))
    co_return ChosenPorts{
        co_await world_.runtime.choose_ports(deployments_.ledger().taken_ports())};
  if (!view.cluster) co_return std::monostate();
  if (std::holds_alternative<EnsureSessionCluster>(effect)) {
    if (view.cluster->phase != model::ClusterPhase::WANTED) co_return std::monostate();
    co_return EnsuredCluster{co_await ensure(view)};
  }
  if (const auto* end = std::get_if<EndIdleWorkers>(&effect)) {
    if (const Status ended = co_await end_idle_workers(world_, settings_, view.cluster, *end);
        !ended)
      log::info("control", "cluster {}: {}", view.cluster->metadata.id, to_string(ended.error()));
    co_return std::monostate();
  }
  if (const auto* tear_down = std::get_if<TearDown>(&effect)) {
    const std::string cluster_id = tear_down->cluster_id;
    auto status = co_await world_.runtime.tear_down(cluster_id, tear_down->epoch,
                                                    world_.env.now() + settings_.tear_down_time);
    co_return TornDown{cluster_id, std::move(status)};
  }
  if (std::holds_alternative<LookForCheckpoints>(effect))
    co_return SeenCheckpoints{co_await checkpoints_of(view)};
  co_return std::monostate();
}

Task<Status> SessionClusterReconciler::ensure(SessionView view) {
  const model::Cluster& cluster = *view.cluster;
  const model::Job job =
      job_of_attempt(*view.owner, cluster.configuration.value_or(model::StringMap{}));
  auto home = world_.homes.resolve(cluster.flink_version);
  if (!home) co_return Error(std::move(home).error());
  std::string texts;
  for (const auto& [key, value] : job.spec.flink_configuration) texts += value + " ";
  auto secrets = secrets_in(world_, texts, job.metadata.namespace_);
  if (!secrets) co_return Error(std::move(secrets).error());
  const flink::AssembleInput input{job,
                                   cluster,
                                   *home,
                                   context_of(*view.owner, settings_),
                                   std::move(*secrets),
                                   settings_.time_zone};
  auto spec = flink::assemble(input);
  if (!spec) co_return Error(std::move(spec).error());
  const std::string directory = cluster.checkpoints.value_or("");
  if (is_local_path(directory)) WEIR_CO_CHECK_OK(co_await world_.states.prepare(directory));
  flink::ClusterSpec wanted = std::move(*spec);
  co_return co_await world_.runtime.ensure(std::move(wanted));
}

Task<Result<std::set<std::string>>> SessionClusterReconciler::checkpoints_of(SessionView view) {
  std::set<std::string> locations;
  const std::string directory = view.cluster->checkpoints.value_or("");
  if (!is_local_path(directory)) co_return locations;
  WEIR_CO_TRY(const auto found, co_await world_.states.checkpoints(directory));
  for (const flink::FoundState& state : found) locations.insert(state.location);
  co_return locations;
}

}  // namespace weir::control
