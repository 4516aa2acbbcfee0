#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "codec/node.h"

namespace weir::cli {

/// The part of a document at a dotted path ("status.running.jobId"), or nullptr.
const codec::Node* find_at(const codec::Node& document, std::string_view path);

/// A scalar's text there; empty for null, absent, or not a scalar.
std::string text_at(const codec::Node& document, std::string_view path);

/// A time there; nothing if absent or not a time.
std::optional<WallTime> time_at(const codec::Node& document, std::string_view path);

}  // namespace weir::cli
