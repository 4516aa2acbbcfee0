#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "control/settings.h"
#include "model/deployment.h"
#include "monitoring/settings.h"

namespace weir::server {

/// Every setting of the server. What each means, its bounds and its name in the YAML file stand in
/// settings_table.cpp.
struct Configuration {
  std::string listen = "127.0.0.1:8080";
  std::string data = "~/.local/share/weir";
  std::vector<std::string> allowed_hosts;
  std::string base_path = "/";
  std::string certificate_file;
  std::string key_file;
  int workers = 4;
  log::Level log_level = log::Level::kInfo;

  std::string flink_homes = "~/.cache/weir/flink";
  std::string default_flink_version;
  std::string java;
  bool train_archives = true;
  bool prime_clusters = true;

  bool allow_private_hosts = true;
  std::string ca_file;
  bool proxy_allows_stop = false;
  double cpu_overcommit = 4;
  Duration garbage_interval = std::chrono::hours(1);

  model::DeploymentSpec deployment_defaults;
  monitoring::Settings metrics;
  control::Settings control;  ///< `data_directory` follows `data`
};

/// Where settings come from, the strongest first: command line, environment, file, default.
struct ConfigurationSources {
  std::optional<std::string> listen;
  std::optional<std::string> data;
  std::optional<std::string> flink_homes;
  std::string file;  ///< empty = none
  /// WEIR_DATA and WEIR_FLINK_HOMES; an empty value counts as unset.
  std::map<std::string, std::string> environment;
};

/// @error kNotFound        the file cannot be read
/// @error kInvalidArgument an unknown setting, a bad value, an address that is not loopback; every
///        wrong field is named
Result<Configuration> load_configuration(const ConfigurationSources& sources);

/// Paths become absolute: "~/" is `home`, what is relative counts from the working directory.
void make_paths_absolute(Configuration& configuration, const std::string& home);

struct ListenAddress {
  std::string address;  ///< literal IP address
  int port = 0;
};
/// "127.0.0.1:8080", "localhost:0", "[::1]:8080".
/// @error kInvalidArgument not such a text; reason "NotLoopback": any other address would let
///        everybody in, because there is no authentication yet
Result<ListenAddress> parse_listen(const std::string& text);

/// The whole configuration as a YAML file with a comment for every setting; reading it back gives
/// the same configuration.
std::string print_configuration(const Configuration& configuration);

}  // namespace weir::server
