#pragma once

#include "control/plan.h"

/// What is different for a deployment whose job runs in a session cluster: the cluster is another
/// owner's. It is waited for, never changed and never ended; the job counts as gone when Flink says
/// that it has ended, or when that cluster is proven gone. Pure, like the rest of the planner.
namespace weir::control {

/// The session cluster that the next job is to run in is not ready. @return how it is waited for;
/// nothing = it is ready, or the job is to have a cluster of its own
std::optional<Decision> await_session_cluster(Situation& s, Draft& draft);

/// What the next job would wait for; empty if its session cluster is ready.
std::string why_session_not_ready(const View& view);

/// In place of SPIN_UP: the job gets its place in the running session cluster.
Decision plan_join_session(Situation& s, Draft& draft);

/// In place of AWAIT_CLUSTER: jar uploaded and slots free.
Decision plan_await_session(Situation& s, Draft& draft);

/// `job`'s next attempt runs there. Only one of this and the cluster's end can be committed.
void join_session_cluster(Draft& draft, const store::Stored<model::Cluster>& cluster,
                          model::Job& job);

/// Names one attempt of a job.
std::string submit_key(const model::Job& job);

/// The decision records that `job` is submitted for the first time in this attempt.
void note_submit_recorded(Situation& s, const model::Job& job);

/// The way of an upgrade from or to a session cluster.
WayChoice way_in_session(const View& view, const model::Job& next);

/// Before a transition goes on behind TEAR_DOWN: the job is proven gone from its session cluster.
/// @return what to do first; nothing = it is, or never was in one
std::optional<Decision> leave_session_cluster(Situation& s, Draft& draft);

}  // namespace weir::control
