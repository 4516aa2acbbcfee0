#pragma once

#include <memory>
#include <string>

#include "api/api.h"
#include "flink/rest_flink_metrics.h"
#include "monitoring/monitor.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "scenarios/fakes.h"
#include "store/sqlite/sqlite_store.h"

namespace weir::scenarios {

/// A directory that goes with its owner.
class Directory {
 public:
  Directory();
  ~Directory();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The API over a real store behind a real HTTP server, fakes for the rest, and a fake JobManager.
class World {
 public:
  World(Environment env, std::unique_ptr<store::Store> store, std::string directory,
        model::DeploymentSpec global_defaults, bool proxy_allows_stop);

  Task<Status> start();
  Task<void> stop();

  Environment env;
  std::unique_ptr<store::Store> store;
  std::string directory;
  store::SecretBox secrets;
  FakeArtifacts artifacts;
  FakeHomes homes;
  FakeRuntime runtime;
  FakeFlink flink;
  FakeStates states;
  control::Controller controller;
  net::HttpClient client;
  flink::RestFlinkMetrics flink_metrics;
  monitoring::Monitor monitor;
  api::Api api;
  net::HttpServer server;
  net::HttpServer job_manager;
};

}  // namespace weir::scenarios
