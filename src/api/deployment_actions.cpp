#include <fmt/format.h>

#include "api/deployment_change.h"
#include "api/deployment_spec.h"
#include "api/errors.h"
#include "api/lookup.h"
#include "api/negotiation.h"
#include "api/revisions.h"
#include "api/routes.h"
#include "base/strings.h"
#include "codec/describe_json.h"
#include "control/retry.h"
#include "control/savepoint_deletion.h"
#include "model/documents.h"
#include "model/fork.h"
#include "model/job_relevant.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;
using SavepointRef = store::Stored<model::Savepoint>;

/// Exactly one of both.
struct ResetRequest {
  std::optional<std::string> restore_point_id;  ///< of a savepoint, or as restore-points lists it
  std::optional<std::string> location;
};
BOOST_DESCRIBE_STRUCT(ResetRequest, (), (restore_point_id, location))

struct ForkRequest {
  std::optional<std::string> name;
  std::optional<std::string> savepoint_id;  ///< the fork's first start begins there
};
BOOST_DESCRIBE_STRUCT(ForkRequest, (), (name, savepoint_id))

struct RollbackRequest {
  std::optional<std::int64_t> revision;
};
BOOST_DESCRIBE_STRUCT(RollbackRequest, (), (revision))

/// The new deployment, and what it shares with the old one.
struct ForkAnswer {
  std::string kind;
  std::string api_version;
  model::Deployment deployment;
  std::optional<std::string> savepoint_id;  ///< of the copy that the first start begins from
  std::vector<std::string> warnings;
};
BOOST_DESCRIBE_STRUCT(ForkAnswer, (), (kind, api_version, deployment, savepoint_id, warnings))

Error field_error(std::string path, std::string message, std::string reason = "isInvalid") {
  Error error(Code::kInvalidArgument, path + " " + message, reason);
  error.fields.push_back({std::move(path), std::move(message), std::move(reason)});
  return error;
}

template <class T>
Task<Result<T>> read_request(Call& call) {
  WEIR_CO_TRY(const Node document, co_await read_document(call));
  co_return codec::from_node<T>(document);
}

/// The savepoint of this id that the deployment can start from.
Result<SavepointRef> usable_savepoint(const Call& call, const model::Deployment& deployment,
                                      const std::string& id) {
  const SavepointRef savepoint = call.read().savepoint(to_lower(id));
  if (!savepoint || savepoint->metadata.deployment_id != deployment.metadata.id)
    return not_found("Savepoint", id, call.ns);
  if (savepoint->status.state != model::SavepointState::COMPLETED ||
      savepoint->spec.savepoint_location.value_or("").empty())
    return fail(Code::kFailedPrecondition,
                fmt::format("Savepoint '{}' is {}; only a COMPLETED one can be started from.", id,
                            codec::enum_text(savepoint->status.state)),
                "SavepointNotUsable");
  return savepoint;
}

// ---- reset ----

/// What a start goes back to: a location, with what is known about it.
struct Origin {
  model::Savepoint copy;   ///< spec, type, job and version of the state
  SavepointRef savepoint;  ///< if it is one
};

Origin origin_of(const SavepointRef& savepoint) {
  Origin origin;
  origin.copy.spec.savepoint_location = savepoint->spec.savepoint_location;
  origin.copy.metadata.type = savepoint->metadata.type;
  origin.copy.metadata.job_id = savepoint->metadata.job_id;
  origin.copy.metadata.annotations.emplace();
  if (savepoint->metadata.annotations)
    if (const auto version = savepoint->metadata.annotations->find(model::kSpecVersionAnnotation);
        version != savepoint->metadata.annotations->end())
      origin.copy.metadata.annotations->insert(*version);
  origin.savepoint = savepoint;
  return origin;
}

