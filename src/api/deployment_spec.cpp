#include "api/deployment_spec.h"

#include <fmt/format.h>

#include "base/sizes.h"
#include "base/strings.h"
#include "codec/describe_json.h"
#include "flink/assemble.h"
#include "flink/capabilities.h"
#include "flink/memory.h"
#include "model/defaults.h"
#include "model/slots.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;

Error field_error(std::string path, std::string message, std::string reason = "isInvalid") {
  Error error(Code::kInvalidArgument, path + " " + message, reason);
  error.fields.push_back({std::move(path), std::move(message), std::move(reason)});
  return error;
}

Node* inner(Node* node, std::initializer_list<std::string_view> path) {
  for (std::string_view name : path)
    if (node != nullptr) node = node->find(name);
  return node;
}

// A null means "not given" for a structural member; in maps of the user it removes an entry.
void drop_null_members(Node* object) {
  if (object != nullptr && object->is_object())
    std::erase_if(object->members,
                  [](const Node::Member& member) { return member.second.is_null(); });
}

void drop_structural_nulls(Node& spec) {
  for (std::initializer_list<std::string_view> path :
       {std::initializer_list<std::string_view>{},
        {"upgradeStrategy"},
        {"restoreStrategy"},
        {"template"},
        {"template", "spec"},
        {"template", "spec", "artifact"},
        {"template", "spec", "resources"},
        {"template", "spec", "resources", "jobmanager"},
        {"template", "spec", "resources", "taskmanager"},
        {"template", "spec", "logging"}})
    drop_null_members(inner(&spec, path));
}

Node& spec_of(Node& document) {
  Node* spec = document.find("spec");
  if (spec == nullptr || spec->is_null()) return document.set("spec", Node::object());
  return *spec;
}

model::DeploymentSpec namespace_defaults(const Call& call) {
  const auto defaults = call.read().defaults(call.ns);
  return defaults ? defaults->spec : model::DeploymentSpec();
}

// Where nothing names a place to run, it is the target that always exists.
void default_target(Node& spec) {
  for (const char* name : {"deploymentTargetId", "deploymentTargetName", "sessionClusterName"})
    if (const Node* said = spec.find(name); said != nullptr && !said->is_null()) return;
  spec.set("deploymentTargetName", Node::string("default"));
}

Status check_secrets(const Call& call, const model::TemplateSpec& job) {
  for (const std::string& name : flink::secret_references(job))
    if (!call.read().secret(call.ns, name)) {
      Error error(Code::kInvalidArgument,
                  fmt::format("The secret value '{}' does not exist in namespace '{}'; create it "
                              "first.",
                              name, call.ns),
                  "SecretNotFound");
      error.fields.push_back({"spec.template.spec",
                              fmt::format("refers to the unknown secret value '{}'.", name),
                              "isInvalid"});
      return error;
    }
  return {};
}

// The same arithmetic as at the start, so that a mistake is told while the user still looks.
Status check_memory(const model::Deployment& deployment, const flink::FlinkHome& home) {
  model::TemplateSpec job = *deployment.spec.template_->spec;
  job.flink_configuration = flink::user_configuration(*deployment.spec.template_);
  flink::JobContext names{deployment.metadata.namespace_, deployment.metadata.id,
                          deployment.metadata.name.value_or(""), deployment.metadata.id, "/"};
  WEIR_TRY(const model::StringMap configuration, flink::effective_configuration(job, names, home));
  if (!flink::capabilities_of(home.version).unified_memory || !job.resources) return {};
  WEIR_TRY(const model::Slots slots, model::slots_of(job));
  const auto bytes = [](const std::optional<model::ResourceSpec>& resource) {
    return resource && resource->memory ? parse_bytes(*resource->memory) : parse_bytes("2g");
  };
  WEIR_TRY(const std::int64_t task_manager, bytes(job.resources->taskmanager));
  WEIR_TRY(const std::int64_t job_manager, bytes(job.resources->jobmanager));
  if (auto memory =
          flink::task_manager_memory(task_manager, slots.slots_per_task_manager, configuration);
      !memory)
    return Error(std::move(memory).error());
  if (auto memory = flink::job_manager_memory(job_manager, configuration); !memory)
    return Error(std::move(memory).error());
  return {};
}

