#include "plane.h"

#include "store/sqlite/sqlite_store.h"

namespace weir::bench {

Plane::Plane(Environment env, net::HttpClient& client, FleetRuntime& runtime, std::string directory)
    : env_(env), client_(client), runtime_(runtime), directory_(std::move(directory)) {}

Task<Status> Plane::start() {
  WEIR_CO_TRY(store_, co_await store::open_sqlite_store(env_, directory_ + "/weir.db"));
  blob::LocalArtifactOptions artifact_options;
  artifact_options.data_directory = directory_;
  WEIR_CO_TRY(artifacts_, blob::LocalArtifactStore::open(env_, artifact_options));
  flink_ = std::make_unique<flink::RestFlinkApi>(env_, client_);
  states_ = std::make_unique<flink::LocalStateDirectory>(env_);
  control::Settings settings;
  settings.data_directory = directory_;
  settings.starts_at_once = 32;
  // Black holes are looked at as long as they last, and not given up meanwhile.
  settings.unreachable_time = std::chrono::hours(1);
  controller_ = std::make_unique<control::Controller>(
      control::World{env_, *store_, runtime_, *flink_, homes_, *states_, *artifacts_, secrets_},
      settings);
  flink_metrics_ = std::make_unique<flink::RestFlinkMetrics>(client_);
  monitor_ =
      std::make_unique<monitoring::Monitor>(env_, *store_, *flink_metrics_, monitoring::Settings{});
  api::ApiOptions options;
  options.data_directory = directory_;
  api_ = std::make_unique<api::Api>(api::Services{env_, *store_, *artifacts_, homes_, runtime_,
                                                  *controller_, *monitor_, client_, secrets_},
                                    options);
  WEIR_CO_CHECK_OK(co_await api_->prepare());
  server_ = std::make_unique<net::HttpServer>(
      env_, net::ServerOptions{}, [this](net::Request& request) { return api_->handle(request); });
  WEIR_CO_CHECK_OK(server_->start());
  controller_->start();
  if (monitors_) monitor_->start();
  co_return Status();
}

void Plane::start_monitoring() {
  monitors_ = true;
  monitor_->start();
}

Task<void> Plane::stop() {
  api_->stop();
  co_await server_->stop();
  co_await monitor_->stop();
  co_await controller_->stop();
  server_.reset();
  api_.reset();
  monitor_.reset();
  controller_.reset();
  flink_metrics_.reset();
  states_.reset();
  flink_.reset();
  artifacts_.reset();
  store_.reset();
}

std::size_t Plane::observed() const {
  std::size_t count = 0;
  for (const auto& job : store_->read().jobs("")) {
    const auto live = controller_->live_job(job->metadata.id);
    if (live && live->last_update_time) ++count;
  }
  return count;
}

}  // namespace weir::bench
