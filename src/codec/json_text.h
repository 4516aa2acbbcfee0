#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/node.h"

namespace weir::codec {

inline constexpr std::size_t kMaxDepth = 64;

/// Parses one JSON document.
/// @error kInvalidArgument bad syntax (with the position), invalid UTF-8, a NUL character, a name
///        twice in one object, nesting deeper than `kMaxDepth`, or text after the document
Result<Node> parse_json(std::string_view text);

/// `indent` 0 writes one line.
std::string write_json(const Node& node, int indent = 0);

/// Appends `text` as a JSON string with quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace weir::codec
