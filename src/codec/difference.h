#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/node.h"

namespace weir::codec {

/// One place where two documents differ. Scalars as their text, all else as JSON.
struct Difference {
  std::string path;                 ///< "spec.template.spec.parallelism"
  std::optional<std::string> old;   ///< absent: it was not there
  std::optional<std::string> new_;  ///< absent: it is not there any more
};

/// Every leaf that differs, in the order of the first document, then what only the second has. Null
/// and absent are the same; lists are compared as a whole.
std::vector<Difference> differences(const Node& before, const Node& after,
                                    const std::string& path = {});

}  // namespace weir::codec
