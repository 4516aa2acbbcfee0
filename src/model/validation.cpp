#include "model/validation.h"

#include <fmt/format.h>

#include "base/cron.h"
#include "base/sizes.h"
#include "base/strings.h"
#include "codec/describe_json.h"
#include "model/placeholders.h"
#include "model/slots.h"

namespace weir::model {
namespace {

using codec::FieldErrors;

constexpr char kJob[] = "spec.template.spec";

void check_positive(const std::optional<std::int32_t>& value, const std::string& path,
                    FieldErrors& errors) {
  if (value && *value < 1) errors.add(path, "must be 1 or more.", "isNonPositive");
}

void check_process(const std::optional<ResourceSpec>& resource, const std::string& path,
                   FieldErrors& errors) {
  if (!resource) return;
  if (resource->cpu && !(*resource->cpu >= 0.1))
    errors.add(path + ".cpu", "must be 0.1 or more.", "isLower");
  if (resource->memory)
    if (const auto bytes = parse_bytes(*resource->memory); !bytes)
      errors.add(path + ".memory", "is wrong: " + bytes.error().message);
}

void check_artifact(const Artifact& artifact, FieldErrors& errors) {
  const std::string path = std::string(kJob) + ".artifact";
  const auto need = [&](const std::optional<std::string>& value, const char* name) {
    if (!value || trim(*value).empty())
      errors.add(path + "." + name,
                 fmt::format("is required for kind {}.", codec::enum_text(artifact.kind)),
                 "isMissing");
  };
  switch (artifact.kind) {
    case ArtifactKind::JAR: need(artifact.jar_uri, "jarUri"); break;
    case ArtifactKind::SQLSCRIPT: need(artifact.sql_script, "sqlScript"); break;
    case ArtifactKind::PYTHON: need(artifact.python_artifact_uri, "pythonArtifactUri"); break;
  }
  if (artifact.main_args)
    if (const auto split = split_arguments(*artifact.main_args); !split)
      errors.add(path + ".mainArgs", "is wrong: " + split.error().message);
  if (artifact.entry_class && artifact.entry_class->find_first_of(" \t\r\n/") != std::string::npos)
    errors.add(path + ".entryClass", "must be a Java class name.");
  if (artifact.flink_version) {
    const std::string& version = *artifact.flink_version;
    if (version.empty() || version.find_first_not_of("0123456789.") != std::string::npos ||
        version.front() == '.' || version.back() == '.')
      errors.add(path + ".flinkVersion", "must be a version like 1.20 or 1.20.5.");
  }
}

void check_logging(const Logging& logging, FieldErrors& errors) {
  static constexpr std::string_view kLevels[] = {"OFF",  "FATAL", "ERROR", "WARN",
                                                 "INFO", "DEBUG", "TRACE", "ALL"};
  const std::string path = std::string(kJob) + ".logging";
  if (logging.logging_profile && logging.log4j2_configuration_template)
    errors.add(path, "may have loggingProfile or log4j2ConfigurationTemplate, not both.");
  if (logging.logging_profile && *logging.logging_profile != "default")
    errors.add(path + ".loggingProfile", "is unknown; the only profile is 'default'.");
  if (!logging.log4j_loggers) return;
  for (const auto& [logger, level] : *logging.log4j_loggers) {
    if (std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels))
      errors.add(path + ".log4jLoggers." + (logger.empty() ? "\"\"" : logger),
                 "must be one of OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE, ALL.");
    if (logger.find_first_of(" \t\r\n=") != std::string::npos)
      errors.add(path + ".log4jLoggers." + logger, "is not a logger name.");
  }
}

void check_configuration(const StringMap& configuration, FieldErrors& errors) {
  for (const auto& [key, value] : configuration) {
    const std::string path = std::string(kJob) + ".flinkConfiguration." + key;
    if (key.empty() || key.find_first_of(" \t\r\n:#\"'") != std::string::npos)
      errors.add(path, "is not a Flink option name.");
    if (value.find_first_of("\r\n") != std::string::npos)
      errors.add(path, "must stand on one line.");
    if (const auto bad = unknown_placeholder(value))
      errors.add(path, fmt::format("has the unknown placeholder '{{{{{}}}}}'; there are namespace, "
                                   "deploymentId, deploymentName and jobId.",
                                   *bad));
  }
}

void check_job(const TemplateSpec& job, bool complete, FieldErrors& errors) {
  if (job.artifact) check_artifact(*job.artifact, errors);
  else if (complete) errors.add(std::string(kJob) + ".artifact", "is required.", "isMissing");
  check_positive(job.parallelism, std::string(kJob) + ".parallelism", errors);
  check_positive(job.number_of_task_managers, std::string(kJob) + ".numberOfTaskManagers", errors);
  if (job.resources) {
    check_process(job.resources->jobmanager, std::string(kJob) + ".resources.jobmanager", errors);
    check_process(job.resources->taskmanager, std::string(kJob) + ".resources.taskmanager", errors);
  }
  if (job.flink_configuration) check_configuration(*job.flink_configuration, errors);
  if (job.logging) check_logging(*job.logging, errors);
  if (job.kubernetes && job.kubernetes->pods &&
      (job.kubernetes->job_manager_pod_template || job.kubernetes->task_manager_pod_template))
    errors.add(std::string(kJob) + ".kubernetes", "may have pods or pod templates, not both.");
  if (complete && job.parallelism.value_or(1) >= 1 && job.number_of_task_managers.value_or(1) >= 1)
    if (const auto slots = slots_of(job); !slots)
      for (const FieldError& field : slots.error().fields)
        errors.add(field.path, field.message, field.reason);
}

void check_stability(const StabilityGate& gate, FieldErrors& errors) {
  const std::string path = "spec.upgradeStrategy.stability";
  if (gate.time)
    if (const auto time = parse_duration(*gate.time); !time || *time > std::chrono::hours(24))
      errors.add(path + ".time",
                 time ? "must be 24 hours or less." : "is wrong: " + time.error().message);
  if (gate.checkpoints && *gate.checkpoints < 0)
    errors.add(path + ".checkpoints", "must be 0 or more.", "isLower");
  check_positive(gate.restarts, path + ".restarts", errors);
}

void check_savepoint_policy(const SavepointPolicy& policy, FieldErrors& errors) {
  const std::string path = "spec.savepointPolicy";
  if (policy.retention) {
    check_positive(policy.retention->count, path + ".retention.count", errors);
    const auto age = parse_duration(policy.retention->age.value_or("1 d"));
    if (!age) errors.add(path + ".retention.age", "is wrong: " + age.error().message);
    else if (*age <= Duration(0))
      errors.add(path + ".retention.age", "must be longer than nothing.");
  }
  if (!policy.schedule) return;
  if (!policy.schedule->cron)
    errors.add(path + ".schedule.cron", "is required, for example '0 3 * * *'.", "isMissing");
  else if (const auto cron = Cron::parse(*policy.schedule->cron); !cron)
    errors.add(path + ".schedule.cron", "is wrong: " + cron.error().message);
  if (const auto& zone = policy.schedule->time_zone; zone && !is_time_zone(*zone))
    errors.add(path + ".schedule.timeZone",
               fmt::format("is '{}', which this machine does not know; name one like Europe/Berlin "
                           "or UTC.",
                           *zone));
}

bool has_pods(const std::optional<KubernetesOptions>& options) {
  return options &&
         (options->pods || options->job_manager_pod_template || options->task_manager_pod_template);
}

void check_spec(const DeploymentSpec& spec, bool complete, FieldErrors& errors) {
  check_positive(spec.max_job_creation_attempts, "spec.maxJobCreationAttempts", errors);
  check_positive(spec.max_savepoint_creation_attempts, "spec.maxSavepointCreationAttempts", errors);
  if (spec.job_failure_expiration_time)
    if (const auto parsed = parse_duration(*spec.job_failure_expiration_time); !parsed)
      errors.add("spec.jobFailureExpirationTime", "is wrong: " + parsed.error().message);
  if (const auto& spare = spec.spare_task_managers; spare && (*spare < 0 || *spare > 100))
    errors.add("spec.spareTaskManagers", "must be 0 to 100.", "isOutOfRange");
  if (spec.upgrade_strategy && spec.upgrade_strategy->stability)
    check_stability(*spec.upgrade_strategy->stability, errors);
  if (spec.savepoint_policy) check_savepoint_policy(*spec.savepoint_policy, errors);
  const bool target = spec.deployment_target_id || spec.deployment_target_name;
  if (target && spec.session_cluster_name)
    errors.add("spec.sessionClusterName", "and a deployment target exclude each other.");
  if (spec.session_cluster_name && spec.session_cluster_name->empty())
    errors.add("spec.sessionClusterName", "must name a session cluster, or be left out.");
  if (spec.session_cluster_name && spec.template_ && spec.template_->spec &&
      has_pods(spec.template_->spec->kubernetes))
    errors.add(std::string(kJob) + ".kubernetes",
               "may not describe pods: a job in a session cluster has none of its own.");
  if (complete && !spec.template_) errors.add("spec.template", "is required.", "isMissing");
  if (spec.template_ && spec.template_->spec) check_job(*spec.template_->spec, complete, errors);
  if (complete && spec.template_ && !spec.template_->spec)
    errors.add(kJob, "is required.", "isMissing");
}

}  // namespace

