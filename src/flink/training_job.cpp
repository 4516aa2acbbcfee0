#include "flink/training_job.h"

#include <fstream>
#include <utility>

namespace weir::flink {
namespace {

using namespace std::chrono_literals;

constexpr unsigned char kJar[] = {
#include "flink/training/training-job.jar.inc"
};

constexpr Duration kPoll = 30ms;
// Beyond the deadline of the priming, so that a slow one leaves an idle cluster.
constexpr Duration kEndTime = 10s;

// Where the job runs, and what all its steps have in common.
struct Place {
  Environment env;
  FlinkApi& api;
  Endpoint endpoint;
  std::string jar_id;
  MonoTime deadline;
};

Error too_slow() {
  return {Code::kDeadline, "The training's job did not get on in time.", "TrainingTooSlow"};
}

Task<Status> run(Place at, std::string id, RunRequest request) {
  request.jar_id = at.jar_id;
  request.flink_job_id = id;
  request.entry_class = "dev.weir.training.TrainingJob";
  WEIR_CO_CHECK_OK(co_await at.api.run(at.endpoint, std::move(request), at.deadline));
  for (; at.env.now() < at.deadline; co_await sleep_for(at.env.timer, kPoll)) {
    WEIR_CO_TRY(const JobDetail job, co_await at.api.job(at.endpoint, id, at.deadline));
    if (is_globally_terminal(job.state))
      co_return fail(Code::kUnavailable, "The training's job ended by itself.");
    if (job.all_tasks_running) co_return Status();
  }
  co_return too_slow();
}

// From a submit to the first completed checkpoint, asking what the control plane will ask.
Task<Status> run_to_checkpoint(Place at, std::string id, RunRequest request) {
  WEIR_CO_CHECK_OK(co_await run(at, id, std::move(request)));
  for (; at.env.now() < at.deadline; co_await sleep_for(at.env.timer, 100ms)) {
    WEIR_CO_TRY(const auto seen, co_await at.api.checkpoints(at.endpoint, id, at.deadline));
    (void)co_await at.api.restarts(at.endpoint, id, at.deadline);
    (void)co_await at.api.exceptions(at.endpoint, id, at.deadline);
    if (seen.completed > 0) co_return Status();
  }
  co_return too_slow();
}

Task<Status> wait_for_end(Place at, std::string id) {
  for (; at.env.now() < at.deadline; co_await sleep_for(at.env.timer, kPoll)) {
    WEIR_CO_TRY(const JobDetail job, co_await at.api.job(at.endpoint, id, at.deadline));
    if (is_globally_terminal(job.state)) co_return Status();
  }
  co_return too_slow();
}

Task<Result<std::string>> stop(Place at, std::string id, std::string directory) {
  WEIR_CO_CHECK_OK(
      co_await at.api.stop_with_savepoint(at.endpoint, id, directory, id, false, at.deadline));
  for (; at.env.now() < at.deadline; co_await sleep_for(at.env.timer, kPoll)) {
    WEIR_CO_TRY(const TriggerStatus status,
                co_await at.api.savepoint_status(at.endpoint, id, id, at.deadline));
    if (status.state == TriggerState::kCompleted) co_return status.location;
    if (status.state == TriggerState::kFailed)
      co_return fail(Code::kUnavailable, "The training's savepoint failed: " + status.failure);
  }
  co_return too_slow();
}

Task<Status> cancel(Place at, std::string id) {
  WEIR_CO_CHECK_OK(co_await at.api.cancel(at.endpoint, id, at.deadline));
  co_return co_await wait_for_end(at, id);
}

// Ends every job of the cluster; only what Flink says proves that none is left.
Task<Status> end_all_jobs(Place at) {
  while (at.env.now() < at.deadline) {
    bool idle = true;
    const auto found = co_await at.api.jobs(at.endpoint, at.deadline);
    if (!found) idle = false;
    else
      for (const JobSummary& job : *found) {
        if (is_globally_terminal(job.state)) continue;
        idle = false;
        if (job.state != JobState::kCancelling)
          (void)co_await at.api.cancel(at.endpoint, job.flink_job_id, at.deadline);
      }
    if (idle) co_return Status();
    co_await sleep_for(at.env.timer, kPoll);
  }
  co_return fail(Code::kFailedPrecondition,
                 "The throwaway job that warmed up the new cluster did not end.", "NotIdle");
}

// Neither its checkpoints nor its pace may be the deployment's.
RunRequest priming_run(const PrimingRequest& request) {
  RunRequest run;
  run.parallelism = request.parallelism;
  const std::string checkpoints = "file://" + request.directory + "/checkpoints";
  run.flink_configuration = {{"execution.checkpointing.interval", "1 h"},
                             {"execution.checkpointing.dir", checkpoints},
                             {"state.checkpoints.dir", checkpoints}};
  return run;
}

Task<Status> warm_up(Place at, PrimingRequest request) {
  WEIR_CO_TRY(at.jar_id, co_await at.api.upload_jar(at.endpoint, request.jar, "training-job.jar",
                                                    at.deadline));
  const std::string first = flink_id(at.env.ids.uuid());
  WEIR_CO_CHECK_OK(co_await run(at, first, priming_run(request)));
  RunRequest again = priming_run(request);
  WEIR_CO_TRY(again.restore_location,
              co_await stop(at, first, "file://" + request.directory + "/savepoints"));
  WEIR_CO_CHECK_OK(co_await wait_for_end(at, first));
  co_return co_await run(at, flink_id(at.env.ids.uuid()), std::move(again));
}

}  // namespace

Status write_training_jar(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(kJar), sizeof kJar);
  if (!file.flush()) return fail(Code::kUnavailable, path + " cannot be written.");
  return {};
}

