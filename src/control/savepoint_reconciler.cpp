#include "control/savepoint_reconciler.h"

#include <fmt/format.h>

#include "base/log.h"
#include "control/executor.h"
#include "control/plan.h"
#include "control/savepoint_deletion.h"

namespace weir::control {

using model::SavepointState;

namespace {

// A disk that cannot be written now may be well again soon.
constexpr Duration kDeletionTime = std::chrono::seconds(30);

// A fact, where other errors only say that it is unknown.
bool is_not_there(const Error& error) {
  return error.code == Code::kNotFound || error.code == Code::kInvalidArgument;
}

bool has_work(const model::Savepoint& savepoint) {
  return model::is_being_deleted(savepoint) || (savepoint.metadata.origin == "USER_REQUEST" &&
                                                savepoint.status.state == SavepointState::STARTED);
}

}  // namespace

SavepointReconciler::SavepointReconciler(World world, const Settings& settings)
    : world_(world), settings_(settings), scope_(world.env.timer, "savepoints") {}

void SavepointReconciler::start() {
  subscription_ = world_.store.subscribe([this](const store::Change& change) {
    if (change.kind == model::Kind::Savepoint && !change.deleted)
      take_up(std::get<model::Savepoint>(*change.resource));
  });
  for (const auto& savepoint : world_.store.read().savepoints("")) take_up(*savepoint);
}

Task<void> SavepointReconciler::stop() {
  subscription_.reset();
  co_await scope_.stop();
}

void SavepointReconciler::take_up(const model::Savepoint& savepoint) {
  if (!has_work(savepoint)) return;
  if (active_.insert(savepoint.metadata.id).second)
    scope_.spawn("savepoint " + savepoint.metadata.id, run(savepoint.metadata.id));
}

SavepointReconciler::View SavepointReconciler::load(const std::string& id) const {
  const auto& read = world_.store.read();
  View view;
  view.savepoint = read.savepoint(id);
  if (!view.savepoint) return view;
  view.deployment = read.deployment(view.savepoint->metadata.deployment_id.value_or(""));
  view.job = read.job(view.savepoint->metadata.job_id.value_or(""));
  if (view.job && view.job->internal.cluster_id)
    view.cluster = read.cluster(*view.job->internal.cluster_id);
  return view;
}

Task<void> SavepointReconciler::run(std::string id) {
  const MonoTime since = world_.env.now();
  while (true) {
    const auto again = co_await pass(id, since);
    if (!again) break;
    co_await sleep_for(world_.env.timer, std::max(*again, settings_.poll_fast));
  }
  active_.erase(id);
  // Its deletion may have been asked for while its end was recorded.
  const auto savepoint = world_.store.read().savepoint(id);
  if (savepoint && model::is_being_deleted(*savepoint)) take_up(*savepoint);
}

Task<std::optional<Duration>> SavepointReconciler::pass(std::string id, MonoTime since) {
  const View view = load(id);
  if (view.savepoint && model::is_being_deleted(*view.savepoint))
    co_return co_await pass_deletion(view, since);
  if (!view.savepoint || view.savepoint->status.state != SavepointState::STARTED ||
      !view.deployment)
    co_return std::nullopt;
  if (!view.job) co_return co_await record_failed(view, "The job is gone.");
  if (savepoint_base(*view.job).empty())
    co_return co_await record_failed(
        view,
        "The job has no savepoint directory. Set execution.checkpointing.savepoint-dir "
        "(state.savepoints.dir before Flink 1.20) in flinkConfiguration.");
  if (model::is_terminal(view.job->status.state) || !view.cluster)
    co_return co_await settle_ended(view);
  const MonoTime deadline = world_.env.now() + settings_.call_time;
  const auto status = co_await world_.flink.savepoint_status(
      endpoint_of(*view.cluster), flink_id(view.job->metadata.id),
      flink_id(view.savepoint->spec.flink_savepoint_id.value_or("")), deadline);
  if (!status && status.error().code == Code::kNotFound) co_return co_await trigger(view);
  if (!status) co_return std::chrono::seconds(1);
  switch (status->state) {
    case flink::TriggerState::kInProgress: co_return settings_.poll_fast * 2;
    case flink::TriggerState::kCompleted:
      co_return co_await record_completed(view, status->location);
    case flink::TriggerState::kFailed: co_return co_await record_failed(view, status->failure);
  }
  co_return std::nullopt;
}

model::Event SavepointReconciler::event(const View& view, const char* name,
                                        std::string message) const {
  model::Event made;
  made.metadata.id = world_.env.ids.uuid();
  made.metadata.name = name;
  made.metadata.namespace_ = view.deployment->metadata.namespace_;
  made.metadata.created_at = world_.env.wall_now();
  made.metadata.deployment_id = view.deployment->metadata.id;
  made.metadata.resource_name = view.deployment->metadata.name;
  made.metadata.job_id = view.savepoint->metadata.job_id;
  made.spec.message = std::move(message);
  made.spec.actor = "controller";
  return made;
}

Task<std::optional<Duration>> SavepointReconciler::commit(store::Batch batch) {
  auto committed = co_await world_.store.commit(std::move(batch));
  if (committed || committed.error().code == Code::kConflict) co_return Duration(0);
  log::warn("control", "savepoint: {}", to_string(committed.error()));
  co_return std::chrono::seconds(1);
}

// The trigger's id is in the resource, so sending it again cannot make a second savepoint. Flink
// may also have forgotten it (another JobManager): then what stands in the directory counts.
Task<std::optional<Duration>> SavepointReconciler::trigger(View view) {
  const std::string directory = savepoint_directory(*view.job, view.savepoint->metadata.id);
  if (is_local_path(directory)) {
    const auto found = co_await world_.states.savepoints(directory);
    if (!found) co_return std::chrono::seconds(1);
    if (!found->empty()) co_return co_await record_completed(view, found->front().location);
  }
  const std::string id = view.savepoint->metadata.id;
  if (view.savepoint->internal.attempt != view.job->internal.attempt) {
    // It may be seen complete only when the job has long gone on from an older checkpoint: the
    // attempt that made it is what orders it.
    model::Savepoint changed = *view.savepoint;
    changed.internal.attempt = view.job->internal.attempt;
    store::Batch batch;
    batch.update(view.savepoint, std::move(changed));
    batch.create(event(view, "NEED_TO_TRIGGER_A_SAVEPOINT",
                       fmt::format("Savepoint {} has to be triggered.", id)));
    co_return co_await commit(std::move(batch));
  }
  const MonoTime deadline = world_.env.now() + settings_.call_time;
  const auto sent = co_await world_.flink.trigger_savepoint(
      endpoint_of(*view.cluster), flink_id(view.job->metadata.id), directory,
      flink_id(view.savepoint->spec.flink_savepoint_id.value_or("")), deadline);
  if (!sent && (sent.error().code == Code::kInvalidArgument ||
                sent.error().code == Code::kFailedPrecondition))
    co_return co_await record_failed(view, sent.error().message);
  if (!sent) co_return std::chrono::seconds(1);
  store::Batch told;
  told.create(event(view, "SUCCESSFULLY_TRIGGERED_A_SAVEPOINT",
                    fmt::format("Savepoint {} is triggered.", id)));
  told.create(event(view, "AWAITING_FOR_A_SAVEPOINT_TO_COMPLETE",
                    fmt::format("Waiting for savepoint {} to complete.", id)));
  co_return co_await commit(std::move(told));
}

// The job has ended, or its cluster is gone: its own directory tells, and where that cannot be
// read, nothing can be proven once the cluster is gone.
Task<std::optional<Duration>> SavepointReconciler::settle_ended(View view) {
  const std::string directory = savepoint_directory(*view.job, view.savepoint->metadata.id);
  if (is_local_path(directory)) co_return co_await settle_from_disk(view, directory);
  if (view.cluster) {
    const MonoTime deadline = world_.env.now() + settings_.call_time;
    const auto status = co_await world_.flink.savepoint_status(
        endpoint_of(*view.cluster), flink_id(view.job->metadata.id),
        flink_id(view.savepoint->spec.flink_savepoint_id.value_or("")), deadline);
    if (status && status->state == flink::TriggerState::kCompleted)
      co_return co_await record_completed(view, status->location);
    if (status && status->state == flink::TriggerState::kFailed)
      co_return co_await record_failed(view, status->failure);
    co_return std::chrono::seconds(1);
  }
  co_return co_await record_failed(
      view, fmt::format("The job ended before Flink told how the savepoint ended, so it is unknown "
                        "whether it was written. Look at {}; if it is complete, register it by its "
                        "location.",
                        directory));
}

Task<std::optional<Duration>> SavepointReconciler::settle_from_disk(View view,
                                                                    std::string directory) {
  const auto found = co_await world_.states.savepoints(directory);
  if (!found) co_return std::chrono::seconds(1);
  if (!found->empty()) co_return co_await record_completed(view, found->front().location);
  co_return co_await record_failed(view, "The job ended before the savepoint was complete.");
}

model::RestorePoint SavepointReconciler::point_of(const View& view, const std::string& location,
                                                  std::int64_t checkpoint_id) const {
  control::View owner;
  owner.deployment = view.deployment;
  model::RestorePoint point = restore_point_of(owner, *view.job, model::RestorePointKind::SAVEPOINT,
                                               location, checkpoint_id);
  point.metadata.id = view.savepoint->metadata.id;
  point.metadata.created_at = world_.env.wall_now();
  point.attempt = view.savepoint->internal.attempt.value_or(point.attempt);
  return point;
}

Task<std::optional<Duration>> SavepointReconciler::record_completed(View view,
                                                                    std::string location) {
  std::int64_t checkpoint_id = 0;
  if (is_local_path(location)) {
    const auto state = co_await world_.states.inspect(location);
    if (!state && is_not_there(state.error()))
      co_return co_await record_failed(
          view, fmt::format("Flink wrote it to {}, but it cannot be read there: {}", location,
                            state.error().message));
    // Without its checkpoint id the point could not be ordered among the others.
    if (!state) co_return std::chrono::seconds(1);
    checkpoint_id = state->checkpoint_id;
  }
  model::Savepoint done = *view.savepoint;
  done.status.state = SavepointState::COMPLETED;
  done.spec.savepoint_location = location;
  model::RestorePoint point = point_of(view, location, checkpoint_id);
  store::Batch batch;
  batch.update(view.savepoint, std::move(done));
  batch.puts.push_back({std::move(point), store::Expect::any()});
  batch.create(
      event(view, "TRANSITIONED_TO_COMPLETED",
            fmt::format("Savepoint {} is complete: {}", view.savepoint->metadata.id, location)));
  co_return co_await commit(std::move(batch));
}

Task<std::optional<Duration>> SavepointReconciler::record_failed(View view, std::string cause) {
  model::Savepoint failed = *view.savepoint;
  failed.status.state = SavepointState::FAILED;
  failed.status.failure = model::Failure{cause, "SavepointFailed", world_.env.wall_now()};
  model::Event told =
      event(view, "AN_UNRECOVERABLE_FAILURE_WHILE_TAKING_A_SAVEPOINT",
            fmt::format("Savepoint {} failed: {}", view.savepoint->metadata.id, cause));
  told.spec.level = model::EventLevel::ERROR;
  store::Batch batch;
  batch.update(view.savepoint, std::move(failed));
  batch.create(std::move(told));
  co_return co_await commit(std::move(batch));
}

Task<std::optional<Duration>> SavepointReconciler::pass_deletion(View view, MonoTime since) {
  const model::Savepoint& savepoint = *view.savepoint;
  const auto& read = world_.store.read();
  const auto directory = model::own_directory(savepoint);
  if (!directory) co_return co_await fail_deletion(view, "It has no directory of its own.");
  if (const auto reference = reference_to(read, savepoint))
    co_return co_await fail_deletion(view, fmt::format("It {}.", *reference));
  if (savepoint.status.state == SavepointState::PENDING_DELETION) {
    model::Savepoint deleting = savepoint;
    deleting.status.state = SavepointState::DELETING;
    store::Batch batch;
    batch.update(view.savepoint, std::move(deleting));
    co_return co_await commit(std::move(batch));
  }
  if (savepoint.internal.force.value_or(false) || !view.deployment)
    co_return co_await remove_files(view, *directory, since);
  // What is recorded says which points there were; only the disk says whether they still are. While
  // it cannot be read, nothing goes.
  control::View owner = load_view(read, view.deployment->metadata.id);
  const auto another = co_await has_another_point(world_, settings_, std::move(owner), savepoint);
  if (!another && world_.env.now() - since < kDeletionTime) co_return std::chrono::seconds(1);
  if (!another) co_return co_await fail_deletion(view, another.error().message);
  if (!*another) co_return co_await keep_only_point(view, *directory, since);
  co_return co_await remove_files(view, *directory, since);
}

Task<std::optional<Duration>> SavepointReconciler::remove_files(View view, std::string directory,
                                                                MonoTime since) {
  const Status removed = co_await world_.states.remove(directory);
  if (!removed && removed.error().code == Code::kUnavailable &&
      world_.env.now() - since < kDeletionTime)
    co_return std::chrono::seconds(1);
  if (!removed) co_return co_await fail_deletion(view, removed.error().message);
  const std::string message =
      fmt::format("Savepoint {} was deleted with its files.", view.savepoint->metadata.id);
  co_return co_await commit(end_of_deletion(world_.store.read(), view.savepoint, message,
                                            world_.env.ids, world_.env.wall_now()));
}

Task<std::optional<Duration>> SavepointReconciler::keep_only_point(View view, std::string directory,
                                                                   MonoTime since) {
  const std::string location = *view.savepoint->spec.savepoint_location;
  const auto state = co_await world_.states.inspect(location);
  if (!state && is_not_there(state.error()))
    co_return co_await remove_files(view, directory, since);
  if (!state) co_return std::chrono::seconds(1);
  const std::string cause = "It is the only restore point of its deployment that can be read.";
  if (!view.job) co_return co_await fail_deletion(view, cause);
  co_return co_await fail_deletion(view, cause, point_of(view, location, state->checkpoint_id));
}

Task<std::optional<Duration>> SavepointReconciler::fail_deletion(
    View view, std::string cause, std::optional<model::RestorePoint> kept) {
  const model::Savepoint& savepoint = *view.savepoint;
  const auto& read = world_.store.read();
  const WallTime now = world_.env.wall_now();
  const std::string location = savepoint.spec.savepoint_location.value_or("");
  if (savepoint.internal.force.value_or(false))
    co_return co_await commit(end_of_deletion(
        read, view.savepoint,
        fmt::format("The record of savepoint {} was removed; files may stay at {}: {}",
                    savepoint.metadata.id, location, cause),
        world_.env.ids, now));
  model::Savepoint failed = savepoint;
  failed.status.state = SavepointState::FAILED_DELETION;
  failed.status.failure = model::Failure{cause, "DeletionFailed", now};
  model::Event told = savepoint_event(
      read, savepoint, "FAILED_TO_DELETE_SAVEPOINT",
      fmt::format("Savepoint {} could not be deleted: {}", savepoint.metadata.id, cause),
      world_.env.ids, now);
  told.spec.level = model::EventLevel::ERROR;
  store::Batch batch;
  if (kept) batch.puts.push_back({std::move(*kept), store::Expect::any()});
  batch.update(view.savepoint, std::move(failed));
  batch.create(std::move(told));
  co_return co_await commit(std::move(batch));
}

}  // namespace weir::control
