#include "server/settings_table.h"

#include <fmt/format.h>

#include <set>

#include "base/sizes.h"
#include "base/strings.h"
#include "flink/assemble.h"
#include "model/validation.h"

namespace weir::server {
namespace {

using codec::FieldErrors;
using codec::Node;
using namespace std::chrono_literals;

template <class T>
using Member = T& (*)(Configuration&);

template <class T>
const T& value_of(Member<T> member, const Configuration& configuration) {
  return member(const_cast<Configuration&>(configuration));  // the member is only read
}

Setting text(const char* path, Member<std::string> member, const char* meaning) {
  return {path, "text", meaning,
          [member](const Configuration& c) { return Node::string(value_of(member, c)); },
          [path, member](const Node& node, Configuration& c, FieldErrors& errors) {
            codec::read(node, member(c), path, errors);
          }};
}

Setting yes_no(const char* path, Member<bool> member, const char* meaning) {
  return {path, "true or false", meaning,
          [member](const Configuration& c) { return Node::boolean(value_of(member, c)); },
          [path, member](const Node& node, Configuration& c, FieldErrors& errors) {
            codec::read(node, member(c), path, errors);
          }};
}

template <class T>
Setting number(const char* path, Member<T> member, T low, T high, const char* meaning) {
  return {path, fmt::format("number, {} to {}", low, high), meaning,
          [member](const Configuration& c) {
            return Node::number(fmt::format("{}", value_of(member, c)));
          },
          [=](const Node& node, Configuration& c, FieldErrors& errors) {
            T value{};
            FieldErrors found;
            codec::read(node, value, path, found);
            if (!found.empty() || value < low || value > high)
              errors.add(path, fmt::format("must be a number from {} to {}.", low, high));
            else member(c) = value;
          }};
}

Setting duration(const char* path, Member<Duration> member, Duration low, Duration high,
                 const char* meaning) {
  return {path, fmt::format("duration, {} to {}", format_duration(low), format_duration(high)),
          meaning,
          [member](const Configuration& c) {
            return Node::string(format_duration(value_of(member, c)));
          },
          [=](const Node& node, Configuration& c, FieldErrors& errors) {
            const auto value = parse_duration(node.text);
            if (!value || *value < low || *value > high)
              errors.add(path, fmt::format("must be a duration from {} to {}, e.g. 30 s.",
                                           format_duration(low), format_duration(high)));
            else member(c) = *value;
          }};
}

// Exact, unlike what people are shown elsewhere.
std::string bytes_text(std::int64_t bytes) {
  const std::string text = format_bytes(bytes);
  const auto back = parse_bytes(text);
  return back && *back == bytes ? text : std::to_string(bytes);
}

Setting size(const char* path, Member<std::int64_t> member, std::int64_t high,
             const char* meaning) {
  return {path, fmt::format("size, 0 to {}", format_bytes(high)), meaning,
          [member](const Configuration& c) {
            return Node::string(value_of(member, c) == 0 ? "0" : bytes_text(value_of(member, c)));
          },
          [=](const Node& node, Configuration& c, FieldErrors& errors) {
            const auto value = node.text == "0" ? Result<std::int64_t>(0) : parse_bytes(node.text);
            if (!value || *value > high)
              errors.add(path, fmt::format("must be a size from 0 to {}, e.g. 512 MiB.",
                                           format_bytes(high)));
            else member(c) = *value;
          }};
}

Setting text_list(const char* path, Member<std::vector<std::string>> member, const char* meaning) {
  return {path, "list of texts", meaning,
          [member](const Configuration& c) {
            Node list{Node::Kind::kArray, {}, {}, {}};
            for (const std::string& item : value_of(member, c))
              list.items.push_back(Node::string(item));
            return list;
          },
          [path, member](const Node& node, Configuration& c, FieldErrors& errors) {
            codec::read(node, member(c), path, errors);
          }};
}

constexpr std::pair<const char*, log::Level> kLevels[] = {{"debug", log::Level::kDebug},
                                                          {"info", log::Level::kInfo},
                                                          {"warn", log::Level::kWarn},
                                                          {"error", log::Level::kError}};

Setting log_level() {
  return {"logLevel", "debug, info, warn or error", "How much the server writes to standard error.",
          [](const Configuration& c) {
            for (const auto& [name, level] : kLevels)
              if (level == c.log_level) return Node::string(name);
            return Node::string("info");
          },
          [](const Node& node, Configuration& c, FieldErrors& errors) {
            for (const auto& [name, level] : kLevels) {
              if (node.text != name) continue;
              c.log_level = level;
              return;
            }
            errors.add("logLevel", "must be debug, info, warn or error.");
          }};
}

Setting listen() {
  Setting setting = text(
      "listen", [](Configuration& c) -> std::string& { return c.listen; },
      "Where the server listens. Only loopback addresses are taken, because "
      "there is no authentication yet. Port 0 is a free port.");
  setting.type = "address:port";
  setting.read = [](const Node& node, Configuration& c, FieldErrors& errors) {
    const auto parsed = parse_listen(node.text);
    if (parsed) c.listen = node.text;
    else errors.add("listen", parsed.error().message);
  };
  return setting;
}

// It is written into the console's page.
Setting base_path() {
  Setting setting = text(
      "basePath", [](Configuration& c) -> std::string& { return c.base_path; },
      "The path under which browsers find this server, e.g. /weir/ behind a reverse proxy; whether "
      "the proxy takes it off does not matter.");
  setting.type = "path";
  setting.read = [](const Node& node, Configuration& c, FieldErrors& errors) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    if (node.text.find_first_not_of(kPlain) == std::string::npos) c.base_path = node.text;
    else errors.add("basePath", "must be a path of letters, digits, '-', '.', '_', '~' and '/'.");
  };
  return setting;
}

// The codec ignores what it does not know; in a file that a person writes it is a mistake.
void find_unknown(const Node& given, const Node& understood, const std::string& path,
                  FieldErrors& errors) {
  for (const auto& [name, value] : given.members) {
    if (value.is_null()) continue;
    const std::string here = path + "." + name;
    const Node* found = understood.find(name);
    if (found == nullptr) errors.add(here, "is no field of a deployment's specification.");
    else find_unknown(value, *found, here, errors);
  }
}

Setting deployment_defaults() {
  const std::string path = "deploymentDefaults";
  return {path, "a deployment's spec",
          "What holds in every namespace for what a deployment and its namespace's defaults do not "
          "say.",
          [](const Configuration& c) { return codec::to_node(c.deployment_defaults); },
          [path](const Node& node, Configuration& c, FieldErrors& errors) {
            model::DeploymentSpec spec;
            FieldErrors found;
            codec::read(node, spec, path, found);
            if (found.empty()) {
              find_unknown(node, codec::to_node(spec), path, found);
              if (const Status valid = model::validate_defaults(spec); !valid)
                for (const FieldError& field : valid.error().fields)
                  found.add(
                      path + field.path.substr(std::min(field.path.find('.'), field.path.size())),
                      field.message);
            }
            if (found.empty()) c.deployment_defaults = std::move(spec);
            else
              for (const FieldError& field : found.to_error().fields)
                errors.add(field.path, field.message);
          }};
}

// The same checks as of a deployment; a path of its template is one of the pool.
void check_pool(const model::StandbyPool& pool, const std::string& path, FieldErrors& errors) {
  const auto add = [&](const std::string& field, const std::string& message) {
    errors.add(path + "." + field, message);
  };
  if (pool.name.empty()) add("name", "is required.");
  if (pool.clusters < 0 || pool.clusters > 100) add("clusters", "must be from 0 to 100.");
  model::DeploymentSpec spec;
  auto& cluster = spec.template_.emplace().spec.emplace(model::cluster_template(pool));
  cluster.artifact->jar_uri = "file:///nothing-runs-there-yet.jar";
  if (const Status valid = model::validate_defaults(spec); !valid)
    for (const FieldError& field : valid.error().fields) {
      std::string_view name = field.path;
      for (const std::string_view prefix : {"spec.template.spec.artifact.", "spec.template.spec."})
        if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
      add(std::string(name), field.message);
    }
  if (!flink::secret_references(cluster).empty())
    add("flinkConfiguration", "may not name secret values: a standby cluster is nobody's yet.");
}

Setting standby_clusters() {
  const std::string path = "standbyClusters";
  return {path, "list of pools",
          "Clusters that are kept ready for whichever job fits on one: name, clusters (how many), "
          "flinkVersion, numberOfTaskManagers, resources and flinkConfiguration of each pool.",
          [](const Configuration& c) { return codec::to_node(c.control.standby_clusters); },
          [path](const Node& node, Configuration& c, FieldErrors& errors) {
            std::vector<model::StandbyPool> pools;
            FieldErrors found;
            codec::read(node, pools, path, found);
            std::set<std::string> names;
            for (std::size_t i = 0; found.empty() && i < pools.size(); ++i) {
              const std::string here = fmt::format("{}[{}]", path, i);
              find_unknown(node.items[i], codec::to_node(pools[i]), here, found);
              check_pool(pools[i], here, found);
              if (!names.insert(pools[i].name).second)
                found.add(here + ".name", "is the name of two pools.");
            }
            if (found.empty()) c.control.standby_clusters = std::move(pools);
            else
              for (const FieldError& field : found.to_error().fields)
                errors.add(field.path, field.message);
          }};
}

#define WEIR_MEMBER(expression) [](Configuration& c) -> auto& { return c.expression; }

std::vector<Setting> server_settings() {
  return {
      listen(),
      text("data", WEIR_MEMBER(data),
           "The data directory: database, key file, artifacts, cluster directories, state. On a "
           "local disk; environment WEIR_DATA."),
      text_list("allowedHosts", WEIR_MEMBER(allowed_hosts),
                "Hosts besides 127.0.0.1, localhost and [::1] that the headers Host and Origin may "
                "name, e.g. of a reverse proxy on this machine."),
      base_path(),
      number<int>("workers", WEIR_MEMBER(workers), 1, 64,
                  "Threads for disk, hashing and name look-up."),
      log_level(),
      text("timeZone", WEIR_MEMBER(control.time_zone),
           "Time zone of the Flink processes, e.g. Europe/Berlin."),
      text("tls.certificateFile", WEIR_MEMBER(certificate_file),
           "PEM file with the certificate chain; with tls.keyFile the server speaks HTTPS."),
      text("tls.keyFile", WEIR_MEMBER(key_file), "PEM file with the private key."),
  };
}

std::vector<Setting> flink_settings() {
  return {
      text("flink.homes", WEIR_MEMBER(flink_homes),
           "Directory of installed Flinks, one folder for each version; environment "
           "WEIR_FLINK_HOMES."),
      text("flink.defaultVersion", WEIR_MEMBER(default_flink_version),
           "Version of deployments that name none, e.g. 1.20; empty is the newest installed."),
      text("flink.java", WEIR_MEMBER(java),
           "The java executable; empty takes the one of JAVA_HOME or on the PATH."),
      yes_no("flink.trainArchives", WEIR_MEMBER(train_archives),
             "Prepare class-data-sharing archives in the background, which make starts faster."),
      yes_no("downloads.allowPrivateHosts", WEIR_MEMBER(allow_private_hosts),
             "Whether jars may be downloaded from loopback, link-local and private addresses."),
      text("downloads.caFile", WEIR_MEMBER(ca_file),
           "PEM file with the authorities to trust for https downloads; empty is the system's."),
      yes_no("proxy.allowStop", WEIR_MEMBER(proxy_allows_stop),
             "Whether jobs may be cancelled and stopped through Flink's own UI."),
      number<double>("runtime.cpuOvercommit", WEIR_MEMBER(cpu_overcommit), 1, 100,
                     "How many times the machine's cores deployments may reserve in all; memory is "
                     "never overcommitted."),
      duration("garbage.interval", WEIR_MEMBER(garbage_interval), 1min, 720h,
               "How often old cluster and checkpoint directories and unused jars are removed."),
      duration("garbage.clusterDirectoriesAge", WEIR_MEMBER(control.cluster_directories_age), 1min,
               87600h, "How long directories of ended clusters, with their logs, are kept."),
      size("garbage.clusterDirectoriesBytes", WEIR_MEMBER(control.cluster_directories_bytes),
           1LL << 50, "How much they may hold in all; the newest are kept within it."),
      duration("garbage.stateDirectoriesAge", WEIR_MEMBER(control.state_directories_age), 1min,
               87600h,
               "How long checkpoints of ended jobs are kept that no start needs any more and no "
               "restore point, savepoint or reset names."),
  };
}

std::vector<Setting> metrics_settings() {
  return {
      yes_no("metrics.enabled", WEIR_MEMBER(metrics.enabled),
             "Read running jobs' figures from Flink and remember them for a while, in memory."),
      size("metrics.historyBytes", WEIR_MEMBER(metrics.history_bytes), 1LL << 40,
           "Memory that all jobs' history may hold together; the oldest goes first."),
      duration("metrics.historyAge", WEIR_MEMBER(metrics.history_age), 1min, 8760h,
               "What is older is forgotten, also where there is room."),
      duration("metrics.interval", WEIR_MEMBER(metrics.interval), 1s, 1h,
               "How often a job is read that nobody watches; with more than 50 of them in "
               "proportion less often."),
      duration("metrics.watchedInterval", WEIR_MEMBER(metrics.watched_interval), 1s, 1h,
               "How often a job is read that somebody looks at."),
      duration("metrics.watchTime", WEIR_MEMBER(metrics.watch_time), 1s, 24h,
               "How long a job counts as watched after somebody has looked at its graph or "
               "vertices."),
      duration("metrics.callTime", WEIR_MEMBER(metrics.call_time), 100ms, 1min,
               "How long one such call of a JobManager may take."),
      number<int>("metrics.atOnce", WEIR_MEMBER(metrics.at_once), 1, 100,
                  "Jobs that are being read at the same time."),
  };
}

std::vector<Setting> control_settings() {
  return {
      number<int>("control.startsAtOnce", WEIR_MEMBER(control.starts_at_once), 1, 100,
                  "Clusters that may be coming up at the same time."),
      duration(
          "control.roomTime", WEIR_MEMBER(control.room_time), 0s, 720h,
          "How long a start waits for memory or cores before it counts as failed; 0 s fails at "
          "once."),
      size("control.memoryReserve", WEIR_MEMBER(control.memory_reserve_bytes), 1LL << 50,
           "Memory of this machine that no cluster is given."),
      size("control.diskReserve", WEIR_MEMBER(control.disk_reserve_bytes), 1LL << 50,
           "With less free disk nothing new is started."),
      duration("control.pollFast", WEIR_MEMBER(control.poll_fast), 10ms, 1min,
               "How often Flink is asked while something is in flight."),
      duration("control.pollStable", WEIR_MEMBER(control.poll_stable), 100ms, 10min,
               "How often Flink is asked about a job that runs quietly."),
      duration("control.callTime", WEIR_MEMBER(control.call_time), 100ms, 10min,
               "How long one call of a JobManager may take."),
      duration("control.fetchTime", WEIR_MEMBER(control.fetch_time), 1s, 24h,
               "How long a jar's download may take."),
      duration("control.clusterTime", WEIR_MEMBER(control.cluster_time), 1s, 24h,
               "How long processes may take until all slots are registered."),
      yes_no("control.primeClusters", WEIR_MEMBER(prime_clusters),
             "Whether the cluster of an upgrade runs a throwaway job before the running job is "
             "stopped, which makes the upgrade's pause shorter."),
      duration("control.primingTime", WEIR_MEMBER(control.priming_time), 1s, 1h,
               "How long that may take; then the upgrade goes on without."),
      duration("control.submitTime", WEIR_MEMBER(control.submit_time), 1s, 24h,
               "How long a job's main() may take."),
      duration("control.runningTime", WEIR_MEMBER(control.running_time), 1s, 24h,
               "How long a submitted job may take until all its tasks run."),
      duration("control.cancelTime", WEIR_MEMBER(control.cancel_time), 1s, 24h,
               "How long a job may take to cancel before its processes are ended."),
      duration("control.tearDownTime", WEIR_MEMBER(control.tear_down_time), 1s, 1h,
               "How long one try to end a cluster's processes may take; it is repeated."),
      duration("control.savepointTime", WEIR_MEMBER(control.savepoint_time), 1s, 720h,
               "After so long a savepoint in flight is warned about."),
      duration("control.unreachableTime", WEIR_MEMBER(control.unreachable_time), 1s, 24h,
               "After so long without an answer and without a new checkpoint a JobManager is ended "
               "and its job recovered."),
      duration("control.backoffFirst", WEIR_MEMBER(control.backoff_first), 10ms, 1h,
               "Wait before the second recovery of a job without a checkpoint in between; doubled "
               "each time."),
      duration("control.backoffLimit", WEIR_MEMBER(control.backoff_limit), 10ms, 24h,
               "The longest such wait."),
      duration("control.checkpointRecordInterval", WEIR_MEMBER(control.checkpoint_record_interval),
               100ms, 1h, "How often the newest completed checkpoint is recorded at most."),
      number<std::size_t>("control.eventsPerDeployment", WEIR_MEMBER(control.events_per_deployment),
                          10, 1000000, "Events that are kept for each deployment."),
      number<std::size_t>("control.jobsPerDeployment", WEIR_MEMBER(control.jobs_per_deployment), 1,
                          100000, "Ended jobs that are kept for each deployment."),
      yes_no("control.selfCheck", WEIR_MEMBER(control.self_check),
             "Check the rules of state safety before every effect."),
      standby_clusters(),
      deployment_defaults(),
  };
}

#undef WEIR_MEMBER

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> table = server_settings();
    for (auto part : {flink_settings(), metrics_settings(), control_settings()})
      table.insert(table.end(), part.begin(), part.end());
    return table;
  }();
  return all;
}

}  // namespace weir::server
