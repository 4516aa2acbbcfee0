#pragma once

#include "control/draft.h"
#include "control/situation.h"
#include "control/upgrade_way.h"
#include "flink/assemble.h"

/// The decisions, pure: the same situation gives the same draft and decision. `plan` is the entry;
/// the others are its parts, one file each.
namespace weir::control {

/// What to ask for this decision.
Questions questions_for(const View& view, const Memory& memory, MonoTime now);

/// The next step of a deployment towards what its user wants.
Decision plan(Situation& s, Draft& draft);

// plan_intent.cpp: which way to go
/// A transition is open and the user wants something else by now. @return whether it was replaced
bool follow_new_intent(Situation& s, Draft& draft);
/// The deployment's job has not ended, and its cluster is recorded.
bool job_is_live(const View& view);
/// The job is about to be cancelled in Flink.
void tell_stop(Situation& s, Draft& draft);
/// No transition is open.
Decision plan_settled(Situation& s, Draft& draft);

// plan_start.cpp: from an intent to a running job
Decision plan_create_job(Situation& s, Draft& draft);
/// A job of the wanted revision that nothing is recorded about yet.
model::Job new_job(const Situation& s, std::string id);
/// @error kFailedPrecondition, kInvalidArgument the specification cannot be run
Status configure(const Situation& s, model::Job& job);
void restore_from(model::Job& job, const model::RestoreChoice& choice);
/// `job` begins on a cluster that is up and was another job's.
void run_on_cluster_of_another(const Situation& s, Draft& draft,
                               const store::Stored<model::Cluster>& cluster, model::Job& job);
/// Starting with empty state on purpose must not depend on a readable disk.
bool needs_state(const View& view);
/// The jobs whose checkpoints may be the newest state: the last ones that may have run.
std::vector<store::Stored<model::Job>> jobs_with_state(const View& view);
Decision plan_fetch_jar(Situation& s, Draft& draft);

/// What placeholders and directories of a deployment's job are made from.
flink::JobContext context_of(const model::Deployment& deployment, const std::string& job_id,
                             const Settings& settings);

// plan_upgrade.cpp: another job in the running one's place
/// The wanted revision says what the running job's says: the user has taken a change back.
bool turned_back(const Situation& s);
/// The current job runs this revision from now on.
void take_revision(Situation& s, Draft& draft, std::int64_t number);
/// Opens the transition; the running job is not touched before the next one is prepared.
void begin_upgrade(Situation& s, Draft& draft);
/// Whether an upgrade takes a savepoint of the running job.
bool is_stateful(const View& view);
/// The way that the upgrade from the running (old) job to `next` takes.
/// @param obstacles as far as they are known yet
WayChoice way_of_upgrade(const View& view, const model::Job& next, Obstacles obstacles);
/// Its user would rather wait for room than take another way.
bool insists_on_warm_swap(const View& view);
/// The next job's record, and the way it will take.
Decision plan_next_job(Situation& s, Draft& draft);
/// The running job lost a process while the next one is prepared. @return what to do first
std::optional<Decision> look_after_running_job(Situation& s, Draft& draft);
/// There is no room beside the running cluster: another way, unless the user insists on this one.
/// @return whether there is another
bool take_smaller_way(Situation& s, Draft& draft, const std::string& why);
/// The next job is as far as it can be while the old one runs.
void stop_old_job(Situation& s, Draft& draft);
Decision plan_check_plan(Situation& s, Draft& draft);
/// The next job's cluster runs a throwaway job, so that the real one starts on warm JVMs.
Decision plan_prime(Situation& s, Draft& draft);
/// The old job has ended: the next one becomes the current one.
Decision hand_over(Situation& s, Draft& draft, const model::RestoreChoice& choice);
/// Preparing failed: tried again where that may help, else the upgrade ends and the old job runs
/// on.
void fail_preparation(Situation& s, Draft& draft, const char* event, const Error& error);
/// The upgrade ends with its revision refused; the old job runs on.
void abandon_upgrade(Situation& s, Draft& draft, const std::string& why);
/// The user wants something else before the running job was touched.
void withdraw_upgrade(Situation& s, Draft& draft);
/// The prepared job will not run.
void forget_next_job(Situation& s, Draft& draft, model::JobState state, const std::string& why);

// plan_rescale.cpp: another parallelism for the job that runs
/// The transition goes on in place; nothing is touched yet.
Decision begin_rescale(Situation& s, Draft& draft, const model::Job& wanted,
                       const WayChoice& choice);
Decision plan_add_workers(Situation& s, Draft& draft);
Decision plan_rescale(Situation& s, Draft& draft);
Decision plan_shed_workers(Situation& s, Draft& draft);
/// The adaptive scheduler would run a job with less than it was submitted with, and does so when a
/// TaskManager is lost: the parallelism that the job has becomes its lower bound too, in each
/// attempt. What a rescale that was given up has left in Flink goes back to what is recorded.
/// @return what to do for it now, at most every few seconds
std::optional<Decision> hold_parallelism(Situation& s, Draft& draft);
/// Whether `hold_parallelism` has to know what is required.
bool must_hold_parallelism(const View& view, const Memory& memory);

// plan_log_levels.cpp: other log levels for the job that runs
/// What the wanted revision's logging is, if it differs from the running job in levels only.
std::optional<model::Logging> changed_log_levels(const Situation& s);
/// The current job has this logging from now on; its cluster's files are still to be written.
void take_log_levels(Situation& s, Draft& draft, const model::Logging& logging);
/// The files of the running cluster do not have the job's log levels yet.
/// @return what to do for it now
std::optional<Decision> write_log_levels(Situation& s, Draft& draft);

// plan_verify.cpp: whether an upgrade has reached its end
Decision plan_verify(Situation& s, Draft& draft);
Decision plan_retire(Situation& s, Draft& draft);
/// The job runs: what is left to do before the transition ends.
Decision after_running(Situation& s, Draft& draft);
/// Flink restarts the upgraded job again and again, or says that its state does not fit.
std::optional<Error> upgrade_does_not_hold(const Situation& s);
/// The new job failed and the old one's revision can run again: leads there. @return whether it can
bool roll_back(Situation& s, Draft& draft, const Error& error);
/// A rolled-back revision is not tried again until the template changes.
void refuse_revision(Situation& s, Draft& draft, const std::string& fallback_job_id,
                     const std::string& why);

// plan_stability.cpp: whether an upgraded revision may stay
/// The upgrade is reached: until its job is stable, the one before can come back.
void begin_probation(Situation& s, Draft& draft);
/// The job runs: whether it is stable by now, or too unstable.
/// @return whether the revision before is started again
bool judge_stability(Situation& s, Draft& draft);
/// The job has failed while it was on probation: the revision before is started again, from the
/// failed job's newest state. @return whether that is so
bool end_probation(Situation& s, Draft& draft, const Error& error);

// plan_cluster.cpp: a cluster for the job
/// How many TaskManagers a cluster for the job has: those that it needs, and the spare ones.
int task_managers_for(const View& view, const model::Job& job);
ClusterNeed need_of(const model::Job& job, int task_managers);
/// Why the cluster that the job needs does not fit now; empty if it does.
std::string lack_of_room(const Room& room, const Settings& settings, const ClusterNeed& need);
std::string lack_of_room(const Situation& s, const model::Job& job);
/// Why the running cluster cannot get as many TaskManagers; empty if it can.
std::string lack_of_room_to_grow(const Situation& s, const model::Cluster& cluster,
                                 const model::Job& job, int task_managers);
/// The cluster of `job` is to have so many TaskManagers: its record and what it reserves.
void resize_cluster(const model::Job& job, model::Cluster& cluster, int task_managers);
/// Why this place can never hold it; empty if it can.
std::string never_fits(const Room& room, const Settings& settings, const ClusterNeed& need);
std::string never_fits(const Situation& s, const model::Job& job);
Decision plan_spin_up(Situation& s, Draft& draft);
Decision plan_await_cluster(Situation& s, Draft& draft);
/// A process of the cluster ended while it came up: decides what follows. @return whether it did
bool handle_ended_process(Situation& s, Draft& draft);

// plan_submit.cpp: the job on the cluster
Decision plan_submit(Situation& s, Draft& draft);
/// A bounded job has ended before it was seen RUNNING, or before its JobManager was lost.
void record_early_end(Situation& s, Draft& draft);
Decision plan_await_running(Situation& s, Draft& draft);

// plan_stop.cpp
inline TearDown tear_down(const model::Cluster& cluster) {
  return {cluster.metadata.id, cluster.epoch};
}
Decision plan_stop_job(Situation& s, Draft& draft);
/// The job that was to be suspended has ended.
void finish_suspend(Situation& s, Draft& draft);
/// Ends every cluster but the spared one. @return what to do now; nothing = all are proven gone
std::optional<Decision> end_clusters(Situation& s, Draft& draft, const std::string& spared);
Decision plan_tear_down(Situation& s, Draft& draft);

// plan_savepoint.cpp
Decision plan_savepoint(Situation& s, Draft& draft);
/// A checkpoint may stand in for a savepoint that cannot be made.
bool state_is_latest(const View& view);
void begin_suspend(Situation& s, Draft& draft);
/// No place for savepoints: nothing is stopped, or state would be lost silently.
void refuse_without_savepoints(Situation& s, Draft& draft);

/// The bounded job reached its end before the stop could take effect: the deployment is FINISHED.
void job_finished_by_itself(Situation& s, Draft& draft);
/// Of a job that Flink's archive calls FINISHED: no stop with savepoint can have ended it.
bool is_own_end(const View& view);

/// The transition's savepoint was written: it is COMPLETED, and a restore point.
void keep_savepoint(Situation& s, Draft& draft, const model::RestorePoint& found);
/// Where the job's savepoints go; empty = it has no place for them.
std::string savepoint_base(const model::Job& job);
/// Each savepoint request has a directory of its own.
std::string savepoint_directory(const model::Job& job, const std::string& savepoint_id);

// plan_recover.cpp
Decision plan_find_state(Situation& s, Draft& draft);
/// The running job's cluster is lost: the same job continues on a new one.
void begin_recovery(Situation& s, Draft& draft, const std::string& why, const std::string& cause);

// plan_running.cpp: RUNNING and staying so
Decision plan_running(Situation& s, Draft& draft);
/// Somebody cancelled the job in Flink's own UI; the desired state still counts.
Decision cancelled_outside(Situation& s, Draft& draft);
/// A checkpoint of the running job becomes a restore point, unless it is one.
void record_checkpoint(Situation& s, Draft& draft, const flink::CompletedCheckpoint& completed);
/// Tells that `job` runs, and well, since now.
void show_running(Situation& s, Draft& draft, const model::Job& job);
/// A TaskManager is gone while the job runs or comes up: another one is started, with back-off; too
/// many without a completed checkpoint in between fail the job.
Decision replace_workers(Situation& s, Draft& draft);
/// A TaskManager of the job's own cluster is gone.
bool lacks_workers(const Situation& s);

/// The user wants more or fewer spare TaskManagers than there are. @return what to do for it now
std::optional<Decision> fit_spare_workers(Situation& s, Draft& draft);

/// Soon at first, because nothing is processed meanwhile.
Duration poll_in_gap(const Situation& s);

// plan_failure.cpp: what did not work
/// The present attempt to start failed: counts it, and leads to tear-down and the next one.
void fail_attempt(Situation& s, Draft& draft, const char* event, const Error& error);
/// Ends the transition with observed state FAILED; nothing is tried until the intent changes.
void give_up(Situation& s, Draft& draft, const char* event, const std::string& message,
             const std::string& reason, const std::string& cause);
/// The running job, or the one that is to be recovered, ended as FAILED in Flink.
void job_failed_in_flink(Situation& s, Draft& draft, const std::string& cause);
/// Trying the same again may help: the other side did not answer, or not in time.
bool may_work_later(const Error& error);
/// Proven: the JobManager is dead. Unknown is not lost.
bool cluster_is_lost(const Situation& s);
/// The current job ends as `state`, unless it has ended already.
void end_job(Situation& s, Draft& draft, model::JobState state);
/// How long to wait before try number `failures` + 1.
Duration backoff(const Settings& settings, int failures);
/// What ended a cluster's process, for people; empty if all live.
std::string ended_process(const runtime::ClusterObservation& cluster, const std::string& role);

// restore points as resources
model::RestorePoint restore_point_of(const View& view, const model::Job& job,
                                     model::RestorePointKind kind, std::string location,
                                     std::int64_t checkpoint_id);
/// Records points that are not recorded yet, drops records that are not there any more.
void record_points(Situation& s, Draft& draft, const std::vector<model::RestorePoint>& found);

}  // namespace weir::control
