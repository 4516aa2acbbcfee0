#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "flink/cluster_spec.h"
#include "flink/homes.h"
#include "model/resource.h"

namespace weir::flink {

/// Names that `{{...}}` placeholders and Weir's own keys need.
struct JobContext {
  std::string namespace_;
  std::string deployment_id;
  std::string deployment_name;
  std::string job_id;
  std::string state_directory;  ///< DATA/state/<namespace>/<deployment id>, absolute
};

/// Job.spec.flinkConfiguration: the user's keys with placeholders resolved (`${secret}` kept) over
/// Weir's defaults, plus the keys that Weir owns for every attempt of the job.
/// @error kInvalidArgument a key that addresses the cluster itself, an unknown placeholder; the
/// field
///        path is spec.template.spec.flinkConfiguration.<key>
Result<model::StringMap> effective_configuration(const model::TemplateSpec& spec,
                                                 const JobContext& context, const FlinkHome& home);

/// What the user says of Flink's options: flinkConfiguration, and below it what the model product's
/// annotations of the template switch on.
model::StringMap user_configuration(const model::Template& of);

/// Names of the `${secret}` references in a text map or the jar URI.
std::vector<std::string> secret_references(const model::TemplateSpec& spec);

struct AssembleInput {
  const model::Job& job;
  const model::Cluster& cluster;
  const FlinkHome& home;
  JobContext context;
  std::map<std::string, std::string> secrets;  ///< every reference of the job, resolved
  std::string time_zone = "UTC";
};

/// The complete cluster of one attempt. Pure: the same input gives the same spec.
/// @error kInvalidArgument  the memory arithmetic does not work out (reason "MemoryTooSmall", the
///        message has Flink's own terms and the smallest size that works), or a secret is missing
///        ("SecretNotFound")
Result<ClusterSpec> assemble(const AssembleInput& input);

/// Where this attempt's checkpoints go; also named in the spec's configuration.
std::string checkpoint_directory(const model::Job& job, int attempt, const JobContext& context);

}  // namespace weir::flink
