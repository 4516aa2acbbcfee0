#include "model/defaults.h"

#include "base/strings.h"
#include "codec/describe_json.h"
#include "codec/merge_patch.h"

namespace weir::model {
namespace {

using codec::Node;

DeploymentSpec make_built_in() {
  DeploymentSpec spec;
  spec.state = DesiredState::CANCELLED;
  spec.upgrade_strategy = UpgradeStrategy{};
  spec.restore_strategy = RestoreStrategy{RestoreStrategyKind::LATEST_STATE, false};
  spec.max_savepoint_creation_attempts = 4;
  spec.max_job_creation_attempts = 4;
  spec.production = true;
  TemplateSpec job;
  job.parallelism = 1;
  job.resources = Resources{ResourceSpec{1.0, "2G"}, ResourceSpec{1.0, "2G"}};
  job.flink_configuration = StringMap{};
  job.logging = Logging{"default", std::nullopt, StringMap{{"", "INFO"}}};
  Template full;
  full.metadata = TemplateMetadata{StringMap{{"flink.queryable-state.enabled", "false"},
                                             {"flink.security.ssl.enabled", "false"}}};
  full.spec = job;
  spec.template_ = full;
  return spec;
}

bool other_kind(const Node& a, const Node& b) {
  const Node* kind_a = a.find("kind");
  const Node* kind_b = b.find("kind");
  return kind_a != nullptr && kind_b != nullptr &&
         !equals_ignoring_case(kind_a->text, kind_b->text);
}

// What `upper` does not say comes from `lower`.
Node merge_layers(const Node& lower, const Node& upper) {
  if (!lower.is_object() || !upper.is_object() || other_kind(lower, upper)) return upper;
  Node merged = lower;
  for (const auto& [name, value] : upper.members) {
    const Node* below = lower.find(name);
    merged.set(name, below != nullptr && !value.is_null() ? merge_layers(*below, value) : value);
  }
  return merged;
}

// A target in the request replaces both ways of naming one below, and session mode excludes them.
void drop_lower_target(Node& lower, const Node& upper) {
  for (const char* name : {"deploymentTargetId", "deploymentTargetName", "sessionClusterName"}) {
    const Node* said = upper.find(name);
    if (said == nullptr || said->is_null()) continue;
    for (const char* other : {"deploymentTargetId", "deploymentTargetName", "sessionClusterName"})
      lower.erase(other);
    return;
  }
}

// A loggingProfile and an explicit template are alternatives.
void drop_lower_profile(Node& lower, const Node& upper) {
  const auto logging = [](auto& spec) -> decltype(spec.find("x")) {
    auto* part = spec.find("template");
    if (part != nullptr) part = part->find("spec");
    return part != nullptr ? part->find("logging") : nullptr;
  };
  const Node* said = logging(upper);
  Node* below = logging(lower);
  if (said == nullptr || below == nullptr) return;
  if (said->find("log4j2ConfigurationTemplate") != nullptr) below->erase("loggingProfile");
}

Node layers(const DeploymentSpec& global, const DeploymentSpec& namespace_defaults) {
  static const Node lowest = codec::to_node(built_in_defaults());
  Node merged = lowest;
  for (const DeploymentSpec* layer : {&global, &namespace_defaults}) {
    const Node upper = codec::to_node(*layer);
    if (upper.members.empty()) continue;
    drop_lower_target(merged, upper);
    drop_lower_profile(merged, upper);
    merged = merge_layers(merged, upper);
  }
  return merged;
}

void clear_entries(Node& spec, const char* name) {
  if (Node* map = spec.find(name)) map->members.clear();
}

}  // namespace

const DeploymentSpec& built_in_defaults() {
  static const DeploymentSpec spec = make_built_in();
  return spec;
}

Node apply_defaults(const Node& request, const DeploymentSpec& global,
                    const DeploymentSpec& namespace_defaults) {
  Node merged = layers(global, namespace_defaults);
  drop_lower_target(merged, request);
  drop_lower_profile(merged, request);
  return merge_layers(merged, request);
}

Node refill_structure(const Node& spec, const DeploymentSpec& global,
                      const DeploymentSpec& namespace_defaults) {
  Node merged = layers(global, namespace_defaults);
  if (Node* part = merged.find("template"))
    if (Node* job = part->find("spec")) {
      clear_entries(*job, "flinkConfiguration");
      if (Node* logging = job->find("logging"))
        if (const Node* mine = spec.find("template"); mine != nullptr)
          if (const Node* mine_spec = mine->find("spec"); mine_spec && mine_spec->find("logging"))
            if (mine_spec->find("logging")->find("log4jLoggers") != nullptr)
              clear_entries(*logging, "log4jLoggers");
      job->erase("artifact");
      job->erase("kubernetes");
    }
  drop_lower_target(merged, spec);
  drop_lower_profile(merged, spec);
  return merge_layers(merged, spec);
}

void patch_spec(Node& document, const Node& patch) {
  const auto reset_kind = [](Node* part, const Node* change) {
    if (part == nullptr || change == nullptr || !change->is_object()) return;
    if (other_kind(*part, *change)) *part = Node::object();
  };
  Node* spec = document.find("spec");
  const Node* change = patch.find("spec");
  if (spec != nullptr && change != nullptr && change->is_object()) {
    reset_kind(spec->find("upgradeStrategy"), change->find("upgradeStrategy"));
    reset_kind(spec->find("restoreStrategy"), change->find("restoreStrategy"));
    const Node* inner = change->find("template");
    Node* part = spec->find("template");
    if (inner != nullptr && part != nullptr && inner->find("spec") && part->find("spec"))
      reset_kind(part->find("spec")->find("artifact"), inner->find("spec")->find("artifact"));
    const auto names = [&](const char* name) {
      const Node* found = change->find(name);
      return found != nullptr && !found->is_null();
    };
    if (names("deploymentTargetName") && !names("deploymentTargetId"))
      spec->erase("deploymentTargetId");
    if (names("deploymentTargetId") && !names("deploymentTargetName"))
      spec->erase("deploymentTargetName");
  }
  codec::merge_patch(document, patch);
}

}  // namespace weir::model
