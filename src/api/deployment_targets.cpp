#include <fmt/format.h>

#include "api/errors.h"
#include "api/listing.h"
#include "api/routes.h"
#include "api/writing.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;
using TargetRef = store::Stored<model::DeploymentTarget>;

/// What a request may say.
struct Wanted {
  model::Metadata metadata;
  model::DeploymentTargetSpec spec;
};
BOOST_DESCRIBE_STRUCT(Wanted, (), (metadata, spec))

std::string to_json(const model::DeploymentTarget& target) { return model::to_api_json(target); }

std::string kubernetes_namespace(const model::DeploymentTargetSpec& spec) {
  return spec.kubernetes ? spec.kubernetes->namespace_.value_or("") : "";
}

Result<Write> plan_create(const Call& call, const Wanted& wanted) {
  WEIR_CHECK_OK(model::validate_plain_name("DeploymentTarget", wanted.metadata.name));
  if (call.read().target(call.ns, *wanted.metadata.name))
    return name_taken(call, "deployment target", *wanted.metadata.name);
  model::DeploymentTarget target;
  stamp_new(call, target.metadata, wanted.metadata);
  target.spec = wanted.spec;
  // A leftover of old clients without any effect.
  target.spec.deployment_patch_set.reset();
  return create_write(call, std::move(target));
}

Task<Result<net::Response>> list(Call& call) {
  co_return co_await answer_list(call, "DeploymentTarget", call.read().targets(call.ns), false,
                                 to_json);
}

Task<Result<net::Response>> get(Call& call) {
  const TargetRef found = call.read().target(call.ns, call.parameter("name"));
  if (!found) co_return not_found("DeploymentTarget", call.parameter("name"), call.ns);
  co_return resource_answer(call, 200, *found);
}

Task<Result<net::Response>> create(Call& call) {
  WEIR_CO_TRY(const Wanted wanted, co_await read_resource<Wanted>(call, "DeploymentTarget"));
  co_return co_await write(call, [&call, &wanted] { return plan_create(call, wanted); });
}

Result<Write> plan_put(const Call& call, const Wanted& wanted, bool says_spec) {
  const TargetRef old = call.read().target(call.ns, *wanted.metadata.name);
  if (!old) return plan_create(call, wanted);
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  if (says_spec && kubernetes_namespace(wanted.spec) != kubernetes_namespace(old->spec)) {
    Error error(Code::kInvalidArgument,
                "The spec of a deployment target cannot be changed; create another target.",
                "isInvalid");
    error.fields.push_back({"spec.kubernetes.namespace", "is immutable.", "isInvalid"});
    return error;
  }
  model::DeploymentTarget changed = *old;
  take_user_metadata(changed.metadata, wanted.metadata);
  stamp_write(call, changed.metadata);
  return update_write(call, old, std::move(changed));
}

Task<Result<net::Response>> put(Call& call) {
  const std::string name = call.parameter("name");
  WEIR_CO_TRY(Node document, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(document, "DeploymentTarget", call.ns, &name));
  WEIR_CO_TRY(Wanted wanted, codec::from_node<Wanted>(document));
  wanted.metadata.name = name;
  const bool says_spec = document.find("spec") != nullptr && !document.find("spec")->is_null();
  co_return co_await write(
      call, [&call, &wanted, says_spec] { return plan_put(call, wanted, says_spec); });
}

Task<Result<net::Response>> remove(Call& call) {
  co_return co_await write(call, [&call]() -> Result<Write> {
    const std::string name = call.parameter("name");
    const TargetRef old = call.read().target(call.ns, name);
    if (!old) return not_found("DeploymentTarget", name, call.ns);
    if (name == "default")
      return fail(Code::kConflict, "The deployment target 'default' always exists.", "InUse");
    for (const auto& deployment : call.read().deployments(call.ns))
      if (deployment->spec.deployment_target_id == old->metadata.id)
        return fail(Code::kConflict,
                    fmt::format("Deployment '{}' uses the deployment target '{}'; delete it or "
                                "move it to another target first.",
                                deployment->metadata.name.value_or(""), name),
                    "InUse");
    for (const auto& cluster : call.read().session_clusters(call.ns))
      if (cluster->spec.deployment_target_name == name)
        return fail(Code::kConflict,
                    fmt::format("Session cluster '{}' uses the deployment target '{}'; delete it "
                                "first.",
                                cluster->metadata.name.value_or(""), name),
                    "InUse");
    return remove_write(call, old);
  });
}

}  // namespace

void add_deployment_target_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/deployment-targets";
  const std::string one = all + "/{name}";
  const SchemaOf target = schema<model::DeploymentTarget>;
  const char* tag = "DeploymentTarget";
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists deployment targets",
              .tag = tag,
              .answer = target,
              .list = true,
              .query = list_query()});
  router.add({.method = "POST",
              .pattern = all,
              .handler = create,
              .summary = "Creates a deployment target",
              .tag = tag,
              .request = target,
              .answer = target,
              .success = 201});
  router.add({.method = "GET",
              .pattern = one,
              .handler = get,
              .summary = "Gets a deployment target",
              .tag = tag,
              .answer = target});
  router.add({.method = "PUT",
              .pattern = one,
              .handler = put,
              .summary = "Creates a deployment target or changes its labels and annotations",
              .tag = tag,
              .request = target,
              .answer = target});
  router.add({.method = "DELETE",
              .pattern = one,
              .handler = remove,
              .summary = "Deletes a deployment target that no deployment uses",
              .tag = tag,
              .answer = target});
}

}  // namespace weir::api