Result<Origin> origin_of(const Call& call, const model::Deployment& deployment,
                         const ResetRequest& request) {
  Origin origin;
  if (request.location) {
    origin.copy.spec.savepoint_location = *request.location;
    return origin;
  }
  const std::string id = to_lower(*request.restore_point_id);
  if (call.read().savepoint(id)) {
    WEIR_TRY(const SavepointRef savepoint, usable_savepoint(call, deployment, id));
    return origin_of(savepoint);
  }
  for (const auto& point : call.read().restore_points_of(deployment.metadata.id)) {
    if (point->metadata.id != id) continue;
    if (!point->usable)
      return fail(Code::kFailedPrecondition,
                  fmt::format("Restore point '{}' could not be read when it was tried last.", id),
                  "RestorePointNotUsable");
    origin.copy.spec.savepoint_location = point->location;
    origin.copy.metadata.job_id = point->metadata.job_id;
    return origin;
  }
  return not_found("Restore point", *request.restore_point_id, call.ns);
}

/// A pointer for the next start makes sense, and can be obeyed, only where nothing runs.
Status check_stopped(const Call& call, const model::Deployment& deployment) {
  bool job_lives = false;
  for (const auto& job : call.read().jobs_of(deployment.metadata.id))
    job_lives = job_lives || !model::is_terminal(job->status.state);
  const auto state = deployment.status.state;
  if (!job_lives && !call.read().open_transition(deployment.metadata.id) &&
      state != model::ObservedState::RUNNING && state != model::ObservedState::TRANSITIONING)
    return {};
  return fail(Code::kFailedPrecondition,
              fmt::format("Deployment '{}' is {}; it can be reset only while nothing runs "
                          "(CANCELLED, SUSPENDED, FAILED or FINISHED). Cancel or suspend it first.",
                          name_of(deployment), codec::enum_text(state)),
              "NotStopped");
}

Status check(const ResetRequest& request) {
  if (request.location.has_value() == request.restore_point_id.has_value())
    return field_error(request.location ? "location" : "restorePointId",
                       "and location: give exactly one of both.");
  if (request.location && request.location->find(':') == std::string::npos &&
      !request.location->starts_with("/"))
    return field_error("location", fmt::format("is '{}', but must be a URI or an absolute path.",
                                               *request.location));
  return {};
}

Result<Write> plan_reset(const Call& call, const std::string& id, const ResetRequest& request) {
  const DeploymentRef old = call.read().deployment(id);
  if (!old) return not_found("Deployment", id, call.ns);
  if (old->internal.deleting.value_or(false)) return being_deleted(name_of(*old));
  WEIR_CHECK_OK(check_stopped(call, *old));
  WEIR_TRY(Origin origin, origin_of(call, *old, request));
  const std::string location = *origin.copy.spec.savepoint_location;
  Write planned;
  model::Deployment changed = *old;
  stamp_write(call, changed.metadata);
  const std::string copy = register_savepoint(call, planned.batch, changed, std::move(origin.copy));
  const auto& registered = std::get<model::Savepoint>(planned.batch.puts.back().resource);
  planned.response = object(call, 200, model::to_api_json(registered), 1);
  changed.internal.reset = model::ResetPointer{location, copy, old->internal.chain_position};
  planned.batch.create(user_event(
      call, changed, "EXTERNAL",
      fmt::format("The deployment was reset: its next start begins from {}.", location)));
  planned.batch.update(old, std::move(changed));
  // A deletion at the same time must see that it is needed.
  if (origin.savepoint) planned.batch.update(origin.savepoint, *origin.savepoint);
  return planned;
}

Task<Result<net::Response>> reset(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  WEIR_CO_TRY(const ResetRequest request, co_await read_request<ResetRequest>(call));
  WEIR_CO_CHECK_OK(check(request));
  const std::string id = found->metadata.id;
  co_return co_await write(call, [&call, &id, &request] { return plan_reset(call, id, request); });
}

// ---- fork ----

std::string free_name(const Call& call, const model::Deployment& source) {
  const auto taken = [&](const std::string& name) {
    return bool(call.read().deployment_by_name(call.ns, name));
  };
  for (int count = 1;; ++count)
    if (std::string name = model::fork_name(name_of(source), count); !taken(name)) return name;
}

