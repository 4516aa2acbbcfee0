#pragma once

#include <string>
#include <vector>

#include "model/deployment.h"

/// What a copy of a deployment is called, and what it shares with the one it was made from.
namespace weir::model {

/// "fork-of-word-count", "fork-of-word-count-2", ...: a DNS label. @param count from 1
std::string fork_name(const std::string& source, int count);

/// What both jobs would use at once, in sentences for the one who starts the fork. The arguments
/// that look like it are named; there is always one warning.
/// @param with_state the fork starts from a savepoint of `source`
std::vector<std::string> fork_warnings(const std::string& source, const DeploymentSpec& spec,
                                       bool with_state);

}  // namespace weir::model
