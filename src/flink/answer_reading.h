#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/node.h"

/// What all readers of Flink's answers share. Pure.
namespace weir::flink::answers {

/// kInternal, reason "BadAnswer": "Flink's answer has no ...".
Error bad_answer(std::string_view what);
/// @error kInternal reason "BadAnswer" no JSON
Result<codec::Node> parse(std::string_view body);
/// A member's text; empty for null and absent.
std::string text_of(const codec::Node& node, std::string_view name);
std::int64_t number_of(const codec::Node& node, std::string_view name, std::int64_t otherwise = 0);
/// A member that is a list; empty if there is none.
const std::vector<codec::Node>& items_of(const codec::Node& node, std::string_view name);

}  // namespace weir::flink::answers
