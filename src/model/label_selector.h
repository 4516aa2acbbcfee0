#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/metadata.h"

namespace weir::model {

/// A Kubernetes label selector: comma = AND; `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`,
/// `k`, `!k`.
class LabelSelector {
 public:
  /// @error kInvalidArgument malformed
  static Result<LabelSelector> parse(std::string_view text);
  bool matches(const StringMap& labels) const;

 private:
  struct Requirement {
    std::string key;
    bool negated = false;
    bool any_value = false;
    std::vector<std::string> values;
  };
  std::vector<Requirement> requirements_;
};

}  // namespace weir::model
