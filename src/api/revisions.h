#pragma once

#include <memory>

#include "api/call.h"

namespace weir::api {

/// @error kNotFound reason "RevisionNotFound"
Task<Result<std::shared_ptr<const model::Revision>>> find_revision(
    const Call& call, const model::Deployment& deployment, std::int64_t number);

}  // namespace weir::api
