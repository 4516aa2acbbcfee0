#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/table.h"
#include "codec/node.h"

namespace weir::cli {

/// A kind of resource as the command line names it.
struct KindEntry {
  std::string_view kind;      ///< "Deployment"
  std::string_view singular;  ///< "deployment", as `-o name` prints it
  std::string_view plural;    ///< "deployments": the path segment of its list
  std::vector<std::string_view> aliases;
  bool named = true;  ///< by metadata.name; else by metadata.id
};

/// By any of its names, without regard to case.
/// @error kInvalidArgument no such kind; the message lists them
Result<KindEntry> find_kind(std::string_view name);

/// "/api/v1/namespaces/<ns>/<plural>[/<name>]"
std::string path_of(const KindEntry& kind, std::string_view ns, std::string_view name = {});

/// "deployment/word-count"
std::string short_name(const KindEntry& kind, const codec::Node& resource);

/// The table of a list of that kind.
Table table_of(const KindEntry& kind, const std::vector<codec::Node>& items, WallTime now);

/// Events as lines of a table: time, level, name, message with its cause.
std::vector<Cell> event_row(const codec::Node& event);

}  // namespace weir::cli
