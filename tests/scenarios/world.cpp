#include "scenarios/world.h"

#include <stdlib.h>

#include <filesystem>

namespace weir::scenarios {
namespace {

api::ApiOptions options_of(const std::string& directory, model::DeploymentSpec defaults,
                           bool proxy_allows_stop) {
  api::ApiOptions options;
  options.allowed_hosts = {"weir.example"};
  options.global_defaults = std::move(defaults);
  options.data_directory = directory;
  options.proxy_allows_stop = proxy_allows_stop;
  options.artifact_limit = 1 << 20;
  return options;
}

}  // namespace

Directory::Directory() {
  std::string name = (std::filesystem::temp_directory_path() / "weir-scenario-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}
Directory::~Directory() { std::filesystem::remove_all(path_); }

World::World(Environment e, std::unique_ptr<store::Store> s, std::string d,
             model::DeploymentSpec global_defaults, bool proxy_allows_stop)
    : env(e),
      store(std::move(s)),
      directory(std::move(d)),
      secrets(std::array<unsigned char, 32>{1, 2, 3}),
      artifacts(env, directory + "/artifacts"),
      runtime(directory),
      controller({env, *store, runtime, flink, homes, states, artifacts, secrets}, {}),
      client(env),
      flink_metrics(client),
      monitor(env, *store, flink_metrics, {}),
      api({env, *store, artifacts, homes, runtime, controller, monitor, client, secrets},
          options_of(directory, std::move(global_defaults), proxy_allows_stop)),
      server(env, {}, [this](net::Request& request) { return api.handle(request); }),
      job_manager(env, {}, fake_flink) {}

Task<Status> World::start() {
  WEIR_CO_CHECK_OK(co_await api.prepare());
  monitor.start();
  WEIR_CO_CHECK_OK(server.start());
  co_return job_manager.start();
}

Task<void> World::stop() {
  api.stop();
  co_await server.stop();
  co_await monitor.stop();
  co_await job_manager.stop();
}

}  // namespace weir::scenarios
