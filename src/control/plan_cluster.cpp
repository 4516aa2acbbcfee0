#include <fmt/format.h>

#include "base/sizes.h"
#include "base/strings.h"
#include "control/mistakes.h"
#include "control/plan.h"
#include "control/plan_session.h"
#include "control/standby.h"
#include "model/slots.h"

namespace weir::control {

using model::TransitionKind;
using model::TransitionPhase;

namespace {

// Clusters of one attempt that were lost through no fault of the job: taken ports, reboots.
constexpr int kUncountedTries = 5;

std::int64_t memory_of(const std::optional<model::ResourceSpec>& resource) {
  const auto bytes = parse_bytes(resource && resource->memory ? *resource->memory : "2G");
  return bytes ? *bytes : 0;
}

double cpu_of(const std::optional<model::ResourceSpec>& resource) {
  return resource && resource->cpu ? *resource->cpu : 1.0;
}

}  // namespace

ClusterNeed need_of(const model::Job& job, int workers) {
  const auto& resources = job.spec.resources;
  return {memory_of(resources.jobmanager) + workers * memory_of(resources.taskmanager),
          cpu_of(resources.jobmanager) + workers * cpu_of(resources.taskmanager)};
}

int task_managers_for(const View& view, const model::Job& job) {
  return job.spec.number_of_task_managers + view.deployment->spec.spare_task_managers.value_or(0);
}

void resize_cluster(const model::Job& job, model::Cluster& cluster, int task_managers) {
  const ClusterNeed need = need_of(job, task_managers);
  cluster.task_managers = task_managers;
  cluster.memory_bytes = need.memory;
  cluster.cpu = need.cpu;
}

std::string lack_of_room(const Situation& s, const model::Job& job) {
  return lack_of_room(s.room, s.settings, need_of(job, task_managers_for(s.view, job)));
}

std::string lack_of_room_to_grow(const Situation& s, const model::Cluster& cluster,
                                 const model::Job& job, int task_managers) {
  const ClusterNeed wanted = need_of(job, task_managers);
  return lack_of_room(s.room, s.settings,
                      {wanted.memory - cluster.memory_bytes, wanted.cpu - cluster.cpu});
}

std::string never_fits(const Situation& s, const model::Job& job) {
  return never_fits(s.room, s.settings, need_of(job, task_managers_for(s.view, job)));
}

std::string lack_of_room(const Room& room, const Settings& settings, const ClusterNeed& need) {
  const auto& capacity = room.capacity;
  if (capacity.disk_free_bytes < settings.disk_reserve_bytes)
    return fmt::format(
        "Only {} of disk are free; {} must stay free before anything is started. "
        "Run 'weir gc', or make room.",
        format_bytes(std::max<std::int64_t>(capacity.disk_free_bytes, 1)),
        format_bytes(settings.disk_reserve_bytes));
  if (room.is_kept)
    return "What becomes free is kept for another cluster, which has waited for room longer.";
  const std::int64_t left =
      capacity.memory_bytes - settings.memory_reserve_bytes - room.reserved_memory;
  if (need.memory > left)
    return fmt::format("The cluster needs {} of memory; {} are left beside {}.",
                       format_bytes(need.memory), format_bytes(std::max<std::int64_t>(left, 1)),
                       room.reserved_by);
  if (need.cpu > capacity.cpu - room.reserved_cpu)
    return fmt::format("The cluster needs {:.1f} CPUs; {:.1f} of {:.1f} are left beside {}.",
                       need.cpu, std::max(0.0, capacity.cpu - room.reserved_cpu), capacity.cpu,
                       room.reserved_by);
  return {};
}

std::string never_fits(const Room& room, const Settings& settings, const ClusterNeed& need) {
  const auto& capacity = room.capacity;
  if (need.memory <= capacity.memory_bytes - settings.memory_reserve_bytes &&
      need.cpu <= capacity.cpu)
    return {};
  return fmt::format(
      "The cluster needs {} of memory and {:.1f} CPUs, but this place can never give "
      "more than {} and {:.1f}. Lower resources, parallelism or "
      "numberOfTaskManagers.",
      format_bytes(need.memory), need.cpu,
      format_bytes(
          std::max<std::int64_t>(capacity.memory_bytes - settings.memory_reserve_bytes, 1)),
      capacity.cpu);
}

namespace {

Decision wait_for_room(Situation& s, Draft& draft, const std::string& why) {
  auto& since = s.memory.room_wait_since;
  if (!since) {
    since = s.now;
    draft.event("RESOURCE_QUOTA_EXCEEDED", why, {model::EventLevel::WARNING, "NoRoom", ""});
  }
  if (s.now - *since >= s.settings.room_time) {
    fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB",
                 fail(Code::kResourceExhausted, why, "NoRoom"));
    return {};
  }
  draft.waiting_for(why);
  return {{}, std::chrono::seconds(1)};
}

void record_cluster(Situation& s, Draft& draft, const runtime::Ports& ports,
                    const model::Slots& slots) {
  auto& internal = draft.deployment().internal;
  model::Job& job = draft.job();
  model::Cluster cluster;
  cluster.metadata.id = draft.new_id();
  cluster.metadata.namespace_ = job.metadata.namespace_;
  cluster.metadata.created_at = s.wall_now;
  cluster.metadata.deployment_id = s.view.deployment->metadata.id;
  cluster.metadata.job_id = job.metadata.id;
  cluster.epoch = mistakes.reuse_epoch ? std::max(internal.epoch, 1) : ++internal.epoch;
  cluster.attempt = ++job.internal.attempt;
  cluster.flink_version = job.spec.artifact.flink_version.value_or("");
  cluster.slots_per_task_manager = slots.slots_per_task_manager;
  resize_cluster(job, cluster, task_managers_for(s.view, job));
  cluster.rest_port = ports.rest;
  cluster.rpc_port = ports.rpc;
  cluster.blob_port = ports.blob;
  job.internal.cluster_id = cluster.metadata.id;
  job.internal.submit_recorded = false;
  job.internal.scaled_vertices.reset();
  s.memory.jar_id.reset();
  draft.create_cluster(std::move(cluster));
}

Decision plan_new_cluster(Situation& s, Draft& draft) {
  if (auto taken = take_standby(s, draft)) return *taken;
  if (!s.room.may_start) {
    draft.waiting_for("its turn: only a few clusters start at the same time.");
    return {{}, std::chrono::milliseconds(500)};
  }
  if (!s.room.capacity_known) return {{}, s.settings.poll_fast};
  if (const std::string why = never_fits(s, *s.view.job); !why.empty()) {
    fail_attempt(s, draft, "RESOURCE_QUOTA_EXCEEDED",
                 fail(Code::kResourceExhausted, why, "NeverFits"));
    return {};
  }
  if (const std::string why = lack_of_room(s, *s.view.job); !why.empty()) {
    const ClusterNeed need = need_of(*s.view.job, task_managers_for(s.view, *s.view.job));
    if (auto wait = make_standby_give_way(s, draft, need)) return *wait;
    if (s.view.prepares() && take_smaller_way(s, draft, why)) return {};
    return wait_for_room(s, draft, why);
  }
  const auto* chosen = std::get_if<ChosenPorts>(&s.memory.result);
  if (chosen == nullptr) return {ChoosePorts{}, Duration(0)};
  if (!chosen->ports) {
    fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB", chosen->ports.error());
    return {};
  }
  const auto slots = model::slots_of(s.view.job->spec);
  if (!slots) {
    fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB", slots.error());
    return {};
  }
  record_cluster(s, draft, *chosen->ports, *slots);
  return {EnsureCluster{}, Duration(0)};
}

// The processes went without a word (a reboot, or their shims were killed): nobody's fault, so the
// same job gets another cluster and no attempt is counted.
bool lost_without_a_word(const runtime::ClusterObservation& cluster) {
  if (cluster.presence != runtime::Presence::kAbsent) return false;
  for (const auto& process : cluster.processes)
    if (process.exit_code || process.exit_signal) return false;
  return true;
}

Error exit_error(const runtime::ProcessObservation& process) {
  const std::string what = process.role == "jobmanager"
                               ? "The JobManager"
                               : fmt::format("TaskManager {}", process.index);
  const std::string how =
      process.exit_signal ? fmt::format("was ended by signal {}", *process.exit_signal)
      : process.exit_code ? fmt::format("ended with exit code {}", *process.exit_code)
                          : "ended";
  std::string advice;
  if (process.cause == "PortTaken") advice = " A port was taken meanwhile.";
  if (process.cause == "OutOfMemory") advice = " It ran out of memory: give it more.";
  if (process.cause == "BadOption") advice = " A Flink or JVM option is wrong: see the cause.";
  if (process.cause == "JavaMissing")
    advice = " Java could not be executed: see 'weir flink list'.";
  Error error(Code::kFailedPrecondition,
              fmt::format("{} {} while the cluster came up.{}", what, how, advice),
              process.cause.empty() ? "ProcessEnded" : process.cause);
  return error;
}

// Through no fault of the job.
void try_another_cluster(Draft& draft) {
  ++draft.transition().attempts;
  draft.enter(TransitionPhase::TEAR_DOWN);
}

}  // namespace

