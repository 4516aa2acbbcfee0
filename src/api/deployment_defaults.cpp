#include "api/deployment_spec.h"
#include "api/errors.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "api/writing.h"
#include "codec/describe_json.h"
#include "model/defaults.h"
#include "model/documents.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;

Task<Result<net::Response>> get(Call& call) {
  const auto found = call.read().defaults(call.ns);
  if (!found) co_return not_found("DeploymentDefaults", call.ns, call.ns);
  co_return resource_answer(call, 200, *found);
}

Result<Write> plan_patch(const Call& call, const Node& changes) {
  const auto old = call.read().defaults(call.ns);
  if (!old) return not_found("DeploymentDefaults", call.ns, call.ns);
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  WantedDeployment shown;
  shown.metadata.labels = old->metadata.labels;
  shown.metadata.annotations = old->metadata.annotations;
  shown.spec = old->spec;
  Node merged = codec::to_node(shown);
  model::patch_spec(merged, changes);
  WEIR_TRY(WantedDeployment wanted, read_wanted(call, merged));
  WEIR_CHECK_OK(model::validate_defaults(wanted.spec));
  model::DeploymentDefaults changed = *old;
  take_user_metadata(changed.metadata, wanted.metadata);
  changed.spec = std::move(wanted.spec);
  stamp_write(call, changed.metadata);
  return update_write(call, old, std::move(changed));
}

Task<Result<net::Response>> patch(Call& call) {
  WEIR_CO_TRY(Node changes, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(changes, "DeploymentDefaults", call.ns, nullptr));
  co_return co_await write(call, [&call, &changes] { return plan_patch(call, changes); });
}

/// What holds below every namespace's defaults: the configuration's layer over what is built in.
Task<Result<net::Response>> get_global(Call& call) {
  const Node spec = model::apply_defaults(Node::object(), call.context.options.global_defaults, {});
  Node body = Node::object();
  body.set("kind", Node::string("GlobalDeploymentDefaults"));
  body.set("apiVersion", Node::string("v1"));
  body.set("metadata", Node::object());
  body.set("spec", spec);
  co_return document(200, codec::write_json(body), call.format);
}

}  // namespace

void add_deployment_defaults_routes(Router& router) {
  const std::string path = "/api/v1/namespaces/{ns}/deployment-defaults";
  const SchemaOf defaults = schema<model::DeploymentDefaults>;
  const char* tag = "DeploymentDefaults";
  router.add({.method = "GET",
              .pattern = path,
              .handler = get,
              .summary = "Gets a namespace's defaults",
              .tag = tag,
              .answer = defaults});
  router.add({.method = "PATCH",
              .pattern = path,
              .handler = patch,
              .summary = "Changes a namespace's defaults by JSON merge patch",
              .tag = tag,
              .request = defaults,
              .answer = defaults});
  router.add({.method = "GET",
              .pattern = "/api/v1/global-deployment-defaults",
              .handler = get_global,
              .summary = "Gets the defaults of the whole installation",
              .tag = tag,
              .answer = defaults});
}

}  // namespace weir::api