Status validate(const Deployment& deployment) {
  FieldErrors errors;
  const auto& name = deployment.metadata.name;
  if (!name || name->empty()) errors.add("metadata.name", "is required.", "isMissing");
  else if (!is_dns_label(*name))
    errors.add("metadata.name",
               fmt::format("'{}' must be 1 to 63 lower-case letters, digits or hyphens, "
                           "not at the ends; try '{}'.",
                           *name, slug(*name)));
  check_spec(deployment.spec, true, errors);
  if (!errors.empty()) return errors.to_error();
  return {};
}

Status validate_defaults(const DeploymentSpec& spec) {
  FieldErrors errors;
  check_spec(spec, false, errors);
  if (!errors.empty()) return errors.to_error();
  return {};
}

Status validate_raw_spec(const codec::Node& spec) {
  FieldErrors errors;
  const codec::Node* part = spec.find("template");
  if (part != nullptr) part = part->find("spec");
  if (part != nullptr) part = part->find("resources");
  if (part != nullptr)
    for (const auto& [name, value] : part->members)
      if (name != "jobmanager" && name != "taskmanager")
        errors.add(std::string(kJob) + ".resources." + name,
                   "is unknown; there are jobmanager and taskmanager.", "hasNotRequiredKey");
  if (!errors.empty()) return errors.to_error();
  return {};
}

Status validate_plain_name(std::string_view kind, const std::optional<std::string>& name) {
  FieldErrors errors;
  if (!name || name->empty()) {
    errors.add("metadata.name", "is required.", "isMissing");
  } else if (name->size() > 250 ||
             name->find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != std::string::npos) {
    errors.add("metadata.name",
               fmt::format("of a {} must be 1 to 250 letters, digits, '_' or '-'.", kind));
  }
  if (!errors.empty()) return errors.to_error();
  return {};
}

Status validate(const SecretValue& secret) {
  WEIR_CHECK_OK(validate_plain_name("SecretValue", secret.metadata.name));
  FieldErrors errors;
  if (!equals_ignoring_case(secret.spec.kind, "PLAIN")) errors.add("spec.kind", "must be PLAIN.");
  if (!secret.spec.value) errors.add("spec.value", "is required.", "isMissing");
  if (!errors.empty()) return errors.to_error();
  return {};
}

}  // namespace weir::model
