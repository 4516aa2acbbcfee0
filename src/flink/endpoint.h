#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flink/flink_api.h"
#include "model/internal.h"

namespace weir::flink {

/// Where the JobManager of a recorded cluster answers.
Endpoint endpoint_of(const model::Cluster& cluster);

/// The name that a TaskManager of this index gives itself in Flink; `index` may be a placeholder.
std::string task_manager_id(const std::string& index, const std::string& cluster_id);
/// The index in such a name; nothing if it is not one.
std::optional<int> task_manager_index(std::string_view id);

}  // namespace weir::flink
