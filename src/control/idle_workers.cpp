#include "control/idle_workers.h"

#include <algorithm>

#include "flink/endpoint.h"

namespace weir::control {

Task<Status> end_idle_workers(World world, const Settings& settings,
                              store::Stored<model::Cluster> cluster, EndIdleWorkers what) {
  const MonoTime deadline = world.env.now() + settings.call_time;
  WEIR_CO_TRY(auto idle,
              co_await world.flink.idle_task_managers(flink::endpoint_of(*cluster), deadline));
  std::sort(idle.rbegin(), idle.rend());
  for (const int index : idle) {
    if (what.count-- <= 0) break;
    WEIR_CO_CHECK_OK(co_await world.runtime.end_task_manager(cluster->metadata.id, cluster->epoch,
                                                             index, what.at_once));
  }
  co_return Status();
}

}  // namespace weir::control
