#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/environment.h"
#include "blob/artifact_store.h"
#include "control/settings.h"
#include "control/situation.h"
#include "flink/flink_api.h"
#include "flink/homes.h"
#include "flink/state_directory.h"
#include "runtime/cluster_runtime.h"
#include "store/secret_box.h"
#include "store/store.h"

namespace weir::control {

/// What the controllers need of the world; all outlive the Controller.
struct World {
  Environment env;
  store::Store& store;
  runtime::ClusterRuntime& runtime;
  flink::FlinkApi& flink;
  flink::FlinkHomes& homes;
  flink::StateDirectory& states;
  blob::ArtifactStore& artifacts;
  const store::SecretBox& secrets;
};

/// What was last seen of a running job: neither stored nor sent as a change.
struct LiveJob {
  std::optional<WallTime> last_update_time;  ///< of the last answer
  std::string flink_status;                  ///< Flink's own word, or UNKNOWN
  std::int32_t restarts = 0;
  std::int64_t completed_checkpoints = 0;
  std::int64_t failed_checkpoints = 0;
};

/// Durations in fixed buckets, as Prometheus wants them.
struct Histogram {
  static constexpr double kBounds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300};
  std::uint64_t buckets[std::size(kBounds) + 1] = {};
  double sum_seconds = 0;
  std::uint64_t count = 0;
  void add(Duration duration);
};

struct Statistics {
  std::uint64_t passes = 0;  ///< reconcile passes
  std::uint64_t commit_conflicts = 0;
  std::uint64_t invariant_failures = 0;  ///< must stay 0: an effect was refused by the self-check
  std::uint64_t recoveries = 0;
  Histogram lag;  ///< from the commit of a change of what is wanted to the pass that reads it
  Histogram start_total;  ///< from intent to RUNNING
  Histogram start_processes, start_rest, start_slots, start_upload, start_running;
};

struct Garbage {
  std::string path;
  std::int64_t bytes = 0;
  std::string reason;      ///< "older than 7 d", "no job names it", ...
  std::string cluster_id;  ///< of a directory
  std::string sha256;      ///< of a jar
};

/// A pool of standby clusters as it is now.
struct StandbyPoolState {
  std::string name;
  int wanted = 0;
  std::string message;  ///< why there are fewer ready ones; empty where nothing is known
  std::vector<model::Cluster> clusters;
};

/// Makes every deployment what its user wants, and keeps it so. I/O thread only.
/// Life: `start`, then `stop`, then destroy. A crash instead of `stop` loses nothing.
class Controller {
 public:
  Controller(World world, Settings settings);
  ~Controller();

  /// Takes up every deployment, oldest first, and what changes from now on.
  void start();
  /// Ends all controllers and leaves every job alone.
  Task<void> stop();

  std::optional<LiveJob> live_job(const std::string& job_id) const;
  const Statistics& statistics() const;
  const Settings& settings() const;
  std::vector<StandbyPoolState> standby_pools() const;
  /// What another cluster would find now.
  Task<Room> room();
  /// No transition is open: background work that costs CPU may run.
  bool is_quiet() const;

  /// Old cluster directories, unused jars, checkpoints that no start needs: what a sweep removes
  /// (or would, with `dry_run`). Touches nothing that a live cluster, a Job or a restore point
  /// needs.
  Task<Result<std::vector<Garbage>>> collect_garbage(bool dry_run);

  /// Ends every cluster's processes and returns when they are proven gone. Desired states stay, so
  /// the next start resumes the jobs. Call after `stop`.
  Task<Status> end_processes(MonoTime deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::control
