#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "async/scope.h"
#include "control/controller.h"
#include "control/executor.h"
#include "control/room_ledger.h"
#include "control/rounds.h"

namespace weir::control {

/// Runs the passes of all deployments: one coroutine each, one action at a time for each. A key
/// only wakes; every pass reads everything again. I/O thread only.
class Reconciler {
 public:
  Reconciler(World world, const Settings& settings, Statistics& statistics);

  void start();
  Task<void> stop();
  std::optional<LiveJob> live_job(const std::string& job_id) const;
  bool is_starting_something() const;
  Task<Room> room();

  // ---- clusters that live and are not recorded: the database is older than they are ----
  /// Returns when it is known which there are; nothing is begun before that.
  Task<void> look_around();
  /// Ends those of this deployment or session cluster: nothing is begun beside them. Those that
  /// nobody is about to replace are left alone.
  Task<Status> end_strangers(std::string owner);
  bool has_strangers(const std::string& owner) const { return strangers_.contains(owner); }

  // ---- what session clusters share with deployments ----
  RoomLedger& ledger() { return ledger_; }
  Task<void> refresh_capacity();
  /// What a deployment or session cluster may use now. One that finds no room has no place among
  /// the few that start; one that does has to wait for its turn where `may_start` is false.
  Room room_for(const std::string& id, const RoomWish& wish);
  /// It does not want a place any more.
  void leave_line(const std::string& id);
  /// Called with the pool of a standby cluster whose processes changed.
  std::function<void(const std::string& pool)> on_standby_process;
  /// Called with the id of a session cluster whose processes changed.
  std::function<void(const std::string& session_cluster_id)> on_session_process;

 private:
  struct Actor;
  struct Flight;

  /// @param changed_at of the user's write that made it; nothing after a restart
  void add(const std::string& deployment_id, std::optional<MonoTime> changed_at);
  void wake(const std::string& deployment_id);
  void process_ended(const std::string& deployment_id);
  void on_change(const store::Change& change);
  void on_deployment(const store::Change& change);
  void wake_next_in_line();
  Task<void> find_strangers();
  /// @error of the store; nothing is known then
  Task<Result<bool>> is_stranger(runtime::FoundCluster cluster);
  Task<Status> keep_strangers();
  Task<void> run(std::shared_ptr<Actor> actor);
  /// One pass. @return how long to wait before the next; nothing when the deployment is gone
  Task<std::optional<Duration>> pass(std::shared_ptr<Actor> actor);
  Task<Status> commit(std::shared_ptr<Actor> actor, store::Batch batch);
  Task<void> act(std::shared_ptr<Actor> actor, Effect effect);
  Task<void> fly(std::shared_ptr<Actor> actor, std::shared_ptr<Flight> flight, Effect effect,
                 View view);
  Task<void> keep_house(std::shared_ptr<Actor> actor);
  void on_cluster(const model::Cluster& cluster);
  /// Something about the session cluster has changed for the deployments that run in it.
  void wake_those_in(const std::string& ns, const std::string& session_cluster);
  void note_start(const Actor& actor, const View& view);
  static void note_answer(Memory::Submits& submits, const Flight& flight);
  bool effect_is_safe(const Effect& effect, const View& view);

  World world_;
  const Settings& settings_;
  Statistics& statistics_;
  RoomLedger ledger_;
  Executor executor_;
  Rounds rounds_;
  std::map<std::string, std::shared_ptr<Actor>> actors_;
  std::set<std::string> open_transitions_;                               ///< ids
  std::map<std::string, std::vector<runtime::FoundCluster>> strangers_;  ///< by owner
  bool has_looked_ = false;
  std::shared_ptr<void> subscription_;
  MonoTime capacity_at_{};
  bool capacity_asked_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Scope scope_;
};

}  // namespace weir::control
