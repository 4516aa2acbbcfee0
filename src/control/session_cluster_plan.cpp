#include "control/session_cluster_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/describe_json.h"
#include "control/plan.h"
#include "model/slots.h"

namespace weir::control {

using model::ClusterPhase;
using model::SessionClusterDesiredState;
using model::SessionClusterState;

namespace {

constexpr Duration kAtRest = std::chrono::hours(1);
// Attempts that end badly one after the other, then only the user can help.
constexpr int kAttempts = 4;
// Lost through nobody's fault: taken ports, a reboot.
constexpr int kUncountedTries = 5;
// An attempt that ran so long held: earlier failures are forgotten.
constexpr Duration kHeld = std::chrono::minutes(5);

bool wants_running(const model::SessionCluster& owner) {
  return owner.spec.state == SessionClusterDesiredState::RUNNING &&
         owner.internal.given_up != owner.internal.wishes;
}

void note_phase(SessionSituation& s) {
  const auto& owner = *s.view.owner;
  std::string key = fmt::format("{} {} {}", codec::enum_text(owner.status.state),
                                owner.internal.cluster_id.value_or(""), owner.internal.wishes);
  if (key == s.memory.phase_key) return;
  s.memory.phase_key = std::move(key);
  s.memory.phase_since = s.now;
  s.memory.unreachable_since.reset();
  s.memory.checkpoints.reset();
}

std::string name_of(const SessionSituation& s) { return s.view.owner->metadata.name.value_or(""); }

std::string ensured_key(const model::Cluster& cluster) {
  return fmt::format("{} {}", cluster.metadata.id, cluster.task_managers);
}

// ---- ends ----

void give_up(SessionSituation& s, SessionDraft& draft, const std::string& message,
             const std::string& reason, const std::string& cause) {
  model::SessionCluster& owner = draft.owner();
  owner.internal.given_up = owner.internal.wishes;
  draft.enter(SessionClusterState::FAILED);
  owner.status.failure =
      model::Failure{cause.empty() ? message : message + " Cause: " + cause, reason, s.wall_now};
  draft.event("TERMINATING_A_SESSION_CLUSTER_DUE_TO_AN_UNRECOVERABLE_FAILURE", message,
              {model::EventLevel::ERROR, reason, cause});
}

/// The attempt ends; another one follows unless too many have ended like this.
SessionDecision lose(SessionSituation& s, SessionDraft& draft, const std::string& why,
                     const std::string& reason, bool counts) {
  draft.cluster().phase = ClusterPhase::TEARING_DOWN;
  auto& internal = draft.owner().internal;
  if (counts) ++internal.failures;
  const std::string jobs =
      s.view.jobs.empty() ? "" : " Its jobs go on from their newest checkpoints.";
  draft.event("EXTERNAL", fmt::format("{}{}", why, jobs), {model::EventLevel::WARNING, reason, ""});
  if (internal.failures >= kAttempts) {
    give_up(s, draft,
            fmt::format("Gave up after {} attempts. Correct what the cause names, then change the "
                        "session cluster, or set its state to STOPPED and to RUNNING again.",
                        internal.failures),
            reason, why);
  } else {
    draft.enter(SessionClusterState::STARTING);
    if (counts) internal.not_before = s.wall_now + backoff(s.settings, internal.failures - 1);
    draft.waiting_for("the processes of the last attempt to end.");
  }
  return {tear_down(*s.view.cluster), Duration(0)};
}

SessionDecision plan_end(SessionSituation& s, SessionDraft& draft) {
  const auto* torn = std::get_if<TornDown>(&s.memory.result);
  if (torn == nullptr || torn->cluster_id != s.view.cluster->metadata.id)
    return {tear_down(*s.view.cluster), Duration(0)};
  if (!torn->status) {
    draft.waiting_for("processes to end: " + torn->status.error().message);
    return {tear_down(*s.view.cluster), std::chrono::seconds(1)};
  }
  draft.cluster_gone();
  return {};
}

SessionDecision plan_rest(SessionSituation& s, SessionDraft& draft) {
  const auto& owner = *s.view.owner;
  if (owner.spec.state != SessionClusterDesiredState::STOPPED ||
      owner.status.state == SessionClusterState::STOPPED)
    return {{}, kAtRest};
  auto& internal = draft.owner().internal;
  internal.failures = 0;
  internal.not_before.reset();
  internal.given_up.reset();
  draft.enter(SessionClusterState::STOPPED);
  draft.event("SESSION_CLUSTER_SUCCESSFULLY_STOPPED",
              fmt::format("Session cluster {} is stopped.", name_of(s)));
  return {{}, kAtRest};
}

bool job_manager_is_dead(const SessionSituation& s) {
  const auto& seen = s.seen.processes;
  return seen && seen->presence != runtime::Presence::kUnknown && !seen->job_manager_alive;
}

// ---- a new attempt ----

/// What an attempt is made of.
struct Attempt {
  flink::FlinkHome home;
  model::Slots slots;
  model::Job job;
};

Result<Attempt> make_attempt(const SessionSituation& s) {
  const auto& owner = *s.view.owner;
  Attempt made;
  WEIR_TRY(made.home, s.homes.resolve(owner.spec.flink_version));
  const model::TemplateSpec spec = model::cluster_template(owner.spec);
  WEIR_TRY(made.slots, model::slots_of(spec));
  WEIR_TRY(auto configuration,
           flink::effective_configuration(spec, context_of(owner, s.settings), made.home));
  made.job = job_of_attempt(owner, std::move(configuration));
  made.job.spec.artifact.flink_version = made.home.version;
  return made;
}

void record_attempt(SessionSituation& s, SessionDraft& draft, const Attempt& attempt,
                    const runtime::Ports& ports) {
  model::SessionCluster& owner = draft.owner();
  model::Cluster cluster;
  cluster.metadata.id = draft.new_id();
  cluster.metadata.namespace_ = owner.metadata.namespace_;
  cluster.metadata.created_at = s.wall_now;
  cluster.metadata.session_cluster_id = owner.metadata.id;
  cluster.metadata.session_cluster_name = owner.metadata.name;
  cluster.epoch = cluster.attempt = ++owner.internal.epoch;
  cluster.flink_version = attempt.home.version;
  cluster.slots_per_task_manager = attempt.slots.slots_per_task_manager;
  resize_cluster(attempt.job, cluster, attempt.slots.task_managers);
  cluster.rest_port = ports.rest;
  cluster.rpc_port = ports.rpc;
  cluster.blob_port = ports.blob;
  cluster.configuration = attempt.job.spec.flink_configuration;
  cluster.checkpoints =
      flink::checkpoint_directory(attempt.job, cluster.attempt, context_of(owner, s.settings));
  draft.create_cluster(std::move(cluster));
}

// Nothing is started yet. @return what to do first; nothing = there is room
std::optional<SessionDecision> wait_for_room(SessionSituation& s, SessionDraft& draft,
                                             const model::Job& job) {
  if (!s.room.may_start) {
    draft.waiting_for("its turn: only a few clusters start at the same time.");
    return SessionDecision{{}, std::chrono::milliseconds(500)};
  }
  if (!s.room.capacity_known) return SessionDecision{{}, s.settings.poll_fast};
  const ClusterNeed need = need_of(job, job.spec.number_of_task_managers);
  if (const std::string why = never_fits(s.room, s.settings, need); !why.empty()) {
    give_up(s, draft, why, "NeverFits", "");
    return SessionDecision{};
  }
  const std::string why = lack_of_room(s.room, s.settings, need);
  if (why.empty()) return std::nullopt;
  if (s.view.owner->status.waiting_for != why)
    draft.event("RESOURCE_QUOTA_EXCEEDED", why, {model::EventLevel::WARNING, "NoRoom", ""});
  draft.waiting_for(why);
  return SessionDecision{{}, std::chrono::seconds(1)};
}

SessionDecision plan_new_attempt(SessionSituation& s, SessionDraft& draft) {
  const auto& owner = *s.view.owner;
  if (owner.status.state != SessionClusterState::STARTING) {
    draft.owner().internal.failures = 0;
    draft.owner().internal.not_before.reset();
    draft.enter(SessionClusterState::STARTING);
    draft.event("SPINNING_UP_A_CLUSTER_FOR_A_SESSION_CLUSTER",
                fmt::format("Creating a cluster for session cluster {}.", name_of(s)));
    return {};
  }
  const auto until = owner.internal.not_before;
  // The wall clock may jump back: no back-off lasts longer than its limit.
  if (until && *until > s.wall_now && s.in_phase() < s.settings.backoff_limit)
    return {{}, std::min<Duration>(*until - s.wall_now, s.settings.backoff_limit)};
  const auto attempt = make_attempt(s);
  if (!attempt) {
    give_up(s, draft, attempt.error().message, attempt.error().reason, "");
    return {};
  }
  if (auto first = wait_for_room(s, draft, attempt->job)) return *first;
  const auto* chosen = std::get_if<ChosenPorts>(&s.memory.result);
  if (chosen == nullptr) return {ChoosePorts{}, Duration(0)};
  if (!chosen->ports) {
    draft.waiting_for("ports: " + chosen->ports.error().message);
    return {{}, std::chrono::seconds(1)};
  }
  record_attempt(s, draft, *attempt, *chosen->ports);
  draft.waiting_for("its processes.");
  return {EnsureSessionCluster{}, Duration(0)};
}

// ---- coming up ----

bool ended_without_a_word(const runtime::ClusterObservation& seen) {
  if (seen.presence != runtime::Presence::kAbsent) return false;
  return std::none_of(seen.processes.begin(), seen.processes.end(),
                      [](const auto& process) { return process.exit_code || process.exit_signal; });
}

// Whether the loss speaks against the cluster as it is specified.
bool counts(SessionSituation& s) {
  const auto& seen = *s.seen.processes;
  const bool port_taken = std::any_of(seen.processes.begin(), seen.processes.end(),
                                      [](const auto& p) { return p.cause == "PortTaken"; });
  if (!port_taken && !ended_without_a_word(seen)) return true;
  return ++s.memory.uncounted > kUncountedTries;
}

const runtime::ProcessObservation* ended(const runtime::ClusterObservation& seen) {
  for (const auto& process : seen.processes)
    if (process.state == runtime::ProcessState::kExited) return &process;
  return nullptr;
}

SessionDecision lose_processes(SessionSituation& s, SessionDraft& draft) {
  const auto& seen = *s.seen.processes;
  std::string why = ended_process(seen, "jobmanager");
  if (why.empty()) why = ended_process(seen, "taskmanager");
  if (why.empty()) why = "The cluster's processes are gone.";
  std::string reason = "ClusterLost";
  if (const auto* process = ended(seen)) {
    if (!process->cause.empty()) reason = process->cause;
    if (!process->last_words.empty()) why += "\n" + process->last_words;
  }
  return lose(s, draft, why, reason, counts(s));
}

void ready(SessionSituation& s, SessionDraft& draft) {
  const bool updated = s.view.owner->status.state == SessionClusterState::UPDATING;
  draft.enter(SessionClusterState::RUNNING);
  auto& running = draft.owner().status.running.emplace();
  running.started_at = updated ? s.view.cluster->metadata.created_at : s.wall_now;
  running.last_update_time = s.wall_now;
  draft.event(
      "SESSION_CLUSTER_SUCCESSFULLY_STARTED",
      fmt::format("Session cluster {} runs with {} slots.", name_of(s), slots_in(*s.view.cluster)));
}

SessionDecision not_ensured(SessionSituation& s, SessionDraft& draft, const Error& error) {
  const bool later = error.code == Code::kUnavailable || error.code == Code::kResourceExhausted;
  if (later && s.in_phase() < s.settings.cluster_time) {
    draft.waiting_for("the machine: " + error.message);
    return {{}, std::chrono::seconds(1)};
  }
  return lose(s, draft, error.message, error.reason, true);
}

/// Processes are asked for until that was done once in this life. @return whether there is a step
std::optional<SessionDecision> ensure_first(SessionSituation& s, SessionDraft& draft) {
  const std::string key = ensured_key(*s.view.cluster);
  if (const auto* result = std::get_if<EnsuredCluster>(&s.memory.result)) {
    if (!result->status) return not_ensured(s, draft, result->status.error());
    s.memory.ensured = key;
    return std::nullopt;
  }
  if (s.memory.ensured == key) return std::nullopt;
  return SessionDecision{EnsureSessionCluster{}, Duration(0)};
}

SessionDecision plan_coming_up(SessionSituation& s, SessionDraft& draft) {
  const bool updating = s.view.owner->status.state == SessionClusterState::UPDATING;
  if (updating && job_manager_is_dead(s)) return lose_processes(s, draft);
  if (auto first = ensure_first(s, draft)) return *first;
  if (job_manager_is_dead(s)) return lose_processes(s, draft);
  if (!updating && s.seen.processes && s.seen.processes->presence == runtime::Presence::kPresent &&
      ended(*s.seen.processes))
    return lose_processes(s, draft);
  const bool answers = s.seen.overview && *s.seen.overview;
  const int slots = answers ? (*s.seen.overview)->slots_total : 0;
  if (answers && slots >= slots_in(*s.view.cluster)) {
    ready(s, draft);
    return {{}, s.settings.poll_fast};
  }
  if (s.in_phase() >= s.settings.cluster_time) {
    const std::string state =
        answers ? fmt::format("{} of {} slots are registered", slots, slots_in(*s.view.cluster))
                : "its JobManager does not answer";
    return lose(s, draft,
                fmt::format("The cluster was not ready within {}; {}.",
                            format_duration(s.settings.cluster_time), state),
                "ClusterNotReady", true);
  }
  draft.waiting_for(
      answers ? fmt::format("slots: {} of {} are registered.", slots, slots_in(*s.view.cluster))
              : "the JobManager to answer.");
  return {{}, s.settings.poll_fast};
}

// ---- running ----

// Fewer TaskManagers must still hold the jobs, more must find room.
std::string why_not_resized(const SessionSituation& s, const model::Job& job, int slots) {
  int needed = 0;
  for (const auto& each : s.view.jobs)
    if (each->internal.submit_recorded) needed += each->spec.parallelism;
  if (slots < slots_in(*s.view.cluster) && needed > slots)
    return fmt::format("fewer jobs: they need {} slots, and {} would be left.", needed, slots);
  Room others = s.room;
  others.reserved_memory -= s.view.cluster->memory_bytes;
  others.reserved_cpu -= s.view.cluster->cpu;
  if (!others.capacity_known) return "the machine's capacity to be known.";
  const ClusterNeed need = need_of(job, job.spec.number_of_task_managers);
  if (std::string why = never_fits(others, s.settings, need); !why.empty()) return why;
  return lack_of_room(others, s.settings, need);
}

SessionDecision plan_resize(SessionSituation& s, SessionDraft& draft) {
  const auto attempt = make_attempt(s);
  const int wanted = *s.view.owner->spec.number_of_task_managers;
  std::string why =
      attempt ? why_not_resized(s, attempt->job, wanted * s.view.cluster->slots_per_task_manager)
              : attempt.error().message;
  if (!why.empty()) {
    draft.waiting_for(why);
    return {{}, std::chrono::seconds(1)};
  }
  model::Cluster& cluster = draft.cluster();
  draft.event("EXTERNAL", fmt::format("The number of TaskManagers goes from {} to {}.",
                                      cluster.task_managers, wanted));
  resize_cluster(attempt->job, cluster, wanted);
  draft.enter(SessionClusterState::UPDATING);
  return {EnsureSessionCluster{}, Duration(0)};
}

SessionDecision replace_workers(SessionSituation& s, SessionDraft& draft) {
  auto& wait_until = s.memory.worker_wait_until;
  if (wait_until && s.now < *wait_until) return {{}, *wait_until - s.now};
  const int losses = ++s.memory.lost_workers;
  wait_until = s.now + backoff(s.settings, losses);
  const std::string why = ended_process(*s.seen.processes, "taskmanager");
  draft.event("EXTERNAL",
              (why.empty() ? std::string("A TaskManager is gone.") : why) +
                  " Another one is started; the jobs that ran there go back to their newest "
                  "checkpoints.",
              {model::EventLevel::WARNING, "TaskManagerEnded", ""});
  return {EnsureSessionCluster{}, s.settings.poll_fast};
}

// A JobManager that does not answer may still work: new checkpoints on disk are its proof of life.
SessionDecision handle_unreachable(SessionSituation& s, SessionDraft& draft) {
  SessionMemory& memory = s.memory;
  if (!memory.unreachable_since) memory.unreachable_since = s.now;
  draft.waiting_for("the JobManager to answer; its jobs may still be running.");
  const bool late = s.now - *memory.unreachable_since >= s.settings.unreachable_time;
  if (auto* found = std::get_if<SeenCheckpoints>(&memory.result)) {
    memory.looked_on_disk = s.now;
    if (!found->locations) return {{}, std::chrono::seconds(1)};
    const bool first = !memory.checkpoints;
    const bool alive = !first && std::any_of(found->locations->begin(), found->locations->end(),
                                             [&](const std::string& location) {
                                               return !memory.checkpoints->contains(location);
                                             });
    memory.checkpoints = std::move(*found->locations);
    if (alive) memory.unreachable_since = s.now;
    if (!first && !alive && late)
      return lose(s, draft,
                  fmt::format("The JobManager has not answered for {} and its jobs make no "
                              "checkpoints; its processes are ended.",
                              format_duration(s.settings.unreachable_time)),
                  "JobManagerUnreachable", true);
    return {{}, std::chrono::seconds(1)};
  }
  const bool look = !memory.checkpoints || late;
  if (look && (!memory.looked_on_disk || s.now - *memory.looked_on_disk >= std::chrono::seconds(5)))
    return {LookForCheckpoints{}, Duration(0)};
  return {{}, std::chrono::seconds(1)};
}

// Flink cannot tell what became of a job's submit: only the end of its cluster proves it gone.
const model::Job* unresolved(const SessionView& view) {
  for (const auto& job : view.jobs)
    if (job->internal.unresolved.value_or(false) &&
        job->internal.cluster_id == view.cluster->metadata.id)
      return &*job;
  return nullptr;
}

// The API refuses to stop while jobs run; one that came in between is waited for.
SessionDecision plan_stop(SessionSituation& s, SessionDraft& draft) {
  const bool given_up = s.view.owner->spec.state == SessionClusterDesiredState::RUNNING;
  const bool waits = !given_up && !s.view.jobs.empty() && unresolved(s.view) == nullptr;
  if (waits && !job_manager_is_dead(s)) {
    // Nor does it end a job that nobody can be asked about.
    if (s.seen.overview && !*s.seen.overview) return handle_unreachable(s, draft);
    const std::string text = fmt::format(
        "these jobs to end: {}. Cancel or suspend their deployments.", names_of(s.view.jobs));
    if (s.view.owner->status.waiting_for != text)
      draft.event("FAILED_TO_STOP_SESSION_CLUSTER", "The session cluster waits for " + text,
                  {model::EventLevel::WARNING, "JobsRunning", ""});
    draft.waiting_for(text);
    return {{}, std::chrono::seconds(1)};
  }
  draft.cluster().phase = ClusterPhase::TEARING_DOWN;
  if (!given_up) {
    draft.enter(SessionClusterState::STOPPING);
    draft.event("AWAIT_FOR_A_CLUSTER_TO_TEARDOWN", "Waiting for the cluster's processes to end.");
  }
  return {tear_down(*s.view.cluster), Duration(0)};
}

SessionDecision plan_running_session(SessionSituation& s, SessionDraft& draft) {
  const auto& owner = *s.view.owner;
  if (job_manager_is_dead(s)) return lose_processes(s, draft);
  const bool known = s.seen.processes && s.seen.processes->presence != runtime::Presence::kUnknown;
  if (known && s.seen.processes->task_managers_alive < s.view.cluster->task_managers)
    return replace_workers(s, draft);
  if (!s.seen.overview || !*s.seen.overview) return handle_unreachable(s, draft);
  s.memory.unreachable_since.reset();
  s.memory.checkpoints.reset();
  if (owner.spec.number_of_task_managers != s.view.cluster->task_managers)
    return plan_resize(s, draft);
  const int surplus =
      known ? s.seen.processes->task_managers_alive - s.view.cluster->task_managers : 0;
  if (surplus > 0) {
    draft.waiting_for(
        fmt::format("{} TaskManager{} without tasks to end; what runs is not moved for that.",
                    surplus, surplus == 1 ? "" : "s"));
    return {EndIdleWorkers{surplus, false}, std::chrono::seconds(2)};
  }
  if (owner.status.waiting_for) draft.owner().status.waiting_for.reset();
  if (s.in_phase() >= kHeld) {
    s.memory.lost_workers = s.memory.uncounted = 0;
    if (owner.internal.failures > 0) draft.owner().internal.failures = 0;
  }
  return {{}, s.settings.poll_stable};
}

}  // namespace

bool comes_up(const SessionView& view) {
  return wants_running(*view.owner) && view.owner->status.state == SessionClusterState::STARTING &&
         (!view.cluster || view.cluster->phase == ClusterPhase::WANTED);
}

SessionDecision plan_session_cluster(SessionSituation& s, SessionDraft& draft) {
  note_phase(s);
  const SessionView& view = s.view;
  if (view.cluster && view.cluster->phase != ClusterPhase::WANTED) return plan_end(s, draft);
  if (!wants_running(*view.owner)) return view.cluster ? plan_stop(s, draft) : plan_rest(s, draft);
  if (!view.cluster) return plan_new_attempt(s, draft);
  if (const model::Job* job = unresolved(view))
    return lose(s, draft,
                fmt::format("Flink does not tell what became of job {} of deployment {}; the "
                            "cluster is started anew to make certain.",
                            job->metadata.id, job->metadata.deployment_name.value_or("?")),
                "JobUnresolved", false);
  switch (view.owner->status.state) {
    case SessionClusterState::RUNNING: return plan_running_session(s, draft);
    case SessionClusterState::STARTING:
    case SessionClusterState::UPDATING: return plan_coming_up(s, draft);
    default: break;
  }
  // It was stopping when the user wanted it again: its processes are as they were.
  draft.enter(SessionClusterState::STARTING);
  draft.event("SPINNING_UP_A_CLUSTER_FOR_A_SESSION_CLUSTER",
              fmt::format("Session cluster {} is wanted again.", name_of(s)));
  return {};
}

}  // namespace weir::control
