#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "flink/cluster_spec.h"
#include "flink/flink_api.h"
#include "simulation/foretold.h"
#include "store/store.h"
#include "support/world/world.h"

namespace weir::simulation {

/// Somebody was faster than this commit of a deployment: the store will refuse it.
bool is_outdated(const store::ReadModel& read, const store::Batch& batch);

/// The invariants: looks at every effect before it happens, with what is recorded by then and with
/// the world's own truth. What is wrong is told to the world as a violation.
class Judge {
 public:
  explicit Judge(simulated::World& world);

  void sees_commit(const store::ReadModel& read, const store::Batch& batch);
  Foretold& foretold() { return foretold_; }
  /// The store is an older one from now on. What it cannot know any more is not asked of the
  /// control plane: the state of before, and the ends of jobs. Still there are never two writers,
  /// and no state is swept that a deployment may need.
  void went_back();
  void sees_ensure(const store::ReadModel& read, const flink::ClusterSpec& spec);
  void sees_run(const store::ReadModel& read, const flink::Endpoint& endpoint,
                const flink::RunRequest& request);
  void sees_prime(const store::ReadModel& read, const flink::Endpoint& endpoint);
  void sees_stop(const store::ReadModel& read, const flink::Endpoint& endpoint,
                 const std::string& trigger_id);
  void sees_tear_down(const store::ReadModel& read, const std::string& cluster_id);
  void sees_remove(const store::ReadModel& read, const std::string& directory);
  /// The checkpoints of a job are swept away.
  void sees_sweep(const store::ReadModel& read, const std::string& directory);

 private:
  struct Intent {
    model::RestoreStrategyKind strategy = model::RestoreStrategyKind::LATEST_STATE;
    std::string flink_job_id;
    std::optional<std::string> continues;  ///< Flink's id of the job whose state must be kept
    std::optional<std::string> reset;      ///< where the user wants it to begin
  };
  struct FirstStart {
    std::optional<std::string> location;
    MonoTime at{};
  };

  // At the commit of what is not refused as outdated.
  void sees_choice(const store::ReadModel& read, const model::Deployment& changed);
  void sees_change(const store::ReadModel& read, const store::Batch& batch,
                   const model::Deployment& changed);
  void check_end_of_replaced(const model::Transition& transition, const std::string& flink_job_id);
  void check_suspended(const store::ReadModel& read, const store::Batch& batch,
                       const model::Deployment& changed);
  void check_stranger(const store::ReadModel& read, const std::string& cluster_id);
  void check_savepoint_of_upgrade(const store::ReadModel& read, const model::Deployment& deployment,
                                  const flink::RunRequest& request);
  void sees_transition(const store::ReadModel& read, const model::Transition& transition);
  void sees_savepoint(const store::ReadModel& read, const store::Batch& batch,
                      const model::Savepoint& savepoint);
  // judge_kept.cpp: what may not be deleted
  std::string who_needs(const store::ReadModel& read,
                        const std::function<bool(const std::string&)>& is_it) const;
  bool is_only_one(const store::ReadModel& read, const model::Savepoint& savepoint) const;

  void sees_submit(const simulated::Cluster& cluster, const flink::RunRequest& request);
  void sees_session_tear_down(const store::ReadModel& read, const model::Cluster& recorded,
                              simulated::Cluster& cluster);
  std::string must_restore(const std::string& owner, const Intent& intent) const;
  std::string must_continue(const std::string& flink_job_id) const;
  std::string newest_start(const std::string& deployment_id, bool savepoints_only) const;
  bool has_finished(const model::Job& job) const;
  bool is_healthy(simulated::Cluster& cluster) const;

  simulated::World& world_;
  Foretold foretold_;
  std::map<std::string, model::RestoreStrategyKind> strategies_;  ///< by job
  std::map<std::string, Intent> intents_;                         ///< by Flink's job id
  std::map<std::string, FirstStart> started_;                     ///< by Flink's job id
  std::map<std::string, std::uint64_t>
      floors_;  ///< by deployment: state older than that is given up
  std::map<std::string, std::int32_t> epochs_;
  std::optional<std::uint64_t> forgotten_;  ///< order of the newest state that may be unknown
  std::map<std::string, int> jobs_made_;    ///< by deployment
  std::set<std::string> to_remove_;         ///< locations whose removal was recorded
  std::set<std::string> torn_down_;         ///< clusters that were to end
};

}  // namespace weir::simulation
