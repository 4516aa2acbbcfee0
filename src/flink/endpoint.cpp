#include "flink/endpoint.h"

#include <fmt/format.h>

#include <charconv>

#include "base/strings.h"

namespace weir::flink {

Endpoint endpoint_of(const model::Cluster& cluster) {
  Endpoint endpoint;
  endpoint.port = cluster.rest_port;
  endpoint.cluster_id = cluster.metadata.id;
  endpoint.flink_version = cluster.flink_version;
  return endpoint;
}

std::string task_manager_id(const std::string& index, const std::string& cluster_id) {
  return fmt::format("tm-{}-{}", index, cluster_id.substr(0, 8));
}

std::optional<int> task_manager_index(std::string_view id) {
  const auto parts = split(id, '-');
  if (parts.size() < 3 || parts[0] != "tm") return std::nullopt;
  int index = 0;
  const char* const end = parts[1].data() + parts[1].size();
  const auto [stop, error] = std::from_chars(parts[1].data(), end, index);
  if (error != std::errc() || stop != end || parts[1].empty()) return std::nullopt;
  return index;
}

}  // namespace weir::flink
