#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

/// Memory sizes as users write them: a decimal number and an optional unit, any case; `k`, `m`,
/// `g`, `t` with or without `b`, `i`, `ib` are all binary (1g = 1024m = 1073741824); no unit =
/// bytes.
/// @error kInvalidArgument not such a text, zero, negative or above 2^62
Result<std::int64_t> parse_bytes(std::string_view text);

/// A short text for people: "1.5 GiB", "512 MiB", "17 B".
std::string format_bytes(std::int64_t bytes);

}  // namespace weir
