#pragma once

#include "model/template.h"

namespace weir::model {

enum class JobState { STARTING, STANDBY, STARTED, TERMINATING, TERMINATED, FAILED, FINISHED };
BOOST_DESCRIBE_ENUM(JobState, STARTING, STANDBY, STARTED, TERMINATING, TERMINATED, FAILED, FINISHED)

inline bool is_terminal(JobState state) {
  return state == JobState::TERMINATED || state == JobState::FAILED || state == JobState::FINISHED;
}

/// The snapshot of the template that a Job runs; only a rescale in place and new log
/// levels change it. `${secret}`
/// references stay unresolved.
struct JobSpec {
  Artifact artifact;
  std::int32_t parallelism = 1;
  std::int32_t number_of_task_managers = 1;
  Resources resources;
  StringMap flink_configuration;       ///< complete: user keys and Weir's, placeholders resolved
  StringMap user_flink_configuration;  ///< what the user gave
  Logging logging;
  std::optional<KubernetesOptions> kubernetes;
  std::optional<boost::json::value> deployment_target;
  std::optional<std::string> savepoint_location;  ///< what the job was restored from
  bool allow_non_restored_state = false;
};
BOOST_DESCRIBE_STRUCT(JobSpec, (),
                      (artifact, parallelism, number_of_task_managers, resources,
                       flink_configuration, user_flink_configuration, logging, kubernetes,
                       deployment_target, savepoint_location, allow_non_restored_state))

/// How a job came into the place of the one before it.
enum class UpgradeWay { RESTART, SAME_CLUSTER, WARM_SWAP, IN_PLACE };
BOOST_DESCRIBE_ENUM(UpgradeWay, RESTART, SAME_CLUSTER, WARM_SWAP, IN_PLACE)

/// Times of a start, additive: when each step of the first attempt was seen.
struct StartPhases {
  std::optional<WallTime> requested_at;
  std::optional<WallTime> processes_at;
  std::optional<WallTime> rest_at;
  std::optional<WallTime> slots_at;
  std::optional<WallTime> uploaded_at;
  std::optional<WallTime> primed_at;  ///< upgrades: when the new cluster had run a job once
  std::optional<WallTime> submitted_at;
  std::optional<WallTime> stopping_at;  ///< upgrades: when the job before it was asked to stop
  std::optional<WallTime> running_at;
};
BOOST_DESCRIBE_STRUCT(StartPhases, (),
                      (requested_at, processes_at, rest_at, slots_at, uploaded_at, primed_at,
                       stopping_at, submitted_at, running_at))

struct StartedStatus {
  std::optional<WallTime> started_at;
  std::string flink_job_id;
  std::optional<WallTime> last_update_time;
  std::int32_t observed_flink_job_restarts = 0;
  std::string observed_flink_job_status;
};
BOOST_DESCRIBE_STRUCT(StartedStatus, (),
                      (started_at, flink_job_id, last_update_time, observed_flink_job_restarts,
                       observed_flink_job_status))

/// The last time that the job's parallelism changed while it ran.
struct RescaleStatus {
  std::int32_t from = 1;
  std::int32_t to = 1;
  std::optional<WallTime> requested_at;  ///< when Flink was asked
  std::optional<WallTime> running_at;    ///< when all tasks were seen to run
};
BOOST_DESCRIBE_STRUCT(RescaleStatus, (), (from, to, requested_at, running_at))

struct JobStatus {
  JobState state = JobState::STARTING;
  std::optional<Failure> failure;
  std::optional<StartedStatus> started;
  std::optional<StartPhases> phases;     ///< additive
  std::int64_t revision = 1;             ///< additive: the spec revision this job runs
  std::optional<UpgradeWay> way;         ///< additive: how it replaced the job before it
  std::optional<RescaleStatus> rescale;  ///< additive
};
BOOST_DESCRIBE_STRUCT(JobStatus, (), (state, failure, started, phases, revision, way, rescale))

/// Bookkeeping that no API answer shows.
struct JobInternal {
  std::int32_t chain_position = 0;  ///< 1, 2, ... along the deployment's jobs
  std::int32_t attempt = 0;         ///< cluster attempts of this job so far
  std::optional<std::string> cluster_id;
  std::optional<std::string> jar_sha256;  ///< kept jar; recovery never downloads
  std::optional<std::string> jar_name;
  bool submit_recorded = false;   ///< a submit of the current attempt may have happened
  bool ran = false;               ///< was seen RUNNING in any attempt
  std::int32_t recoveries = 0;    ///< without a completed checkpoint in between
  std::int32_t lost_workers = 0;  ///< TaskManagers replaced without one in between
  std::optional<std::string> restore_location;  ///< of the current attempt
  /// Where attempt 1 puts its checkpoints, if it began on another job's cluster.
  std::optional<std::string> first_checkpoints;
  // ---- of a job that runs in a session cluster (metadata.session_cluster_name) ----
  /// Where each attempt puts its checkpoints.
  std::optional<std::vector<std::string>> attempt_checkpoints;
  std::optional<std::string> jar_id;           ///< as uploaded for the current attempt
  std::optional<bool> left_session_cluster;    ///< Flink says that it ended, or never had it
  std::optional<bool> ran_in_session_cluster;  ///< was seen RUNNING in the current attempt
  /// The cluster does not tell what became of it: only the end of that cluster is a proof.
  std::optional<bool> unresolved;
  /// The vertices whose parallelism is the job's, known since it was rescaled in this attempt; the
  /// others have one of their own, which may be the same number.
  std::optional<std::vector<std::string>> scaled_vertices;
  /// `spec.logging` changed while the job ran, and its cluster's files may say otherwise.
  std::optional<bool> unwritten_log_levels;
};
BOOST_DESCRIBE_STRUCT(JobInternal, (),
                      (chain_position, attempt, cluster_id, jar_sha256, jar_name, submit_recorded,
                       ran, recoveries, lost_workers, restore_location, first_checkpoints,
                       attempt_checkpoints, jar_id, left_session_cluster, ran_in_session_cluster,
                       unresolved, scaled_vertices, unwritten_log_levels))

struct Job {
  Metadata metadata;
  JobSpec spec;
  JobStatus status;
  JobInternal internal;  ///< stored, never shown
};
BOOST_DESCRIBE_STRUCT(Job, (), (metadata, spec, status, internal))

}  // namespace weir::model
