#pragma once

#include "flink/flink_api.h"
#include "model/internal.h"

namespace weir::flink {

/// Where the JobManager of a recorded cluster answers.
Endpoint endpoint_of(const model::Cluster& cluster);

}  // namespace weir::flink
