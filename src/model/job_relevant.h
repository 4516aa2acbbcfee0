#pragma once

#include "model/deployment.h"

namespace weir::model {

/// Whether two specs run the same job: artifact, parallelism, TaskManagers, resources, Flink
/// configuration, logging, kubernetes, template annotations, target or session cluster. Labels,
/// strategies and attempt limits do not matter.
bool same_job(const DeploymentSpec& a, const DeploymentSpec& b);

/// Only these members of a spec: what a revision records, compares and brings back.
DeploymentSpec job_part(const DeploymentSpec& spec);
/// `spec` with the job-relevant members of `from`.
DeploymentSpec with_job_part(DeploymentSpec spec, const DeploymentSpec& from);

}  // namespace weir::model
