#pragma once

#include <string>

#include "api/deployment_change.h"
#include "codec/node.h"

/// From the document of a POST, PUT or PATCH to the deployment that it means. The preview asks the
/// same, so that it refuses and answers what the request itself would.
namespace weir::api {

struct PlannedDeployment {
  DeploymentRef old;  ///< null: it is new
  model::Deployment deployment;
  store::Batch batch;  ///< the revision, where the job changes
};

struct PutRequest {
  std::string name;
  codec::Node document;  ///< filled with defaults
};
struct PatchRequest {
  std::string id;
  std::string name;
  codec::Node changes;
};

/// @error kInvalidArgument what is wrong with the document, with its fields
Task<Result<codec::Node>> read_post(Call& call);
Task<Result<PutRequest>> read_put(Call& call);
/// @error kNotFound as well
Task<Result<PatchRequest>> read_patch(Call& call);

/// These wait for nothing and read what is there now.
/// @error kAlreadyExists, kConflict, kFailedPrecondition (If-Match), kInvalidArgument
Result<PlannedDeployment> plan_post(const Call& call, const codec::Node& document);
Result<PlannedDeployment> plan_put(const Call& call, const PutRequest& put);
Result<PlannedDeployment> plan_patch(const Call& call, const PatchRequest& patch);

}  // namespace weir::api
