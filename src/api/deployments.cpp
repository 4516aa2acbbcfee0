#include <fmt/format.h>

#include "api/deployment_requests.h"
#include "api/errors.h"
#include "api/feeds.h"
#include "api/listing.h"
#include "api/lookup.h"
#include "api/resource_texts.h"
#include "api/routes.h"

namespace weir::api {
namespace {

using codec::Node;

Task<Result<net::Response>> list(Call& call) {
  if (call.flag("watch")) co_return open_feed(call, {model::Kind::Deployment});
  co_return co_await answer_list(
      call, "Deployment", call.read().deployments(call.ns), false,
      [&call](const DeploymentRef& stored) { return *call.context.texts.of(stored); });
}

Task<Result<net::Response>> get(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  co_return resource_answer(call, 200, *found);
}

// A new revision is written with the deployment.
Write write_of(const Call& call, PlannedDeployment planned) {
  Write write = planned.old ? update_write(call, planned.old, std::move(planned.deployment))
                            : create_write(call, std::move(planned.deployment));
  std::move(write.batch.puts.begin(), write.batch.puts.end(),
            std::back_inserter(planned.batch.puts));
  write.batch = std::move(planned.batch);
  return write;
}

Task<Result<net::Response>> create(Call& call) {
  WEIR_CO_TRY(const Node document, co_await read_post(call));
  co_return co_await write(call, [&call, &document]() -> Result<Write> {
    WEIR_TRY(PlannedDeployment planned, plan_post(call, document));
    return write_of(call, std::move(planned));
  });
}

Task<Result<net::Response>> put(Call& call) {
  WEIR_CO_TRY(const PutRequest request, co_await read_put(call));
  co_return co_await write(call, [&call, &request]() -> Result<Write> {
    WEIR_TRY(PlannedDeployment planned, plan_put(call, request));
    return write_of(call, std::move(planned));
  });
}

Task<Result<net::Response>> patch(Call& call) {
  WEIR_CO_TRY(const PatchRequest request, co_await read_patch(call));
  co_return co_await write(call, [&call, &request]() -> Result<Write> {
    WEIR_TRY(PlannedDeployment planned, plan_patch(call, request));
    return write_of(call, std::move(planned));
  });
}

Task<Result<net::Response>> remove(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  const std::string id = found->metadata.id;
  const std::string name = *found->metadata.name;
  const bool cascade = call.flag("cascade");
  co_return co_await write(call, [&call, &id, &name, cascade]() -> Result<Write> {
    const DeploymentRef old = call.read().deployment(id);
    if (!old) return not_found("Deployment", name, call.ns);
    WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
    Write planned;
    if (old->internal.deleting.value_or(false)) {
      planned.response = resource_answer(call, 200, *old);
      return planned;
    }
    if (!cascade && old->spec.state == model::DesiredState::RUNNING)
      return fail(Code::kConflict,
                  fmt::format("Deployment '{}' has the desired state RUNNING; set spec.state to "
                              "CANCELLED or SUSPENDED first, or delete it with cascade=true.",
                              name),
                  "NotCancelled");
    model::Deployment deleting = *old;
    deleting.internal.deleting = true;
    if (deleting.spec.state == model::DesiredState::RUNNING)
      deleting.spec.state = model::DesiredState::CANCELLED;
    deleting.status.state = model::ObservedState::TRANSITIONING;
    deleting.status.running.reset();
    stamp_write(call, deleting.metadata);
    planned.response = resource_answer(call, 200, deleting);
    planned.batch.update(old, std::move(deleting));
    return planned;
  });
}

}  // namespace

void add_deployment_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/deployments";
  const std::string one = all + "/{nameOrId}";
  const SchemaOf deployment = schema<model::Deployment>;
  const QueryParameter dry{"dryRun", "true: validate and answer as if, change nothing"};
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists deployments",
              .tag = "Deployment",
              .answer = deployment,
              .list = true,
              .query = list_query({{"watch", "true: a stream of server-sent events instead"}})});
  router.add({.method = "POST",
              .pattern = all,
              .handler = create,
              .summary = "Creates a deployment",
              .tag = "Deployment",
              .request = deployment,
              .answer = deployment,
              .success = 201,
              .query = {dry}});
  router.add({.method = "GET",
              .pattern = one,
              .handler = get,
              .summary = "Gets a deployment",
              .tag = "Deployment",
              .answer = deployment});
  router.add(
      {.method = "PUT",
       .pattern = one,
       .handler = put,
       .summary = "Creates or replaces a deployment",
       .tag = "Deployment",
       .request = deployment,
       .answer = deployment,
       .query = {dry, {"applyDefaults", "false: what is left out takes only what is built in"}}});
  router.add({.method = "PATCH",
              .pattern = one,
              .handler = patch,
              .summary = "Changes a deployment by JSON merge patch",
              .tag = "Deployment",
              .request = deployment,
              .answer = deployment,
              .query = {dry}});
  router.add({.method = "DELETE",
              .pattern = one,
              .handler = remove,
              .summary = "Deletes a deployment whose desired state is CANCELLED or SUSPENDED",
              .tag = "Deployment",
              .answer = deployment,
              .query = {dry, {"cascade", "true: also while it runs; its job is cancelled first"}}});
}

}  // namespace weir::api
