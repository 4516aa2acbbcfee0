#include "api/errors.h"
#include "api/listing.h"
#include "api/lookup.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "base/strings.h"

namespace weir::api {
namespace {

// What was last seen of a running job is in no record; it is laid over the answer.
std::string to_json(const Call& call, const model::Job& job) {
  if (!job.status.started || model::is_terminal(job.status.state)) return model::to_api_json(job);
  const auto live = call.services().controller.live_job(job.metadata.id);
  if (!live) return model::to_api_json(job);
  model::Job seen = job;
  if (live->last_update_time) seen.status.started->last_update_time = live->last_update_time;
  if (!live->flink_status.empty())
    seen.status.started->observed_flink_job_status = live->flink_status;
  seen.status.started->observed_flink_job_restarts = live->restarts;
  return model::to_api_json(seen);
}

Task<Result<net::Response>> list(Call& call) {
  const std::string deployment = to_lower(call.query("deploymentId"));
  auto jobs = deployment.empty() ? call.read().jobs(call.ns) : call.read().jobs_of(deployment);
  std::erase_if(jobs, [&](const auto& job) { return job->metadata.namespace_ != call.ns; });
  co_return co_await answer_list(call, "Job", std::move(jobs), true,
                                 [&call](const model::Job& job) { return to_json(call, job); });
}

Task<Result<net::Response>> get(Call& call) {
  WEIR_CO_TRY(const auto found, find_job(call));
  co_return object(call, 200, to_json(call, *found), found->metadata.resource_version);
}

}  // namespace

void add_job_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/jobs";
  const SchemaOf job = schema<model::Job>;
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists jobs, newest first",
              .tag = "Job",
              .answer = job,
              .list = true,
              .query = list_query({{"deploymentId", "Only jobs of this deployment"}})});
  router.add({.method = "GET",
              .pattern = all + "/{jobId}",
              .handler = get,
              .summary = "Gets a job",
              .tag = "Job",
              .answer = job});
}

}  // namespace weir::api