// In a session cluster the Flink version is the cluster's; one that is not there yet is waited for.
Status check_session_version(const Call& call, const model::Deployment& deployment) {
  const std::string& name = *deployment.spec.session_cluster_name;
  const auto cluster = call.read().session_cluster(call.ns, name);
  if (!cluster) return {};
  if (const std::string why =
          model::session_version_differs(*deployment.spec.template_->spec->artifact, cluster->spec);
      !why.empty())
    return field_error("spec.template.spec.artifact.flinkVersion", why);
  return {};
}

}  // namespace

Node patchable(const model::Deployment& deployment) {
  const model::Metadata& from = deployment.metadata;
  WantedDeployment shown;
  shown.metadata.name = from.name;
  shown.metadata.display_name = from.display_name;
  shown.metadata.labels = from.labels;
  shown.metadata.annotations = from.annotations;
  shown.spec = deployment.spec;
  return codec::to_node(shown);
}

void fill_defaults(const Call& call, Node& document, bool with_layers) {
  Node& spec = spec_of(document);
  if (!spec.is_object()) return;
  drop_structural_nulls(spec);
  const model::DeploymentSpec none;
  spec = with_layers ? model::apply_defaults(spec, call.context.options.global_defaults,
                                             namespace_defaults(call))
                     : model::apply_defaults(spec, none, none);
  default_target(spec);
}

void refill_defaults(const Call& call, Node& document) {
  Node& spec = spec_of(document);
  if (!spec.is_object()) return;
  spec =
      model::refill_structure(spec, call.context.options.global_defaults, namespace_defaults(call));
  default_target(spec);
}

Result<WantedDeployment> read_wanted(const Call& call, const Node& document) {
  if (const Node* spec = document.find("spec")) WEIR_CHECK_OK(model::validate_raw_spec(*spec));
  WEIR_TRY(WantedDeployment wanted, codec::from_node<WantedDeployment>(document));
  WEIR_CHECK_OK(settle_target(call, wanted.spec));
  return wanted;
}

Status settle_target(const Call& call, model::DeploymentSpec& spec) {
  store::Stored<model::DeploymentTarget> target;
  if (spec.deployment_target_id) {
    target = call.read().target_by_id(to_lower(*spec.deployment_target_id));
    if (!target || target->metadata.namespace_ != call.ns)
      return field_error("spec.deploymentTargetId",
                         fmt::format("is '{}', but there is no such deployment target.",
                                     *spec.deployment_target_id));
    if (spec.deployment_target_name && spec.deployment_target_name != target->metadata.name)
      return field_error("spec.deploymentTargetName",
                         fmt::format("is '{}', but spec.deploymentTargetId is that of '{}'.",
                                     *spec.deployment_target_name, *target->metadata.name));
  } else if (spec.deployment_target_name) {
    target = call.read().target(call.ns, *spec.deployment_target_name);
    if (!target)
      return field_error("spec.deploymentTargetName",
                         fmt::format("is '{}', but there is no such deployment target.",
                                     *spec.deployment_target_name));
  } else {
    return {};
  }
  spec.deployment_target_id = target->metadata.id;
  spec.deployment_target_name = target->metadata.name;
  return {};
}

Status check_runnable(const Call& call, const model::Deployment& deployment) {
  const model::TemplateSpec& job = *deployment.spec.template_->spec;
  WEIR_CHECK_OK(check_secrets(call, job));
  // Without any Flink installed the start says so; a deployment may be created before.
  if (call.services().homes.list().empty()) return {};
  const auto home = call.services().homes.resolve(job.artifact->flink_version);
  if (!home) {
    Error error(Code::kInvalidArgument, home.error().message, home.error().reason);
    error.fields.push_back(
        {"spec.template.spec.artifact.flinkVersion", home.error().message, "isInvalid"});
    return error;
  }
  if (deployment.spec.session_cluster_name) return check_session_version(call, deployment);
  return check_memory(deployment, *home);
}

}  // namespace weir::api
