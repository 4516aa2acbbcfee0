#pragma once

#include <map>
#include <string>
#include <vector>

#include "codec/node.h"

/// What a scenario says about an answer.
namespace weir::scenarios {

using Variables = std::map<std::string, std::string>;

/// Replaces `$(name)` in every text of a document. @error unknown variables stay and are noticed by
/// the comparison
codec::Node substitute(codec::Node node, const Variables& variables);
std::string substitute(std::string text, const Variables& variables);

/// Compares an answer with what is expected of it; each line of the result is one difference, with
/// its path.
///
/// Objects are subsets. Lists have the same length and order, unless the expectation is an object:
/// {$has: [items]} some items match, {$count: N}, {$none: item} no item matches. Texts that start
/// with
/// `$` are matchers: $any, $absent, $null, $uuid, $time (RFC 3339), $number, $text, $regex:...,
/// $contains:..., $not-contains:...
std::vector<std::string> differences(const codec::Node& expected, const codec::Node* actual,
                                     const std::string& path = "");

/// "items[0].metadata.id" in a document; nullptr if it is not there. Member names with dots stand
/// in quotes.
const codec::Node* at(const codec::Node& document, const std::string& path);

}  // namespace weir::scenarios
