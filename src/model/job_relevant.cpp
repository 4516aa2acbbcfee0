#include "model/job_relevant.h"

#include "codec/describe_json.h"

namespace weir::model {

bool same_job(const DeploymentSpec& a, const DeploymentSpec& b) {
  return a.deployment_target_id == b.deployment_target_id &&
         a.session_cluster_name == b.session_cluster_name &&
         codec::to_json_text(a.template_) == codec::to_json_text(b.template_);
}

DeploymentSpec job_part(const DeploymentSpec& spec) { return with_job_part({}, spec); }

DeploymentSpec with_job_part(DeploymentSpec spec, const DeploymentSpec& from) {
  spec.deployment_target_id = from.deployment_target_id;
  spec.deployment_target_name = from.deployment_target_name;
  spec.session_cluster_name = from.session_cluster_name;
  spec.template_ = from.template_;
  return spec;
}

}  // namespace weir::model
