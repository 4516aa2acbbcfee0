#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::model {

/// Replaces `{{name}}` (spaces inside the braces allowed) by `values`; unknown ones stay.
std::string replace_placeholders(std::string_view text,
                                 const std::map<std::string, std::string>& values);

/// The first `{{name}}` that is none of namespace, deploymentId, deploymentName, jobId.
std::optional<std::string> unknown_placeholder(std::string_view text);

/// Names in `${name}`, in order, each once. Names are ^[0-9a-zA-Z_-]{1,250}$; other texts in braces
/// are no references.
std::vector<std::string> secret_names(std::string_view text);

/// @error kInvalidArgument reason "SecretNotFound": a name that `secrets` does not have
Result<std::string> resolve_secrets(std::string_view text,
                                    const std::map<std::string, std::string>& secrets);

}  // namespace weir::model
