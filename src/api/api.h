#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/environment.h"
#include "blob/artifact_store.h"
#include "control/controller.h"
#include "flink/homes.h"
#include "model/deployment.h"
#include "monitoring/monitor.h"
#include "net/http.h"
#include "net/http_client.h"
#include "runtime/cluster_runtime.h"
#include "store/secret_box.h"
#include "store/store.h"

namespace weir::api {

struct ApiOptions {
  /// Hosts besides 127.0.0.1, localhost and [::1] that `Host` and `Origin` may name.
  std::vector<std::string> allowed_hosts;
  model::DeploymentSpec global_defaults;
  std::string data_directory;
  std::string base_path = "/";     ///< of this server's addresses as browsers see them
  std::string time_zone = "UTC";   ///< for display
  bool proxy_allows_stop = false;  ///< Flink's cancel and stop through the UI proxy
  std::uint64_t artifact_limit = 2ULL << 30;
};

/// What the routes need; all outlive the Api.
struct Services {
  Environment env;
  store::Store& store;
  blob::ArtifactStore& artifacts;
  flink::FlinkHomes& homes;
  runtime::ClusterRuntime& runtime;
  control::Controller& controller;
  monitoring::Monitor& monitor;
  net::HttpClient& client;  ///< for the Flink UI proxy
  const store::SecretBox& secrets;
};

/// The REST API. State changes are only written to the store; controllers act on them.
/// Life: construct, `prepare` once, serve `handle`, `stop` before destroying.
class Api {
 public:
  Api(Services services, ApiOptions options);
  ~Api();

  /// Makes what must always exist: the namespace's defaults and the deployment target `default`.
  /// @error what Store::commit gives
  Task<Status> prepare();
  Task<net::Response> handle(net::Request& request);
  /// Ends the live feeds, so that their connections close.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::api
