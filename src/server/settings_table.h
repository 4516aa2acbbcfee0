#pragma once

#include <functional>
#include <string>
#include <vector>

#include "codec/describe_json.h"
#include "codec/node.h"
#include "server/configuration.h"

namespace weir::server {

/// One setting, described once for everything that deals with it.
struct Setting {
  std::string path;  ///< in the YAML file: "listen", "flink.homes"
  std::string type;  ///< with its bounds, for people: "duration, 10 ms to 1 h"
  std::string meaning;
  std::function<codec::Node(const Configuration&)> show;
  /// What is wrong goes to the errors under `path`.
  std::function<void(const codec::Node&, Configuration&, codec::FieldErrors&)> read;
};

/// In the order in which they are printed; settings of one section stand together.
const std::vector<Setting>& settings();

}  // namespace weir::server
