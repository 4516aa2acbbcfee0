#include "model/session_cluster.h"

#include "codec/describe_json.h"

namespace weir::model {

TemplateSpec cluster_template(const SessionClusterSpec& spec) {
  TemplateSpec made;
  Artifact& artifact = made.artifact.emplace();
  artifact.flink_version = spec.flink_version;
  artifact.flink_image_registry = spec.flink_image_registry;
  artifact.flink_image_repository = spec.flink_image_repository;
  artifact.flink_image_tag = spec.flink_image_tag;
  made.number_of_task_managers = spec.number_of_task_managers;
  // One slot for each TaskManager, unless the configuration says how many.
  made.parallelism = spec.number_of_task_managers;
  made.resources = spec.resources;
  made.flink_configuration = spec.flink_configuration;
  made.logging = spec.logging;
  made.kubernetes = spec.kubernetes;
  return made;
}

std::string session_cluster_path(const std::string& template_path) {
  for (const std::string_view prefix : {"spec.template.spec.artifact.", "spec.template.spec."})
    if (template_path.starts_with(prefix)) return "spec." + template_path.substr(prefix.size());
  return template_path;
}

namespace {

void fill_process(std::optional<ResourceSpec>& process) {
  if (!process) process.emplace();
  if (!process->cpu) process->cpu = 1.0;
  if (!process->memory) process->memory = "2G";
}

}  // namespace

void fill_session_cluster(SessionClusterSpec& spec) {
  if (!spec.state) spec.state = SessionClusterDesiredState::STOPPED;
  if (!spec.deployment_target_name) spec.deployment_target_name = "default";
  if (!spec.number_of_task_managers) spec.number_of_task_managers = 1;
  if (!spec.resources) spec.resources.emplace();
  fill_process(spec.resources->jobmanager);
  fill_process(spec.resources->taskmanager);
  if (!spec.flink_configuration) spec.flink_configuration.emplace();
}

bool is_at_rest(const SessionCluster& cluster) {
  const bool still = cluster.status.state == SessionClusterState::STOPPED ||
                     cluster.status.state == SessionClusterState::FAILED;
  const bool stays = cluster.spec.state == SessionClusterDesiredState::STOPPED ||
                     cluster.internal.given_up == cluster.internal.wishes;
  return still && stays && !cluster.internal.cluster_id;
}

std::string session_version_differs(const Artifact& artifact, const SessionClusterSpec& cluster) {
  if (!artifact.flink_version || !cluster.flink_version) return {};
  const auto is_line_of = [](const std::string& line, const std::string& exact) {
    return line == exact || exact.starts_with(line + ".");
  };
  const std::string& a = *artifact.flink_version;
  const std::string& b = *cluster.flink_version;
  if (is_line_of(a, b) || is_line_of(b, a)) return {};
  return "is '" + a + "', but the session cluster runs Flink " + b + "; leave it out.";
}

std::string frozen_change(const SessionClusterSpec& from, const SessionClusterSpec& to) {
  const auto differs = [](const auto& a, const auto& b) {
    return codec::to_json_text(a) != codec::to_json_text(b);
  };
  if (from.deployment_target_name != to.deployment_target_name) return "spec.deploymentTargetName";
  if (from.flink_version != to.flink_version) return "spec.flinkVersion";
  if (from.flink_image_registry != to.flink_image_registry) return "spec.flinkImageRegistry";
  if (from.flink_image_repository != to.flink_image_repository) return "spec.flinkImageRepository";
  if (from.flink_image_tag != to.flink_image_tag) return "spec.flinkImageTag";
  if (differs(from.resources, to.resources)) return "spec.resources";
  if (differs(from.flink_configuration, to.flink_configuration)) return "spec.flinkConfiguration";
  if (differs(from.logging, to.logging)) return "spec.logging";
  if (differs(from.kubernetes, to.kubernetes)) return "spec.kubernetes";
  return {};
}

}  // namespace weir::model
