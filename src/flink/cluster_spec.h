#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir::flink {

/// A file that must stand in the cluster's instance directory before its processes start.
struct PlacedFile {
  std::string path;  ///< relative to the instance directory, e.g. "conf/config.yaml"
  std::string content;
  bool secret = false;  ///< mode 0600, never shown
};
BOOST_DESCRIBE_STRUCT(PlacedFile, (), (path, content, secret))

/// One JVM: everything that decides how it runs. Arguments hold no secrets.
struct ProcessSpec {
  std::string role;  ///< "jobmanager" or "taskmanager"
  int index = 0;
  std::string executable;                          ///< absolute path of java
  std::vector<std::string> arguments;              ///< without the executable
  std::map<std::string, std::string> environment;  ///< the whole of it
  std::int64_t memory_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ProcessSpec, (),
                      (role, index, executable, arguments, environment, memory_bytes))

inline constexpr char kInternalKeyStore[] = "internal.p12";
inline constexpr char kInternalPassword[] = "@INTERNAL_PASSWORD@";

/// Everything that decides what a cluster is; computed by pure code (`assemble`), so a golden test
/// shows exactly what will run. Paths in arguments and files may use "@INSTANCE@" for the instance
/// directory, which the local runtime replaces.
struct ClusterSpec {
  std::string cluster_id;
  std::string owner;  ///< id of the deployment or session cluster whose it is
  int epoch = 1;
  std::string flink_version;
  std::string flink_home;
  int rest_port = 0;
  int rpc_port = 0;
  int blob_port = 0;
  int task_managers = 1;
  int slots_per_task_manager = 1;
  std::vector<PlacedFile> files;
  /// Its processes know each other by a key of their own: the runtime makes it once for the
  /// cluster, in conf/kInternalKeyStore, and puts its password into secret files for
  /// kInternalPassword.
  bool internal_key = false;
  ProcessSpec job_manager;
  ProcessSpec task_manager;  ///< template of all TaskManagers; "@INDEX@" is replaced by the index
};
BOOST_DESCRIBE_STRUCT(ClusterSpec, (),
                      (cluster_id, owner, epoch, flink_version, flink_home, rest_port, rpc_port,
                       blob_port, task_managers, slots_per_task_manager, files, internal_key,
                       job_manager, task_manager))

}  // namespace weir::flink
