#include "api/deployment_requests.h"

#include <fmt/format.h>

#include "api/deployment_spec.h"
#include "api/errors.h"
#include "api/lookup.h"
#include "api/negotiation.h"
#include "base/ids.h"
#include "model/defaults.h"
#include "model/documents.h"
#include "model/job_relevant.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;

/// Plans a new deployment of a filled document.
Result<PlannedDeployment> plan_create(const Call& call, const Node& document,
                                      const std::string* name) {
  WEIR_TRY(WantedDeployment wanted, read_wanted(call, document));
  model::Deployment deployment;
  if (name != nullptr) wanted.metadata.name = *name;
  stamp_new(call, deployment.metadata, wanted.metadata);
  deployment.spec = std::move(wanted.spec);
  WEIR_CHECK_OK(model::validate(deployment));
  deployment.metadata.display_name =
      wanted.metadata.display_name.value_or(*deployment.metadata.name);
  if (const auto taken = call.read().deployment_by_name(call.ns, *deployment.metadata.name)) {
    if (taken->internal.deleting.value_or(false)) return being_deleted(*deployment.metadata.name);
    return name_taken(call, "deployment", *deployment.metadata.name);
  }
  WEIR_CHECK_OK(check_runnable(call, deployment));
  (*deployment.metadata.annotations)[model::kTransitioningAnnotation] = "false";
  PlannedDeployment planned;
  add_revision(call, planned.batch, deployment, 1);
  planned.deployment = std::move(deployment);
  return planned;
}

/// Plans the change of `old` into what the document says.
Result<PlannedDeployment> plan_change(const Call& call, const DeploymentRef& old,
                                      const Node& document) {
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
  PlannedDeployment planned;
  planned.old = old;
  if (!model::same_job(old->spec, changed.spec)) {
    WEIR_CHECK_OK(check_runnable(call, changed));
    add_revision(call, planned.batch, changed, changed.internal.spec_revision + 1);
  }
  planned.deployment = std::move(changed);
  return planned;
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

}  // namespace

Task<Result<Node>> read_post(Call& call) {
  WEIR_CO_TRY(Node document, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(document, "Deployment", call.ns, nullptr));
  fill_defaults(call, document, true);
  co_return document;
}

Result<PlannedDeployment> plan_post(const Call& call, const Node& document) {
  return plan_create(call, document, nullptr);
}

Task<Result<PutRequest>> read_put(Call& call) {
  WEIR_CO_TRY(Node document, co_await read_document(call));
  WEIR_CO_TRY(std::string name, name_to_put(call, document));
  WEIR_CO_CHECK_OK(model::clean_request(document, "Deployment", call.ns, &name));
  fill_defaults(call, document, call.flag("applyDefaults", true));
  document.find("metadata")->set("name", Node::string(name));
  PutRequest request{std::move(name), std::move(document)};
  co_return request;
}

Result<PlannedDeployment> plan_put(const Call& call, const PutRequest& put) {
  const DeploymentRef old = call.read().deployment_by_name(call.ns, put.name);
  if (old) return plan_change(call, old, put.document);
  if (call.request.headers.has("If-Match"))
    return fail(Code::kFailedPrecondition, "If-Match does not hold: there is no such deployment.",
                kPreconditionFailed);
  return plan_create(call, put.document, &put.name);
}

Task<Result<PatchRequest>> read_patch(Call& call) {
  PatchRequest request;
  WEIR_CO_TRY(request.changes, co_await read_document(call));
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  request.id = found->metadata.id;
  request.name = *found->metadata.name;
  WEIR_CO_CHECK_OK(model::clean_request(request.changes, "Deployment", call.ns, &request.name));
  co_return request;
}

Result<PlannedDeployment> plan_patch(const Call& call, const PatchRequest& patch) {
  const DeploymentRef old = call.read().deployment(patch.id);
  if (!old) return not_found("Deployment", patch.name, call.ns);
  Node merged = patchable(*old);
  model::patch_spec(merged, patch.changes);
  refill_defaults(call, merged);
  return plan_change(call, old, merged);
}

}  // namespace weir::api
