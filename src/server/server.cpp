#include "server/server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "api/api.h"
#include "async/scope.h"
#include "blob/local_artifact_store.h"
#include "build_info.h"
#include "control/controller.h"
#include "flink/archive_schedule.h"
#include "flink/class_archive.h"
#include "flink/local_homes.h"
#include "flink/local_state_directory.h"
#include "flink/rest_flink_api.h"
#include "flink/rest_flink_metrics.h"
#include "flink/training_job.h"
#include "monitoring/monitor.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "runtime/local/local_runtime.h"
#include "server/data_directory.h"
#include "store/secret_box.h"
#include "store/sqlite/sqlite_store.h"

namespace weir::server {
namespace {

constexpr Duration kHomesInterval = std::chrono::seconds(30);
constexpr Duration kArchivesInterval = std::chrono::seconds(5);
constexpr Duration kTrainingWatchInterval = std::chrono::milliseconds(250);
constexpr Duration kEndProcessesTime = std::chrono::minutes(2);

flink::LocalHomesOptions homes_options(const Configuration& configuration) {
  return flink::local_homes_options(configuration.flink_homes, configuration.default_flink_version,
                                    configuration.java);
}

runtime::LocalRuntimeOptions runtime_options(const Configuration& configuration,
                                             const RunOptions& options) {
  runtime::LocalRuntimeOptions local;
  local.data_directory = configuration.data;
  local.shim = options.shim;
  local.cpu_overcommit = configuration.cpu_overcommit;
  return local;
}

blob::LocalArtifactOptions artifact_options(const Configuration& configuration) {
  blob::LocalArtifactOptions options;
  options.data_directory = configuration.data;
  options.allow_private_hosts = configuration.allow_private_hosts;
  options.ca_file = configuration.ca_file;
  return options;
}

api::ApiOptions api_options(const Configuration& configuration) {
  api::ApiOptions options;
  options.allowed_hosts = configuration.allowed_hosts;
  options.base_path = configuration.base_path;
  options.global_defaults = configuration.deployment_defaults;
  options.data_directory = configuration.data;
  options.time_zone = configuration.control.time_zone;
  options.proxy_allows_stop = configuration.proxy_allows_stop;
  return options;
}

// Readers see the whole file or none.
Status write_ready_file(const std::string& file, const std::string& url) {
  const std::string unfinished = file + ".new";
  std::ofstream(unfinished) << url << '\n';
  std::error_code error;
  std::filesystem::rename(unfinished, file, error);
  if (error)
    return fail(Code::kUnavailable,
                fmt::format("The ready file {} cannot be written: {}.", file, error.message()));
  return {};
}

// What is given to constructors is kept here; members are destroyed in reverse order.
class Server {
 public:
  Server(Environment env, Configuration configuration, RunOptions options)
      : env_(env),
        configuration_(std::move(configuration)),
        options_(std::move(options)),
        client_(env),
        homes_(env, homes_options(configuration_)),
        states_(env),
        flink_(env, client_),
        flink_metrics_(client_),
        archives_(env, flink_),
        runtime_(env, runtime_options(configuration_, options_)),
        background_(env.timer, "server") {}

  Task<Status> run(Signal& stop) {
    Status status = co_await start();
    if (status) {
      co_await stop.wait();
      log::info("server", "stopping; jobs {}", options_.stop_jobs ? "are ended too" : "go on");
    }
    Status stopped = co_await shut_down();
    co_return status ? stopped : status;
  }

 private:
  Task<Status> start() {
    if (::access(options_.shim.c_str(), X_OK) != 0)
      co_return fail(
          Code::kFailedPrecondition,
          fmt::format("{} is missing. It belongs beside the weir binary.", options_.shim));
    WEIR_CO_TRY(data_, DataDirectory::open(configuration_.data));
    WEIR_CO_TRY(secrets_, store::SecretBox::open(data_->file("secret.key")));
    const std::string database = data_->file("weir.db");
    WEIR_CO_TRY(store_, co_await store::open_sqlite_store(env_, database));
    WEIR_CO_TRY(artifacts_, blob::LocalArtifactStore::open(env_, artifact_options(configuration_)));
    if (configuration_.prime_clusters) co_await write_priming_jar();
    // Without Java or Flink the server still answers; starting a job says what is missing.
    if (const Status homes = co_await homes_.refresh(); !homes)
      log::warn("server", "{}", homes.error().message);
    else if (homes_.list().empty())
      log::warn("server", "no Flink in {}; add one with 'weir flink add 1.20'",
                configuration_.flink_homes);

    controller_.emplace(
        control::World{env_, *store_, runtime_, flink_, homes_, states_, *artifacts_, *secrets_},
        configuration_.control);
    monitor_.emplace(env_, *store_, flink_metrics_, configuration_.metrics);
    api_.emplace(api::Services{env_, *store_, *artifacts_, homes_, runtime_, *controller_,
                               *monitor_, client_, *secrets_},
                 api_options(configuration_));
    WEIR_CO_CHECK_OK(co_await api_->prepare());
    WEIR_CO_TRY(const std::string url, listen());
    controller_->start();
    controlling_ = true;
    monitor_->start();
    background_.spawn("garbage", sweep_garbage());
    background_.spawn("homes", look_after_homes());
    if (configuration_.train_archives) background_.spawn("archives", train_archives());
    co_return announce(url);
  }

