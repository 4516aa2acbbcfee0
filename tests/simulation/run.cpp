#include "simulation/run.h"

#include <fmt/format.h>

#include "codec/describe_json.h"
#include "control/savepoint_deletion.h"
#include "control/session_jobs.h"
#include "model/restore_choice.h"

namespace weir::simulation {

using namespace std::chrono_literals;
using model::DesiredState;
using model::ObservedState;

namespace {

constexpr Duration kLimit = std::chrono::minutes(60);
// Several times what the busiest seeds need: beyond it the control plane goes round in circles.
constexpr std::uint64_t kSteps = 100'000;
constexpr Duration kQuiet = std::chrono::seconds(15);

constexpr ListedCall kRareCalls[] = {
    "store.revisions",  "store.prune",   "flink.exceptions",  "flink.cancel",
    "flink.stop",       "flink.trigger", "states.savepoints", "flink.plan",
    "flink.checkpoint", "states.remove", "flink.prime",
};

std::string seconds(MonoTime time) {
  return fmt::format("{:10.3f}", std::chrono::duration<double>(time.time_since_epoch()).count());
}

}  // namespace

Run::Run(std::uint64_t seed, bool trace)
    : loop_(seed), world_(loop_, seed * 7919 + 13), judge_(world_), trace_(trace) {
  if (trace)
    world_.trace = [this](const std::string& text) {
      fmt::print("{} {}\n", seconds(loop_.mono_now()), text);
    };
  workload_ = make_workload(world_);
  versions_.resize(workload_.deployments.size());
  crashes_left_ = static_cast<int>(world_.below(4));
}

Run::~Run() {
  if (plane_) loop_.run(plane_->die());
}

std::optional<CrashTarget> Run::choose_target() {
  if (crashes_left_ == 0) return std::nullopt;
  CrashTarget target;
  // Calls that are rare would hardly be reached if all were chosen alike.
  const bool rare = world_.chance(400);
  const std::size_t call =
      rare ? kRareCalls[world_.below(std::size(kRareCalls))].number : world_.below(kCalls.size());
  target.point = call * 2 + world_.below(2);
  const bool soon = rare || world_.chance(600);
  target.nth = soon ? 1 : 1 + static_cast<int>(world_.below(12));
  target.armed_at = world_.now() + (soon ? Duration(0) : world_.between(0s, 60s));
  if (!rare) target.anywhere_at = target.armed_at + world_.between(20s, 100s);
  return target;
}

void Run::start_control_plane() {
  const auto target = choose_target();
  if (trace_ && target)
    world_.tell("the control plane starts; it will die " + point_name(target->point));
  plane_ = std::make_unique<ControlPlane>(world_, disk_, judge_, points_, target);
  plane_->start();
  plane_->users.spawn("user", use());
}

void Run::crash() {
  world_.tell("the control plane dies");
  ++crashes_;
  --crashes_left_;
  if (!loop_.run(plane_->die())) world_.violate("the control plane cannot be ended");
  plane_.reset();
  quiet_since_.reset();
  const Duration down = world_.chance(700) ? world_.between(1ms, 2s) : world_.between(2s, 100s);
  world_.after(down, [this] { start_control_plane(); });
}

void Run::schedule_faults() {
  world_.weather.bad = workload_.bad_until > Duration(0);
  for (const Fault& fault : workload_.faults)
    world_.after(fault.at, [this, fault] { strike(world_, fault); });
  world_.after(workload_.bad_until, [this] { world_.weather.bad = false; });
}

Outcome Run::play() {
  const std::size_t failed_before = failed_coroutines();
  if (trace_)
    disk_.on_durable = [this](const store::MemoryDisk&, const store::Batch& batch) {
      for (const auto& put : batch.puts)
        if (const auto* event = std::get_if<model::Event>(&put.resource))
          world_.tell(fmt::format("  {} {} {}",
                                  event->metadata.deployment_id.value_or("session").substr(0, 4),
                                  *event->metadata.name, event->spec.message));
    };
  schedule_faults();
  start_control_plane();
  look();
  std::uint64_t steps = 0;
  while (!is_over() && world_.violations().empty() && loop_.mono_now() < MonoTime(kLimit)) {
    if (++steps > kSteps || !loop_.step()) break;
    if (plane_ && plane_->dead()) crash();
  }
  Outcome outcome;
  check_end(outcome);
  outcome.steps = steps;
  outcome.points = points_;
  outcome.crashes = crashes_;
  outcome.records_twice = world_.output.records_twice();
  outcome.previews = judge_.foretold().fulfilled();
  outcome.virtual_time = loop_.mono_now().time_since_epoch();
  if (failed_coroutines() != failed_before)
    outcome.problems.push_back("a coroutine ended by an exception");
  return outcome;
}

void Run::look() {
  bool quiet = plane_ && next_action_ >= workload_.actions.size() &&
               loop_.mono_now() >= MonoTime(workload_.bad_until);
  if (quiet)
    for (const auto& deployment : plane_->store().read().deployments(""))
      quiet = quiet && not_settled(*deployment).empty();
  if (!quiet) quiet_since_.reset();
  else if (!quiet_since_) quiet_since_ = loop_.mono_now();
  world_.after(1s, [this] { look(); });
}

bool Run::is_over() const { return quiet_since_ && loop_.mono_now() - *quiet_since_ >= kQuiet; }

// ---- the users ----

Task<void> Run::use() {
  while (next_action_ < workload_.actions.size()) {
    const UserAction action = workload_.actions[next_action_];
    co_await sleep_until(loop_, MonoTime(action.at));
    world_.tell("user: " + describe(action));
    while (!co_await act(action)) co_await sleep_for(loop_, 20ms);
    ++next_action_;
  }
}

// As the API writes: the version moves with every write, a write that was not answered is looked
// for before it is sent again.
Task<bool> Run::commit_change(std::size_t number, std::function<void(model::Deployment&)> change) {
  store::Store& store = plane_->store();
  const std::string id = workload_.deployments[number].metadata.id;
  const auto old = store.read().deployment(id);
  if (!old) co_return true;
  if (versions_[number] != 0 && old->metadata.resource_version > versions_[number]) {
    versions_[number] = old->metadata.resource_version;
    co_return true;
  }
  model::Deployment changed = *old;
  ++changed.metadata.resource_version;
  changed.metadata.modified_at = loop_.wall_now();
  change(changed);
  judge_.foretold().foretell(store.read(), changed, simulated::Homes());
  versions_[number] = old->metadata.resource_version;
  const std::int32_t version = changed.metadata.resource_version;
  store::Batch batch;
  batch.update(old, std::move(changed));
  const auto committed = co_await store.commit(std::move(batch));
  if (committed) versions_[number] = version;
  co_return bool(committed);
}

// The oldest savepoint that nothing needs.
Task<bool> Run::remove_savepoint(std::string deployment_id) {
  store::Store& store = plane_->store();
  auto savepoints = store.read().savepoints_of(deployment_id);
  std::reverse(savepoints.begin(), savepoints.end());
  for (const auto& savepoint : savepoints) {
    if (control::deletion_hindrance(store.read(), *savepoint)) continue;
    store::Batch batch = control::deletion_of(store.read(), savepoint, {}, loop_, loop_.wall_now());
    co_return bool(co_await store.commit(std::move(batch)));
  }
  co_return true;
}

// Where nothing runs: back to the oldest savepoint, as the API records it.
Task<bool> Run::reset(std::size_t number) {
  store::Store& store = plane_->store();
  const auto old = store.read().deployment(workload_.deployments[number].metadata.id);
  if (!old || old->internal.deleting || store.read().open_transition(old->metadata.id) ||
      old->status.state == ObservedState::RUNNING ||
      old->status.state == ObservedState::TRANSITIONING)
    co_return true;
  for (const auto& job : store.read().jobs_of(old->metadata.id))
    if (!model::is_terminal(job->status.state)) co_return true;
  store::Stored<model::Savepoint> oldest;
  for (const auto& savepoint : store.read().savepoints_of(old->metadata.id))
    if (savepoint->status.state == model::SavepointState::COMPLETED &&
        savepoint->metadata.origin != "RETAINED_CHECKPOINT")
      oldest = savepoint;
  if (!oldest) co_return true;
  model::Savepoint copy;
  copy.metadata.id = loop_.uuid();
  copy.metadata.namespace_ = "default";
  copy.metadata.created_at = loop_.wall_now();
  copy.metadata.deployment_id = old->metadata.id;
  copy.metadata.origin = "COPIED";
  copy.spec.savepoint_location = oldest->spec.savepoint_location;
  copy.status.state = model::SavepointState::COMPLETED;
  model::RestorePoint point;
  point.metadata = copy.metadata;
  point.kind = model::RestorePointKind::COPIED;
  point.location = *copy.spec.savepoint_location;
  point.chain_position = old->internal.chain_position;
  point.attempt = model::kRegisteredAttempt;
  point.checkpoint_id = static_cast<std::int64_t>(store.read().revision());
  model::Deployment changed = *old;
  changed.internal.reset =
      model::ResetPointer{point.location, copy.metadata.id, point.chain_position};
  store::Batch batch;
  batch.create(std::move(copy));
  batch.create(std::move(point));
  batch.update(old, std::move(changed));
  batch.update(oldest, *oldest);
  co_return bool(co_await store.commit(std::move(batch)));
}

// As the API does it: it is not stopped while it runs jobs.
Task<bool> Run::change_session(model::SessionClusterSpec spec) {
  store::Store& store = plane_->store();
  const auto old = store.read().session_cluster("default", *workload_.session->metadata.name);
  store::Batch batch;
  if (!old) {
    model::SessionCluster made = *workload_.session;
    made.spec = spec;
    made.metadata.created_at = loop_.wall_now();
    batch.create(std::move(made));
    co_return bool(co_await store.commit(std::move(batch)));
  }
  const bool stops = spec.state == model::SessionClusterDesiredState::STOPPED;
  if (stops && !control::jobs_in_session_cluster(store.read(), *old).empty()) co_return true;
  model::SessionCluster changed = *old;
  changed.spec = spec;
  ++changed.internal.wishes;
  batch.update(old, std::move(changed));
  co_return bool(co_await store.commit(std::move(batch)));
}

Task<bool> Run::act(UserAction action) {
  store::Store& store = plane_->store();
  const model::Deployment& deployment = workload_.deployments[action.deployment];
  switch (action.kind) {
    case UserAction::Kind::kCreate: {
      if (store.read().deployment(deployment.metadata.id)) co_return true;
      store::Batch batch;
      model::Deployment made = deployment;
      made.metadata.created_at = made.metadata.modified_at = loop_.wall_now();
      batch.create(std::move(made));
      const auto committed = co_await store.commit(std::move(batch));
      versions_[action.deployment] = 1;
      co_return bool(committed);
    }
    case UserAction::Kind::kState:
      co_return co_await commit_change(action.deployment, [action](model::Deployment& changed) {
        if (!changed.internal.deleting) changed.spec.state = action.state;
      });
    case UserAction::Kind::kTemplate:
      co_return co_await commit_change(action.deployment, [action](model::Deployment& changed) {
        auto& job = *changed.spec.template_->spec;
        job.artifact->jar_uri = "file:///jars/job.jar";
        job.artifact->main_args = action.program;
        job.parallelism = action.parallelism;
        ++changed.internal.spec_revision;
      });
    case UserAction::Kind::kDelete:
      co_return co_await commit_change(action.deployment, [](model::Deployment& changed) {
        changed.internal.deleting = true;
        changed.status.state = ObservedState::TRANSITIONING;
        changed.status.running.reset();
      });
    case UserAction::Kind::kSavepoint: {
      const auto found = store.read().deployment(deployment.metadata.id);
      if (!found || found->status.state != ObservedState::RUNNING || !found->status.running)
        co_return true;
      store::Batch batch;
      batch.create(model::requested_savepoint(found->metadata, found->status.running->job_id,
                                              found->internal.spec_revision, loop_.uuid(),
                                              loop_.uuid(), loop_.wall_now()));
      co_return bool(co_await store.commit(std::move(batch)));
    }
    case UserAction::Kind::kRemoveSavepoint:
      co_return co_await remove_savepoint(deployment.metadata.id);
    case UserAction::Kind::kReset: co_return co_await reset(action.deployment);
    case UserAction::Kind::kMove:
      co_return co_await commit_change(action.deployment, [](model::Deployment& changed) {
        auto& name = changed.spec.session_cluster_name;
        if (name) name.reset();
        else name = "s";
        ++changed.internal.spec_revision;
      });
    case UserAction::Kind::kSession: co_return co_await change_session(action.session);
  }
  co_return true;
}

}  // namespace weir::simulation
