#pragma once

#include "model/template.h"

namespace weir::model {

enum class DesiredState { RUNNING, SUSPENDED, CANCELLED };
BOOST_DESCRIBE_ENUM(DesiredState, RUNNING, SUSPENDED, CANCELLED)

enum class ObservedState { RUNNING, SUSPENDED, CANCELLED, TRANSITIONING, FAILED, FINISHED };
BOOST_DESCRIBE_ENUM(ObservedState, RUNNING, SUSPENDED, CANCELLED, TRANSITIONING, FAILED, FINISHED)

enum class UpgradeStrategyKind { STATEFUL, STATELESS, NONE };
BOOST_DESCRIBE_ENUM(UpgradeStrategyKind, STATEFUL, STATELESS, NONE)

enum class RestoreStrategyKind { LATEST_STATE, LATEST_SAVEPOINT, NONE };
BOOST_DESCRIBE_ENUM(RestoreStrategyKind, LATEST_STATE, LATEST_SAVEPOINT, NONE)

/// AUTO takes the way with the shortest gap that is possible.
enum class UpgradeMode { AUTO, IN_PLACE, WARM_SWAP, SAME_CLUSTER, RESTART };
BOOST_DESCRIBE_ENUM(UpgradeMode, AUTO, IN_PLACE, WARM_SWAP, SAME_CLUSTER, RESTART)

/// When a new revision gives way to the one that ran before, as long as it is not stable.
enum class RollbackPolicy {
  ON_FAILURE,      ///< it cannot start, or its job fails for good
  ON_INSTABILITY,  ///< also when Flink restarts the job too often
  OFF
};
BOOST_DESCRIBE_ENUM(RollbackPolicy, ON_FAILURE, ON_INSTABILITY, OFF)

/// What makes a new revision stable: all of it together.
struct StabilityGate {
  std::optional<std::string> time;          ///< RUNNING for so long; a duration text, absent = 2m
  std::optional<std::int32_t> checkpoints;  ///< completed, where it makes any; absent = 3
  std::optional<std::int32_t> restarts;     ///< fewer within `time`; absent = 3
};
BOOST_DESCRIBE_STRUCT(StabilityGate, (), (time, checkpoints, restarts))

struct UpgradeStrategy {
  UpgradeStrategyKind kind = UpgradeStrategyKind::STATEFUL;
  std::optional<UpgradeMode> mode;         ///< additive; absent = AUTO
  std::optional<RollbackPolicy> rollback;  ///< additive; absent = ON_FAILURE
  std::optional<StabilityGate> stability;  ///< additive
};
BOOST_DESCRIBE_STRUCT(UpgradeStrategy, (), (kind, mode, rollback, stability))

struct RestoreStrategy {
  RestoreStrategyKind kind = RestoreStrategyKind::LATEST_STATE;
  std::optional<bool> allow_non_restored_state;
};
BOOST_DESCRIBE_STRUCT(RestoreStrategy, (), (kind, allow_non_restored_state))

/// Which of the savepoints that Weir took are kept. What is absent limits nothing; the only usable
/// one and those that something refers to always stay.
struct SavepointRetention {
  std::optional<std::int32_t> count;  ///< the newest so many
  std::optional<std::string> age;     ///< a duration text: none that is older
};
BOOST_DESCRIBE_STRUCT(SavepointRetention, (), (count, age))

/// When savepoints are taken by themselves while the job runs.
struct SavepointSchedule {
  std::optional<std::string> cron;       ///< see base/cron.h
  std::optional<std::string> time_zone;  ///< IANA name; absent = UTC
};
BOOST_DESCRIBE_STRUCT(SavepointSchedule, (), (cron, time_zone))

/// Additive to the model product's API.
struct SavepointPolicy {
  std::optional<SavepointRetention> retention;
  std::optional<SavepointSchedule> schedule;
};
BOOST_DESCRIBE_STRUCT(SavepointPolicy, (), (retention, schedule))

/// What the user wants. Everything is optional because the same struct describes defaults; a stored
/// Deployment has every structural member (see model/defaults.h).
struct DeploymentSpec {
  std::optional<DesiredState> state;
  std::optional<UpgradeStrategy> upgrade_strategy;
  std::optional<RestoreStrategy> restore_strategy;
  std::optional<std::string> deployment_target_id;
  std::optional<std::string> deployment_target_name;
  std::optional<std::string> session_cluster_name;
  std::optional<std::int32_t> max_savepoint_creation_attempts;
  std::optional<std::int32_t> max_job_creation_attempts;
  std::optional<std::string> job_failure_expiration_time;
  std::optional<SavepointPolicy> savepoint_policy;  ///< additive
  /// Additive: TaskManagers beyond those that the job needs. When one is lost, the job goes on at
  /// once on a spare one. They cost the memory of a TaskManager each; absent = 0.
  std::optional<std::int32_t> spare_task_managers;
  /// Additive: other people depend on it, so that tools ask before they stop it. Absent = true.
  std::optional<bool> production;
  std::optional<Template> template_;
};
BOOST_DESCRIBE_STRUCT(DeploymentSpec, (),
                      (state, upgrade_strategy, restore_strategy, deployment_target_id,
                       deployment_target_name, session_cluster_name,
                       max_savepoint_creation_attempts, max_job_creation_attempts,
                       job_failure_expiration_time, savepoint_policy, spare_task_managers,
                       production, template_))

struct Condition {
  std::string type;    ///< ClusterUnreachable | JobFailing | JobUnstable | (additive ones)
  std::string status;  ///< True | False | Unknown
  std::string message;
  std::string reason;
  std::optional<WallTime> last_transition_time;
  std::optional<WallTime> last_update_time;
};
BOOST_DESCRIBE_STRUCT(Condition, (),
                      (type, status, message, reason, last_transition_time, last_update_time))

struct RunningStatus {
  std::string job_id;
  std::optional<WallTime> transition_time;
  std::vector<Condition> conditions;
};
BOOST_DESCRIBE_STRUCT(RunningStatus, (), (job_id, transition_time, conditions))

/// How far a transition is, for people. Additive to the model product's API.
struct TransitionStatus {
  std::string id;
  std::string kind;
  std::string phase;
  std::optional<std::string> way;  ///< of an upgrade
  std::string waiting_for;
  std::optional<WallTime> since;
};
BOOST_DESCRIBE_STRUCT(TransitionStatus, (), (id, kind, phase, way, waiting_for, since))

/// Which revision runs and which one is wanted. Additive to the model product's API.
struct RevisionStatus {
  std::int64_t desired = 1;
  std::optional<std::int64_t> running;
  /// Why the desired revision does not run: its upgrade was rolled back. It is not tried again
  /// until the template changes.
  std::optional<std::string> rolled_back_because;
  /// Whether an upgraded revision has passed its stability gate; absent: it was not upgraded.
  std::optional<bool> stable;
};
BOOST_DESCRIBE_STRUCT(RevisionStatus, (), (desired, running, rolled_back_because, stable))

struct DeploymentStatus {
  ObservedState state = ObservedState::CANCELLED;
  std::optional<RunningStatus> running;
  std::optional<TransitionStatus> transition;  ///< additive
  std::optional<Failure> failure;              ///< additive: why FAILED, and what to do next
  std::optional<RevisionStatus> revision;      ///< additive
};
BOOST_DESCRIBE_STRUCT(DeploymentStatus, (), (state, running, transition, failure, revision))

/// Where the next start begins, whatever the restore strategy says, until a job that began there
/// has run.
struct ResetPointer {
  std::string location;
  std::string savepoint_id;         ///< the COPIED one that the reset registered
  std::int32_t chain_position = 0;  ///< of the newest Job when it was set
};
BOOST_DESCRIBE_STRUCT(ResetPointer, (), (location, savepoint_id, chain_position))

/// How far a schedule was followed: what was due until then is done with, also when it was missed.
struct ScheduleProgress {
  std::string cron;
  std::string time_zone;
  std::optional<WallTime> handled_until;
};
BOOST_DESCRIBE_STRUCT(ScheduleProgress, (), (cron, time_zone, handled_until))

/// An upgraded job that is not stable yet. It ends with the job, or when the job is stable.
struct Probation {
  std::string job_id;
  std::string predecessor_job_id;       ///< whose specification runs again if it fails
  std::optional<std::string> location;  ///< of the state that the upgrade took; kept until the end
};
BOOST_DESCRIBE_STRUCT(Probation, (), (job_id, predecessor_job_id, location))

/// Bookkeeping that no API answer shows.
struct DeploymentInternal {
  std::int64_t spec_revision = 1;  ///< number of the job-relevant spec (the annotation's value)
  std::int32_t failed_jobs = 0;    ///< creation attempts that count against the limit
  std::optional<WallTime> last_failed_at;
  std::int64_t failed_revision = 0;  ///< spec revision that `failed_jobs` counts for
  std::int32_t epoch = 0;            ///< grows with each cluster; fences older effects
  std::int32_t chain_position = 0;   ///< of the newest Job
  std::optional<std::string> current_job_id;
  /// The intent ("RUNNING/3") that was given up: nothing is tried until the user wants another.
  std::optional<std::string> sealed_intent;
  /// A rolled-back revision, and the job whose specification runs in its place.
  std::optional<std::int64_t> refused_revision;
  std::optional<std::string> fallback_job_id;
  std::optional<Probation> probation;
  std::int32_t retries = 0;      ///< that users have asked for
  std::optional<bool> deleting;  ///< the user deleted it; it goes when everything is torn down
  std::optional<ResetPointer> reset;
  std::optional<ScheduleProgress> schedule;
};
BOOST_DESCRIBE_STRUCT(DeploymentInternal, (),
                      (spec_revision, failed_jobs, last_failed_at, failed_revision, epoch,
                       chain_position, current_job_id, sealed_intent, refused_revision,
                       fallback_job_id, probation, retries, deleting, reset, schedule))

struct Deployment {
  Metadata metadata;
  DeploymentSpec spec;
  DeploymentStatus status;
  DeploymentInternal internal;  ///< stored, never shown
};
BOOST_DESCRIBE_STRUCT(Deployment, (), (metadata, spec, status, internal))

}  // namespace weir::model
