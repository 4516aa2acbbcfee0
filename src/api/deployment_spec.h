#pragma once

#include "api/call.h"
#include "codec/node.h"
#include "model/deployment.h"

/// From what a client wrote to a deployment that can be stored.
namespace weir::api {

/// What a request may say about a deployment: metadata of the user and a spec.
struct WantedDeployment {
  model::Metadata metadata;
  model::DeploymentSpec spec;
};
BOOST_DESCRIBE_STRUCT(WantedDeployment, (), (metadata, spec))

/// The stored deployment as the document that a merge patch changes.
codec::Node patchable(const model::Deployment& deployment);

/// Fills the request's spec from the defaults' layers.
/// @param with_layers false: only what is built in fills gaps
void fill_defaults(const Call& call, codec::Node& document, bool with_layers);
/// After a merge patch: structural members that are absent now come from the defaults again.
void refill_defaults(const Call& call, codec::Node& document);

/// Reads the document and settles its target.
/// @error kInvalidArgument with the fields that are wrong
Result<WantedDeployment> read_wanted(const Call& call, const codec::Node& document);

/// Id and name of the target, whichever was given. An absent one is allowed.
/// @error kInvalidArgument unknown, or id and name are of different targets
Status settle_target(const Call& call, model::DeploymentSpec& spec);

/// What only the installation can tell about a job that will run: secrets, Flink version, memory.
/// @error kInvalidArgument with the fields that are wrong
Status check_runnable(const Call& call, const model::Deployment& deployment);

}  // namespace weir::api