  // On a full disk, too, the jobs that run must be looked after.
  Task<void> write_priming_jar() {
    const std::string jar = data_->file("priming-job.jar");
    const Status written = co_await env_.run([jar] { return flink::write_training_jar(jar); });
    if (written) configuration_.control.priming_jar = jar;
    else log::warn("server", "upgrades do without warm clusters: {}", written.error().message);
  }

  Result<std::string> listen() {
    WEIR_TRY(const ListenAddress address, parse_listen(configuration_.listen));
    net::ServerOptions options;
    options.address = address.address;
    options.port = address.port;
    options.certificate_file = configuration_.certificate_file;
    options.key_file = configuration_.key_file;
    http_.emplace(env_, options, [this](net::Request& request) { return api_->handle(request); });
    WEIR_CHECK_OK(http_->start());
    const bool ipv6 = address.address.find(':') != std::string::npos;
    return fmt::format("{}://{}:{}", options.certificate_file.empty() ? "http" : "https",
                       ipv6 ? "[" + address.address + "]" : address.address, http_->port());
  }

  Status announce(const std::string& url) {
    if (options_.out != nullptr)
      *options_.out << "Weir " << kVersion << " answers at " << url << std::endl;
    if (options_.ready_file.empty()) return {};
    return write_ready_file(options_.ready_file, url);
  }

  Task<Status> shut_down() {
    co_await background_.stop();
    if (training_) co_await training_->stop();
    if (api_) api_->stop();
    if (http_) co_await http_->stop();
    if (monitor_) co_await monitor_->stop();
    if (controlling_) co_await controller_->stop();
    if (!controlling_ || !options_.stop_jobs) co_return Status();
    const MonoTime deadline = env_.now() + kEndProcessesTime;
    co_return co_await controller_->end_processes(deadline);
  }

  Task<void> sweep_garbage() {
    while (true) {
      co_await sleep_for(env_.timer, configuration_.garbage_interval);
      const auto removed = co_await controller_->collect_garbage(false);
      if (!removed) log::warn("server", "garbage: {}", to_string(removed.error()));
      else if (!removed->empty()) log::info("server", "removed {} old items", removed->size());
    }
  }

  Task<void> look_after_homes() {
    while (true) {
      co_await sleep_for(env_.timer, kHomesInterval);
      if (const Status seen = co_await homes_.refresh(); !seen)
        log::debug("server", "{}", seen.error().message);
    }
  }

  Task<void> train_archives() {
    while (true) {
      co_await sleep_for(env_.timer, kArchivesInterval);
      const auto home = schedule_.next(homes_.list(), env_.now());
      if (!home || !controller_->is_quiet()) continue;
      co_await train(*home);
    }
  }

  // A start that comes meanwhile gets the machine for itself; training is tried again later.
  Task<void> train(flink::FlinkHome home) {
    training_ = std::make_unique<Scope>(env_.timer, "training");
    training_->spawn(home.version, train_one(home));
    while (training_->size() > 0) {
      if (!controller_->is_quiet()) training_->cancel();
      co_await sleep_for(env_.timer, kTrainingWatchInterval);
    }
    co_await training_->stop();
    training_.reset();
  }

  Task<void> train_one(flink::FlinkHome home) {
    log::info("server", "preparing the archives of Flink {}", home.version);
    const Status trained = co_await archives_.train(home);
    if (const Status seen = co_await homes_.refresh(); !seen)
      log::warn("server", "{}", seen.error().message);
    const auto now_has = [&](const flink::FlinkHome& other) {
      return other.path == home.path && flink::has_archives(other);
    };
    const auto homes = homes_.list();
    if (std::any_of(homes.begin(), homes.end(), now_has)) {
      log::info("server", "Flink {} has its archives", home.version);
      co_return;
    }
    if (trained) co_return schedule_.left_to_another(home, env_.now());
    const std::string problem = schedule_.failed(home, trained.error().message, env_.now());
    log::warn("server", "archives of Flink {}: {}", home.version, problem);
    homes_.tell_archive_problem(home.path, problem);
  }

  Environment env_;
  Configuration configuration_;
  RunOptions options_;
  std::optional<DataDirectory> data_;
  std::optional<store::SecretBox> secrets_;
  std::unique_ptr<store::Store> store_;
  net::HttpClient client_;
  std::unique_ptr<blob::LocalArtifactStore> artifacts_;
  flink::LocalFlinkHomes homes_;
  flink::LocalStateDirectory states_;
  flink::RestFlinkApi flink_;
  flink::RestFlinkMetrics flink_metrics_;
  flink::ClassArchives archives_;
  runtime::LocalRuntime runtime_;
  std::optional<control::Controller> controller_;
  std::optional<monitoring::Monitor> monitor_;
  std::optional<api::Api> api_;
  std::optional<net::HttpServer> http_;
  Scope background_;
  std::unique_ptr<Scope> training_;
  flink::ArchiveSchedule schedule_;
  bool controlling_ = false;
};

}  // namespace

Task<Status> run_server(Environment env, Configuration configuration, RunOptions options,
                        Signal& stop) {
  Server server(env, std::move(configuration), std::move(options));
  co_return co_await server.run(stop);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    log::warn("server", "the limit of open files cannot be raised");
}

}  // namespace weir::server
