#include "flink/training_job.h"

#include <fstream>
#include <utility>

namespace weir::flink {
namespace {

using namespace std::chrono_literals;

constexpr unsigned char kJar[] = {
#include "flink/training/training-job.jar.inc"
};

Status write_jar(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(kJar), sizeof kJar);
  if (!file.flush()) return fail(Code::kUnavailable, "The training's jar cannot be written.");
  return {};
}

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

// From a submit to the first completed checkpoint, asking what the control plane will ask.
Task<Status> run_to_checkpoint(Place at, std::string id, RunRequest request) {
  request.jar_id = at.jar_id;
  request.flink_job_id = id;
  request.entry_class = "dev.weir.training.TrainingJob";
  WEIR_CO_CHECK_OK(co_await at.api.run(at.endpoint, std::move(request), at.deadline));
  for (; at.env.now() < at.deadline; co_await sleep_for(at.env.timer, 100ms)) {
    WEIR_CO_TRY(const JobDetail job, co_await at.api.job(at.endpoint, id, at.deadline));
    if (is_globally_terminal(job.state))
      co_return fail(Code::kUnavailable, "The training's job ended by itself.");
    if (!job.all_tasks_running) continue;
    WEIR_CO_TRY(const auto seen, co_await at.api.checkpoints(at.endpoint, id, at.deadline));
    (void)co_await at.api.restarts(at.endpoint, id, at.deadline);
    (void)co_await at.api.exceptions(at.endpoint, id, at.deadline);
    if (seen.completed > 0) co_return Status();
  }
  co_return too_slow();
}

Task<Status> wait_for_end(Place at, std::string id) {
  for (; at.env.now() < at.deadline; co_await sleep_for(at.env.timer, 100ms)) {
    WEIR_CO_TRY(const JobDetail job, co_await at.api.job(at.endpoint, id, at.deadline));
    if (is_globally_terminal(job.state)) co_return Status();
  }
  co_return too_slow();
}

Task<Result<std::string>> stop(Place at, std::string id, std::string directory) {
  WEIR_CO_CHECK_OK(
      co_await at.api.stop_with_savepoint(at.endpoint, id, directory, id, false, at.deadline));
  for (; at.env.now() < at.deadline; co_await sleep_for(at.env.timer, 100ms)) {
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

}  // namespace

Task<Status> run_training_job(Environment env, FlinkApi& api, Endpoint endpoint,
                              std::string directory, MonoTime deadline) {
  const std::string jar = directory + "/training-job.jar";
  WEIR_CO_CHECK_OK(co_await env.run([jar] { return write_jar(jar); }));
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
