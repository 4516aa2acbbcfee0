#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/node.h"

namespace weir::codec {

/// Parses YAML by the 1.2 core schema (only true/false are booleans, quoted scalars are text).
/// Empty documents between separators are dropped.
/// @error kInvalidArgument bad syntax (with line and column), a name twice in one mapping, an alias
///        or anchor, a tag, more than 100,000 nodes, nesting deeper than `kMaxDepth`, invalid UTF-8
Result<std::vector<Node>> parse_yaml_documents(std::string_view text);

/// Exactly one document.
Result<Node> parse_yaml(std::string_view text);

/// Block style; reading it back gives the same tree.
std::string write_yaml(const Node& node);

}  // namespace weir::codec
