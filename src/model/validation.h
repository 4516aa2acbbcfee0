#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/node.h"
#include "model/resource.h"

namespace weir::model {

/// Checks a complete deployment (defaults applied); every broken field is named.
/// @error kInvalidArgument with `fields`
Status validate(const Deployment& deployment);

/// The spec of defaults: only what is given is checked.
Status validate_defaults(const DeploymentSpec& spec);

/// What typed reading would silently drop but the contract refuses, e.g. unknown processes under
/// `resources`.
Status validate_raw_spec(const codec::Node& spec);

/// ^[0-9a-zA-Z_-]{1,250}$: deployment targets and secret values.
Status validate_plain_name(std::string_view kind, const std::optional<std::string>& name);

Status validate(const SecretValue& secret);

}  // namespace weir::model
