#include "support/world/flink.h"

#include <fmt/format.h>

#include "support/world/exchange.h"

namespace weir::simulated {

using flink::Endpoint;

namespace {

/// What becomes of one request.
enum class Fate {
  kFine,
  kRequestLost,
  kAnswerLost,
  kResetBefore,
  kResetAfter,
  kGarbage,
  kNotFound
};

Fate fate_of(World& world, bool of_a_job) {
  if (!world.weather.bad) return Fate::kFine;
  const Weather& weather = world.weather;
  int dice = static_cast<int>(world.below(1000));
  const auto hits = [&](int thousandths) { return (dice -= thousandths) < 0; };
  if (hits(weather.request_lost)) return Fate::kRequestLost;
  if (hits(weather.answer_lost)) return Fate::kAnswerLost;
  if (hits(weather.reset_before)) return Fate::kResetBefore;
  if (hits(weather.reset_after)) return Fate::kResetAfter;
  if (hits(weather.garbage)) return Fate::kGarbage;
  if (of_a_job && hits(weather.not_found)) return Fate::kNotFound;
  return Fate::kFine;
}

Error no_such_job() { return fail(Code::kNotFound, "Job could not be found.", "JobNotFound"); }

// The statistics may be a moment old, and then name a checkpoint that is deleted by now.
std::optional<flink::CompletedCheckpoint> shown_checkpoint(World& world, const Job& job) {
  if (job.latest_before && world.weather.bad && world.chance(300)) return job.latest_before;
  return job.latest;
}

}  // namespace

template <class T>
Task<Result<T>> Flink::send(Endpoint endpoint, Duration work, bool of_a_job, MonoTime deadline,
                            std::function<Result<T>(Cluster&)> effect) {
  using Answer = std::optional<Result<T>>;
  World* world = &world_;
  const Fate fate = fate_of(world_, of_a_job);
  Duration there = world_.between(200us, 8ms) + work;
  const Duration back = world_.between(200us, 8ms);
  if (world_.weather.bad && world_.chance(world_.weather.slow)) there += world_.between(500ms, 7s);
  if (const Cluster* at = world_.listening(endpoint.port)) there += at->extra_latency;
  co_return co_await exchange<T>(
      world_, there, back, deadline,
      [world, endpoint, fate, effect = std::move(effect)]() -> Answer {
        Cluster* cluster = world->listening(endpoint.port);
        if (cluster == nullptr) return fail(Code::kUnavailable, "Connection refused.");
        const bool deaf = world->now() < cluster->deaf_until || cluster->job_manager().stopped;
        if (deaf || fate == Fate::kRequestLost) return std::nullopt;
        if (cluster->spec.cluster_id != endpoint.cluster_id)
          return fail(Code::kConflict, "Another cluster answers here.", "WrongCluster");
        if (fate == Fate::kResetBefore) return fail(Code::kUnavailable, "Connection reset.");
        if (fate == Fate::kNotFound) return no_such_job();
        if (fate == Fate::kGarbage)
          return fail(Code::kInternal, "The answer is not what Flink says: 200 '<html>'.");
        Result<T> answer = effect(*cluster);
        if (fate == Fate::kAnswerLost) return std::nullopt;
        if (fate == Fate::kResetAfter) return fail(Code::kUnavailable, "Connection reset.");
        return answer;
      });
}

Task<Result<flink::ClusterOverview>> Flink::overview(Endpoint endpoint, MonoTime deadline) {
  co_return co_await send<flink::ClusterOverview>(
      endpoint, 0ms, false, deadline, [](Cluster& cluster) -> Result<flink::ClusterOverview> {
        flink::ClusterOverview overview;
        overview.flink_version = cluster.spec.flink_version;
        overview.slots_total = cluster.slots();
        overview.slots_available = std::max(0, cluster.slots() - cluster.slots_used());
        overview.task_managers = cluster.slots() / std::max(1, cluster.spec.slots_per_task_manager);
        return overview;
      });
}

Task<Result<std::string>> Flink::upload_jar(Endpoint endpoint, std::string path, std::string name,
                                            MonoTime deadline) {
  const std::string jar_id = "jar-" + name;
  co_return co_await send<std::string>(endpoint, world_.between(5ms, 400ms), false, deadline,
                                       [jar_id](Cluster& cluster) -> Result<std::string> {
                                         cluster.jars.insert(jar_id);
                                         return jar_id;
                                       });
}

Task<Result<void>> Flink::run(Endpoint endpoint, flink::RunRequest request, MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<void>(
      endpoint, world_.between(20ms, 3s), false, deadline,
      [world, request](Cluster& cluster) -> Status { return world->submit(cluster, request); });
}

Task<Result<void>> Flink::check_plan(Endpoint endpoint, flink::RunRequest request,
                                     MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<void>(
      endpoint, world_.between(20ms, 2s), false, deadline,
      [world, request](Cluster& cluster) -> Status { return world->check_plan(cluster, request); });
}

// What is not known to have ended may still occupy the cluster.
Task<Result<void>> Flink::prime(Endpoint endpoint, flink::PrimingRequest, MonoTime deadline) {
  World* world = &world_;
  const Duration work = world_.between(300ms, 4s);
  Cluster* cluster = world_.cluster(endpoint.cluster_id);
  const int number = cluster != nullptr ? ++cluster->primings : 0;
  auto primed = co_await send<void>(
      endpoint, work, false, deadline,
      [world, number](Cluster& c) -> Status { return world->prime(c, number); });
  if (primed || primed.error().reason == "NotPrimed") co_return primed;
  co_return fail(Code::kFailedPrecondition, "The throwaway job may still run.", "NotIdle");
}

Task<Result<void>> Flink::trigger_checkpoint(Endpoint endpoint, std::string flink_job_id,
                                             MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<void>(endpoint, 0ms, true, deadline,
                                [world, flink_job_id](Cluster& cluster) -> Status {
                                  return world->checkpoint_now(cluster, flink_job_id);
                                });
}

Task<Result<std::vector<flink::JobSummary>>> Flink::jobs(Endpoint endpoint, MonoTime deadline) {
  using List = std::vector<flink::JobSummary>;
  co_return co_await send<List>(endpoint, 0ms, false, deadline,
                                [](Cluster& cluster) -> Result<List> {
                                  List list;
                                  for (const auto& [id, job] : cluster.jobs)
                                    list.push_back({id, "job", job.state});
                                  return list;
                                });
}

Task<Result<flink::JobDetail>> Flink::job(Endpoint endpoint, std::string flink_job_id,
                                          MonoTime deadline) {
  co_return co_await send<flink::JobDetail>(
      endpoint, 0ms, true, deadline, [flink_job_id](Cluster& cluster) -> Result<flink::JobDetail> {
        const auto found = cluster.jobs.find(flink_job_id);
        if (found == cluster.jobs.end()) return no_such_job();
        flink::JobDetail detail;
        detail.state = found->second.state;
        detail.all_tasks_running = found->second.all_tasks_running;
        detail.name = "job";
        return detail;
      });
}

Task<Result<flink::CheckpointStatistics>> Flink::checkpoints(Endpoint endpoint,
                                                             std::string flink_job_id,
                                                             MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<flink::CheckpointStatistics>(
      endpoint, 0ms, true, deadline,
      [world, flink_job_id](Cluster& cluster) -> Result<flink::CheckpointStatistics> {
        const auto found = cluster.jobs.find(flink_job_id);
        if (found == cluster.jobs.end()) return no_such_job();
        const Job& job = found->second;
        flink::CheckpointStatistics statistics;
        statistics.enabled = cluster.checkpoint_interval > Duration(0);
        statistics.completed = job.completed;
        statistics.failed = job.failed;
        statistics.restored = job.restored;
        statistics.latest_completed = shown_checkpoint(*world, job);
        if (job.restored_from && job.restored > 0) statistics.latest_restored = job.restored_from;
        return statistics;
      });
}

Task<Result<flink::JobExceptions>> Flink::exceptions(Endpoint endpoint, std::string flink_job_id,
                                                     MonoTime deadline) {
  co_return co_await send<flink::JobExceptions>(
      endpoint, 0ms, true, deadline,
      [flink_job_id](Cluster& cluster) -> Result<flink::JobExceptions> {
        const auto found = cluster.jobs.find(flink_job_id);
        if (found == cluster.jobs.end()) return no_such_job();
        flink::JobExceptions exceptions;
        exceptions.root_cause = found->second.root_cause;
        exceptions.full_text = found->second.root_cause;
        exceptions.entries = found->second.root_cause.empty() ? 0 : 1;
        return exceptions;
      });
}

Task<Result<std::int64_t>> Flink::restarts(Endpoint endpoint, std::string flink_job_id,
                                           MonoTime deadline) {
  co_return co_await send<std::int64_t>(endpoint, 0ms, true, deadline,
                                        [flink_job_id](Cluster& cluster) -> Result<std::int64_t> {
                                          const auto found = cluster.jobs.find(flink_job_id);
                                          if (found == cluster.jobs.end()) return no_such_job();
                                          return found->second.restarts;
                                        });
}

Task<Result<std::vector<flink::VertexParallelism>>> Flink::parallelism(Endpoint endpoint,
                                                                       std::string flink_job_id,
                                                                       MonoTime deadline) {
  using List = std::vector<flink::VertexParallelism>;
  co_return co_await send<List>(
      endpoint, 0ms, true, deadline, [flink_job_id](Cluster& cluster) -> Result<List> {
        const auto found = cluster.jobs.find(flink_job_id);
        if (found == cluster.jobs.end()) return no_such_job();
        if (!cluster.adaptive)
          return fail(Code::kFailedPrecondition, "Not the adaptive scheduler.", "NotAdaptive");
        List list;
        for (const auto& [id, bounds] : found->second.vertices)
          list.push_back({id, bounds.now, 128, bounds.lower, bounds.upper});
        return list;
      });
}

Task<Result<void>> Flink::require_parallelism(Endpoint endpoint, std::string flink_job_id,
                                              std::map<std::string, int> of_vertices,
                                              MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<void>(
      endpoint, 0ms, true, deadline, [world, flink_job_id, of_vertices](Cluster& cluster) {
        return world->require_parallelism(cluster, flink_job_id, of_vertices);
      });
}

Task<Result<std::vector<int>>> Flink::idle_task_managers(Endpoint endpoint, MonoTime deadline) {
  using List = std::vector<int>;
  co_return co_await send<List>(endpoint, 0ms, false, deadline,
                                [](Cluster& cluster) -> Result<List> {
                                  List idle;
                                  for (const Process& process : cluster.processes)
                                    if (process.registered && !process.used)
                                      idle.push_back(process.index);
                                  return idle;
                                });
}

Task<Result<void>> Flink::cancel(Endpoint endpoint, std::string flink_job_id, MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<void>(endpoint, 0ms, true, deadline,
                                [world, flink_job_id](Cluster& cluster) -> Status {
                                  return world->cancel(cluster, flink_job_id);
                                });
}

Task<Result<void>> Flink::stop_with_savepoint(Endpoint endpoint, std::string flink_job_id,
                                              std::string directory, std::string trigger_id,
                                              bool drain, MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<void>(
      endpoint, 0ms, true, deadline,
      [world, flink_job_id, directory, trigger_id](Cluster& cluster) -> Status {
        return world->savepoint(cluster, flink_job_id, directory, trigger_id, true);
      });
}

Task<Result<void>> Flink::trigger_savepoint(Endpoint endpoint, std::string flink_job_id,
                                            std::string directory, std::string trigger_id,
                                            MonoTime deadline) {
  World* world = &world_;
  co_return co_await send<void>(
      endpoint, 0ms, true, deadline,
      [world, flink_job_id, directory, trigger_id](Cluster& cluster) -> Status {
        return world->savepoint(cluster, flink_job_id, directory, trigger_id, false);
      });
}

Task<Result<flink::TriggerStatus>> Flink::savepoint_status(Endpoint endpoint,
                                                           std::string flink_job_id,
                                                           std::string trigger_id,
                                                           MonoTime deadline) {
  co_return co_await send<flink::TriggerStatus>(
      endpoint, 0ms, true, deadline,
      [flink_job_id, trigger_id](Cluster& cluster) -> Result<flink::TriggerStatus> {
        const auto job = cluster.jobs.find(flink_job_id);
        if (job == cluster.jobs.end()) return no_such_job();
        const auto trigger = job->second.triggers.find(trigger_id);
        if (trigger == job->second.triggers.end())
          return fail(Code::kNotFound, "No such trigger.", "TriggerNotFound");
        return flink::TriggerStatus{trigger->second.state, trigger->second.location,
                                    trigger->second.failure};
      });
}

}  // namespace weir::simulated
