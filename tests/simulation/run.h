#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulation/control_plane.h"
#include "simulation/workload.h"

namespace weir::simulation {

/// What one seed showed.
struct Outcome {
  std::vector<std::string> problems;  ///< empty = the invariants held and everything came to rest
  PointCounts points;
  int crashes = 0;
  int failed_deployments = 0;  ///< FAILED with a reason
  std::int64_t records_twice = 0;
  int previews = 0;  ///< of users' changes that came true
  Duration virtual_time{0};
  std::uint64_t steps = 0;
};

/// One seed: a workload and its faults over a fresh world, the control plane killed and started
/// again as the seed says, until everything is quiet.
class Run {
 public:
  Run(std::uint64_t seed, bool trace);
  ~Run();
  Outcome play();

 private:
  void start_control_plane();
  void crash();
  void restore_backup();
  std::optional<CrashTarget> choose_target();
  void schedule_faults();
  void look();  ///< every virtual second: is everything quiet?
  bool is_quiet() const;
  bool is_over() const;
  std::string not_settled(const model::Deployment& deployment) const;
  bool job_runs(const model::Deployment& deployment) const;
  std::string why_not_running(const model::Deployment& deployment) const;
  void check_end(Outcome& outcome);
  void check_orphans(Outcome& outcome);

  Task<void> use();
  Task<bool> act(UserAction action);
  Task<bool> create(std::size_t number);
  Task<bool> take_savepoint(std::size_t number);
  Task<bool> remove_savepoint(std::string deployment_id);
  Task<bool> reset(std::size_t number);
  Task<bool> fork(std::size_t number, std::size_t of);
  Task<bool> retry(std::size_t number);
  Task<bool> change_session(model::SessionClusterSpec spec);
  Task<bool> commit_change(std::size_t number, std::function<void(model::Deployment&)> change);

  VirtualLoop loop_;
  simulated::World world_;
  store::MemoryDisk disk_;
  std::optional<store::MemoryDisk> backup_;
  bool went_back_ = false;
  bool restores_backup_ = false;  ///< before the control plane starts again
  Judge judge_;
  control::Settings settings_;
  Workload workload_;
  PointCounts points_;
  std::unique_ptr<ControlPlane> plane_;
  int crashes_left_ = 0;
  int crashes_ = 0;
  std::size_t next_action_ = 0;
  std::vector<std::int32_t> versions_;  ///< resourceVersion after the last answered write
  std::optional<MonoTime> quiet_since_;
  bool trace_ = false;
};

}  // namespace weir::simulation