bool handle_ended_process(Situation& s, Draft& draft) {
  const auto& cluster = *s.seen.cluster;
  const bool uncounted = s.view.transition->attempts < kUncountedTries;
  if (uncounted && lost_without_a_word(cluster) && !cluster.processes.empty()) {
    try_another_cluster(draft);
    return true;
  }
  for (const auto& process : cluster.processes) {
    if (process.state != runtime::ProcessState::kExited) continue;
    // What a standby cluster died of was before the job came, unless its main() has run there.
    const bool before_job =
        s.view.transition->phase == TransitionPhase::AWAIT_CLUSTER && was_standby(*s.view.cluster);
    if (uncounted && (process.cause == "PortTaken" || before_job)) {
      try_another_cluster(draft);
      return true;
    }
    Error error = exit_error(process);
    error.message += process.last_words.empty() ? "" : "\n" + process.last_words;
    fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB", error);
    return true;
  }
  return false;
}

Decision plan_spin_up(Situation& s, Draft& draft) {
  // One writer: nothing comes up beside a cluster that is not proven gone, unless it is known to
  // stay: the running job's while the next one is prepared.
  const bool ending = s.view.cluster && !s.view.job_in_session() &&
                      s.view.cluster->phase != model::ClusterPhase::WANTED;
  const auto is_foreign = [&](const store::Stored<model::Cluster>& cluster) {
    return cluster->metadata.id != s.view.transition->spared_cluster_id &&
           (!s.view.cluster || cluster->metadata.id != s.view.cluster->metadata.id);
  };
  if (ending || std::any_of(s.view.clusters.begin(), s.view.clusters.end(), is_foreign)) {
    draft.enter(TransitionPhase::TEAR_DOWN);
    return {};
  }
  if (s.view.job_in_session()) return plan_join_session(s, draft);
  if (!s.view.cluster) return plan_new_cluster(s, draft);
  const auto* ensured = std::get_if<EnsuredCluster>(&s.memory.result);
  if (ensured == nullptr) return {EnsureCluster{}, Duration(0)};
  if (!ensured->status) {
    const Error& error = ensured->status.error();
    if (error.code == Code::kUnavailable) {
      draft.waiting_for("the machine: " + error.message);
      if (s.in_phase() < s.settings.cluster_time) return {{}, std::chrono::seconds(1)};
    }
    if (error.reason == "JobManagerEnded" && was_standby(*s.view.cluster) &&
        s.view.transition->attempts < kUncountedTries) {
      try_another_cluster(draft);
      return {};
    }
    fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB", error);
    return {};
  }
  s.memory.phases.processes_at = s.wall_now;
  draft.enter(TransitionPhase::AWAIT_CLUSTER);
  draft.event("AWAITING_FOR_A_CLUSTER_TO_SPIN_UP", "Waiting for a cluster to become ready.");
  return {};
}

