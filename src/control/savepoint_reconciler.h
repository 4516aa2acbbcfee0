#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "async/scope.h"
#include "control/controller.h"

namespace weir::control {

/// Brings savepoints that users asked for to their end: triggers them under the id that stands in
/// the resource, and records how they ended; removes the files of those that are to be deleted.
/// Beside the deployments' transitions, because a cancel
/// never waits for a user's savepoint. I/O thread only.
class SavepointReconciler {
 public:
  SavepointReconciler(World world, const Settings& settings);
  void start();
  Task<void> stop();

 private:
  /// What is recorded about one savepoint.
  struct View {
    store::Stored<model::Savepoint> savepoint;
    store::Stored<model::Deployment> deployment;
    store::Stored<model::Job> job;
    store::Stored<model::Cluster> cluster;
  };
  View load(const std::string& id) const;
  void take_up(const model::Savepoint& savepoint);
  Task<void> run(std::string id);
  /// @param since when this savepoint was taken up
  /// @return how long to wait before the next look; nothing when the savepoint has ended
  Task<std::optional<Duration>> pass(std::string id, MonoTime since);
  Task<std::optional<Duration>> trigger(View view);
  Task<std::optional<Duration>> settle_ended(View view);
  Task<std::optional<Duration>> settle_from_disk(View view, std::string directory);
  Task<std::optional<Duration>> record_completed(View view, std::string location);
  Task<std::optional<Duration>> record_failed(View view, std::string cause);
  /// PENDING_DELETION and DELETING; both are gone through again after a crash.
  Task<std::optional<Duration>> pass_deletion(View view, MonoTime since);
  Task<std::optional<Duration>> remove_files(View view, std::string directory, MonoTime since);
  /// Its files are the only state that can be read: they stay, and a start may choose them again.
  Task<std::optional<Duration>> keep_only_point(View view, std::string directory, MonoTime since);
  Task<std::optional<Duration>> fail_deletion(View view, std::string cause,
                                              std::optional<model::RestorePoint> kept = {});
  /// @param view has the savepoint's deployment and job
  model::RestorePoint point_of(const View& view, const std::string& location,
                               std::int64_t checkpoint_id) const;
  Task<std::optional<Duration>> commit(store::Batch batch);
  model::Event event(const View& view, const char* name, std::string message) const;

  World world_;
  const Settings& settings_;
  std::set<std::string> active_;
  std::shared_ptr<void> subscription_;
  Scope scope_;
};

}  // namespace weir::control
