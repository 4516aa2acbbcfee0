#include "control/savepoint_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/cron.h"
#include "base/log.h"
#include "control/mistakes.h"
#include "control/savepoint_deletion.h"
#include "model/restore_choice.h"

namespace weir::control {

using model::SavepointState;

namespace {

// The wall clock may jump, and savepoints grow old without a change.
constexpr Duration kLookAgain = std::chrono::seconds(30);
constexpr char kUtc[] = "UTC";

bool has_policy(const model::Deployment& deployment) {
  return deployment.spec.savepoint_policy || deployment.internal.schedule;
}

const model::SavepointSchedule* schedule_of(const model::Deployment& deployment) {
  const auto& policy = deployment.spec.savepoint_policy;
  return policy && policy->schedule && policy->schedule->cron ? &*policy->schedule : nullptr;
}

bool same_schedule(const model::SavepointSchedule& wanted, const model::ScheduleProgress& known) {
  return wanted.cron == known.cron && wanted.time_zone.value_or(kUtc) == known.time_zone;
}

bool takes_savepoint(const store::ReadModel& read, const std::string& deployment_id) {
  const auto savepoints = read.savepoints_of(deployment_id);
  return std::any_of(savepoints.begin(), savepoints.end(), [](const auto& savepoint) {
    return savepoint->status.state == SavepointState::STARTED;
  });
}

// What a change of the schedule makes of its progress; nothing if it is as it should be. A new
// schedule starts now: what it would have asked for before was never missed.
std::optional<model::Deployment> with_new_progress(const model::Deployment& deployment,
                                                   WallTime now) {
  const auto* wanted = schedule_of(deployment);
  const auto& known = deployment.internal.schedule;
  model::Deployment changed = deployment;
  if (wanted == nullptr) {
    if (!known) return std::nullopt;
    changed.internal.schedule.reset();
    return changed;
  }
  if (known && same_schedule(*wanted, *known)) return std::nullopt;
  changed.internal.schedule =
      model::ScheduleProgress{*wanted->cron, wanted->time_zone.value_or(kUtc), now};
  return changed;
}

// Newest first: by the order of restore points, which no clock can turn round.
void sort_newest_first(const store::ReadModel& read, const std::string& deployment_id,
                       std::vector<store::Stored<model::Savepoint>>& savepoints) {
  std::map<std::string, store::Stored<model::RestorePoint>> points;
  for (const auto& point : read.restore_points_of(deployment_id))
    points[point->metadata.id] = point;
  std::sort(savepoints.begin(), savepoints.end(), [&](const auto& a, const auto& b) {
    const auto point_a = points.find(a->metadata.id), point_b = points.find(b->metadata.id);
    const bool known_a = point_a != points.end(), known_b = point_b != points.end();
    if (known_a != known_b) return known_a;
    if (known_a && model::is_newer(*point_a->second, *point_b->second)) return true;
    if (known_a && model::is_newer(*point_b->second, *point_a->second)) return false;
    return a->metadata.id > b->metadata.id;
  });
}

std::string why_it_goes(const model::SavepointRetention& retention) {
  return fmt::format(
      "The deployment keeps {}{}{}.",
      retention.count ? fmt::format("{} savepoints", *retention.count) : "",
      retention.count && retention.age ? ", none older than " : "",
      retention.age ? (retention.count ? "" : "savepoints for ") + *retention.age : "");
}

}  // namespace

std::optional<WallTime> next_due(const model::Deployment& deployment) {
  const auto* schedule = schedule_of(deployment);
  const auto& progress = deployment.internal.schedule;
  if (schedule == nullptr || !progress || !progress->handled_until) return std::nullopt;
  const auto cron = Cron::parse(progress->cron);
  return cron ? cron->next(progress->time_zone, *progress->handled_until) : std::nullopt;
}

std::vector<store::Stored<model::Savepoint>> beyond_retention(const store::ReadModel& read,
                                                              const model::Deployment& deployment,
                                                              WallTime now) {
  const auto& policy = deployment.spec.savepoint_policy;
  if (!policy || !policy->retention) return {};
  auto taken = read.savepoints_of(deployment.metadata.id);
  std::erase_if(taken, [](const auto& savepoint) {
    return savepoint->status.state != SavepointState::COMPLETED ||
           !model::own_directory(*savepoint);
  });
  sort_newest_first(read, deployment.metadata.id, taken);
  const auto age = policy->retention->age ? parse_duration(*policy->retention->age)
                                          : Result<Duration>(Duration::max());
  std::size_t place = 0;
  std::erase_if(taken, [&](const auto& savepoint) {
    const bool counted_out =
        policy->retention->count && place++ >= static_cast<std::size_t>(*policy->retention->count);
    const bool too_old =
        age && savepoint->metadata.created_at && now - *savepoint->metadata.created_at > *age;
    return !counted_out && !too_old;
  });
  std::reverse(taken.begin(), taken.end());
  return taken;
}

SavepointPolicies::SavepointPolicies(World world)
    : world_(world), changed_(world.env.timer), scope_(world.env.timer, "savepoint policies") {}

void SavepointPolicies::start() {
  subscription_ =
      world_.store.subscribe([this](const store::Change& change) { on_change(change); });
  for (const auto& deployment : world_.store.read().deployments(""))
    if (has_policy(*deployment)) deployments_.insert(deployment->metadata.id);
  scope_.spawn("savepoint policies", run());
}

Task<void> SavepointPolicies::stop() {
  subscription_.reset();
  co_await scope_.stop();
}

void SavepointPolicies::on_change(const store::Change& change) {
  if (change.kind == model::Kind::Deployment) {
    const auto& deployment = std::get<model::Deployment>(*change.resource);
    const bool follows = !change.deleted && has_policy(deployment);
    if (follows) deployments_.insert(change.id);
    else deployments_.erase(change.id);
    if (follows) changed_.notify();
  } else if (change.kind == model::Kind::Savepoint) {
    const auto& owner = model::metadata_of(*change.resource).deployment_id;
    if (owner && deployments_.contains(*owner)) changed_.notify();
  }
}

Task<void> SavepointPolicies::run() {
  while (true) {
    const auto followed = deployments_;
    for (const std::string& id : followed) {
      co_await follow_schedule(id);
      co_await follow_retention(id);
    }
    const MonoTime until = deployments_.empty() ? MonoTime::max() : world_.env.now() + until_next();
    co_await changed_.wait(until);
    // Changes come in swarms.
    co_await sleep_for(world_.env.timer, std::chrono::milliseconds(100));
  }
}

Duration SavepointPolicies::until_next() const {
  Duration wait = kLookAgain;
  const WallTime now = world_.env.wall_now();
  for (const std::string& id : deployments_)
    if (const auto deployment = world_.store.read().deployment(id))
      if (const auto due = next_due(*deployment); due && *due > now)
        wait = std::min<Duration>(wait, *due - now);
  return wait;
}

Task<void> SavepointPolicies::commit(store::Batch batch) {
  const auto committed = co_await world_.store.commit(std::move(batch));
  if (!committed && committed.error().code != Code::kConflict)
    log::warn("control", "savepoint policy: {}", to_string(committed.error()));
}

Task<void> SavepointPolicies::follow_schedule(std::string deployment_id) {
  const auto& read = world_.store.read();
  const auto deployment = read.deployment(deployment_id);
  if (!deployment || deployment->internal.deleting.value_or(false)) co_return;
  const WallTime now = world_.env.wall_now();
  store::Batch batch;
  if (auto changed = with_new_progress(*deployment, now)) {
    batch.update(deployment, std::move(*changed));
    co_return co_await commit(std::move(batch));
  }
  const auto due = next_due(*deployment);
  if (!due || *due > now) co_return;
  // In the middle of a transition, or of another savepoint, it waits; that is not missing it.
  if (read.open_transition(deployment_id) || takes_savepoint(read, deployment_id)) co_return;
  const auto& running = deployment->status.running;
  if (running && deployment->status.state == model::ObservedState::RUNNING) {
    const auto job = read.job(running->job_id);
    model::Savepoint wanted =
        model::requested_savepoint(deployment->metadata, running->job_id,
                                   job ? job->status.revision : deployment->internal.spec_revision,
                                   world_.env.ids.uuid(), world_.env.ids.uuid(), now);
    (*wanted.metadata.annotations)[model::kScheduledForAnnotation] = format_rfc3339(*due);
    batch.create(std::move(wanted));
  }
  model::Deployment handled = *deployment;
  if (!mistakes.forget_schedule) handled.internal.schedule->handled_until = now;
  batch.update(deployment, std::move(handled));
  co_await commit(std::move(batch));
}

Task<void> SavepointPolicies::follow_retention(std::string deployment_id) {
  const auto& read = world_.store.read();
  const auto deployment = read.deployment(deployment_id);
  if (!deployment || deployment->internal.deleting.value_or(false)) co_return;
  for (const auto& savepoint : beyond_retention(read, *deployment, world_.env.wall_now())) {
    // One after the other: what keeps the next one is known only when this one is gone.
    const auto now_recorded = read.savepoint(savepoint->metadata.id);
    if (!now_recorded || deletion_hindrance(read, *now_recorded)) continue;
    const Deletion how{"retention", why_it_goes(*deployment->spec.savepoint_policy->retention),
                       false};
    co_await commit(deletion_of(read, now_recorded, how, world_.env.ids, world_.env.wall_now()));
  }
}

}  // namespace weir::control