Decision plan_await_cluster(Situation& s, Draft& draft) {
  if (s.view.job_in_session()) return plan_await_session(s, draft);
  const auto& cluster = *s.view.cluster;
  const bool shared = s.view.shares_running_cluster();  // then it is looked after already
  if (!shared && s.seen.cluster && handle_ended_process(s, draft)) return {};
  const std::string place = cluster.metadata.id + "/" + s.view.job->metadata.id;
  const auto* uploaded = std::get_if<UploadedJar>(&s.memory.result);
  if (uploaded != nullptr && uploaded->jar_id) {
    s.memory.jar_id = *uploaded->jar_id;
    s.memory.jar_place = place;
    s.memory.phases.uploaded_at = s.wall_now;
  }
  if (uploaded != nullptr && !uploaded->jar_id) {
    if (!may_work_later(uploaded->jar_id.error())) {
      fail_attempt(s, draft, "FAILED_CREATING_A_NEW_JOB", uploaded->jar_id.error());
      return {};
    }
    if (s.in_phase() < s.settings.cluster_time) return {{}, s.settings.poll_fast * 3};
  }
  const bool answers = s.seen.overview && *s.seen.overview;
  const int slots = answers ? (*s.seen.overview)->slots_total : 0;
  // A spare TaskManager may come later.
  const int wanted = s.view.job->spec.number_of_task_managers * cluster.slots_per_task_manager;
  if (answers && !s.memory.phases.rest_at) s.memory.phases.rest_at = s.wall_now;
  if (slots >= wanted && !s.memory.phases.slots_at) s.memory.phases.slots_at = s.wall_now;
  const bool has_jar = s.memory.jar_id && s.memory.jar_place == place;
  if (answers && !has_jar && s.in_phase() < s.settings.cluster_time)
    return {UploadJar{}, Duration(0)};
  if (answers && has_jar && slots >= wanted) {
    draft.cluster().jar_id = s.memory.jar_id;
    if (s.view.prepares()) {
      draft.enter(TransitionPhase::CHECK_PLAN);
      return {CheckPlan{}, Duration(0)};
    }
    model::Job& job = draft.job();
    job.internal.submit_recorded = true;
    draft.enter(TransitionPhase::SUBMIT);
    draft.event("AWAITING_A_JOB_TO_START",
                fmt::format("Waiting for job {} to start.", job.metadata.id));
    return {SubmitJob{}, Duration(0)};
  }
  if (s.in_phase() >= s.settings.cluster_time) {
    const std::string state =
        answers ? fmt::format("{} of {} slots registered, the jar {}uploaded", slots, wanted,
                              has_jar ? "" : "not ")
                : "its JobManager does not answer: " +
                      (s.seen.overview ? s.seen.overview->error().message : std::string("unknown"));
    fail_attempt(s, draft, "FAILED_TO_CREATE_CLUSTER_FOR_JOB",
                 fail(Code::kDeadline,
                      fmt::format("The cluster was not ready within {}; {}. See 'weir logs'.",
                                  format_duration(s.settings.cluster_time), state),
                      "ClusterNotReady"));
    return {};
  }
  draft.waiting_for(answers ? fmt::format("slots: {} of {} are registered.", slots, wanted)
                            : "the JobManager to answer.");
  // The jar is there, and nothing is processed until the slots are: they come any moment.
  return {{}, answers ? poll_in_gap(s) : s.settings.poll_fast};
}

}  // namespace weir::control
