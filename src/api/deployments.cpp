#include <fmt/format.h>

#include "api/deployment_change.h"
#include "api/deployment_spec.h"
#include "api/errors.h"
#include "api/feeds.h"
#include "api/listing.h"
#include "api/lookup.h"
#include "api/negotiation.h"
#include "api/resource_texts.h"
#include "api/routes.h"
#include "api/writing.h"
#include "base/ids.h"
#include "model/defaults.h"
#include "model/documents.h"
#include "model/job_relevant.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;
/// Plans a new deployment of a filled document.
Result<Write> plan_create(const Call& call, const Node& document, const std::string* name) {
  WEIR_TRY(WantedDeployment wanted, read_wanted(call, document));
  model::Deployment deployment;
  deployment.metadata.name = name != nullptr ? *name : wanted.metadata.name;
  take_user_metadata(deployment.metadata, wanted.metadata);
  stamp_new(call, deployment.metadata);
  deployment.spec = std::move(wanted.spec);
  WEIR_CHECK_OK(model::validate(deployment));
  deployment.metadata.display_name =
      wanted.metadata.display_name.value_or(*deployment.metadata.name);
  if (const auto taken = call.read().deployment_by_name(call.ns, *deployment.metadata.name)) {
    if (taken->internal.deleting.value_or(false)) return being_deleted(*deployment.metadata.name);
    return fail(Code::kAlreadyExists,
                fmt::format("A deployment named '{}' exists in namespace '{}'.",
                            *deployment.metadata.name, call.ns),
                "NameTaken");
  }
  WEIR_CHECK_OK(check_runnable(call, deployment));
  (*deployment.metadata.annotations)[model::kTransitioningAnnotation] = "false";
  Write planned;
  add_revision(call, planned.batch, deployment, 1);
  planned.response = deployment_answer(call, 201, deployment);
  planned.batch.create(std::move(deployment));
  return planned;
}

/// Plans the change of `old` into what the document says.
Result<Write> plan_change(const Call& call, const DeploymentRef& old, const Node& document) {
  if (old->internal.deleting.value_or(false)) return being_deleted(*old->metadata.name);
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  WEIR_TRY(WantedDeployment wanted, read_wanted(call, document));
  model::Deployment changed = *old;
  take_user_metadata(changed.metadata, wanted.metadata);
  changed.metadata.display_name = wanted.metadata.display_name.value_or(*old->metadata.name);
  changed.spec = std::move(wanted.spec);
  // The merged document may have lost its name, which nobody may remove.
  model::Deployment checked = changed;
  checked.metadata.name = wanted.metadata.name;
  WEIR_CHECK_OK(model::validate(checked));
  stamp_write(call, changed.metadata);
  Write planned;
  if (!model::same_job(old->spec, changed.spec)) {
    WEIR_CHECK_OK(check_runnable(call, changed));
    add_revision(call, planned.batch, changed, changed.internal.spec_revision + 1);
  }
  planned.response = deployment_answer(call, 200, changed);
  planned.batch.update(old, std::move(changed));
  return planned;
}

Task<Result<net::Response>> list(Call& call) {
  if (call.flag("watch")) co_return open_feed(call, {model::Kind::Deployment});
  co_return co_await answer_list(
      call, "Deployment", call.read().deployments(call.ns), false,
      [&call](const DeploymentRef& stored) { return *call.context.texts.of(stored); });
}

Task<Result<net::Response>> get(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  co_return deployment_answer(call, 200, *found);
}

Task<Result<net::Response>> create(Call& call) {
  WEIR_CO_TRY(Node document, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(document, "Deployment", call.ns, nullptr));
  fill_defaults(call, document, true);
  co_return co_await write(call,
                           [&call, &document] { return plan_create(call, document, nullptr); });
}

/// The name that a PUT means: the path's segment, or the name of the deployment with that id.
Result<std::string> name_to_put(const Call& call, const Node& document) {
  const std::string segment = call.parameter("nameOrId");
  if (const auto found = find_deployment(call)) return *(*found)->metadata.name;
  const Node* metadata = document.find("metadata");
  const Node* name = metadata != nullptr ? metadata->find("name") : nullptr;
  if (is_uuid(segment) && (name == nullptr || name->text != segment))
    return not_found("Deployment", segment, call.ns);
  return segment;
}

Task<Result<net::Response>> put(Call& call) {
  WEIR_CO_TRY(Node document, co_await read_document(call));
  WEIR_CO_TRY(const std::string name, name_to_put(call, document));
  WEIR_CO_CHECK_OK(model::clean_request(document, "Deployment", call.ns, &name));
  fill_defaults(call, document, call.flag("applyDefaults", true));
  document.find("metadata")->set("name", Node::string(name));
  co_return co_await write(call, [&call, &document, &name]() -> Result<Write> {
    const DeploymentRef old = call.read().deployment_by_name(call.ns, name);
    if (old) return plan_change(call, old, document);
    if (call.request.headers.has("If-Match"))
      return fail(Code::kFailedPrecondition, "If-Match does not hold: there is no such deployment.",
                  kPreconditionFailed);
    return plan_create(call, document, &name);
  });
}

Task<Result<net::Response>> patch(Call& call) {
  WEIR_CO_TRY(Node changes, co_await read_document(call));
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  const std::string id = found->metadata.id;
  const std::string name = *found->metadata.name;
  WEIR_CO_CHECK_OK(model::clean_request(changes, "Deployment", call.ns, &name));
  co_return co_await write(call, [&call, &changes, &id, &name]() -> Result<Write> {
    const DeploymentRef old = call.read().deployment(id);
    if (!old) return not_found("Deployment", name, call.ns);
    Node merged = patchable(*old);
    model::patch_spec(merged, changes);
    refill_defaults(call, merged);
    return plan_change(call, old, merged);
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
      planned.response = deployment_answer(call, 200, *old);
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
    planned.response = deployment_answer(call, 200, deleting);
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
