#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "flink/cluster_spec.h"
#include "flink/flink_api.h"

namespace weir::runtime {

enum class ProcessState { kStarting, kRunning, kExited, kUnknown };

struct ProcessObservation {
  std::string role;  ///< "jobmanager" or "taskmanager"
  int index = 0;
  ProcessState state = ProcessState::kUnknown;
  std::int64_t pid = 0;
  std::optional<int> exit_code;    ///< set when it exited by itself
  std::optional<int> exit_signal;  ///< set when a signal ended it
  std::string last_words;          ///< last lines of its output when it ended, for people
  std::string cause;  ///< recognised reason: "PortTaken", "OutOfMemory", "JavaMissing",
                      ///< "BadOption", ... or empty
};

/// Whether a cluster is there. Absent is a fact with a proof; everything unclear is unknown.
enum class Presence { kPresent, kAbsent, kUnknown };

struct ClusterObservation {
  Presence presence = Presence::kUnknown;
  std::string why_unknown;
  std::vector<ProcessObservation> processes;
  bool job_manager_alive = false;
  int task_managers_alive = 0;
};

/// What the place can hold in all.
struct Capacity {
  std::int64_t memory_bytes = 0;
  double cpu = 0;  ///< cores times the overcommit setting
  std::int64_t disk_free_bytes = 0;
};

struct Ports {
  int rest = 0;
  int rpc = 0;
  int blob = 0;
};

enum class LogStream { kLog, kOut };

/// A cluster that lives in a place, whoever knows it.
struct FoundCluster {
  std::string cluster_id;
  std::string owner;  ///< as its specification says; empty where that cannot be read
  int epoch = 0;
  bool operator==(const FoundCluster&) const = default;
};

/// What a cluster leaves in its place: logs, heap dumps.
struct Remains {
  std::string cluster_id;
  std::string path;
  std::int64_t bytes = 0;
  WallTime last_written;
  bool alive = false;
};

/// The place where clusters run: the only thing that differs between this machine, Kubernetes and
/// the simulator. I/O thread only. All effects are idempotent and carry the cluster's epoch.
class ClusterRuntime {
 public:
  virtual ~ClusterRuntime() = default;

  /// Free ports for a JobManager, outside the ephemeral range and not among `taken`. A choice, not
  /// a reservation: a JobManager that finds one taken exits with cause "PortTaken".
  virtual Task<Result<Ports>> choose_ports(std::vector<int> taken) = 0;

  /// Brings the cluster's processes up: writes its files and starts what is not running: the
  /// JobManager only if it never ran in this cluster, TaskManagers whenever fewer live than the
  /// specification says, at the lowest free indexes. More than that are left alone. Returns when
  /// the processes are spawned, not when Flink answers.
  /// @error kFailedPrecondition reason "EpochOutdated" | "JobManagerEnded" (a cluster's JobManager
  ///        runs once) | "FlinkHomeMissing" | "JavaMissing"
  /// @error kResourceExhausted  no disk, processes or descriptors left
  virtual Task<Status> ensure(flink::ClusterSpec spec) = 0;

  /// Asks one TaskManager to end; it has ended when `observe` says so. One that does not live is
  /// left as it is.
  /// @param at_once without the chance to say good-bye
  /// @error kFailedPrecondition reason "EpochOutdated"
  virtual Task<Status> end_task_manager(std::string cluster_id, int epoch, int index,
                                        bool at_once) = 0;

  /// @error kUnavailable the place itself cannot be asked
  virtual Task<Result<ClusterObservation>> observe(std::string cluster_id) = 0;

  /// Ends every process of the cluster and returns when all are proven gone. The instance
  /// directory's logs stay; a cluster that never existed is gone as well, and can never be started
  /// with this or an older epoch afterwards.
  /// @error kDeadline a process cannot be killed; the message names it (pid, state)
  virtual Task<Status> tear_down(std::string cluster_id, int epoch, MonoTime deadline) = 0;

  virtual Task<Result<Capacity>> capacity() = 0;

  /// Clusters of this place that are not proven gone, known or not (after a restart, or with a
  /// restored backup).
  virtual Task<Result<std::vector<FoundCluster>>> discover() = 0;

  /// What all clusters of this place, ended or not, have left here.
  virtual Task<Result<std::vector<Remains>>> remains() { co_return std::vector<Remains>(); }
  /// @error kFailedPrecondition it is alive
  virtual Task<Status> remove_remains(std::string cluster_id) { co_return Status(); }

  /// The last `max_bytes` of a process's log.
  /// @error kNotFound no such cluster, process or log
  virtual Task<Result<std::string>> log_tail(std::string cluster_id, std::string role, int index,
                                             LogStream stream, std::size_t max_bytes) = 0;

  /// Absolute path of a log file for following; empty where the place has no files.
  virtual std::string log_path(const std::string& cluster_id, const std::string& role, int index,
                               LogStream stream) const = 0;

  /// `listener(cluster_id)` is called whenever something about a cluster changed (a process started
  /// or ended). Wakes a reconciler; carries no content.
  using Listener = std::function<void(const std::string& cluster_id)>;
  virtual void on_change(Listener listener) = 0;
};

}  // namespace weir::runtime
