#include "flink/endpoint.h"

namespace weir::flink {

Endpoint endpoint_of(const model::Cluster& cluster) {
  Endpoint endpoint;
  endpoint.port = cluster.rest_port;
  endpoint.cluster_id = cluster.metadata.id;
  endpoint.flink_version = cluster.flink_version;
  return endpoint;
}

}  // namespace weir::flink
