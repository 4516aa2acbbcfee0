#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"

namespace weir::flink {

/// Where a JobManager's REST answers, and which one must answer there.
struct Endpoint {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string cluster_id;     ///< an answer counts only if /jobmanager/config holds this id
  std::string flink_version;  ///< exact; chooses the capabilities
};

struct ClusterOverview {
  std::string flink_version;
  int task_managers = 0;
  int slots_total = 0;
  int slots_available = 0;
};

/// Flink's own job states.
enum class JobState {
  kInitializing,
  kCreated,
  kRunning,
  kFailing,
  kFailed,
  kCancelling,
  kCanceled,
  kFinished,
  kRestarting,
  kSuspended,
  kReconciling,
  kUnknown,
};
std::string_view to_string(JobState state);
JobState parse_job_state(std::string_view text);
/// FINISHED, CANCELED or FAILED: Flink will never run this job id again.
bool is_globally_terminal(JobState state);

struct JobSummary {
  std::string flink_job_id;
  std::string name;
  JobState state = JobState::kUnknown;
};

struct JobDetail {
  JobState state = JobState::kUnknown;
  std::string name;
  bool all_tasks_running = false;  ///< every vertex RUNNING or FINISHED
  std::int64_t start_time_ms = 0;
  std::int64_t end_time_ms = -1;
  std::int64_t now_ms = 0;
};

struct CompletedCheckpoint {
  std::int64_t id = 0;
  std::string location;
  bool is_savepoint = false;
  std::int64_t completed_at_ms = 0;
};

struct CheckpointStatistics {
  bool enabled = false;
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t restored = 0;
  std::optional<CompletedCheckpoint> latest_completed;
  std::optional<std::string> latest_restored;  ///< location
};

struct JobExceptions {
  std::string root_cause;  ///< innermost "Caused by" line, or empty
  std::string full_text;
  std::int64_t timestamp_ms = 0;
  std::int64_t entries = 0;
};

struct RunRequest {
  std::string jar_id;
  std::string flink_job_id;  ///< chosen by Weir; makes a repeated submit harmless
  std::optional<std::string> entry_class;
  std::vector<std::string> program_args;
  int parallelism = 1;
  std::optional<std::string> restore_location;
  bool allow_non_restored_state = false;
  std::map<std::string, std::string> flink_configuration;
};

struct PrimingRequest {
  std::string jar;        ///< of Weir's throwaway job, on this machine
  std::string directory;  ///< for its savepoint, on this machine
  int parallelism = 1;
};

/// What one vertex of a job runs with, and what it is required to run with.
struct VertexParallelism {
  std::string vertex;  ///< Flink's id
  int now = 0;         ///< of the present execution
  int most = 0;        ///< its maximum parallelism; Flink refuses more
  int lower = 0;       ///< with less it does not run
  int upper = 0;       ///< more it does not take
};

enum class TriggerState { kInProgress, kCompleted, kFailed };
struct TriggerStatus {
  TriggerState state = TriggerState::kInProgress;
  std::string location;
  std::string failure;  ///< Flink's cause when kFailed
};

/// What Weir asks of one Flink cluster. Every call is bounded by its deadline, belongs to one
/// cluster, and never changes anything but what its name says. The REST implementation lives in
/// this room, the simulated one in tests/.
///
/// Errors common to all: kUnavailable (no connection, reset, 503 "no leader"; the effect may or may
/// not have happened for a call that sends), kDeadline (same), kInternal (an answer that makes no
/// sense), kConflict with reason "WrongCluster" (somebody else answers at this address).
/// Flink's own refusal of a request is kInvalidArgument or kFailedPrecondition with the innermost
/// cause as message.
class FlinkApi {
 public:
  virtual ~FlinkApi() = default;

  /// Readiness: answers and is the cluster that the endpoint names (checked once per connection and
  /// cached per cluster id and port).
  virtual Task<Result<ClusterOverview>> overview(Endpoint endpoint, MonoTime deadline) = 0;

  /// @param path the kept jar on this machine
  /// @return the jar id. Uploading twice is harmless: a jar with the same content is reused.
  virtual Task<Result<std::string>> upload_jar(Endpoint endpoint, std::string path,
                                               std::string name, MonoTime deadline) = 0;

  /// Submits. Success means Flink knows the job id.
  /// @error kAlreadyExists the id was used before (running or ended): look at it, do not submit
  /// again
  /// @error kInvalidArgument main() failed, class not found, state cannot be mapped ...; reason is
  /// one
  ///        of "MainFailed", "ClassNotFound", "NotAJar", "RestoreFailed", "ProgramExited",
  ///        "BadRequest"
  /// @error kNotFound reason "JarNotFound": upload again
  virtual Task<Result<void>> run(Endpoint endpoint, RunRequest request, MonoTime deadline) = 0;

