#pragma once

#include <map>
#include <string>

#include "flink/capabilities.h"
#include "flink/flink_api.h"

/// The bodies of requests to Flink's REST, as its version takes them. Pure.
namespace weir::flink::requests {

/// POST /jars/:id/run
std::string run(const RunRequest& request, const Capabilities& can);

/// POST /jars/:id/plan
std::string plan(const RunRequest& request);

struct Savepoint {
  std::string path;  ///< below /jobs/:id
  std::string body;
};
Savepoint trigger_savepoint(const std::string& directory, const std::string& trigger_id,
                            const Capabilities& can);
/// Before 1.9 a cancel with savepoint, which is what there was.
Savepoint stop_with_savepoint(const std::string& directory, const std::string& trigger_id,
                              bool drain, const Capabilities& can);

/// PUT /jobs/:id/resource-requirements: neither less nor more than this.
std::string require_parallelism(const std::map<std::string, int>& of_vertices);

}  // namespace weir::flink::requests
