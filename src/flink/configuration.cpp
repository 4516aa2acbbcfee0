#include <fmt/format.h>

#include <array>

#include "base/strings.h"
#include "flink/assemble.h"
#include "flink/capabilities.h"
#include "model/placeholders.h"

namespace weir::flink {
namespace {

// Keys that say where the cluster is and who it is: only Weir knows that.
constexpr std::array<std::string_view, 12> kForbidden{"rest.port",
                                                      "rest.bind-port",
                                                      "rest.address",
                                                      "rest.bind-address",
                                                      "jobmanager.rpc.address",
                                                      "jobmanager.rpc.port",
                                                      "jobmanager.rpc.bind-port",
                                                      "jobmanager.bind-host",
                                                      "blob.server.port",
                                                      "taskmanager.host",
                                                      "taskmanager.bind-host",
                                                      "web.upload.dir"};

bool is_forbidden(const std::string& key) {
  for (std::string_view name : kForbidden)
    if (key == name) return true;
  return key.starts_with("weir.");
}

// Flink's own high availability would bring a job back beside Weir, which does that itself; specs
// that were written for other platforms name it all the same.
bool is_dropped(const std::string& key) { return key.starts_with("high-availability"); }

// Streaming jobs can then be rescaled as they run; batch jobs get another scheduler from Flink
// whatever this says. A rescale that Weir asks for comes at once: it has made a checkpoint just
// before, and Flink's own waiting would only add records that are read again.
void add_adaptive_scheduler(model::StringMap& map, const Capabilities& can) {
  map["jobmanager.scheduler"] = "adaptive";
  // A job that needs fewer slots gives the others back, so that their TaskManagers can end.
  map["slot.idle.timeout"] = "1000";
  const std::string prefix = "jobmanager.adaptive-scheduler.";
  if (!can.rescale_keys_renamed) {
    map[prefix + "scaling-interval.min"] = "0 s";
    return;
  }
  map[prefix + "executing.cooldown-after-rescaling"] = "0 s";
  map[prefix + "executing.resource-stabilization-timeout"] = "0 s";
  map[prefix + "rescale-trigger.max-delay"] = "0 s";
}

// Weir's own defaults; the user's value wins. No restart strategy: Flink's own default restarts
// with these delays exactly when a job takes checkpoints.
model::StringMap defaults(const JobContext& context, const FlinkHome& home,
                          const Capabilities& can) {
  const std::string state = "file://" + context.state_directory;
  model::StringMap map{
      {"web.refresh-interval", "50"},
      {"rest.cache.checkpoint-statistics.timeout", "50 ms"},
      {"cluster.registration.initial-timeout", "100 ms"},
      {"cluster.registration.error-delay", "100 ms"},
      {"cluster.registration.refused-registration-delay", "100 ms"},
      {"cluster.registration.max-timeout", "1 s"},
      {"taskmanager.registration.timeout", "60 s"},
      {"heartbeat.interval", "1000"},
      {"heartbeat.timeout", "10000"},
      {"heartbeat.rpc-failure-threshold", "1"},
      {"execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION"},
      {"metrics.fetcher.update-interval", "1000"},
  };
  // Needs the security manager, which Java 24 removed.
  if (home.java_major < 24) map["cluster.intercept-user-system-exit"] = "THROW";
  if (can.checkpoint_keys_renamed) {
    map["execution.checkpointing.storage"] = "filesystem";
    map["execution.checkpointing.num-retained"] = "3";
    map["execution.checkpointing.dir"] = state + "/checkpoints";
    map["execution.checkpointing.savepoint-dir"] = state + "/savepoints";
  } else {
    map["state.checkpoint-storage"] = "filesystem";
    map["state.checkpoints.num-retained"] = "3";
    map["state.checkpoints.dir"] = state + "/checkpoints";
    map["state.savepoints.dir"] = state + "/savepoints";
  }
  if (can.rescale_in_place) add_adaptive_scheduler(map, can);
  return map;
}

// Old and new names of one option: the user's spelling replaces both.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRenamed{
    {{"state.checkpoints.dir", "execution.checkpointing.dir"},
     {"state.savepoints.dir", "execution.checkpointing.savepoint-dir"},
     {"state.checkpoints.num-retained", "execution.checkpointing.num-retained"},
     {"state.checkpoint-storage", "execution.checkpointing.storage"},
     {"restart-strategy", "restart-strategy.type"}}};

bool is_state_directory(std::string_view key) {
  return key.ends_with("checkpoints.dir") || key.ends_with("savepoints.dir") ||
         key == "execution.checkpointing.dir" || key == "execution.checkpointing.savepoint-dir";
}

void put_user_value(model::StringMap& map, const std::string& key, const std::string& value,
                    const Capabilities& can) {
  for (const auto& [old_name, new_name] : kRenamed) {
    if (key != old_name && key != new_name) continue;
    map.erase(std::string(old_name));
    map.erase(std::string(new_name));
    // An empty directory means none.
    if (value.empty() && is_state_directory(key)) return;
    const bool use_new =
        old_name == "restart-strategy" ? can.restart_strategy_type : can.checkpoint_keys_renamed;
    map[std::string(use_new ? new_name : old_name)] = value;
    return;
  }
  const bool is_backend = key == "state.backend" || key == "state.backend.type";
  if (!is_backend) {
    map[key] = value;
    return;
  }
  // The names of before 1.13 for what is heap state with a checkpoint storage of its own now.
  const bool is_old = value == "filesystem" || value == "jobmanager";
  map[can.checkpoint_keys_renamed ? "state.backend.type" : key] =
      is_old && can.state_backend_hashmap ? "hashmap" : value;
}

// Flink restarts the tasks of a job exactly when it takes checkpoints, first after a second. Where
// the configuration says that it does, the same with a shorter first delay; the job's code and the
// user's own strategy win.
void add_restart_strategy(model::StringMap& map, const Capabilities& can) {
  const auto interval = map.find("execution.checkpointing.interval");
  const bool takes_checkpoints =
      interval != map.end() && !interval->second.empty() && interval->second.front() != '0';
  if (!can.restart_strategy_type || !takes_checkpoints) return;
  const auto own = map.lower_bound("restart-strategy");
  if (own != map.end() && own->first.starts_with("restart-strategy")) return;
  map["restart-strategy.type"] = "exponential-delay";
  map["restart-strategy.exponential-delay.initial-backoff"] = "100 ms";
  map["restart-strategy.exponential-delay.max-backoff"] = "10 s";
}

bool is_on(const model::StringMap& map, const std::string& key) {
  const auto found = map.find(key);
  return found != map.end() && to_lower(found->second) == "true";
}

// Older lines name a suite by default that newer Java refuses.
void add_cipher_suites(model::StringMap& map) {
  if (is_on(map, "security.ssl.internal.enabled"))
    map.emplace("security.ssl.algorithms",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
}

// Each TaskManager takes a free port of each range, on the address that it has for the others.
Status add_queryable_state(model::StringMap& map, const FlinkHome& home) {
  const std::string key = "queryable-state.enable";
  if (!is_on(map, key)) return {};
  if (!home.queryable_state_jar) {
    const std::string why = fmt::format(
        "needs flink-queryable-state-runtime of Flink {0}, which its home does not have: put the "
        "jar into '{1}/opt', or switch queryable state off.",
        home.version, home.path);
    Error error(Code::kInvalidArgument, "Queryable state " + why, "QueryableStateMissing");
    error.fields.push_back({"spec.template.spec.flinkConfiguration." + key, why, "isInvalid"});
    return error;
  }
  map.emplace("queryable-state.proxy.ports", "9069-9168");
  map.emplace("queryable-state.server.ports", "9169-9268");
  return {};
}

// The model product's names of what Flink has options for.
constexpr std::array<std::pair<const char*, const char*>, 2> kSwitches{
    {{"flink.security.ssl.enabled", "security.ssl.internal.enabled"},
     {"flink.queryable-state.enabled", "queryable-state.enable"}}};

}  // namespace

model::StringMap user_configuration(const model::Template& of) {
  model::StringMap map;
  if (of.spec && of.spec->flink_configuration) map = *of.spec->flink_configuration;
  if (!of.metadata || !of.metadata->annotations) return map;
  for (const auto& [annotation, key] : kSwitches)
    if (is_on(*of.metadata->annotations, annotation)) map.emplace(key, "true");
  return map;
}

Result<model::StringMap> effective_configuration(const model::TemplateSpec& spec,
                                                 const JobContext& context, const FlinkHome& home) {
  const Capabilities can = capabilities_of(home.version);
  model::StringMap map = defaults(context, home, can);
  const model::StringMap names{{"namespace", context.namespace_},
                               {"deploymentId", context.deployment_id},
                               {"deploymentName", context.deployment_name},
                               {"jobId", context.job_id}};
  if (spec.flink_configuration)
    for (const auto& [key, value] : *spec.flink_configuration) {
      if (is_forbidden(key)) {
        Error error(Code::kInvalidArgument,
                    fmt::format("The Flink option '{}' is set by Weir; remove it.", key),
                    "BadOption");
        error.fields.push_back({"spec.template.spec.flinkConfiguration." + key,
                                "is set by Weir; remove it.", "isInvalid"});
        return error;
      }
      if (is_dropped(key)) continue;
      put_user_value(map, key, model::replace_placeholders(value, names), can);
    }
  add_restart_strategy(map, can);
  add_cipher_suites(map);
  WEIR_CHECK_OK(add_queryable_state(map, home));
  return map;
}

std::vector<std::string> secret_references(const model::TemplateSpec& spec) {
  std::string all;
  if (spec.artifact && spec.artifact->jar_uri) all += *spec.artifact->jar_uri + " ";
  if (spec.flink_configuration)
    for (const auto& [key, value] : *spec.flink_configuration) all += value + " ";
  return model::secret_names(all);
}

std::string checkpoint_directory(const model::Job& job, int attempt, const JobContext& context) {
  if (attempt == 1 && job.internal.first_checkpoints) return *job.internal.first_checkpoints;
  if (const auto& places = job.internal.attempt_checkpoints;
      places && attempt >= 1 && attempt <= static_cast<int>(places->size()))
    return (*places)[static_cast<std::size_t>(attempt) - 1];
  for (const char* key : {"execution.checkpointing.dir", "state.checkpoints.dir"}) {
    const auto found = job.spec.flink_configuration.find(key);
    if (found == job.spec.flink_configuration.end() || found->second.empty()) continue;
    std::string_view base = found->second;
    while (base.ends_with('/')) base.remove_suffix(1);
    return fmt::format("{}/jobs/{}/a{}", base, job.metadata.id, attempt);
  }
  return fmt::format("file://{}/checkpoints/jobs/{}/a{}", context.state_directory, job.metadata.id,
                     attempt);
}

}  // namespace weir::flink
