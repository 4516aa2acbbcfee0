#pragma once

#include <map>
#include <optional>
#include <string>

#include "control/preview.h"
#include "support/world/world.h"

namespace weir::simulation {

/// Previews of users' changes, and whether the controllers then do what was said. Only what is said
/// of a deployment at rest is compared, and only if nothing but the user's change has happened to
/// it when the controllers begin.
class Foretold {
 public:
  explicit Foretold(simulated::World& world) : world_(world) {}

  /// A user is about to write this.
  void foretell(const store::ReadModel& read, const model::Deployment& changed,
                const flink::FlinkHomes& homes);
  /// Before every commit of a controller.
  void sees_commit(const store::ReadModel& read, const store::Batch& batch);
  /// What was said is not asked for any more.
  void forget() { sayings_.clear(); }
  /// How many transitions were as they were foretold.
  int fulfilled() const { return fulfilled_; }

 private:
  struct Saying {
    std::int32_t version = 0;  ///< of the deployment, once the change is written
    std::string rest;          ///< what was there when it was said
    control::Preview said;
    std::optional<std::string> transition_id;  ///< that it came true with
  };

  void begins(const store::ReadModel& read, const model::Transition& transition);
  void takes_way(const store::ReadModel& read, const model::Transition& transition);

  simulated::World& world_;
  std::map<std::string, Saying> sayings_;  ///< by deployment
  int fulfilled_ = 0;
};

}  // namespace weir::simulation
