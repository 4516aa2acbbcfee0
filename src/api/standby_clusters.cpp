#include "api/negotiation.h"
#include "api/routes.h"
#include "codec/describe_json.h"

namespace weir::api {
namespace {

enum class StandbyState { STARTING, READY, ENDING };
BOOST_DESCRIBE_ENUM(StandbyState, STARTING, READY, ENDING)

struct StandbyCluster {
  std::string id;
  StandbyState state = StandbyState::STARTING;
  std::string flink_version;
  std::int32_t task_managers = 1;
  std::int32_t slots_per_task_manager = 1;
  std::int64_t memory_bytes = 0;
  double cpu = 0;
  bool primed = false;  ///< a throwaway job has warmed its JVMs up
  WallTime created_at;
};
BOOST_DESCRIBE_STRUCT(StandbyCluster, (),
                      (id, state, flink_version, task_managers, slots_per_task_manager,
                       memory_bytes, cpu, primed, created_at))

struct StandbyPool {
  std::string name;
  std::int32_t wanted = 0;
  std::int32_t ready = 0;
  std::int64_t memory_bytes = 0;  ///< of all its clusters
  double cpu = 0;
  std::optional<std::string> message;  ///< why there are fewer ready ones than wanted
  std::vector<StandbyCluster> clusters;
};
BOOST_DESCRIBE_STRUCT(StandbyPool, (), (name, wanted, ready, memory_bytes, cpu, message, clusters))
struct StandbyPools {
  std::vector<StandbyPool> items;
};
BOOST_DESCRIBE_STRUCT(StandbyPools, (), (items))

StandbyCluster shown(const model::Cluster& cluster) {
  StandbyState state = StandbyState::ENDING;
  if (cluster.phase == model::ClusterPhase::WANTED)
    state = cluster.standby->ready ? StandbyState::READY : StandbyState::STARTING;
  return {cluster.metadata.id,
          state,
          cluster.flink_version,
          cluster.task_managers,
          cluster.slots_per_task_manager,
          cluster.memory_bytes,
          cluster.cpu,
          cluster.primed.value_or(false),
          *cluster.metadata.created_at};
}

Task<Result<net::Response>> list(Call& call) {
  StandbyPools pools;
  for (const auto& pool : call.services().controller.standby_pools()) {
    StandbyPool& one = pools.items.emplace_back();
    one.name = pool.name;
    one.wanted = pool.wanted;
    if (!pool.message.empty()) one.message = pool.message;
    for (const model::Cluster& cluster : pool.clusters) {
      one.clusters.push_back(shown(cluster));
      one.ready += one.clusters.back().state == StandbyState::READY ? 1 : 0;
      one.memory_bytes += cluster.memory_bytes;
      one.cpu += cluster.cpu;
    }
  }
  co_return document(200, codec::to_json_text(pools), call.format);
}

}  // namespace

void add_standby_cluster_routes(Router& router) {
  router.add({.method = "GET",
              .pattern = "/api/v1/standby-clusters",
              .handler = list,
              .summary = "Lists the pools of standby clusters and what they hold",
              .tag = "System",
              .answer = schema<StandbyPools>});
}

}  // namespace weir::api
