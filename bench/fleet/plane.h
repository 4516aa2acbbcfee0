#pragma once

#include <memory>
#include <string>

#include "api/api.h"
#include "blob/local_artifact_store.h"
#include "control/controller.h"
#include "fleet_runtime.h"
#include "flink/local_state_directory.h"
#include "flink/rest_flink_api.h"
#include "flink/rest_flink_metrics.h"
#include "monitoring/monitor.h"
#include "net/http_server.h"
#include "support/world/places.h"

namespace weir::bench {

/// The control plane as the server puts it together, over fake clusters. It can be stopped and
/// started again on the same data, as a restart of Weir does. I/O thread only.
class Plane {
 public:
  /// @param client, runtime outlive this: they are the world
  Plane(Environment env, net::HttpClient& client, FleetRuntime& runtime, std::string directory);

  Task<Status> start();
  Task<void> stop();

  int port() const { return server_->port(); }
  store::Store& store() { return *store_; }
  const control::Statistics& statistics() const { return controller_->statistics(); }
  /// Begins to read the jobs' figures, which `start` alone does not.
  void start_monitoring();
  const monitoring::Monitor& monitor() const { return *monitor_; }
  /// How many of the jobs that run have answered since the start.
  std::size_t observed() const;

 private:
  Environment env_;
  net::HttpClient& client_;
  FleetRuntime& runtime_;
  std::string directory_;
  simulated::Homes homes_;
  store::SecretBox secrets_{std::array<unsigned char, 32>{}};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<blob::LocalArtifactStore> artifacts_;
  std::unique_ptr<flink::RestFlinkApi> flink_;
  std::unique_ptr<flink::LocalStateDirectory> states_;
  std::unique_ptr<flink::RestFlinkMetrics> flink_metrics_;
  std::unique_ptr<control::Controller> controller_;
  std::unique_ptr<monitoring::Monitor> monitor_;
  bool monitors_ = false;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace weir::bench
