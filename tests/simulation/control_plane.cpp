#include "simulation/control_plane.h"

namespace weir::simulation {
namespace {

control::Settings settings() {
  control::Settings settings;
  settings.data_directory = "/data";
  settings.priming_jar = "/data/priming-job.jar";
  settings.state_directories_age = std::chrono::seconds(10);
  return settings;
}

}  // namespace

ControlPlane::ControlPlane(simulated::World& world, store::MemoryDisk& disk, Judge& judge,
                           PointCounts& counts, std::optional<CrashTarget> target)
    : users(world.loop(), "users"),
      world_(world),
      gate_(world.loop(), counts, target),
      store_(world.loop().environment(), disk),
      life_{gate_, judge, store_},
      gated_store_(life_, world),
      runtime_(life_, world),
      flink_(life_, world),
      states_(life_, world),
      artifacts_(life_, world),
      secrets_(std::array<unsigned char, 32>{}),
      controller_({world.loop().environment(), gated_store_, runtime_, flink_, homes_, states_,
                   artifacts_, secrets_},
                  settings()) {}

Task<void> ControlPlane::sweep() {
  while (true) {
    const Duration wait = world_.between(std::chrono::seconds(1), std::chrono::seconds(40));
    co_await sleep_for(world_.loop(), wait);
    (void)co_await controller_.collect_garbage(false);
  }
}

Task<void> ControlPlane::die() {
  gate_.kill();
  store_.crash();
  world_.on_change = nullptr;
  co_await users.stop();
  co_await controller_.stop();
}

}  // namespace weir::simulation
