#pragma once

#include "codec/node.h"
#include "model/platform.h"

namespace weir::model {

/// What holds where nobody says anything: state CANCELLED, STATEFUL, LATEST_STATE, 4 attempts,
/// parallelism 1, 1 CPU and 2G for both processes.
const DeploymentSpec& built_in_defaults();

/// Fills a deployment's spec from the layers built-in < global < namespace < request. Objects and
/// maps merge deeply, scalars and lists replace; a strategy or artifact of another kind replaces
/// the lower one as a whole.
/// @param request the spec as the client sent it
codec::Node apply_defaults(const codec::Node& request, const DeploymentSpec& global,
                           const DeploymentSpec& namespace_defaults);

/// After a PATCH: fills structural members that are absent now; entries of maps that the patch
/// removed stay removed.
codec::Node refill_structure(const codec::Node& spec, const DeploymentSpec& global,
                             const DeploymentSpec& namespace_defaults);

/// Applies a merge patch to an object with discriminated parts: if the patch changes the `kind` of
/// an artifact or strategy, members of the old kind are dropped; a target id or name in the patch
/// replaces the other one.
void patch_spec(codec::Node& document, const codec::Node& patch);

}  // namespace weir::model