model::Deployment fork_of(const Call& call, const model::Deployment& source, std::string name) {
  model::Deployment fork;
  fork.metadata.name = std::move(name);
  take_user_metadata(fork.metadata, source.metadata);
  stamp_new(call, fork.metadata);
  fork.metadata.display_name = "Fork of " + source.metadata.display_name.value_or(name_of(source));
  (*fork.metadata.annotations)[model::kTransitioningAnnotation] = "false";
  fork.spec = source.spec;
  fork.spec.state = model::DesiredState::CANCELLED;
  return fork;
}

std::string fork_json(const model::Deployment& fork, const std::optional<std::string>& savepoint,
                      const std::vector<std::string>& warnings) {
  std::string json = fmt::format(R"({{"kind":"ForkedDeployment","apiVersion":"v1","deployment":{})",
                                 model::to_api_json(fork));
  if (savepoint) json += fmt::format(R"(,"savepointId":"{}")", *savepoint);
  return json + ",\"warnings\":" + codec::to_json_text(warnings) + "}";
}

Result<Write> plan_fork(const Call& call, const std::string& id, const ForkRequest& request) {
  const DeploymentRef source = call.read().deployment(id);
  if (!source) return not_found("Deployment", id, call.ns);
  if (source->internal.deleting.value_or(false)) return being_deleted(name_of(*source));
  model::Deployment fork =
      fork_of(call, *source, request.name ? *request.name : free_name(call, *source));
  WEIR_CHECK_OK(model::validate(fork));
  if (call.read().deployment_by_name(call.ns, *fork.metadata.name))
    return name_taken(call, "deployment", *fork.metadata.name);
  Write planned;
  add_revision(call, planned.batch, fork, 1);
  std::optional<std::string> copy;
  if (request.savepoint_id) {
    WEIR_TRY(const SavepointRef savepoint, usable_savepoint(call, *source, *request.savepoint_id));
    copy = register_savepoint(call, planned.batch, fork, origin_of(savepoint).copy);
    // The first start begins there whatever the restore strategy says.
    fork.internal.reset = model::ResetPointer{*savepoint->spec.savepoint_location, *copy, 0};
    planned.batch.update(savepoint, *savepoint);
  }
  const auto warnings = model::fork_warnings(name_of(*source), fork.spec, copy.has_value());
  model::Event told =
      user_event(call, fork, "EXTERNAL",
                 fmt::format("Forked from deployment '{}'{}. {}", name_of(*source),
                             request.savepoint_id ? " with savepoint " + *request.savepoint_id : "",
                             join(warnings, " ")));
  told.spec.level = model::EventLevel::WARNING;
  planned.batch.create(std::move(told));
  planned.response =
      object(call, 201, fork_json(fork, copy, warnings), fork.metadata.resource_version);
  planned.batch.create(std::move(fork));
  return planned;
}

Task<Result<net::Response>> fork(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  WEIR_CO_TRY(const ForkRequest request, co_await read_request<ForkRequest>(call));
  const std::string id = found->metadata.id;
  co_return co_await write(call, [&call, &id, &request] { return plan_fork(call, id, request); });
}

// ---- rollback ----

Result<Write> plan_rollback(const Call& call, const std::string& id,
                            const model::Revision& revision) {
  const DeploymentRef old = call.read().deployment(id);
  if (!old) return not_found("Deployment", id, call.ns);
  if (old->internal.deleting.value_or(false)) return being_deleted(name_of(*old));
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  model::Deployment changed = *old;
  changed.spec = model::with_job_part(std::move(changed.spec), revision.spec);
  Write planned;
  if (model::same_job(old->spec, changed.spec)) {
    planned.response = resource_answer(call, 200, *old);
    return planned;
  }
  // What was right then may name a target, a secret or a Flink version that is gone by now.
  WEIR_CHECK_OK(model::validate(changed));
  WEIR_CHECK_OK(settle_target(call, changed.spec));
  WEIR_CHECK_OK(check_runnable(call, changed));
  stamp_write(call, changed.metadata);
  add_revision(call, planned.batch, changed, old->internal.spec_revision + 1);
  planned.batch.create(user_event(call, changed, "EXTERNAL",
                                  fmt::format("Revision {} was brought back as revision {}.",
                                              revision.number, changed.internal.spec_revision)));
  planned.response = resource_answer(call, 200, changed);
  planned.batch.update(old, std::move(changed));
  return planned;
}

