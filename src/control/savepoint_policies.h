#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/scope.h"
#include "async/signal.h"
#include "control/controller.h"

namespace weir::control {

/// When the deployment's schedule is due next; nothing without a schedule, or while its progress is
/// not recorded yet.
std::optional<WallTime> next_due(const model::Deployment& deployment);

/// Completed savepoints of the deployment that its retention does not keep, oldest first. Only
/// those that Weir took; whether something needs one of them is another question.
std::vector<store::Stored<model::Savepoint>> beyond_retention(const store::ReadModel& read,
                                                              const model::Deployment& deployment,
                                                              WallTime now);

/// Follows the savepoint policies: asks for savepoints when they are due, with the records that a
/// user's request makes, and lets go what retention does not keep. A time that was missed is made
/// up for at most once. I/O thread only.
class SavepointPolicies {
 public:
  explicit SavepointPolicies(World world);
  void start();
  Task<void> stop();

 private:
  void on_change(const store::Change& change);
  Task<void> run();
  Task<void> follow_schedule(std::string deployment_id);
  Task<void> follow_retention(std::string deployment_id);
  Task<void> commit(store::Batch batch);
  Duration until_next() const;

  World world_;
  std::set<std::string> deployments_;  ///< that have a policy, or had a schedule
  Signal changed_;
  std::shared_ptr<void> subscription_;
  Scope scope_;
};

}  // namespace weir::control
