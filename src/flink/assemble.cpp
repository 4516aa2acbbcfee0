#include "flink/assemble.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sizes.h"
#include "base/strings.h"
#include "codec/json_text.h"
#include "flink/capabilities.h"
#include "flink/endpoint.h"
#include "flink/memory.h"
#include "model/placeholders.h"

namespace weir::flink {
namespace {

// What 1.18 to 2.1 ship as env.java.opts.all; needed for running jobs on JDK 17.
constexpr const char* kModuleFlags[] = {
    "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.net=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.text=ALL-UNNAMED",
    "--add-opens=java.base/java.time=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED"};

// The optimising compiler waits ten times as long for a method to be hot: in the first seconds it
// would take a good part of two cores for methods that hardly run again. What records go through
// reaches this as well, a moment later.
constexpr const char* kPatientCompiler[] = {
    "-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000"};

using Map = model::StringMap;

std::string yaml_line(const std::string& key, const std::string& value) {
  std::string line = key + ": ";
  codec::append_json_string(line, value);  // a JSON string is a YAML double-quoted scalar
  return line + "\n";
}

// What decides where this attempt is; never the user's.
Map attempt_configuration(const AssembleInput& input) {
  const model::Cluster& cluster = input.cluster;
  const Capabilities can = capabilities_of(input.home.version);
  const std::string host = "127.0.0.1";
  Map map{
      {"weir.cluster-id", cluster.metadata.id},
      {"weir.epoch", std::to_string(cluster.epoch)},
      {"jobmanager.rpc.address", host},
      {"jobmanager.bind-host", host},
      {"jobmanager.rpc.port", std::to_string(cluster.rpc_port)},
      {"taskmanager.host", host},
      {"taskmanager.bind-host", host},
      {"taskmanager.rpc.port", "0"},
      {"taskmanager.data.port", "0"},
      {"rest.address", host},
      {"rest.bind-address", host},
      {"rest.port", std::to_string(cluster.rest_port)},
      {"rest.bind-port", std::to_string(cluster.rest_port)},
      {"blob.server.port", std::to_string(cluster.blob_port)},
      {"web.upload.dir", "@INSTANCE@/tmp/upload"},
      {"web.tmpdir", "@INSTANCE@/tmp"},
      {"blob.storage.directory", "@INSTANCE@/tmp"},
      {"process.working-dir", "@INSTANCE@/tmp/work"},
      {"jobmanager.archive.fs.dir", "file://@INSTANCE@/archive"},
      {"jobstore.expiration-time", "604800"},
      {"rest.async.store-duration", "7 d"},
      {"rest.server.max-content-length", "2147483647"},
      {"taskmanager.numberOfTaskSlots", std::to_string(cluster.slots_per_task_manager)},
      {"parallelism.default", std::to_string(input.job.spec.parallelism)},
  };
  map[can.checkpoint_keys_renamed ? "execution.checkpointing.dir" : "state.checkpoints.dir"] =
      checkpoint_directory(input.job, cluster.attempt, input.context);
  return map;
}

// Flink's own switch is on, and the user has no key store of his own.
bool wants_internal_key(const Map& configuration) {
  const auto enabled = configuration.find("security.ssl.internal.enabled");
  return enabled != configuration.end() && to_lower(enabled->second) == "true" &&
         !configuration.contains("security.ssl.internal.keystore") &&
         !configuration.contains("security.ssl.keystore");
}

Map internal_key_configuration() {
  const std::string store = fmt::format("@INSTANCE@/conf/{}", kInternalKeyStore);
  const std::string prefix = "security.ssl.internal.";
  return {{prefix + "keystore", store},
          {prefix + "truststore", store},
          {prefix + "keystore-password", kInternalPassword},
          {prefix + "key-password", kInternalPassword},
          {prefix + "truststore-password", kInternalPassword}};
}

// The same for what a user may set otherwise.
Map attempt_defaults(const AssembleInput& input) {
  return {{"io.tmp.dirs", "@INSTANCE@/tmp"},
          // Flink's "*" would let any page in a browser of this machine read and run jobs.
          {"web.access-control-allow-origin",
           fmt::format("http://127.0.0.1:{}", input.cluster.rest_port)}};
}

PlacedFile logging_template(const model::Logging& logging) {
  const auto& loggers = logging.log4j_loggers;
  const auto root = loggers ? loggers->find("") : Map::const_iterator();
  const std::string level = loggers && root != loggers->end() ? root->second : "INFO";
  std::string text = model::replace_placeholders(*logging.log4j2_configuration_template,
                                                 {{"rootLoggerLogLevel", level}});
  // Log4j takes the format from the name.
  const bool is_xml = trim(text).starts_with('<');
  return {is_xml ? "conf/log4j.xml" : "conf/log4j.properties", std::move(text), false};
}

std::string logging_file(const model::Logging& logging) {
  std::string level = "INFO";
  std::string loggers;
  int number = 0;
  if (logging.log4j_loggers)
    for (const auto& [name, value] : *logging.log4j_loggers) {
      if (name.empty()) {
        level = value;
        continue;
      }
      loggers += fmt::format("logger.user{0}.name = {1}\nlogger.user{0}.level = {2}\n", number++,
                             name, value);
    }
  return fmt::format(
      "monitorInterval = 5\nrootLogger.level = {}\nrootLogger.appenderRef.file.ref = File\n{}"
      "appender.file.name = File\nappender.file.type = RollingFile\nappender.file.append = true\n"
      "appender.file.fileName = ${{sys:log.file}}\nappender.file.filePattern = "
      "${{sys:log.file}}.%i\n"
      "appender.file.layout.type = PatternLayout\n"
      "appender.file.layout.pattern = %d{{yyyy-MM-dd HH:mm:ss,SSS}} %-5p %-60c %x - %m%n\n"
      "appender.file.policies.type = Policies\n"
      "appender.file.policies.size.type = SizeBasedTriggeringPolicy\n"
      "appender.file.policies.size.size = 50MB\n"
      "appender.file.strategy.type = DefaultRolloverStrategy\nappender.file.strategy.max = 4\n",
      level, loggers);
}

PlacedFile logging_of(const model::Logging& logging) {
  if (logging.log4j2_configuration_template && !logging.log4j2_configuration_template->empty())
    return logging_template(logging);
  return {"conf/log4j.properties", logging_file(logging), false};
}

bool chooses_collector(const std::vector<std::string>& options) {
  for (const std::string& option : options)
    if (option.starts_with("-XX:+Use") && option.ends_with("GC")) return true;
  return false;
}

// Flink's scripts would read these keys; without the scripts nobody else does.
Result<std::vector<std::string>> user_options(const Map& configuration, std::string_view role) {
  std::string text;
  for (const std::string& key :
       {std::string("env.java.default-opts.all"), std::string("env.java.opts"),
        std::string("env.java.opts.all"), fmt::format("env.java.default-opts.{}", role),
        fmt::format("env.java.opts.{}", role)})
    if (const auto found = configuration.find(key); found != configuration.end())
      text += found->second + " ";
  return split_arguments(text);
}

struct Role {
  std::string name;
  std::string main_class;
  std::string log_name;
  std::string log4j_file;
  const std::optional<std::string>& archive;
  ProcessMemory memory;
};

std::string class_path(const FlinkHome& home, const Map& configuration) {
  std::vector<std::string> jars = home.class_path;
  const auto& server = home.queryable_state_jar;
  const auto enabled = configuration.find("queryable-state.enable");
  if (server && enabled != configuration.end() && to_lower(enabled->second) == "true" &&
      std::find(jars.begin(), jars.end(), *server) == jars.end())
    jars.push_back(*server);
  return join(jars, ":");
}

Result<ProcessSpec> process_of(const Role& role, const AssembleInput& input,
                               const Map& configuration, std::int64_t memory_bytes) {
  WEIR_TRY(const auto options, user_options(configuration, role.name));
  ProcessSpec spec;
  spec.role = role.name;
  spec.memory_bytes = memory_bytes;
  const auto java_home = configuration.find("env.java.home");
  spec.executable =
      java_home != configuration.end() ? java_home->second + "/bin/java" : input.home.java;
  auto& arguments = spec.arguments;
  arguments = role.memory.jvm_flags;
  arguments.emplace_back("-XX:+IgnoreUnrecognizedVMOptions");
  if (role.name == "jobmanager") arguments.emplace_back("-XX:TieredStopAtLevel=1");
  else arguments.insert(arguments.end(), std::begin(kPatientCompiler), std::end(kPatientCompiler));
  if (!chooses_collector(options))
    arguments.emplace_back(role.name == "jobmanager" ? "-XX:+UseSerialGC" : "-XX:+UseG1GC");
  // Another Java would only complain about the archive.
  if (role.archive && spec.executable == input.home.java)
    arguments.push_back("-XX:SharedArchiveFile=" + *role.archive);
  if (input.home.java_major >= 9)
    arguments.insert(arguments.end(), std::begin(kModuleFlags), std::end(kModuleFlags));
  if (input.home.java_major >= 18 && input.home.java_major < 24)
    arguments.emplace_back("-Djava.security.manager=allow");
  if (input.home.java_major >= 24)
    arguments.insert(arguments.end(), {"--sun-misc-unsafe-memory-access=allow",
                                       "--enable-native-access=ALL-UNNAMED"});
  arguments.insert(
      arguments.end(),
      {"-XX:+ExitOnOutOfMemoryError", "-Djava.io.tmpdir=@INSTANCE@/tmp", "-Dfile.encoding=UTF-8",
       "-Duser.timezone=" + input.time_zone, "-Dlog.file=@INSTANCE@/log/" + role.log_name,
       "-Dlog4j.configurationFile=file:@INSTANCE@/" + role.log4j_file,
       // Nobody manages a logger over JMX here, and its beans cost 3 % of the work of a start.
       "-Dlog4j2.disable.jmx=true"});
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"-cp", class_path(input.home, configuration), role.main_class,
                                     "--configDir", "@INSTANCE@/conf"});
  for (const auto& [key, value] : role.memory.settings) {
    arguments.emplace_back("-D");
    arguments.push_back(key + "=" + value);
  }
  spec.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                      {"LANG", "C.UTF-8"},
                      {"TZ", input.time_zone},
                      {"FLINK_CONF_DIR", "@INSTANCE@/conf"},
                      {"FLINK_LIB_DIR", input.home.path + "/lib"},
                      {"FLINK_PLUGINS_DIR", input.home.path + "/plugins"}};
  return spec;
}