Task<Result<net::Response>> rollback(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  WEIR_CO_TRY(const RollbackRequest request, co_await read_request<RollbackRequest>(call));
  if (!request.revision)
    co_return field_error("revision", "is required: the number of the revision to bring back.",
                          "isMissing");
  WEIR_CO_TRY(const auto revision, co_await find_revision(call, *found, *request.revision));
  const std::string id = found->metadata.id;
  co_return co_await write(call,
                           [&call, &id, &revision] { return plan_rollback(call, id, *revision); });
}

// ---- retry ----

Result<Write> plan_retry(const Call& call, const std::string& id) {
  const DeploymentRef old = call.read().deployment(id);
  if (!old) return not_found("Deployment", id, call.ns);
  if (old->internal.deleting.value_or(false)) return being_deleted(name_of(*old));
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  const std::string state(codec::enum_text(old->status.state));
  if (call.read().open_transition(id))
    return fail(
        Code::kFailedPrecondition,
        fmt::format("Deployment '{}' is {}: wait until that has ended.", name_of(*old), state),
        "TransitionUnderWay");
  if (!control::gave_up(*old) || old->spec.state == model::DesiredState::CANCELLED)
    return fail(Code::kFailedPrecondition,
                fmt::format("Deployment '{}' is {}, and there is nothing to try again. To run a "
                            "job once more, set spec.state to CANCELLED and then to RUNNING.",
                            name_of(*old), state),
                "NothingToRetry");
  model::Deployment changed = control::tried_again(*old);
  stamp_write(call, changed.metadata);
  Write planned;
  planned.batch.create(user_event(call, changed, "EXTERNAL",
                                  fmt::format("A retry was asked for: revision {} is tried again "
                                              "with fresh attempts.",
                                              changed.internal.spec_revision)));
  planned.response = resource_answer(call, 200, changed);
  planned.batch.update(old, std::move(changed));
  return planned;
}

Task<Result<net::Response>> retry(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  const std::string id = found->metadata.id;
  co_return co_await write(call, [&call, &id] { return plan_retry(call, id); });
}

}  // namespace

void add_deployment_action_routes(Router& router) {
  const std::string one = "/api/v1/namespaces/{ns}/deployments/{nameOrId}";
  const QueryParameter dry{"dryRun", "true: validate and answer as if, change nothing"};
  router.add({.method = "POST",
              .pattern = one + ":reset",
              .handler = reset,
              .summary = "Makes the next start begin from a restore point; answers the savepoint "
                         "that this registers",
              .tag = "Deployment",
              .request = schema<ResetRequest>,
              .answer = schema<model::Savepoint>,
              .query = {dry}});
  router.add({.method = "POST",
              .pattern = one + ":fork",
              .handler = fork,
              .summary = "Creates a CANCELLED copy of a deployment, with the state of a savepoint "
                         "or without state",
              .tag = "Deployment",
              .request = schema<ForkRequest>,
              .answer = schema<ForkAnswer>,
              .success = 201,
              .query = {dry}});
  router.add({.method = "POST",
              .pattern = one + ":rollback",
              .handler = rollback,
              .summary = "Makes an old revision's job the desired one again, as a new revision",
              .tag = "Deployment",
              .request = schema<RollbackRequest>,
              .answer = schema<model::Deployment>,
              .query = {dry}});
  router.add({.method = "POST",
              .pattern = one + ":retry",
              .handler = retry,
              .summary = "Tries again what was given up: a FAILED deployment, or a revision that "
                         "was rolled back",
              .tag = "Deployment",
              .answer = schema<model::Deployment>,
              .query = {dry}});
}

}  // namespace weir::api
