#include "control/reconciler.h"

#include <fmt/format.h>

#include "base/log.h"
#include "control/crash_points.h"
#include "control/mistakes.h"
#include "control/plan.h"
#include "control/plan_session.h"

namespace weir::control {

using model::TransitionPhase;

namespace {
// Asking one job costs half a millisecond: all of them together may use a quarter of the thread.
constexpr Duration kPollShare = std::chrono::milliseconds(2);
// Next steps that go on before users are served again.
constexpr std::size_t kPassesAtOnce = 8;
// Whoever waits for its turn is woken when it comes; this is only for the case that it is not.
constexpr Duration kTurnWait = std::chrono::seconds(30);

// What a user's write must change to need a pass now. Everything else (labels, limits, strategies
// of the next start) is read by the passes that come anyway.
struct Wish {
  std::optional<model::DesiredState> state;
  std::int64_t revision = 0;
  std::optional<model::UpgradeStrategyKind> upgrade;
  std::int32_t retries = 0;
  bool deleting = false;
  bool operator==(const Wish&) const = default;
};

Wish wish_of(const model::Deployment& deployment) {
  const auto& strategy = deployment.spec.upgrade_strategy;
  return {deployment.spec.state, deployment.internal.spec_revision,
          strategy ? std::optional(strategy->kind) : std::nullopt, deployment.internal.retries,
          deployment.internal.deleting.value_or(false)};
}

}  // namespace

/// One deployment's coroutine and what it remembers.
struct Reconciler::Actor {
  Actor(Timer& timer, std::string i) : id(std::move(i)), signal(timer) {}
  std::string id;
  Signal signal;
  Memory memory;
  Wish seen;                           ///< by the last pass
  std::optional<MonoTime> changed_at;  ///< of a user's write that no pass has read yet
  bool process_ended = false;          ///< of one of its clusters, since the last effect began
  std::size_t events = 0;              ///< since the last pruning
  std::shared_ptr<Flight> single;      ///< the newest submit or priming, perhaps still under way
};

/// An effect under way; the actor may stop waiting for it when its user wants something else.
struct Reconciler::Flight {
  std::string place;   ///< of a submit or priming: what, which cluster, which job
  std::string submit;  ///< which attempt it submits, see Memory::Submits
  bool done = false;
  EffectResult result;
};

Reconciler::Reconciler(World world, const Settings& settings, Statistics& statistics)
    : world_(world),
      settings_(settings),
      statistics_(statistics),
      ledger_(settings.starts_at_once, settings.room_time),
      executor_(world, settings, ledger_),
      rounds_(world.env.timer, kPassesAtOnce),
      scope_(world.env.timer, "control") {}

void Reconciler::start() {
  std::weak_ptr<bool> alive = alive_;
  subscription_ =
      world_.store.subscribe([this](const store::Change& change) { on_change(change); });
  world_.runtime.on_change([this, alive](const std::string& cluster_id) {
    if (alive.expired()) return;
    const auto cluster = world_.store.read().cluster(cluster_id);
    if (!cluster) return;
    if (cluster->metadata.deployment_id) process_ended(*cluster->metadata.deployment_id);
    if (cluster->metadata.session_cluster_id && on_session_process)
      on_session_process(*cluster->metadata.session_cluster_id);
    if (cluster->standby && on_standby_process) on_standby_process(cluster->standby->pool);
  });
  const auto& read = world_.store.read();
  for (const auto& cluster : read.clusters()) ledger_.count(*cluster);
  for (const auto& deployment : read.deployments("")) {
    if (const auto open = read.open_transition(deployment->metadata.id))
      open_transitions_.insert(open->metadata.id);
    add(deployment->metadata.id, std::nullopt);
  }
  scope_.spawn("clusters that are not recorded", find_strangers());
}

Task<void> Reconciler::stop() {
  subscription_.reset();
  co_await scope_.stop();
  actors_.clear();
}

void Reconciler::add(const std::string& deployment_id, std::optional<MonoTime> changed_at) {
  if (actors_.contains(deployment_id)) return;
  auto actor = std::make_shared<Actor>(world_.env.timer, deployment_id);
  actor->changed_at = changed_at;
  actors_[deployment_id] = actor;
  scope_.spawn("deployment " + deployment_id, run(actor));
}

void Reconciler::wake(const std::string& deployment_id) {
  if (const auto found = actors_.find(deployment_id); found != actors_.end())
    found->second->signal.notify();
}

void Reconciler::process_ended(const std::string& deployment_id) {
  const auto found = actors_.find(deployment_id);
  if (found == actors_.end()) return;
  found->second->process_ended = true;
  found->second->signal.notify();
}

void Reconciler::wake_next_in_line() {
  if (const std::string next = ledger_.next(); !next.empty()) wake(next);
}

void Reconciler::on_change(const store::Change& change) {
  switch (change.kind) {
    case model::Kind::Deployment:
      if (!change.deleted) on_deployment(change);
      break;
    case model::Kind::Transition:
      if (change.deleted) open_transitions_.erase(change.id);
      else open_transitions_.insert(change.id);
      break;
    case model::Kind::Cluster:
      if (change.deleted) ledger_.forget(change.id);
      else on_cluster(std::get<model::Cluster>(*change.resource));
      if (change.deleted && change.resource)
        if (const auto& cluster = std::get<model::Cluster>(*change.resource);
            cluster.metadata.session_cluster_name)
          wake_those_in(cluster.metadata.namespace_, *cluster.metadata.session_cluster_name);
      break;
    case model::Kind::SessionCluster:
      if (change.resource) {
        const auto& cluster = std::get<model::SessionCluster>(*change.resource);
        wake_those_in(cluster.metadata.namespace_, cluster.metadata.name.value_or(""));
      }
      break;
    default: break;
  }
}

// Whoever waits for its turn may not have to, with one that is up already.
void Reconciler::on_cluster(const model::Cluster& cluster) {
  ledger_.count(cluster);
  if (cluster.standby && cluster.standby->ready)
    for (const std::string& id : ledger_.waiting()) wake(id);
}

void Reconciler::wake_those_in(const std::string& ns, const std::string& session_cluster) {
  for (const auto& deployment : world_.store.read().deployments(ns))
    if (deployment->spec.session_cluster_name == session_cluster) wake(deployment->metadata.id);
}

// What the controller itself wrote needs no wake, nor does a write that changes nothing it acts on.
void Reconciler::on_deployment(const store::Change& change) {
  const auto found = actors_.find(change.id);
  if (found == actors_.end()) {
    add(change.id, world_.env.now());
    return;
  }
  Actor& actor = *found->second;
  if (wish_of(std::get<model::Deployment>(*change.resource)) == actor.seen) return;
  if (!actor.changed_at) actor.changed_at = world_.env.now();
  actor.signal.notify();
}

Task<void> Reconciler::run(std::shared_ptr<Actor> actor) {
  // Spawned by a change that is still being published: its listeners must not commit.
  co_await sleep_for(world_.env.timer, Duration(0));
  co_await look_around();
  while (true) {
    // What a user has just changed is read at once; everything else gives way to users.
    if (!actor->changed_at) co_await rounds_.next();
    const auto again = co_await pass(actor);
    if (!again) break;
    if (*again <= Duration(0)) continue;
    // Spread, so that deployments that were read together are not polled together for ever.
    const auto spread = static_cast<std::uint64_t>(again->count() / 5 + 1);
    const Duration wait = *again >= std::chrono::seconds(1)
                              ? *again + Duration(world_.env.ids.below(spread))
                              : *again;
    co_await actor->signal.wait(world_.env.now() + wait);
  }
  const bool left = ledger_.leave_line(actor->id);
  actors_.erase(actor->id);
  if (left) wake_next_in_line();
}

namespace {

bool comes_up(const View& view) {
  if (!view.transition || view.job_in_session()) return false;
  switch (view.transition->phase) {
    case TransitionPhase::SPIN_UP:
    case TransitionPhase::AWAIT_CLUSTER:
    case TransitionPhase::SUBMIT:
    case TransitionPhase::AWAIT_RUNNING: return true;
    default: return false;
  }
}

RoomWish room_wish_of(const View& view) {
  RoomWish wish;
  wish.to_start = comes_up(view);
  if (!wish.to_start || view.cluster || view.transition->phase != TransitionPhase::SPIN_UP)
    return wish;
  wish.need = need_of(*view.job, task_managers_for(view, *view.job));
  wish.goes_on =
      view.transition->kind != model::TransitionKind::START || view.transition->continues_job_id;
  return wish;
}

// A cluster that is to be, or to be larger: its room is taken before the commit.
const model::Cluster* claimed_cluster_in(const store::Batch& batch, const store::ReadModel& read) {
  for (const auto& put : batch.puts)
    if (const auto* cluster = std::get_if<model::Cluster>(&put.resource)) {
      const auto recorded = read.cluster(cluster->metadata.id);
      if (!recorded || recorded->memory_bytes < cluster->memory_bytes) return cluster;
    }
  return nullptr;
}

// Its cluster may be about to get more TaskManagers.
bool grows(const View& view) {
  if (view.transition) return view.transition->phase == TransitionPhase::ADD_WORKERS;
  return view.job && view.cluster && !view.cluster->metadata.session_cluster_id &&
         view.cluster->task_managers < task_managers_for(view, *view.job);
}

// With nothing that runs beside it, which would have to be looked at meanwhile.
bool waits_for_turn(const View& view, const Room& room) {
  return !room.may_start && view.clusters.empty() &&
         view.transition->phase == TransitionPhase::SPIN_UP;
}

bool speaks_to_cluster(const Effect& effect) {
  return std::holds_alternative<UploadJar>(effect) || std::holds_alternative<CheckPlan>(effect) ||
         std::holds_alternative<PrimeCluster>(effect) ||
         std::holds_alternative<SubmitJob>(effect) || std::holds_alternative<CancelJob>(effect) ||
         std::holds_alternative<TriggerCheckpoint>(effect) ||
         std::holds_alternative<RequireParallelism>(effect) ||
         std::holds_alternative<EndIdleWorkers>(effect) ||
         std::holds_alternative<StopWithSavepoint>(effect);
}

bool is_long(const Effect& effect) {
  return std::holds_alternative<FetchJar>(effect) || std::holds_alternative<UploadJar>(effect) ||
         std::holds_alternative<CheckPlan>(effect) ||
         std::holds_alternative<PrimeCluster>(effect) || std::holds_alternative<SubmitJob>(effect);
}

}  // namespace

Room Reconciler::room_for(const std::string& id, const RoomWish& wish) {
  const MonoTime now = world_.env.now();
  Room room = ledger_.present();
  room.is_kept = wish.need && !wish.goes_on && ledger_.is_kept_from(id, now);
  const bool fits =
      !wish.need || (room.capacity_known && lack_of_room(room, settings_, *wish.need).empty());
  if (!wish.to_start || !fits) {
    const bool waits = wish.to_start && !wish.yields;
    if (waits ? ledger_.wait_for_room(id, now) : ledger_.leave_line(id)) wake_next_in_line();
    return room;
  }
  room.may_start = ledger_.may_start(id);
  // Several places may have become free before the one that was woken came to ask.
  if (room.may_start) wake_next_in_line();
  return room;
}

void Reconciler::leave_line(const std::string& id) {
  if (ledger_.leave_line(id)) wake_next_in_line();
}

Task<void> Reconciler::refresh_capacity() {
  const MonoTime now = world_.env.now();
  if (capacity_asked_ && now - capacity_at_ < std::chrono::seconds(5)) co_return;
  capacity_asked_ = true;
  capacity_at_ = now;
  if (auto capacity = co_await world_.runtime.capacity()) ledger_.set_capacity(*capacity);
  else capacity_asked_ = false;
}

Task<Room> Reconciler::room() {
  co_await refresh_capacity();
  co_return ledger_.present();
}

Task<std::optional<Duration>> Reconciler::pass(std::shared_ptr<Actor> actor) {
  ++statistics_.passes;
  View view = load_view(world_.store.read(), actor->id);
  if (!view.deployment) co_return std::nullopt;
  if (has_strangers(actor->id) && (view.transition || view.deployment->internal.deleting)) {
    const Status ended = co_await end_strangers(actor->id);
    if (!ended) log::warn("control", "deployment {}: {}", actor->id, to_string(ended.error()));
    co_return ended ? Duration(0) : Duration(std::chrono::seconds(1));
  }
  actor->seen = wish_of(*view.deployment);
  if (actor->changed_at) statistics_.lag.add(world_.env.now() - *actor->changed_at);
  actor->changed_at.reset();
  const Questions ask = questions_for(view, actor->memory, world_.env.now());
  const Observation seen = co_await executor_.observe(ask, view);
  if ((comes_up(view) && !view.cluster) || grows(view)) co_await refresh_capacity();

  Room room = room_for(actor->id, room_wish_of(view));
  room.poll_floor = kPollShare * static_cast<std::int64_t>(actors_.size());
  const EffectResult result_before = actor->memory.result;
  Situation situation{view,      seen,         actor->memory,    room,
                      settings_, world_.homes, world_.env.now(), world_.env.wall_now()};
  Draft draft(view, world_.env.ids, situation.wall_now);
  Decision decision = plan(situation, draft);
  actor->memory.result = std::monostate();
  const bool recorded = !draft.empty();
  if (mistakes.submit_before_record && std::holds_alternative<SubmitJob>(decision.effect) &&
      recorded && view.cluster) {
    model::Cluster known = *view.cluster;
    known.jar_id = actor->memory.jar_id;
    View early = view;
    early.cluster.value = std::make_shared<const model::Cluster>(std::move(known));
    co_await executor_.perform(SubmitJob{}, early);
  }
  if (recorded) {
    auto batch = draft.take();
    const Status committed = co_await commit(actor, std::move(batch));
    if (!committed) {
      actor->memory.result = result_before;
      if (committed.error().code == Code::kConflict) co_return Duration(0);
      log::warn("control", "deployment {}: {}", actor->id, to_string(committed.error()));
      co_return std::chrono::seconds(1);
    }
  }
  if (!std::holds_alternative<std::monostate>(decision.effect)) {
    co_await act(actor, std::move(decision.effect));
    co_return decision.again;
  }
  if (waits_for_turn(view, room) && decision.again > Duration(0))
    co_return std::max<Duration>(decision.again, kTurnWait);
  if (!recorded && decision.again <= Duration(0)) co_return settings_.poll_fast;
  if (!recorded) co_await keep_house(actor);
  co_return decision.again;
}

Task<Status> Reconciler::commit(std::shared_ptr<Actor> actor, store::Batch batch) {
  std::string reserved;
  if (const auto* cluster = claimed_cluster_in(batch, world_.store.read())) {
    reserved = cluster->metadata.id;
    ledger_.count(*cluster);
  }
  for (const auto& put : batch.puts)
    if (std::holds_alternative<model::Event>(put.resource)) ++actor->events;
  const bool was_open = bool(world_.store.read().open_transition(actor->id));
  auto committed = co_await world_.store.commit(std::move(batch));
  if (!committed) {
    if (!reserved.empty()) {
      if (const auto kept = world_.store.read().cluster(reserved)) ledger_.count(*kept);
      else ledger_.forget(reserved);
    }
    if (committed.error().code == Code::kConflict) ++statistics_.commit_conflicts;
    co_return std::move(committed).error();
  }
  if (!was_open || world_.store.read().open_transition(actor->id)) co_return Status();
  const View after = load_view(world_.store.read(), actor->id);
  if (after.deployment && after.deployment->status.state == model::ObservedState::RUNNING)
    note_start(*actor, after);
  co_return Status();
}

void Reconciler::note_start(const Actor& actor, const View& view) {
  if (!view.job || !view.job->status.phases) return;
  const auto& phases = *view.job->status.phases;
  const auto add = [&](Histogram& histogram, const auto& from, const auto& to) {
    if (from && to && *to >= *from) histogram.add(*to - *from);
  };
  add(statistics_.start_total, phases.requested_at, phases.running_at);
  add(statistics_.start_processes, phases.requested_at, phases.processes_at);
  add(statistics_.start_rest, phases.processes_at, phases.rest_at);
  add(statistics_.start_slots, phases.rest_at, phases.slots_at);
  add(statistics_.start_upload, phases.rest_at, phases.uploaded_at);
  add(statistics_.start_running, phases.submitted_at, phases.running_at);
}

Task<void> Reconciler::act(std::shared_ptr<Actor> actor, Effect effect) {
  const View view = load_view(world_.store.read(), actor->id);
  if (!view.deployment) co_return;
  // A session cluster may have gone since the decision; the next one sees it.
  if (!view.cluster && speaks_to_cluster(effect)) co_return;
  if (!effect_is_safe(effect, view)) co_return;
  pass_before_effect(effect, view);
  if (!is_long(effect)) {
    actor->memory.result = co_await executor_.perform(std::move(effect), view);
    pass_after_effect(actor->memory.result, view);
    co_return;
  }
  const bool is_submit = std::holds_alternative<SubmitJob>(effect);
  const bool is_single = is_submit || std::holds_alternative<PrimeCluster>(effect);
  const std::string place = is_single
                                ? fmt::format("{} {} {}", effect.index(), view.cluster->metadata.id,
                                              view.job->metadata.id)
                                : std::string();
  auto flight = is_single ? actor->single : nullptr;
  // A submit that is under way is not sent again: main() would run twice.
  if (!flight || flight->done || flight->place != place) {
    flight = std::make_shared<Flight>();
    flight->place = place;
    if (is_submit) {
      flight->submit = submit_key(*view.job);
      if (actor->memory.submits.of == flight->submit) ++actor->memory.submits.open;
    }
    if (is_single) actor->single = flight;
    scope_.spawn("effect of " + actor->id, fly(actor, flight, std::move(effect), view));
  }
  actor->process_ended = false;
  // A new intent does not wait for a slow main() or download, nor does a process that ended; the
  // outcome is then found by asking.
  // Neither does a job that runs already while the answer to its submit is lost.
  while (!flight->done) {
    co_await actor->signal.wait(world_.env.now() + std::chrono::seconds(1));
    if (flight->done) break;
    if (actor->changed_at) co_return;
    if (!is_submit && actor->process_ended) co_return;
    if (!is_submit) continue;
    Questions ask;
    ask.job = true;
    const Observation seen = co_await executor_.observe(ask, view);
    if (seen.job && *seen.job) co_return;
  }
  actor->memory.result = std::move(flight->result);
}

// An answer that says nothing leaves the submit open.
void Reconciler::note_answer(Memory::Submits& submits, const Flight& flight) {
  const auto* answer = std::get_if<SubmittedJob>(&flight.result);
  if (answer == nullptr || submits.of != flight.submit) return;
  const Status& status = answer->status;
  const bool accepted = status || status.error().code == Code::kAlreadyExists;
  if (!accepted && may_work_later(status.error())) return;
  --submits.open;
  if (accepted) ++submits.accepted;
}

Task<void> Reconciler::fly(std::shared_ptr<Actor> actor, std::shared_ptr<Flight> flight,
                           Effect effect, View view) {
  flight->result = co_await executor_.perform(std::move(effect), view);
  pass_after_effect(flight->result, view);
  flight->done = true;
  note_answer(actor->memory.submits, *flight);
  actor->signal.notify();
}

// Bounds what a deployment leaves behind: events and records of ended jobs.
Task<void> Reconciler::keep_house(std::shared_ptr<Actor> actor) {
  if (actor->events >= settings_.events_per_deployment / 10 + 1) {
    actor->events = 0;
    if (const Status pruned =
            co_await world_.store.prune_events(actor->id, settings_.events_per_deployment);
        !pruned)
      log::warn("control", "deployment {}: {}", actor->id, to_string(pruned.error()));
  }
  const auto& read = world_.store.read();
  if (read.jobs_of(actor->id).size() <= settings_.jobs_per_deployment) co_return;
  const View view = load_view(read, actor->id);
  if (!view.deployment || view.transition) co_return;
  store::Batch batch;
  for (std::size_t i = settings_.jobs_per_deployment; i < view.jobs.size(); ++i) {
    const auto& job = view.jobs[i];
    const auto& probation = view.deployment->internal.probation;
    if (probation && probation->predecessor_job_id == job->metadata.id) continue;
    const bool referenced = std::any_of(view.points.begin(), view.points.end(), [&](auto& point) {
      return point->metadata.job_id == job->metadata.id;
    });
    if (model::is_terminal(job->status.state) && !referenced &&
        job->metadata.id != view.deployment->internal.current_job_id &&
        job->metadata.id != view.deployment->internal.fallback_job_id)
      batch.remove(job);
  }
  if (!batch.empty()) (void)co_await world_.store.commit(std::move(batch));
}

bool Reconciler::is_starting_something() const { return !open_transitions_.empty(); }

std::optional<LiveJob> Reconciler::live_job(const std::string& job_id) const {
  const auto job = world_.store.read().job(job_id);
  if (!job || !job->metadata.deployment_id || model::is_terminal(job->status.state))
    return std::nullopt;
  const auto found = actors_.find(*job->metadata.deployment_id);
  if (found == actors_.end()) return std::nullopt;
  const Memory& memory = found->second->memory;
  LiveJob live;
  live.last_update_time = memory.last_answer;
  live.flink_status = memory.unreachable_since ? "UNKNOWN" : memory.flink_status;
  live.restarts = static_cast<std::int32_t>(std::max<std::int64_t>(0, memory.restarts));
  live.completed_checkpoints = memory.completed_checkpoints;
  live.failed_checkpoints = memory.failed_checkpoints;
  return live;
}

}  // namespace weir::control