Result<std::int64_t> memory_of(const std::optional<model::ResourceSpec>& resource) {
  return parse_bytes(resource && resource->memory ? *resource->memory : "2G");
}

}  // namespace

Result<ClusterSpec> assemble(const AssembleInput& input) {
  const model::Cluster& cluster = input.cluster;
  Map configuration = input.job.spec.flink_configuration;
  for (const auto& [key, value] : attempt_configuration(input)) configuration[key] = value;
  configuration.merge(attempt_defaults(input));
  const bool internal_key = wants_internal_key(configuration);
  if (internal_key)
    for (const auto& [key, value] : internal_key_configuration()) configuration[key] = value;
  WEIR_TRY(const std::int64_t manager_bytes, memory_of(input.job.spec.resources.jobmanager));
  WEIR_TRY(const std::int64_t worker_bytes, memory_of(input.job.spec.resources.taskmanager));
  WEIR_TRY(ProcessMemory manager_memory, job_manager_memory(manager_bytes, configuration));
  WEIR_TRY(ProcessMemory worker_memory,
           task_manager_memory(worker_bytes, cluster.slots_per_task_manager, configuration));
  // The process names itself in Flink's messages.
  worker_memory.settings.emplace_back("taskmanager.resource-id",
                                      task_manager_id("@INDEX@", cluster.metadata.id));

  const Capabilities can = capabilities_of(input.home.version);
  ClusterSpec spec;
  spec.cluster_id = cluster.metadata.id;
  spec.owner =
      cluster.metadata.deployment_id.value_or(cluster.metadata.session_cluster_id.value_or(""));
  spec.epoch = cluster.epoch;
  spec.flink_version = input.home.version;
  spec.flink_home = input.home.path;
  spec.rest_port = cluster.rest_port;
  spec.rpc_port = cluster.rpc_port;
  spec.blob_port = cluster.blob_port;
  spec.task_managers = cluster.task_managers;
  spec.slots_per_task_manager = cluster.slots_per_task_manager;
  spec.internal_key = internal_key;
  std::string file;
  for (const auto& [key, value] : configuration) {
    WEIR_TRY(const std::string resolved, model::resolve_secrets(value, input.secrets));
    // Before 1.19 the file only looks like YAML: no quotes.
    file += can.config_yaml ? yaml_line(key, resolved) : key + ": " + resolved + "\n";
  }
  spec.files = {
      {can.config_yaml ? "conf/config.yaml" : "conf/flink-conf.yaml", std::move(file), true},
      logging_of(input.job.spec.logging)};
  const Role manager{"jobmanager",
                     "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                     "jobmanager.log",
                     spec.files.back().path,
                     input.home.job_manager_archive,
                     std::move(manager_memory)};
  const Role worker{"taskmanager",
                    "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                    "taskmanager-@INDEX@.log",
                    spec.files.back().path,
                    input.home.task_manager_archive,
                    std::move(worker_memory)};
  WEIR_TRY(spec.job_manager, process_of(manager, input, configuration, manager_bytes));
  WEIR_TRY(spec.task_manager, process_of(worker, input, configuration, worker_bytes));
  return spec;
}

}  // namespace weir::flink
