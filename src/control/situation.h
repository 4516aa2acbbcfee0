#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "blob/artifact_store.h"
#include "control/settings.h"
#include "control/view.h"
#include "flink/flink_api.h"
#include "flink/homes.h"
#include "flink/state_directory.h"
#include "runtime/cluster_runtime.h"

/// What a planner is given and what it answers. Plain data.
namespace weir::control {

/// What to ask before the next decision.
struct Questions {
  bool cluster = false;      ///< which of its processes live
  bool old_cluster = false;  ///< the same of the running job while the next one is prepared
  bool overview = false;     ///< does the JobManager answer, how many slots
  bool job = false;          ///< state of the job
  bool checkpoints = false;  ///< statistics, and how often Flink restarted the job
  bool parallelism = false;  ///< what the job's vertices run with and must run with
  bool trigger = false;      ///< the savepoint of the transition
};

/// The answers; absent = not asked. An Error is "unknown", never "absent".
struct Observation {
  std::optional<runtime::ClusterObservation> cluster;
  std::optional<runtime::ClusterObservation> old_cluster;
  std::optional<Result<flink::ClusterOverview>> overview;
  std::optional<Result<flink::JobDetail>> job;
  std::optional<Result<flink::CheckpointStatistics>> checkpoints;
  std::optional<Result<std::vector<flink::VertexParallelism>>> parallelism;
  std::optional<std::int64_t> restarts;
  std::optional<flink::JobExceptions> exceptions;  ///< asked for when the job fails or restarts
  std::optional<Result<flink::TriggerStatus>> trigger;
  /// How the job ended, of a JobManager that is proven dead and has said so before.
  std::optional<flink::ArchivedJob> archived;
};

// ---- effects: what may be done once the decision is durable ----

struct FetchJar {};
struct ChoosePorts {};
struct EnsureCluster {};
/// Replaces what is missing of the running job's cluster; its result is seen, not reported.
struct EnsureOldCluster {};
struct UploadJar {};
struct CheckPlan {};
struct PrimeCluster {};
struct SubmitJob {};
struct TriggerCheckpoint {};
/// Of the running job; what it changes is seen, and an error is reported.
struct RequireParallelism {
  std::map<std::string, int> of_vertices;
};
/// Ends so many of the cluster's TaskManagers that no task runs on, or as many as there are; what
/// is left is seen.
struct EndIdleWorkers {
  int count = 0;
  bool at_once = false;
};
struct CancelJob {};
struct StopWithSavepoint {};
struct TearDown {
  std::string cluster_id;
  int epoch = 0;
};
/// Looks on disk for restore points of these jobs, and whether the recorded ones are still there.
struct FindState {
  std::vector<store::Stored<model::Job>> jobs;
  std::vector<model::RestorePoint> recorded;
};
/// Whether the transition's savepoint stands in its own directory.
struct FindSavepoint {};
/// Removes the deployment and everything recorded about it.
struct RemoveDeployment {};
using Effect = std::variant<std::monostate, FetchJar, ChoosePorts, EnsureCluster, EnsureOldCluster,
                            UploadJar, CheckPlan, PrimeCluster, SubmitJob, TriggerCheckpoint,
                            RequireParallelism, EndIdleWorkers, CancelJob, StopWithSavepoint,
                            TearDown, FindState, FindSavepoint, RemoveDeployment>;

// ---- their results, given to the next decision ----

struct FetchedJar {
  Result<blob::KeptFile> jar;
};
struct ChosenPorts {
  Result<runtime::Ports> ports;
};
struct EnsuredCluster {
  Status status;
};
struct UploadedJar {
  Result<std::string> jar_id;
};
struct CheckedPlan {
  Status status;
};
struct PrimedCluster {
  Status status;
};
struct SubmittedJob {
  Status status;
};
struct RequiredParallelism {
  Status status;
};
struct CancelledJob {
  Status status;
};
struct StoppedWithSavepoint {
  Status status;
};
struct TornDown {
  std::string cluster_id;
  Status status;
};
struct FoundPoints {
  /// Every point that is there, newest first within a job; an Error is "unknown".
  Result<std::vector<model::RestorePoint>> points;
  /// How the current job ended, if its last JobManager has said so before it died; asked for
  /// before it is recovered, replaced or suspended. Once that is unknown, `points` is too.
  std::optional<flink::ArchivedJob> archived = std::nullopt;
};
struct FoundSavepoint {
  Result<std::optional<model::RestorePoint>> point;
  bool outlived = false;  ///< the job has made a checkpoint after it
};
using EffectResult =
    std::variant<std::monostate, FetchedJar, ChosenPorts, EnsuredCluster, UploadedJar, CheckedPlan,
                 PrimedCluster, SubmittedJob, RequiredParallelism, CancelledJob,
                 StoppedWithSavepoint, TornDown, FoundPoints, FoundSavepoint>;

/// What is remembered between the passes of one deployment. Losing it (a crash) costs time only.
struct Memory {
  EffectResult result;  ///< of the last pass; consumed by the next decision

