#pragma once

#include "model/metadata.h"

namespace weir::model {

enum class ArtifactKind { JAR, SQLSCRIPT, PYTHON };
BOOST_DESCRIBE_ENUM(ArtifactKind, JAR, SQLSCRIPT, PYTHON)

/// What runs. One flat struct for all kinds; validation says which members a kind needs.
struct Artifact {
  ArtifactKind kind = ArtifactKind::JAR;
  std::optional<std::string> jar_uri;
  std::optional<std::string> entry_class;
  std::optional<std::string> main_args;
  std::optional<std::string> sql_script;
  std::optional<std::string> python_artifact_uri;
  std::optional<std::string> entry_module;
  std::optional<std::vector<std::string>> additional_dependencies;
  std::optional<std::vector<std::string>> additional_python_libraries;
  std::optional<std::vector<std::string>> additional_python_archives;
  std::optional<std::string> flink_version;
  std::optional<std::string> flink_image_registry;
  std::optional<std::string> flink_image_repository;
  std::optional<std::string> flink_image_tag;
};
BOOST_DESCRIBE_STRUCT(Artifact, (),
                      (kind, jar_uri, entry_class, main_args, sql_script, python_artifact_uri,
                       entry_module, additional_dependencies, additional_python_libraries,
                       additional_python_archives, flink_version, flink_image_registry,
                       flink_image_repository, flink_image_tag))

struct ResourceSpec {
  std::optional<double> cpu;          ///< cores, at least 0.1
  std::optional<std::string> memory;  ///< size text, see base/sizes.h
};
BOOST_DESCRIBE_STRUCT(ResourceSpec, (), (cpu, memory))

struct Resources {
  std::optional<ResourceSpec> jobmanager;
  std::optional<ResourceSpec> taskmanager;
};
BOOST_DESCRIBE_STRUCT(Resources, (), (jobmanager, taskmanager))

struct Logging {
  std::optional<std::string> logging_profile;
  std::optional<std::string> log4j2_configuration_template;
  std::optional<StringMap> log4j_loggers;  ///< logger -> level; "" is the root logger
};
BOOST_DESCRIBE_STRUCT(Logging, (), (logging_profile, log4j2_configuration_template, log4j_loggers))

/// Kubernetes settings are raw JSON, stored and returned unchanged.
struct KubernetesOptions {
  std::optional<StringMap> labels;
  std::optional<boost::json::value> pods;
  std::optional<boost::json::value> job_manager_pod_template;
  std::optional<boost::json::value> task_manager_pod_template;
};
BOOST_DESCRIBE_STRUCT(KubernetesOptions, (),
                      (labels, pods, job_manager_pod_template, task_manager_pod_template))

struct TemplateSpec {
  std::optional<Artifact> artifact;
  std::optional<std::int32_t> parallelism;
  std::optional<std::int32_t> number_of_task_managers;
  std::optional<Resources> resources;
  std::optional<StringMap> flink_configuration;
  std::optional<Logging> logging;
  std::optional<KubernetesOptions> kubernetes;
  std::optional<boost::json::value> latest_checkpoint_fetch_interval;
  std::optional<bool> batch_mode;
};
BOOST_DESCRIBE_STRUCT(TemplateSpec, (),
                      (artifact, parallelism, number_of_task_managers, resources,
                       flink_configuration, logging, kubernetes, latest_checkpoint_fetch_interval,
                       batch_mode))

struct TemplateMetadata {
  std::optional<StringMap> annotations;
};
BOOST_DESCRIBE_STRUCT(TemplateMetadata, (), (annotations))

struct Template {
  std::optional<TemplateMetadata> metadata;
  std::optional<TemplateSpec> spec;
};
BOOST_DESCRIBE_STRUCT(Template, (), (metadata, spec))

}  // namespace weir::model
