#include "flink/rest_flink_api.h"

#include <fmt/format.h>

#include <map>

#include "flink/capabilities.h"
#include "flink/flink_answers.h"
#include "flink/flink_requests.h"
#include "flink/jar_upload.h"
#include "flink/rest_connection.h"
#include "flink/training_job.h"

namespace weir::flink {

struct RestFlinkApi::Impl : RestConnection {
  Impl(Environment e, net::HttpClient& c) : RestConnection(c), env(e), hashes(e) {}

  Environment env;
  JarHashes hashes;
  std::map<std::string, bool> checkpointing;       // cluster id + job id -> Flink triggers them
  std::map<std::string, std::string> flink_chose;  // our trigger id -> Flink's, before 1.15

  Task<Result<void>> trigger(Endpoint endpoint, std::string job, requests::Savepoint what,
                             std::string trigger_id, MonoTime deadline) {
    const bool ours = capabilities_of(endpoint.flink_version).client_trigger_id;
    if (!ours && flink_chose.contains(trigger_id)) co_return Status();
    auto ask = request(endpoint, "POST", "/jobs/" + job + what.path, std::move(what.body));
    WEIR_CO_TRY(const std::string text, co_await body(endpoint, std::move(ask), deadline));
    WEIR_CO_TRY(std::string chosen, answers::trigger_id(text));
    if (!ours) flink_chose[trigger_id] = std::move(chosen);
    co_return Status();
  }
};

RestFlinkApi::RestFlinkApi(Environment env, net::HttpClient& client)
    : impl_(std::make_shared<Impl>(env, client)) {}
RestFlinkApi::~RestFlinkApi() = default;

Task<Result<ClusterOverview>> RestFlinkApi::overview(Endpoint endpoint, MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const std::string text,
              co_await impl->get(std::move(endpoint), "/overview", deadline));
  co_return answers::overview(text);
}

Task<Result<std::string>> RestFlinkApi::upload_jar(Endpoint endpoint, std::string path,
                                                   std::string name, MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const JarFile jar, co_await impl->hashes.look(std::move(path)));
  const std::string uploaded_as = upload_name(jar.sha256, name);
  WEIR_CO_TRY(const std::string listed, co_await impl->get(endpoint, "/jars", deadline));
  WEIR_CO_TRY(const auto jars, answers::jars(listed));
  for (const answers::Jar& there : jars)
    if (there.name == uploaded_as) co_return there.id;
  const std::string url = fmt::format("http://{}/jars/upload", Impl::authority(endpoint));
  auto upload = upload_request(impl->env, url, jar, uploaded_as);
  WEIR_CO_TRY(const std::string text,
              co_await impl->body(std::move(endpoint), std::move(upload), deadline));
  co_return answers::uploaded_jar(text);
}

Task<Result<void>> RestFlinkApi::run(Endpoint endpoint, RunRequest request, MonoTime deadline) {
  const auto impl = impl_;
  auto ask = Impl::request(endpoint, "POST",
                           fmt::format("/jars/{}/run", net::percent_encode(request.jar_id)),
                           requests::run(request, capabilities_of(endpoint.flink_version)));
  WEIR_CO_TRY(const net::ClientResponse response,
              co_await impl->answer(std::move(endpoint), std::move(ask), deadline));
  if (response.status != 200) co_return answers::run_refusal(response.status, response.body);
  co_return Status();
}

Task<Result<void>> RestFlinkApi::check_plan(Endpoint endpoint, RunRequest request,
                                            MonoTime deadline) {
  const auto impl = impl_;
  if (!capabilities_of(endpoint.flink_version).post_plan) co_return Status();
  auto ask = Impl::request(endpoint, "POST",
                           fmt::format("/jars/{}/plan", net::percent_encode(request.jar_id)),
                           requests::plan(request));
  WEIR_CO_TRY(const net::ClientResponse response,
              co_await impl->answer(std::move(endpoint), std::move(ask), deadline));
  if (response.status != 200) co_return answers::run_refusal(response.status, response.body);
  co_return Status();
}

Task<Result<void>> RestFlinkApi::prime(Endpoint endpoint, PrimingRequest request,
                                       MonoTime deadline) {
  co_return co_await prime_cluster(impl_->env, *this, std::move(endpoint), std::move(request),
                                   deadline);
}