  /// Compiles the program without running the job: `main()` runs in the JobManager. Success also
  /// where the version has no such call (before 1.10).
  /// @error as `run`
  virtual Task<Result<void>> check_plan(Endpoint endpoint, RunRequest request,
                                        MonoTime deadline) = 0;

  /// Runs a throwaway job of Weir's own on a cluster that nobody uses yet: a start, a stop with
  /// savepoint and a start from it, so that the JVMs have done all of it once before a job depends
  /// on it. What an earlier try left there is ended first.
  /// @error kFailedPrecondition reason "NotIdle": a job may run there still, the cluster is not to
  ///        be used;  any other: it was not primed, but is idle
  virtual Task<Result<void>> prime(Endpoint endpoint, PrimingRequest request,
                                   MonoTime deadline) = 0;

  virtual Task<Result<std::vector<JobSummary>>> jobs(Endpoint endpoint, MonoTime deadline) = 0;

  /// The cheapest true answer about a job's state.
  /// @error kNotFound this JobManager does not know the job (never a proof that it did not run)
  virtual Task<Result<JobDetail>> job(Endpoint endpoint, std::string flink_job_id,
                                      MonoTime deadline) = 0;

  virtual Task<Result<CheckpointStatistics>> checkpoints(Endpoint endpoint,
                                                         std::string flink_job_id,
                                                         MonoTime deadline) = 0;
  virtual Task<Result<JobExceptions>> exceptions(Endpoint endpoint, std::string flink_job_id,
                                                 MonoTime deadline) = 0;

  /// How often Flink has restarted the job's tasks since it was submitted (metric `numRestarts`).
  /// @error kNotFound unknown job, or the metric is not there yet
  virtual Task<Result<std::int64_t>> restarts(Endpoint endpoint, std::string flink_job_id,
                                              MonoTime deadline) = 0;

  /// Asks for a checkpoint now; it is complete only when `checkpoints` says so.
  /// @error kFailedPrecondition the version has no such call (before 1.17), or the job takes none
  virtual Task<Result<void>> trigger_checkpoint(Endpoint endpoint, std::string flink_job_id,
                                                MonoTime deadline) = 0;

  /// What the job's vertices run with and are to run with (adaptive scheduler).
  /// @error kFailedPrecondition reason "NotAdaptive": the job's scheduler, or the version, has no
  ///        such requirements
  /// @error kNotFound unknown job
  virtual Task<Result<std::vector<VertexParallelism>>> parallelism(Endpoint endpoint,
                                                                   std::string flink_job_id,
                                                                   MonoTime deadline) = 0;
  /// Requires exactly this parallelism of each vertex, neither less nor more; naming all of them is
  /// the caller's duty. Flink goes back to the newest checkpoint where that changes what runs, and
  /// does nothing where it does not: repeating it is harmless. Done only when `parallelism` says
  /// so.
  /// @error kInvalidArgument a vertex is unknown, or its maximum parallelism is lower
  /// @error kFailedPrecondition reason "NotAdaptive"
  virtual Task<Result<void>> require_parallelism(Endpoint endpoint, std::string flink_job_id,
                                                 std::map<std::string, int> of_vertices,
                                                 MonoTime deadline) = 0;

  /// The TaskManagers, by their index in the cluster, all of whose slots are free.
  virtual Task<Result<std::vector<int>>> idle_task_managers(Endpoint endpoint,
                                                            MonoTime deadline) = 0;

  /// Asks for cancellation; the job is gone only when `job` says so.
  /// @error kNotFound unknown job;  kFailedPrecondition it already ended otherwise
  virtual Task<Result<void>> cancel(Endpoint endpoint, std::string flink_job_id,
                                    MonoTime deadline) = 0;

  /// Asks for stop-with-savepoint into `directory` under a trigger id chosen by the caller;
  /// repeating it with the same id is harmless.
  virtual Task<Result<void>> stop_with_savepoint(Endpoint endpoint, std::string flink_job_id,
                                                 std::string directory, std::string trigger_id,
                                                 bool drain, MonoTime deadline) = 0;
  virtual Task<Result<void>> trigger_savepoint(Endpoint endpoint, std::string flink_job_id,
                                               std::string directory, std::string trigger_id,
                                               MonoTime deadline) = 0;
  /// @error kNotFound the JobManager does not know the trigger (it may have forgotten)
  virtual Task<Result<TriggerStatus>> savepoint_status(Endpoint endpoint, std::string flink_job_id,
                                                       std::string trigger_id,
                                                       MonoTime deadline) = 0;
};

}  // namespace weir::flink
