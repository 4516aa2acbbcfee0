#include "control/retry.h"

namespace weir::control {

bool gave_up(const model::Deployment& deployment) {
  return deployment.status.state == model::ObservedState::FAILED ||
         deployment.internal.sealed_intent ||
         deployment.internal.refused_revision == deployment.internal.spec_revision;
}

model::Deployment tried_again(model::Deployment deployment) {
  auto& internal = deployment.internal;
  ++internal.retries;
  internal.sealed_intent.reset();
  internal.failed_jobs = 0;
  internal.refused_revision.reset();
  internal.fallback_job_id.reset();
  if (deployment.status.revision) deployment.status.revision->rolled_back_because.reset();
  return deployment;
}

}  // namespace weir::control
