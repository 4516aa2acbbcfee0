#include "control/executor.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/strings.h"
#include "control/idle_workers.h"
#include "control/mistakes.h"
#include "control/plan.h"
#include "control/standby.h"
#include "flink/assemble.h"
#include "model/placeholders.h"

namespace weir::control {

// ---- asking ----

namespace {

// The record of a session cluster's attempt goes only with the proof.
runtime::ClusterObservation proven_gone() {
  runtime::ClusterObservation seen;
  seen.presence = runtime::Presence::kAbsent;
  return seen;
}

}  // namespace

Task<Observation> Executor::observe(Questions ask, View view) {
  Observation seen;
  if (ask.old_cluster && !view.old_cluster) seen.old_cluster = proven_gone();
  if (ask.old_cluster && view.old_cluster)
    if (auto old = co_await world_.runtime.observe(view.old_cluster->metadata.id))
      seen.old_cluster = std::move(*old);
  if (ask.cluster && !view.cluster) seen.cluster = proven_gone();
  if (!view.cluster) co_return seen;
  const flink::Endpoint endpoint = endpoint_of(*view.cluster);
  const std::string job_id = view.job ? flink_id(view.job->metadata.id) : std::string();
  if (ask.cluster) {
    auto cluster = co_await world_.runtime.observe(view.cluster->metadata.id);
    if (cluster) seen.cluster = std::move(*cluster);
    else seen.cluster.emplace().why_unknown = cluster.error().message;
    // A JobManager that is proven dead is not asked any more.
    if (seen.cluster->presence != runtime::Presence::kUnknown && !seen.cluster->job_manager_alive) {
      if (ask.job) co_await look_into_archive(view, seen);
      ask = {};
    }
  }
  if (ask.overview) seen.overview = co_await world_.flink.overview(endpoint, soon());
  if (ask.job) seen.job = co_await world_.flink.job(endpoint, job_id, soon());
  if (ask.parallelism)
    seen.parallelism = co_await world_.flink.parallelism(endpoint, job_id, soon());
  // After the job's state: what a finished job's trigger says then is final.
  if (ask.trigger && view.savepoint && view.savepoint->spec.flink_savepoint_id)
    seen.trigger = co_await world_.flink.savepoint_status(
        endpoint, job_id, flink_id(*view.savepoint->spec.flink_savepoint_id), soon());
  if (!seen.job || !*seen.job) co_return seen;
  if (ask.checkpoints) {
    seen.checkpoints = co_await world_.flink.checkpoints(endpoint, job_id, soon());
    if (auto restarts = co_await world_.flink.restarts(endpoint, job_id, soon()))
      seen.restarts = *restarts;
  }
  const auto state = (*seen.job)->state;
  // A job that has just restarted may be RUNNING again by now: its cause is still to be told.
  if (seen.restarts.value_or(0) > 0 || state == flink::JobState::kFailed ||
      state == flink::JobState::kRestarting || state == flink::JobState::kFailing)
    if (auto exceptions = co_await world_.flink.exceptions(endpoint, job_id, soon()))
      seen.exceptions = std::move(*exceptions);
  co_return seen;
}

Task<Result<std::optional<flink::ArchivedJob>>> Executor::archived_end(View view) {
  const auto& cluster_id = view.job->internal.cluster_id;
  if (!cluster_id || mistakes.forget_archive) co_return std::optional<flink::ArchivedJob>();
  co_return co_await world_.states.archived_job(
      fmt::format("{}/clusters/{}/archive", settings_.data_directory, *cluster_id),
      flink_id(view.job->metadata.id));
}

// What cannot be read now is asked for again before a recovery takes its state.
Task<void> Executor::look_into_archive(View view, Observation& seen) {
  auto end = co_await archived_end(std::move(view));
  if (!end || !*end) co_return;
  seen.exceptions.emplace().root_cause = (*end)->root_cause;
  seen.archived = *std::move(*end);
}

// ---- acting ----

Task<EffectResult> Executor::perform(Effect effect, View view) {
  if (std::holds_alternative<FetchJar>(effect)) co_return co_await fetch_jar(view);
  if (std::holds_alternative<ChoosePorts>(effect)) co_return co_await choose_ports();
  if (std::holds_alternative<EnsureCluster>(effect)) co_return co_await ensure_cluster(view);
  if (std::holds_alternative<EnsureOldCluster>(effect)) {
    view.job = view.old_job;
    view.cluster = view.old_cluster;
    (void)co_await ensure_cluster(std::move(view));
    co_return std::monostate();
  }
  if (std::holds_alternative<UploadJar>(effect)) co_return co_await upload_jar(view);
  if (std::holds_alternative<CheckPlan>(effect)) co_return co_await check_plan(view);
  if (std::holds_alternative<PrimeCluster>(effect)) co_return co_await prime_cluster(view);
  if (std::holds_alternative<SubmitJob>(effect)) co_return co_await submit_job(view);
  if (std::holds_alternative<TriggerCheckpoint>(effect)) {
    // Whether it comes is seen in the statistics.
    (void)co_await world_.flink.trigger_checkpoint(endpoint_of(*view.cluster),
                                                   flink_id(view.job->metadata.id), soon());
    co_return std::monostate();
  }
  if (auto* require = std::get_if<RequireParallelism>(&effect))
    co_return co_await require_parallelism(std::move(*require), view);
  if (auto* end = std::get_if<EndIdleWorkers>(&effect)) {
    if (const Status ended = co_await end_idle_workers(world_, settings_, view.cluster, *end);
        !ended)
      log::info("control", "cluster {}: {}", view.cluster->metadata.id, to_string(ended.error()));
    co_return std::monostate();
  }
  if (std::holds_alternative<StopWithSavepoint>(effect))
    co_return co_await stop_with_savepoint(view);
  if (std::holds_alternative<FindSavepoint>(effect)) co_return co_await find_savepoint(view);
  if (std::holds_alternative<CancelJob>(effect)) {
    auto status = co_await world_.flink.cancel(endpoint_of(*view.cluster),
                                               flink_id(view.job->metadata.id), soon());
    co_return CancelledJob{std::move(status)};
  }
  if (auto* tear_down = std::get_if<TearDown>(&effect)) {
    auto status = co_await world_.runtime.tear_down(tear_down->cluster_id, tear_down->epoch,
                                                    world_.env.now() + settings_.tear_down_time);
    co_return TornDown{tear_down->cluster_id, std::move(status)};
  }
  if (auto* find = std::get_if<FindState>(&effect))
    co_return co_await find_state(std::move(*find), view);
  if (std::holds_alternative<RemoveDeployment>(effect))
    if (const Status removed = co_await remove_deployment(view); !removed)
      log::warn("control", "deployment {}: {}", view.deployment->metadata.id,
                to_string(removed.error()));
  co_return std::monostate();
}

Result<std::map<std::string, std::string>> secrets_in(const World& world, const std::string& text,
                                                      const std::string& ns) {
  std::map<std::string, std::string> values;
  for (const std::string& name : model::secret_names(text)) {
    const auto secret = world.store.read().secret(ns, name);
    if (!secret)
      return fail(
          Code::kInvalidArgument,
          fmt::format("The secret value '{0}' that ${{{0}}} names does not exist. Create it, "
                      "or remove the reference.",
                      name),
          "SecretNotFound");
    WEIR_TRY(values[name], world.secrets.open_sealed(secret->internal.sealed));
  }
  return values;
}

Task<EffectResult> Executor::fetch_jar(View view) {
  const auto& job = *view.job;
  const std::string ns = job.metadata.namespace_;
  const std::string uri = job.spec.artifact.jar_uri.value_or("");
  auto secrets = secrets_in(world_, uri, ns);
  if (!secrets) co_return FetchedJar{std::move(secrets).error()};
  auto resolved = model::resolve_secrets(uri, *secrets);
  if (!resolved) co_return FetchedJar{std::move(resolved).error()};
  const MonoTime deadline = world_.env.now() + settings_.fetch_time;
  co_return FetchedJar{co_await world_.artifacts.fetch(ns, *resolved, deadline)};
}

Task<EffectResult> Executor::choose_ports() {
  std::vector<int> taken = ledger_.taken_ports();
  co_return ChosenPorts{co_await world_.runtime.choose_ports(std::move(taken))};
}

Result<flink::ClusterSpec> Executor::cluster_spec(const View& view) const {
  model::Job job = *view.job;
  WEIR_TRY(const flink::FlinkHome home, world_.homes.resolve(view.cluster->flink_version));
  // What the job has of its own went with its submit.
  if (view.cluster->configuration) job.spec.flink_configuration = *view.cluster->configuration;
  std::string texts;
  for (const auto& [key, value] : job.spec.flink_configuration) texts += value + " ";
  model::Cluster cluster = *view.cluster;
  // A job that began on another one's cluster counts its own attempts, which name its directories.
  cluster.attempt = job.internal.attempt;
  if (mistakes.reuse_checkpoint_directory) cluster.attempt = 1;
  flink::AssembleInput input{job,  cluster,
                             home, context_of(*view.deployment, job.metadata.id, settings_),
                             {},   settings_.time_zone};
  WEIR_TRY(input.secrets, secrets_in(world_, texts, job.metadata.namespace_));
  return flink::assemble(input);
}

Task<EffectResult> Executor::ensure_cluster(View view) {
  auto spec = cluster_spec(view);
  if (!spec) co_return EnsuredCluster{std::move(spec).error()};
  const std::string directory =
      flink::checkpoint_directory(*view.job, view.job->internal.attempt,
                                  context_of(*view.deployment, view.job->metadata.id, settings_));
  if (is_local_path(directory)) {
    auto prepared = co_await world_.states.prepare(directory);
    if (!prepared) co_return EnsuredCluster{std::move(prepared)};
  }
  flink::ClusterSpec wanted = std::move(*spec);
  co_return EnsuredCluster{co_await world_.runtime.ensure(std::move(wanted))};
}

Task<EffectResult> Executor::upload_jar(View view) {
  const auto& internal = view.job->internal;
  if (view.on_session_cluster()) {
    // Flink makes it when the job begins; looking there before that must find nothing, not fail.
    const std::string directory =
        flink::checkpoint_directory(*view.job, internal.attempt,
                                    context_of(*view.deployment, view.job->metadata.id, settings_));
    if (is_local_path(directory))
      if (auto prepared = co_await world_.states.prepare(directory); !prepared)
        co_return UploadedJar{std::move(prepared).error()};
  }
  auto kept = co_await world_.artifacts.kept(internal.jar_sha256.value_or(""),
                                             internal.jar_name.value_or(""));
  if (!kept) co_return UploadedJar{std::move(kept).error()};
  const MonoTime deadline = world_.env.now() + settings_.submit_time;
  co_return UploadedJar{co_await world_.flink.upload_jar(endpoint_of(*view.cluster), kept->path,
                                                         kept->name, deadline)};
}

namespace {

// What of a job's configuration goes with its submit to a cluster that is not its own. Directories
// of checkpoints are the cluster's: each attempt has another one.
model::StringMap configuration_of_submit(const model::Job& job) {
  model::StringMap map;
  for (const auto& [key, value] : job.spec.flink_configuration) {
    const bool said = job.spec.user_flink_configuration.contains(key);
    const bool is_directory =
        key == "execution.checkpointing.dir" || key == "state.checkpoints.dir";
    if ((said || key.starts_with("restart-strategy")) && !is_directory) map[key] = value;
  }
  return map;
}

}  // namespace

Result<flink::RunRequest> Executor::run_request(const View& view) const {
  const auto& job = *view.job;
  flink::RunRequest request;
  request.jar_id = view.cluster->jar_id.value_or("");
  if (view.on_session_cluster()) request.jar_id = job.internal.jar_id.value_or("");
  if (view.cluster->configuration) {
    std::string texts;
    const model::StringMap configuration =
        view.on_session_cluster()
            ? configuration_of_submit(job)
            : carried_configuration(*view.cluster, job,
                                    flink::checkpoint_directory(
                                        job, job.internal.attempt,
                                        context_of(*view.deployment, job.metadata.id, settings_)));
    for (const auto& [key, value] : configuration) texts += value + " ";
    WEIR_TRY(const auto secrets, secrets_in(world_, texts, job.metadata.namespace_));
    for (const auto& [key, value] : configuration) {
      WEIR_TRY(request.flink_configuration[key], model::resolve_secrets(value, secrets));
    }
  }
  request.flink_job_id = flink_id(job.metadata.id);
  request.entry_class = job.spec.artifact.entry_class;
  WEIR_TRY(request.program_args, split_arguments(job.spec.artifact.main_args.value_or("")));
  request.parallelism = job.spec.parallelism;
  request.restore_location = job.internal.restore_location;
  request.allow_non_restored_state = job.spec.allow_non_restored_state;
  return request;
}

Task<EffectResult> Executor::check_plan(View view) {
  auto request = run_request(view);
  if (!request) co_return CheckedPlan{std::move(request).error()};
  const MonoTime deadline = world_.env.now() + settings_.submit_time;
  co_return CheckedPlan{
      co_await world_.flink.check_plan(endpoint_of(*view.cluster), std::move(*request), deadline)};
}

Task<Status> prime(World world, const Settings& settings, store::Stored<model::Cluster> cluster) {
  flink::PrimingRequest request;
  request.jar = settings.priming_jar;
  request.directory =
      fmt::format("{}/clusters/{}/priming", settings.data_directory, cluster->metadata.id);
  request.parallelism = cluster->task_managers * cluster->slots_per_task_manager;
  const MonoTime deadline = world.env.now() + settings.priming_time;
  auto primed = co_await world.flink.prime(endpoint_of(*cluster), std::move(request), deadline);
  if (!primed)
    log::info("control", "cluster {} is not warmed up: {}", cluster->metadata.id,
              to_string(primed.error()));
  co_return primed;
}

Task<EffectResult> Executor::prime_cluster(View view) {
  co_return PrimedCluster{co_await prime(world_, settings_, view.cluster)};
}

Task<EffectResult> Executor::submit_job(View view) {
  auto request = run_request(view);
  if (!request) co_return SubmittedJob{std::move(request).error()};
  if (mistakes.new_job_id_after_timeout) request->flink_job_id = flink_id(world_.env.ids.uuid());
  const MonoTime deadline = world_.env.now() + settings_.submit_time;
  co_return SubmittedJob{
      co_await world_.flink.run(endpoint_of(*view.cluster), std::move(*request), deadline)};
}

Task<EffectResult> Executor::require_parallelism(RequireParallelism effect, View view) {
  co_return RequiredParallelism{co_await world_.flink.require_parallelism(
      endpoint_of(*view.cluster), flink_id(view.job->metadata.id), std::move(effect.of_vertices),
      soon())};
}

Task<EffectResult> Executor::stop_with_savepoint(View view) {
  const auto& annotations = view.deployment->metadata.annotations;
  const bool drain = annotations && annotations->contains(model::kStopWithDrainAnnotation) &&
                     annotations->at(model::kStopWithDrainAnnotation) == "true";
  const std::string directory = savepoint_directory(*view.job, view.savepoint->metadata.id);
  co_return StoppedWithSavepoint{co_await world_.flink.stop_with_savepoint(
      endpoint_of(*view.cluster), flink_id(view.job->metadata.id), directory,
      flink_id(*view.savepoint->spec.flink_savepoint_id), drain, soon())};
}

// ---- looking on disk ----

Task<EffectResult> Executor::find_state(FindState effect, View view) {
  // One location may be recorded more than once: a checkpoint, and a reset to it.
  std::multimap<std::string, model::RestorePoint> recorded;
  std::vector<model::RestorePoint> points;
  for (const auto& point : effect.recorded) recorded.emplace(point.location, point);
  if (mistakes.trust_recorded_points && !recorded.empty()) effect.jobs.clear();
  for (const auto& job : effect.jobs) {
    auto found = co_await checkpoints_on_disk(world_, settings_, view, job);
    if (!found) co_return FoundPoints{std::move(found).error()};
    for (auto& point : *found) {
      const auto [first, last] = recorded.equal_range(point.location);
      if (first == last) points.push_back(std::move(point));
      for (auto known = first; known != last; ++known) points.push_back(known->second);
      recorded.erase(first, last);
    }
  }
  for (const auto& [location, point] : recorded) {
    auto there = co_await is_there(world_, point);
    if (!there) co_return FoundPoints{std::move(there).error()};
    if (*there) points.push_back(point);
  }
  FoundPoints all{std::move(points)};
  // A cancelled job is not asked how it ended.
  const auto& transition = view.transition;
  if (transition && transition->phase == model::TransitionPhase::FIND_STATE &&
      transition->kind != model::TransitionKind::CANCEL) {
    auto end = co_await archived_end(std::move(view));
    if (!end) co_return FoundPoints{std::move(end).error()};
    all.archived = *std::move(end);
  }
  co_return all;
}

Task<EffectResult> Executor::find_savepoint(View view) {
  const std::string directory = savepoint_directory(*view.job, view.savepoint->metadata.id);
  std::optional<model::RestorePoint> point;
  if (!is_local_path(directory) || mistakes.lose_written_savepoint)
    co_return FoundSavepoint{std::move(point)};
  auto found = co_await world_.states.savepoints(directory);
  if (!found) co_return FoundSavepoint{std::move(found).error()};
  if (found->empty()) co_return FoundSavepoint{std::move(point)};
  const std::int64_t id = found->front().checkpoint_id;
  point = restore_point_of(view, *view.job, model::RestorePointKind::SAVEPOINT,
                           found->front().location, id);
  const auto checkpoints = co_await checkpoints_on_disk(world_, settings_, view, view.job);
  if (!checkpoints) co_return FoundSavepoint{checkpoints.error()};
  // An earlier attempt may have counted further.
  const bool outlived =
      std::any_of(checkpoints->begin(), checkpoints->end(), [&](const auto& other) {
        return other.attempt == point->attempt && other.checkpoint_id > id;
      });
  co_return FoundSavepoint{std::move(point), outlived};
}

Task<Status> Executor::remove_deployment(View view) {
  const std::string id = view.deployment->metadata.id;
  const auto& read = world_.store.read();
  store::Batch batch;
  batch.remove(view.deployment);
  if (view.transition) batch.remove(view.transition);
  for (const auto& job : view.jobs) batch.remove(job);
  for (const auto& point : view.points) batch.remove(point);
  for (const auto& savepoint : read.savepoints_of(id)) batch.remove(savepoint);
  WEIR_CO_TRY(const auto revisions, co_await world_.store.revisions(id));
  for (const auto& revision : revisions)
    batch.deletes.push_back({model::Kind::Revision, revision->metadata.id, store::Expect::any()});
  WEIR_CO_CHECK_OK(co_await world_.store.commit(std::move(batch)));
  co_return co_await world_.store.prune_events(id, 0);
}

}  // namespace weir::control