Task<Status> prime_cluster(Environment env, FlinkApi& api, Endpoint endpoint,
                           PrimingRequest request, MonoTime deadline) {
  Place at{env, api, std::move(endpoint), "", deadline};
  Place at_end = at;
  at_end.deadline = deadline + kEndTime;
  WEIR_CO_CHECK_OK(co_await end_all_jobs(at_end));
  const Status warm = co_await warm_up(at, std::move(request));
  WEIR_CO_CHECK_OK(co_await end_all_jobs(at_end));
  co_return warm;
}

Task<Status> run_training_job(Environment env, FlinkApi& api, Endpoint endpoint,
                              std::string directory, MonoTime deadline) {
  const std::string jar = directory + "/training-job.jar";
  WEIR_CO_CHECK_OK(co_await env.run([jar] { return write_training_jar(jar); }));
  Place at{env, api, endpoint, "", deadline};
  WEIR_CO_TRY(at.jar_id, co_await api.upload_jar(endpoint, jar, "training-job.jar", deadline));

  const std::string first = flink_id(env.ids.uuid());
  WEIR_CO_CHECK_OK(co_await run_to_checkpoint(at, first, {}));
  WEIR_CO_TRY(std::string savepoint, co_await stop(at, first, "file://" + directory + "/state"));
  WEIR_CO_CHECK_OK(co_await wait_for_end(at, first));

  RunRequest again;
  again.restore_location = std::move(savepoint);
  const std::string second = flink_id(env.ids.uuid());
  WEIR_CO_CHECK_OK(co_await run_to_checkpoint(at, second, std::move(again)));
  WEIR_CO_CHECK_OK(co_await cancel(at, second));

  RunRequest rocksdb;
  rocksdb.flink_configuration["state.backend.type"] = "rocksdb";
  const std::string third = flink_id(env.ids.uuid());
  WEIR_CO_CHECK_OK(co_await run_to_checkpoint(at, third, std::move(rocksdb)));
  co_return co_await cancel(at, third);
}

}  // namespace weir::flink