Task<Result<std::vector<JobSummary>>> RestFlinkApi::jobs(Endpoint endpoint, MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const std::string text,
              co_await impl->get(std::move(endpoint), "/jobs/overview", deadline));
  WEIR_CO_TRY(const auto all, answers::jobs(text));
  std::vector<JobSummary> summaries;
  for (const answers::Job& job : all)
    summaries.push_back({job.flink_job_id, job.detail.name, job.detail.state});
  co_return summaries;
}

// /jobs/overview and not /jobs/:id: it is never cached, counts tasks, and is as cheap.
Task<Result<JobDetail>> RestFlinkApi::job(Endpoint endpoint, std::string flink_job_id,
                                          MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const std::string text,
              co_await impl->get(std::move(endpoint), "/jobs/overview", deadline));
  WEIR_CO_TRY(const auto all, answers::jobs(text));
  for (const answers::Job& job : all)
    if (job.flink_job_id == flink_job_id) co_return job.detail;
  co_return fail(Code::kNotFound,
                 fmt::format("This JobManager does not know the job {}.", flink_job_id),
                 "FlinkJobNotFound");
}

Task<Result<CheckpointStatistics>> RestFlinkApi::checkpoints(Endpoint endpoint,
                                                             std::string flink_job_id,
                                                             MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = "/jobs/" + flink_job_id + "/checkpoints";
  const std::string key = endpoint.cluster_id + "/" + flink_job_id;
  if (!impl->checkpointing.contains(key)) {
    auto config = co_await impl->get(endpoint, path + "/config", deadline);
    // Some versions have no such answer for a job without checkpoints.
    const bool none = !config && config.error().code == Code::kNotFound &&
                      config.error().message.find("heckpointing") != std::string::npos;
    if (none) co_return CheckpointStatistics{};
    if (!config) co_return std::move(config).error();
    WEIR_CO_TRY(const bool enabled, answers::checkpoints_enabled(*config));
    if (impl->checkpointing.size() >= 10000) impl->checkpointing.clear();
    impl->checkpointing[key] = enabled;
  }
  WEIR_CO_TRY(const std::string text, co_await impl->get(std::move(endpoint), path, deadline));
  WEIR_CO_TRY(CheckpointStatistics statistics, answers::checkpoints(text));
  statistics.enabled = impl->checkpointing[key];
  co_return statistics;
}

Task<Result<JobExceptions>> RestFlinkApi::exceptions(Endpoint endpoint, std::string flink_job_id,
                                                     MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = "/jobs/" + flink_job_id;
  WEIR_CO_TRY(const std::string text, co_await impl->get(endpoint, path + "/exceptions", deadline));
  WEIR_CO_TRY(JobExceptions found, answers::exceptions(text));
  if (!found.root_cause.empty()) co_return found;
  const auto result = co_await impl->get(std::move(endpoint), path + "/execution-result", deadline);
  if (!result) co_return found;  // some versions refuse it while the job runs
  co_return answers::execution_failure(*result);
}

Task<Result<std::int64_t>> RestFlinkApi::restarts(Endpoint endpoint, std::string flink_job_id,
                                                  MonoTime deadline) {
  const auto impl = impl_;
  const std::string path = "/jobs/" + flink_job_id + "/metrics?get=numRestarts,fullRestarts";
  WEIR_CO_TRY(const std::string text, co_await impl->get(std::move(endpoint), path, deadline));
  WEIR_CO_TRY(const auto value, answers::metric(text, {"numRestarts", "fullRestarts"}));
  if (!value)
    co_return fail(Code::kNotFound, "Flink has no restart count of the job yet.", "NoMetric");
  co_return *value;
}

Task<Result<void>> RestFlinkApi::trigger_checkpoint(Endpoint endpoint, std::string flink_job_id,
                                                    MonoTime deadline) {
  const auto impl = impl_;
  if (!capabilities_of(endpoint.flink_version).checkpoint_trigger)
    co_return fail(
        Code::kFailedPrecondition,
        fmt::format("Flink {} takes no request for a checkpoint.", endpoint.flink_version),
        "NoCheckpointTrigger");
  auto ask = Impl::request(endpoint, "POST", "/jobs/" + flink_job_id + "/checkpoints", "{}");
  auto done = co_await impl->body(std::move(endpoint), std::move(ask), deadline);
  if (!done) co_return std::move(done).error();
  co_return Status();
}

