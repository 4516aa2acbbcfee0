#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/environment.h"
#include "store/store.h"

namespace weir::bench {

/// How long the controllers take from the commit of another desired state to the commit of the
/// first step towards it. I/O thread only.
class Reactions {
 public:
  /// @param store outlives this
  Reactions(Environment env, store::Store& store);

  /// Milliseconds of all since the last call.
  std::vector<double> take() { return std::exchange(times_, {}); }

 private:
  void hear(const store::Change& change);

  Environment env_;
  std::map<std::string, model::DesiredState> wanted_;
  std::map<std::string, MonoTime> waiting_;
  std::vector<double> times_;
  std::shared_ptr<void> subscription_;
};

}  // namespace weir::bench
