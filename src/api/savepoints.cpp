#include <fmt/format.h>

#include "api/deployment_change.h"
#include "api/errors.h"
#include "api/listing.h"
#include "api/routes.h"
#include "api/writing.h"
#include "base/ids.h"
#include "base/strings.h"
#include "control/savepoint_deletion.h"

namespace weir::api {
namespace {

using SavepointRef = store::Stored<model::Savepoint>;

/// What a request may say.
struct Wanted {
  model::Metadata metadata;
  model::SavepointSpec spec;
};
BOOST_DESCRIBE_STRUCT(Wanted, (), (metadata, spec))

std::string to_json(const model::Savepoint& savepoint) { return model::to_api_json(savepoint); }

Task<Result<net::Response>> list(Call& call) {
  const std::string deployment = to_lower(call.query("deploymentId"));
  const std::string job = to_lower(call.query("jobId"));
  auto savepoints =
      deployment.empty() ? call.read().savepoints(call.ns) : call.read().savepoints_of(deployment);
  std::erase_if(savepoints, [&](const SavepointRef& savepoint) {
    return savepoint->metadata.namespace_ != call.ns ||
           (!job.empty() && savepoint->metadata.job_id != job);
  });
  co_return co_await answer_list(call, "Savepoint", std::move(savepoints), true, to_json);
}

Result<SavepointRef> find(const Call& call) {
  const std::string id = call.parameter("savepointId");
  auto found = call.read().savepoint(to_lower(id));
  if (found && found->metadata.namespace_ == call.ns) return found;
  return not_found("Savepoint", id, call.ns);
}

Task<Result<net::Response>> get(Call& call) {
  WEIR_CO_TRY(const SavepointRef found, find(call));
  co_return resource_answer(call, 200, *found);
}

Status check(const Wanted& wanted) {
  codec::FieldErrors errors;
  if (!wanted.metadata.deployment_id || wanted.metadata.deployment_id->empty())
    errors.add("metadata.deploymentId", "is required.", "isMissing");
  const auto& type = wanted.metadata.type;
  if (type && type != "UNKNOWN" && type != "FULL" && type != "INCREMENTAL")
    errors.add("metadata.type", "must be one of UNKNOWN, FULL, INCREMENTAL.");
  const auto& id = wanted.spec.flink_savepoint_id;
  if (id && !id->empty() && !is_uuid(*id)) errors.add("spec.flinkSavepointId", "must be a UUID.");
  const auto& job = wanted.metadata.job_id;
  if (job && !job->empty() && !is_uuid(*job)) errors.add("metadata.jobId", "must be a UUID.");
  if (!errors.empty()) return errors.to_error();
  return {};
}

store::Stored<model::Job> running_job(const Call& call, const model::Deployment& deployment) {
  for (const auto& job : call.read().jobs_of(deployment.metadata.id))
    if (job->status.state == model::JobState::STARTED) return job;
  return {};
}

/// The wish for a new one; its reconciler takes it from here with the ids chosen here.
Result<model::Savepoint> request_new(const Call& call, const model::Deployment& deployment,
                                     const Wanted& wanted) {
  const auto job = running_job(call, deployment);
  if (!job)
    return fail(Code::kFailedPrecondition,
                fmt::format("Deployment '{}' has no running job to take a savepoint of.",
                            name_of(deployment)),
                "NoRunningJob");
  model::Savepoint made = model::requested_savepoint(
      deployment.metadata, job->metadata.id, deployment.internal.spec_revision,
      call.env().ids.uuid(), call.env().ids.uuid(), call.wall_now());
  if (wanted.metadata.annotations)
    for (const auto& [key, value] : *wanted.metadata.annotations)
      made.metadata.annotations->insert_or_assign(key, value);
  return made;
}

Result<Write> plan_create(const Call& call, const Wanted& wanted) {
  const auto deployment = call.read().deployment(to_lower(*wanted.metadata.deployment_id));
  if (!deployment || deployment->metadata.namespace_ != call.ns)
    return not_found("Deployment", *wanted.metadata.deployment_id, call.ns);
  if (deployment->internal.deleting.value_or(false)) return being_deleted(name_of(*deployment));
  if (wanted.spec.savepoint_location.value_or("").empty()) {
    WEIR_TRY(model::Savepoint savepoint, request_new(call, *deployment, wanted));
    return create_write(call, std::move(savepoint));
  }
  Write planned;
  model::Savepoint existing;
  existing.metadata.annotations = wanted.metadata.annotations;
  existing.metadata.type = wanted.metadata.type;
  existing.metadata.job_id = wanted.metadata.job_id;
  existing.spec = wanted.spec;
  register_savepoint(call, planned.batch, *deployment, std::move(existing));
  planned.response =
      resource_answer(call, 201, std::get<model::Savepoint>(planned.batch.puts.back().resource));
  return planned;
}

Task<Result<net::Response>> create(Call& call) {
  WEIR_CO_TRY(const Wanted wanted, co_await read_resource<Wanted>(call, "Savepoint"));
  WEIR_CO_CHECK_OK(check(wanted));
  co_return co_await write(call, [&call, &wanted] { return plan_create(call, wanted); });
}

Task<Result<net::Response>> remove(Call& call) {
  const bool force = call.flag("force");
  co_return co_await write(call, [&call, force]() -> Result<Write> {
    WEIR_TRY(const SavepointRef old, find(call));
    WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
    Write planned;
    if (model::is_being_deleted(*old) && (!force || old->internal.force.value_or(false)))
      return planned;
    if (const auto hindrance = control::deletion_hindrance(call.read(), *old); hindrance && !force)
      return fail(Code::kConflict,
                  fmt::format("Savepoint '{}' {}. With force=true its record is removed all the "
                              "same.",
                              old->metadata.id, *hindrance),
                  "NotEligible");
    control::Deletion how;
    how.force = force;
    planned.batch = control::deletion_of(call.read(), old, how, call.env().ids, call.wall_now());
    return planned;
  });
}

}  // namespace

void add_savepoint_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/savepoints";
  const std::string one = all + "/{savepointId}";
  const SchemaOf savepoint = schema<model::Savepoint>;
  const char* tag = "Savepoint";
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists savepoints, newest first",
              .tag = tag,
              .answer = savepoint,
              .list = true,
              .query = list_query({{"deploymentId", "Only savepoints of this deployment"},
                                   {"jobId", "Only savepoints of this job"}})});
  router.add({.method = "POST",
              .pattern = all,
              .handler = create,
              .summary = "Takes a savepoint of the running job, or registers one by its location",
              .tag = tag,
              .request = savepoint,
              .answer = savepoint,
              .success = 201});
  router.add({.method = "GET",
              .pattern = one,
              .handler = get,
              .summary = "Gets a savepoint",
              .tag = tag,
              .answer = savepoint});
  router.add({.method = "DELETE",
              .pattern = one,
              .handler = remove,
              .summary = "Deletes a savepoint, with its files where Weir wrote them",
              .tag = tag,
              .query = {{"force",
                         "true: the record goes also when something refers to it; files "
                         "that others need stay"}}});
}

}  // namespace weir::api
