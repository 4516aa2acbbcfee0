#pragma once

#include "api/call.h"

namespace weir::api {

/// The deployment that the path's `nameOrId` names: an id is looked up first, then a name.
/// @error kNotFound
Result<store::Stored<model::Deployment>> find_deployment(const Call& call);

/// The job that the path's `jobId` names. @error kNotFound
Result<store::Stored<model::Job>> find_job(const Call& call);

}  // namespace weir::api
