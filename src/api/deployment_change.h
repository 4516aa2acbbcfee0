#pragma once

#include <string>

#include "api/writing.h"

/// What all writers of deployments share: create, change, fork, reset, roll back.
namespace weir::api {

using DeploymentRef = store::Stored<model::Deployment>;

/// "Deployment 'x' is being deleted; ..."
Error being_deleted(const std::string& name);
std::string name_of(const model::Deployment& deployment);

/// The present spec becomes an immutable revision of this number, which the deployment's annotation
/// names.
void add_revision(const Call& call, store::Batch& batch, model::Deployment& deployment,
                  std::int64_t number);

/// An event that a user's request leaves.
model::Event user_event(const Call& call, const model::Deployment& deployment, const char* name,
                        std::string message);

/// Registers an existing savepoint by its location, as the newest that the deployment can start
/// from: newer than all that its jobs have made until now. `savepoint.spec` names the location.
/// @return its id
std::string register_savepoint(const Call& call, store::Batch& batch,
                               const model::Deployment& deployment, model::Savepoint savepoint);

}  // namespace weir::api
