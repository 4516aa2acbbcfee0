#pragma once

#include "codec/node.h"

namespace weir::codec {

/// JSON merge patch (RFC 7386): absent members stay, null removes, objects merge, all else
/// replaces.
void merge_patch(Node& target, const Node& patch);

}  // namespace weir::codec