  std::string phase_key;  ///< transition and phase that `phase_since` belongs to
  MonoTime phase_since{};
  model::StartPhases phases;
  std::optional<MonoTime> finished_since;         ///< in this phase
  std::optional<MonoTime> savepoint_found_since;  ///< in this phase, on disk only
  std::string settled_savepoint_id;               ///< nothing will be written for it any more
  std::optional<std::string> jar_id;              ///< uploaded
  std::optional<std::string> jar_place;           ///< for which job, to which cluster
  std::optional<MonoTime> checkpoint_asked;
  std::optional<std::int64_t> checkpoint_before;  ///< id of the newest one when it was asked
  std::optional<MonoTime> parallelism_asked;
  std::string parallelism_asked_of;  ///< attempt
  std::string parallelism_held;      ///< attempt in which the lower bounds are known to be right
  /// How the submits of one attempt were answered in this life.
  struct Submits {
    std::string of;
    int open = 0;      ///< no answer yet, or none that says anything
    int accepted = 0;  ///< Flink has the job
  };
  Submits submits;

  std::optional<MonoTime> unreachable_since;
  std::optional<MonoTime> job_missing_since;
  std::optional<MonoTime> not_running_since;
  std::optional<std::int64_t>
      newest_when_lost;  ///< checkpoint id on disk when it stopped answering
  std::optional<MonoTime> looked_on_disk;
  std::int64_t restarts = -1;          ///< Flink's count, -1 = not asked yet
  std::deque<MonoTime> restart_times;  ///< of the last hour
  std::optional<MonoTime> next_details;
  std::optional<MonoTime> checkpoint_recorded;
  std::int64_t last_completed_id = -1;
  std::int64_t completed_checkpoints = 0;
  std::int64_t failed_checkpoints = 0;
  std::optional<MonoTime> worker_wait_until;  ///< back-off of a dying TaskManager
  std::optional<MonoTime> room_wait_since;
  std::optional<MonoTime> spare_wait_since;  ///< told that there is no room for one
  std::optional<MonoTime> surplus_asked;     ///< when more TaskManagers than wanted were to end
  std::optional<WallTime> last_answer;
  std::string flink_status = "UNKNOWN";
};

/// What the cluster of a job takes of its place.
struct ClusterNeed {
  std::int64_t memory = 0;
  double cpu = 0;
};

/// What is shared between deployments.
struct Room {
  /// The more deployments there are, the less often each quiet one is asked: all of them together
  /// must leave the thread to their users. Processes that end wake their deployment anyway.
  Duration poll_floor{0};
  bool may_start = true;  ///< one of the few that may come up now
  runtime::Capacity capacity;
  bool capacity_known = false;
  std::int64_t reserved_memory = 0;  ///< by clusters of other deployments
  double reserved_cpu = 0;
  std::string reserved_by;  ///< for people: "3 clusters"
  bool is_kept = false;     ///< what is left, for somebody who has waited for it longer
};

struct Situation {
  const View& view;
  const Observation& seen;
  Memory& memory;
  const Room& room;
  const Settings& settings;
  const flink::FlinkHomes& homes;
  MonoTime now;
  WallTime wall_now;

  Duration in_phase() const { return now - memory.phase_since; }
};

/// One step. The draft is committed first; then the effect is performed; then the next pass comes
/// after `again` (zero: at once), or earlier when something changes.
struct Decision {
  Effect effect;
  Duration again{0};
};

}  // namespace weir::control
