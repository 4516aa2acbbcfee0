#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "flink/homes.h"

namespace weir::flink {

/// When the archives of which home are made: after a failure again, after growing waits, a few
/// times. What it knows is forgotten with the process, so a new start tries afresh. Pure.
class ArchiveSchedule {
 public:
  /// The first home without archives whose turn it is.
  std::optional<FlinkHome> next(const std::vector<FlinkHome>& homes, MonoTime now) const;
  /// @return for people: what failed, and when it is tried again
  std::string failed(const FlinkHome& home, const std::string& why, MonoTime now);
  /// Another process makes them.
  void left_to_another(const FlinkHome& home, MonoTime now);

 private:
  struct Tries {
    int count = 0;
    MonoTime next{};
  };
  std::map<std::string, Tries> tries_;  // by the home's path
};

}  // namespace weir::flink
