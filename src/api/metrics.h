#pragma once

#include "api/call.h"

namespace weir::api {

/// Weir's own metrics as Prometheus text.
Task<Result<net::Response>> get_metrics(Call& call);

}  // namespace weir::api
