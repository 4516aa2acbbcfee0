#include "control/plan_session.h"

#include <fmt/format.h>

#include "codec/describe_json.h"
#include "control/session_jobs.h"

namespace weir::control {

using model::TransitionKind;
using model::TransitionPhase;

namespace {

// An answer may be wrong once.
constexpr Duration kCertainlyMissing = std::chrono::seconds(1);
constexpr Duration kForgotten = std::chrono::seconds(10);

std::string name_of(const View& view) {
  return view.session.name.value_or(view.job ? view.job->metadata.session_cluster_name.value_or("?")
                                             : "?");
}

// Why nothing can be run there now; empty if it can.
std::string why_not_ready(const SessionPlace& place) {
  const std::string name = place.name.value_or("?");
  if (!place.owner) return fmt::format("session cluster '{}', which does not exist.", name);
  const auto& status = place.owner->status;
  if (status.state == model::SessionClusterState::FAILED && status.failure)
    return fmt::format("session cluster '{}', which is FAILED: {}", name, status.failure->message);
  const bool up = place.cluster && place.cluster->phase == model::ClusterPhase::WANTED &&
                  (status.state == model::SessionClusterState::RUNNING ||
                   status.state == model::SessionClusterState::UPDATING);
  if (!up)
    return fmt::format("session cluster '{}', which is {}.", name, codec::enum_text(status.state));
  return {};
}

Decision wait_for_session(Situation& s, Draft& draft, const std::string& text) {
  const auto& shown = s.view.deployment->status.transition;
  if (!shown || shown->waiting_for != text)
    draft.event("AWAITING_FOR_A_CLUSTER_TO_SPIN_UP", "Waiting for " + text);
  draft.waiting_for(text);
  return {{}, std::chrono::seconds(1)};
}

// Written unchanged: whoever has read it before cannot end the cluster any more without seeing
// this job.
void claim(Draft& draft, const store::Stored<model::Cluster>& cluster) {
  draft.put(model::Cluster(*cluster), store::Expect::at(cluster.revision));
}

}  // namespace

std::string submit_key(const model::Job& job) {
  return fmt::format("{} {}", job.metadata.id, job.internal.attempt);
}

void join_session_cluster(Draft& draft, const store::Stored<model::Cluster>& cluster,
                          model::Job& job) {
  auto& internal = job.internal;
  internal.cluster_id = cluster->metadata.id;
  ++internal.attempt;
  internal.submit_recorded = false;
  internal.scaled_vertices.reset();
  internal.left_session_cluster.reset();
  internal.unresolved.reset();
  internal.ran_in_session_cluster.reset();
  internal.jar_id.reset();
  if (!internal.attempt_checkpoints) internal.attempt_checkpoints.emplace();
  internal.attempt_checkpoints->push_back(
      fmt::format("{}/{}", cluster->checkpoints.value_or(""), flink_id(job.metadata.id)));
  job.spec.artifact.flink_version = cluster->flink_version;
  claim(draft, cluster);
}

std::string why_session_not_ready(const View& view) {
  return view.session.name ? why_not_ready(view.session) : std::string();
}

std::optional<Decision> await_session_cluster(Situation& s, Draft& draft) {
  if (!s.view.session.name) return std::nullopt;
  const std::string why = why_not_ready(s.view.session);
  if (why.empty()) return std::nullopt;
  return wait_for_session(s, draft, why);
}

Decision plan_join_session(Situation& s, Draft& draft) {
  if (auto wait = await_session_cluster(s, draft)) return *wait;
  s.memory.jar_id.reset();
  join_session_cluster(draft, s.view.session.cluster, draft.job());
  s.memory.phases.processes_at = s.wall_now;
  draft.enter(TransitionPhase::AWAIT_CLUSTER);
  return {};
}

Decision plan_await_session(Situation& s, Draft& draft) {
  const View& view = s.view;
  const bool stays = view.cluster && view.cluster->phase == model::ClusterPhase::WANTED;
  if (!stays || cluster_is_lost(s)) {
    if (view.prepares()) return {{}, s.settings.poll_fast * 3};  // the running job is looked after
    // Nothing was submitted there. Its own reconciler may not have seen yet that it is lost.
    draft.job().internal.left_session_cluster = true;
    draft.enter(TransitionPhase::SPIN_UP);
    return {{}, std::chrono::seconds(1)};
  }
  const auto& cluster = *view.cluster;
  const std::string place = cluster.metadata.id + "/" + view.job->metadata.id;
  if (const auto* uploaded = std::get_if<UploadedJar>(&s.memory.result)) {
    if (uploaded->jar_id) {
      s.memory.jar_id = *uploaded->jar_id;
      s.memory.jar_place = place;
      s.memory.phases.uploaded_at = s.wall_now;
    } else if (!may_work_later(uploaded->jar_id.error())) {
      fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", uploaded->jar_id.error());
      return {};
    } else {
      return {{}, s.settings.poll_fast * 3};
    }
  }
  if (!s.seen.overview || !*s.seen.overview) {
    draft.waiting_for(
        fmt::format("the JobManager of session cluster '{}' to answer.", name_of(view)));
    return {{}, s.settings.poll_fast * 3};
  }
  if (!s.memory.phases.rest_at) s.memory.phases.rest_at = s.wall_now;
  if (!s.memory.jar_id || s.memory.jar_place != place) return {UploadJar{}, Duration(0)};
  const int needed = view.job->spec.parallelism;
  const int own = view.prepares() && view.old_job ? view.old_job->spec.parallelism : 0;
  const int by_flink = (*s.seen.overview)->slots_available + own;
  const int by_records = slots_in(cluster) - view.session.slots_taken;
  const int free = std::min(by_flink, by_records);
  if (needed > free)
    return wait_for_session(
        s, draft,
        fmt::format("free slots in session cluster '{}': the job needs {}, {} of {} are free. "
                    "Raise its numberOfTaskManagers, or stop another job in it.",
                    name_of(view), needed, std::max(0, free), slots_in(cluster)));
  s.memory.phases.slots_at = s.wall_now;
  draft.job().internal.jar_id = s.memory.jar_id;
  if (view.prepares()) {
    draft.enter(TransitionPhase::CHECK_PLAN);
    return {CheckPlan{}, Duration(0)};
  }
  draft.job().internal.submit_recorded = true;
  note_submit_recorded(s, *view.job);
  claim(draft, view.cluster);
  draft.enter(TransitionPhase::SUBMIT);
  draft.event("AWAITING_A_JOB_TO_START",
              fmt::format("Waiting for job {} to start in session cluster '{}'.",
                          view.job->metadata.id, name_of(view)));
  return {SubmitJob{}, Duration(0)};
}

void note_submit_recorded(Situation& s, const model::Job& job) {
  s.memory.submits = {submit_key(job), 0, 0};
}

WayChoice way_in_session(const View& view, const model::Job& next) {
  const auto& from = view.old_job->metadata.session_cluster_name;
  const auto& to = next.metadata.session_cluster_name;
  if (from == to && view.old_cluster)
    return {
        model::UpgradeWay::SAME_CLUSTER,
        fmt::format("A job in a session cluster is exchanged on it; '{}' goes on running.", *to)};
  if (to)
    return {model::UpgradeWay::RESTART, fmt::format("The job moves to session cluster '{}'.", *to)};
  return {model::UpgradeWay::RESTART,
          fmt::format("The job moves out of session cluster '{}'.", *from)};
}

namespace {

/// @return what to do first; nothing = the transition goes on
std::optional<Decision> leave(Situation& s, Draft& draft) {
  draft.job().internal.left_session_cluster = true;
  const auto& transition = *s.view.transition;
  const bool ended = s.seen.job && *s.seen.job;
  if (transition.kind != TransitionKind::RECOVER || !ended) return std::nullopt;
  if ((*s.seen.job)->state == flink::JobState::kFinished) {
    record_early_end(s, draft);
    return Decision{};
  }
  // This cluster knows the job's id and never runs it again: another job goes on from its state.
  const int failures = s.view.job->internal.recoveries;
  end_job(s, draft, model::JobState::FAILED);
  draft.job().status.failure =
      model::Failure{transition.cause.value_or("It did not recover."), "NotRecovered", s.wall_now};
  draft.transition().kind = TransitionKind::START;
  draft.transition().continues_job_id = s.view.job->metadata.id;
  auto& internal = draft.deployment().internal;
  internal.failed_jobs = failures;
  internal.failed_revision = internal.spec_revision;
  return Decision{};
}

Decision wait_to_leave(Draft& draft, const std::string& text, Duration again) {
  draft.waiting_for(text);
  return {{}, again};
}

Decision make_certain(Draft& draft) {
  draft.job().internal.unresolved = true;
  return {};
}

// Flink does not know the job. That is a proof only where it has refused every submit; where a
// submit was never answered, the same id is submitted once more: then it is known, and can be
// cancelled.
std::optional<Decision> resolve_submit(Situation& s, Draft& draft) {
  const auto& job = *s.view.job;
  auto& since = s.memory.job_missing_since;
  if (!since) since = s.now;
  const Duration missing = s.now - *since;
  const bool known = job.internal.ran_in_session_cluster.value_or(false);
  const auto& submits = s.memory.submits;
  const bool refused_all = submits.of == submit_key(job) && submits.open + submits.accepted == 0;
  if (refused_all && !known && missing >= kCertainlyMissing) return leave(s, draft);
  draft.waiting_for("Flink to tell what became of the job.");
  if (known || refused_all) {
    if (missing >= kForgotten) return make_certain(draft);
    return Decision{{}, s.settings.poll_fast};
  }
  const auto* submitted = std::get_if<SubmittedJob>(&s.memory.result);
  const bool refused = submitted != nullptr && !submitted->status &&
                       submitted->status.error().code != Code::kAlreadyExists &&
                       !may_work_later(submitted->status.error());
  if (refused || s.in_phase() >= s.settings.running_time) return make_certain(draft);
  if (submitted != nullptr) return Decision{{}, s.settings.poll_fast};
  return Decision{SubmitJob{}, s.settings.poll_fast};
}

}  // namespace

std::optional<Decision> leave_session_cluster(Situation& s, Draft& draft) {
  const View& view = s.view;
  if (!view.on_session_cluster()) return std::nullopt;
  const auto& job = *view.job;
  if (!job.internal.submit_recorded) return leave(s, draft);
  const std::string name = name_of(view);
  if (cluster_is_lost(s) || view.cluster->phase != model::ClusterPhase::WANTED ||
      job.internal.unresolved.value_or(false))
    return wait_to_leave(
        draft, fmt::format("the processes of session cluster '{}' to be proven gone.", name),
        s.settings.poll_fast * 3);
  if (!s.seen.job || (!*s.seen.job && s.seen.job->error().code != Code::kNotFound))
    return wait_to_leave(draft,
                         fmt::format("the JobManager of session cluster '{}' to answer.", name),
                         s.settings.poll_fast * 3);
  if (!*s.seen.job) return resolve_submit(s, draft);
  s.memory.job_missing_since.reset();
  const flink::JobState state = (*s.seen.job)->state;
  if (flink::is_globally_terminal(state)) return leave(s, draft);
  draft.waiting_for(fmt::format("Flink to end the job; it says {}.", flink::to_string(state)));
  if (state == flink::JobState::kCancelling) return Decision{{}, s.settings.poll_fast};
  return Decision{CancelJob{}, s.settings.poll_fast};
}

}  // namespace weir::control