Task<Result<std::vector<VertexParallelism>>> RestFlinkApi::parallelism(Endpoint endpoint,
                                                                       std::string flink_job_id,
                                                                       MonoTime deadline) {
  const auto impl = impl_;
  if (!capabilities_of(endpoint.flink_version).rescale_in_place)
    co_return fail(Code::kFailedPrecondition,
                   fmt::format("Flink {} cannot rescale a running job.", endpoint.flink_version),
                   "NotAdaptive");
  const std::string path = "/jobs/" + flink_job_id;
  auto ask = Impl::request(endpoint, "GET", path + "/resource-requirements");
  WEIR_CO_TRY(const net::ClientResponse required,
              co_await impl->answer(endpoint, std::move(ask), deadline));
  if (required.status != 200)
    co_return answers::requirements_refusal(required.status, required.body);
  WEIR_CO_TRY(const std::string detail, co_await impl->get(std::move(endpoint), path, deadline));
  co_return answers::parallelism(detail, required.body);
}

Task<Result<void>> RestFlinkApi::require_parallelism(Endpoint endpoint, std::string flink_job_id,
                                                     std::map<std::string, int> of_vertices,
                                                     MonoTime deadline) {
  const auto impl = impl_;
  auto ask = Impl::request(endpoint, "PUT", "/jobs/" + flink_job_id + "/resource-requirements",
                           requests::require_parallelism(of_vertices));
  WEIR_CO_TRY(const net::ClientResponse response,
              co_await impl->answer(std::move(endpoint), std::move(ask), deadline));
  if (response.status != 200)
    co_return answers::requirements_refusal(response.status, response.body);
  co_return Status();
}

Task<Result<std::vector<int>>> RestFlinkApi::idle_task_managers(Endpoint endpoint,
                                                                MonoTime deadline) {
  const auto impl = impl_;
  WEIR_CO_TRY(const std::string text,
              co_await impl->get(std::move(endpoint), "/taskmanagers", deadline));
  co_return answers::idle_task_managers(text);
}

Task<Result<void>> RestFlinkApi::cancel(Endpoint endpoint, std::string flink_job_id,
                                        MonoTime deadline) {
  const auto impl = impl_;
  auto ask = Impl::request(endpoint, "PATCH", "/jobs/" + flink_job_id + "?mode=cancel");
  auto done = co_await impl->body(std::move(endpoint), std::move(ask), deadline);
  if (!done) co_return std::move(done).error();
  co_return Status();
}

Task<Result<void>> RestFlinkApi::stop_with_savepoint(Endpoint endpoint, std::string flink_job_id,
                                                     std::string directory, std::string trigger_id,
                                                     bool drain, MonoTime deadline) {
  const auto impl = impl_;
  auto what = requests::stop_with_savepoint(directory, trigger_id, drain,
                                            capabilities_of(endpoint.flink_version));
  co_return co_await impl->trigger(std::move(endpoint), std::move(flink_job_id), std::move(what),
                                   std::move(trigger_id), deadline);
}

Task<Result<void>> RestFlinkApi::trigger_savepoint(Endpoint endpoint, std::string flink_job_id,
                                                   std::string directory, std::string trigger_id,
                                                   MonoTime deadline) {
  const auto impl = impl_;
  auto what =
      requests::trigger_savepoint(directory, trigger_id, capabilities_of(endpoint.flink_version));
  co_return co_await impl->trigger(std::move(endpoint), std::move(flink_job_id), std::move(what),
                                   std::move(trigger_id), deadline);
}

Task<Result<TriggerStatus>> RestFlinkApi::savepoint_status(Endpoint endpoint,
                                                           std::string flink_job_id,
                                                           std::string trigger_id,
                                                           MonoTime deadline) {
  const auto impl = impl_;
  if (!capabilities_of(endpoint.flink_version).client_trigger_id) {
    const auto chosen = impl->flink_chose.find(trigger_id);
    if (chosen == impl->flink_chose.end())
      co_return fail(Code::kNotFound, "It is not known under which id Flink runs this savepoint.",
                     "TriggerNotFound");
    trigger_id = chosen->second;
  }
  const std::string path = "/jobs/" + flink_job_id + "/savepoints/" + trigger_id;
  WEIR_CO_TRY(const std::string text, co_await impl->get(std::move(endpoint), path, deadline));
  co_return answers::trigger_status(text);
}

}  // namespace weir::flink
