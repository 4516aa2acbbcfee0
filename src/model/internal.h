#pragma once

#include <limits>

#include "model/deployment.h"
#include "model/job.h"
#include "model/standby.h"

/// Kinds that only the controllers know; they live in the same store and transactions.
namespace weir::model {

enum class ClusterPhase { WANTED, TEARING_DOWN, GONE };
BOOST_DESCRIBE_ENUM(ClusterPhase, WANTED, TEARING_DOWN, GONE)

/// A Flink cluster that exists, may exist, or is to exist. Recorded before its first process.
/// metadata.deployment_id and job_id name its owner, or session_cluster_id does, or `standby`.
struct Cluster {
  Metadata metadata;
  ClusterPhase phase = ClusterPhase::WANTED;
  std::int32_t attempt = 1;
  std::int32_t epoch = 1;
  std::string runtime = "local";
  std::string flink_version;  ///< exact, e.g. "1.20.5"
  std::int32_t task_managers = 1;
  std::int32_t slots_per_task_manager = 1;
  std::int64_t memory_bytes = 0;  ///< reserved in the ledger
  double cpu = 0;
  std::int32_t rest_port = 0;
  std::int32_t rpc_port = 0;
  std::int32_t blob_port = 0;
  std::int32_t layout = 1;            ///< version of the instance directory
  std::optional<std::string> jar_id;  ///< of the uploaded jar, once known
  // ---- of a cluster that was made before its jobs ----
  std::optional<StringMap> configuration;  ///< the effective one, so that it stays as it was
  std::optional<std::string> checkpoints;  ///< of a session cluster: each job puts its own below
  std::optional<Standby> standby;          ///< no job has taken it yet
  std::optional<bool> primed;              ///< its JVMs are warm
};
BOOST_DESCRIBE_STRUCT(Cluster, (),
                      (metadata, phase, attempt, epoch, runtime, flink_version, task_managers,
                       slots_per_task_manager, memory_bytes, cpu, rest_port, rpc_port, blob_port,
                       layout, jar_id, configuration, checkpoints, standby, primed))

enum class TransitionKind { START, CANCEL, SUSPEND, UPGRADE, ROLLBACK, RECOVER, CLEAN_UP };
BOOST_DESCRIBE_ENUM(TransitionKind, START, CANCEL, SUSPEND, UPGRADE, ROLLBACK, RECOVER, CLEAN_UP)

/// How far an upgrade is: while the next job is prepared the old one runs on untouched.
enum class UpgradeStage { NONE, PREPARE, STOP_OLD, TAKE_OVER };
BOOST_DESCRIBE_ENUM(UpgradeStage, NONE, PREPARE, STOP_OLD, TAKE_OVER)

/// Where a transition is. Everything that leads to a phase is durable before the phase's effects.
enum class TransitionPhase {
  CREATE_JOB,     ///< choose the restore point, make the Job
  FETCH_JAR,      ///< get and keep what the job runs
  SPIN_UP,        ///< find room and ports, record the cluster, start its processes
  AWAIT_CLUSTER,  ///< processes up, slots registered, jar uploaded
  CHECK_PLAN,     ///< the next job's program must compile before the old job is touched
  PRIME,          ///< a throwaway job may run on the next job's cluster
  SUBMIT,         ///< a submit may have reached Flink
  AWAIT_RUNNING,  ///< Flink knows the job; all tasks must run
  VERIFY,         ///< an upgraded job runs; it must also complete a checkpoint
  RETIRE,         ///< clusters that are not the running job's must be proven gone
  STOP_JOB,       ///< a cancel may have reached Flink
  SAVEPOINT,      ///< a stop with savepoint may have reached Flink
  TEAR_DOWN,      ///< every cluster of the deployment must be proven gone
  FIND_STATE,     ///< look on disk for the newest state of the job
  ADD_WORKERS,    ///< of a rescale: more TaskManagers may start, a checkpoint is made
  RESCALE,        ///< another parallelism may have been required of Flink
  SHED_WORKERS,   ///< TaskManagers that no task needs any more may be ended
};
BOOST_DESCRIBE_ENUM(TransitionPhase, CREATE_JOB, FETCH_JAR, SPIN_UP, AWAIT_CLUSTER, CHECK_PLAN,
                    PRIME, SUBMIT, AWAIT_RUNNING, VERIFY, RETIRE, STOP_JOB, SAVEPOINT, TEAR_DOWN,
                    FIND_STATE, ADD_WORKERS, RESCALE, SHED_WORKERS)

/// Another parallelism for a job that runs on. Its record changes when Flink runs it so.
struct Rescaling {
  std::int32_t from = 1;
  std::int32_t to = 1;
  std::int32_t number_of_task_managers = 1;  ///< that `to` needs
  std::int64_t revision = 1;                 ///< of the specification that wants it
  std::int64_t restored_before = -1;  ///< Flink's count when it was asked; -1: it was not yet
  std::optional<WallTime> requested_at;
};
BOOST_DESCRIBE_STRUCT(Rescaling, (),
                      (from, to, number_of_task_managers, revision, restored_before, requested_at))

/// The way from one observed state to the next; at most one per deployment, removed when it ends
/// (its events stay). All ids of effects are chosen when it is recorded, before anything happens.
struct Transition {
  Metadata metadata;  ///< deployment_id; created_at = start
  TransitionKind kind = TransitionKind::START;
  DesiredState target = DesiredState::RUNNING;
  TransitionPhase phase = TransitionPhase::CREATE_JOB;
  std::optional<std::string> savepoint_id;  ///< Savepoint resource whose trigger id it uses
  bool stop_sent = false;                   ///< a stop or cancel of the job may have reached Flink
  std::int32_t attempts = 0;                ///< failed savepoints, or clusters that found no port
  std::optional<WallTime> not_before;       ///< back-off: the phase's effects wait until then
  std::optional<std::string> cause;         ///< why the last attempt failed
  /// The new job continues this job's state, whatever the restore strategy says.
  std::optional<std::string> continues_job_id;
  std::optional<std::string> restore_location;  ///< the new job starts exactly here
  // ---- of an upgrade ----
  UpgradeStage stage = UpgradeStage::NONE;
  UpgradeWay way = UpgradeWay::RESTART;
  std::optional<std::string> old_job_id;   ///< what ran when the upgrade began
  std::optional<std::string> next_job_id;  ///< prepared; becomes the current job when it takes over
  /// A tear-down leaves this cluster be: the running job's, the prepared one, or the old one that a
  /// rollback uses.
  std::optional<std::string> spared_cluster_id;
  std::optional<WallTime> stopping_at;      ///< when the old job was asked to stop
  std::optional<Rescaling> rescaling;       ///< of an upgrade in place
  std::optional<std::string> not_in_place;  ///< why that was given up
};
BOOST_DESCRIBE_STRUCT(Transition, (),
                      (metadata, kind, target, phase, savepoint_id, stop_sent, attempts, not_before,
                       cause, continues_job_id, restore_location, stage, way, old_job_id,
                       next_job_id, spared_cluster_id, stopping_at, rescaling, not_in_place))

enum class RestorePointKind { CHECKPOINT, SAVEPOINT, COPIED };
BOOST_DESCRIBE_ENUM(RestorePointKind, CHECKPOINT, SAVEPOINT, COPIED)

/// A place that a job can start from. metadata.deployment_id and job_id name where it came from.
struct RestorePoint {
  /// Of a savepoint that Weir cannot read: newer than every checkpoint of its job.
  static constexpr std::int64_t kUnknownId = std::numeric_limits<std::int64_t>::max();
  Metadata metadata;
  RestorePointKind kind = RestorePointKind::CHECKPOINT;
  std::string location;
  std::int64_t checkpoint_id = 0;  ///< Flink's, from _metadata; or kUnknownId
  std::int32_t chain_position = 0;
  std::int32_t attempt = 0;
  std::string flink_version;
  bool usable = true;  ///< as last seen
};
BOOST_DESCRIBE_STRUCT(RestorePoint, (),
                      (metadata, kind, location, checkpoint_id, chain_position, attempt,
                       flink_version, usable))

/// An immutable spec that a deployment had; metadata.deployment_id names it.
struct Revision {
  Metadata metadata;
  std::int64_t number = 1;
  DeploymentSpec spec;
};
BOOST_DESCRIBE_STRUCT(Revision, (), (metadata, number, spec))

}  // namespace weir::model
