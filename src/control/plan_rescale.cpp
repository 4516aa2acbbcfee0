#include <fmt/format.h>

#include <algorithm>

#include "control/mistakes.h"
#include "control/plan.h"

namespace weir::control {

using model::TransitionPhase;
using model::UpgradeStage;

namespace {

using Requirements = std::map<std::string, int>;

constexpr Duration kAskAgain = std::chrono::seconds(5);
constexpr Duration kPoliteness = std::chrono::seconds(10);

const model::Rescaling& rescaling_of(const Situation& s) { return *s.view.transition->rescaling; }

// The vertices that the job's parallelism is for. Known only by their number the first time; kept
// from then on, because another vertex may have the number that these come to.
std::vector<std::string> scaled_vertices(const Situation& s) {
  if (const auto& known = s.view.job->internal.scaled_vertices) return *known;
  std::vector<std::string> scaled;
  for (const auto& vertex : **s.seen.parallelism)
    if (vertex.upper == rescaling_of(s).from) scaled.push_back(vertex.vertex);
  return scaled;
}

bool is_among(const std::vector<std::string>& vertices, const std::string& vertex) {
  return std::find(vertices.begin(), vertices.end(), vertex) != vertices.end();
}

// All vertices must be named; those whose parallelism stands in the program stay.
Requirements requirements(const std::vector<flink::VertexParallelism>& vertices,
                          const std::vector<std::string>& scaled, int parallelism) {
  Requirements of_vertices;
  for (const auto& vertex : vertices)
    of_vertices[vertex.vertex] = is_among(scaled, vertex.vertex) ? parallelism : vertex.upper;
  return of_vertices;
}

bool is_required(const std::vector<flink::VertexParallelism>& vertices,
                 const Requirements& of_vertices) {
  return std::all_of(vertices.begin(), vertices.end(), [&](const auto& vertex) {
    const int wanted = of_vertices.at(vertex.vertex);
    return vertex.lower == wanted && vertex.upper == wanted;
  });
}

// Why Flink would not take it; empty if it will.
std::string refusal(const std::vector<flink::VertexParallelism>& vertices,
                    const std::vector<std::string>& scaled, int to) {
  if (scaled.empty()) return "every vertex has a parallelism of its own";
  for (const auto& vertex : vertices)
    if (is_among(scaled, vertex.vertex) && vertex.most > 0 && vertex.most < to)
      return fmt::format("the maximum parallelism of a vertex is {}", vertex.most);
  return {};
}

bool runs(const Situation& s) {
  return s.seen.job && *s.seen.job && (*s.seen.job)->state == flink::JobState::kRunning &&
         (*s.seen.job)->all_tasks_running;
}

bool has_ended(const Situation& s) {
  return s.seen.job && *s.seen.job && flink::is_globally_terminal((*s.seen.job)->state);
}

bool is_known(const Situation& s) {
  return s.seen.cluster && s.seen.cluster->presence == runtime::Presence::kPresent;
}

// The upgrade goes on as if it could not be done in place. What was asked of Flink is taken back by
// `hold_parallelism`, should the job run on after all.
Decision leave_in_place(Situation& s, Draft& draft, const std::string& why) {
  s.memory.parallelism_held.clear();
  auto& transition = draft.transition();
  transition.not_in_place = why;
  transition.rescaling.reset();
  transition.stage = UpgradeStage::PREPARE;
  transition.old_job_id = s.view.job->metadata.id;
  transition.spared_cluster_id = s.view.cluster->metadata.id;
  draft.enter(TransitionPhase::CREATE_JOB);
  draft.event("EXTERNAL",
              fmt::format("The job is not rescaled as it runs, because {}. It is upgraded another "
                          "way.",
                          why),
              {model::EventLevel::WARNING, "NotInPlace", why});
  return {};
}

// Nothing was asked of Flink, and the user wants something else by now.
bool is_unwanted(const Situation& s) {
  return !s.view.wants(model::DesiredState::RUNNING) ||
         s.view.wanted_revision() != rescaling_of(s).revision;
}

// What a lost process means while the job runs on. @return what to do first
std::optional<Decision> look_after_processes(Situation& s, Draft& draft) {
  if (cluster_is_lost(s)) {
    begin_recovery(s, draft, ended_process(*s.seen.cluster, "jobmanager"), "");
    return Decision{};
  }
  auto& wait_until = s.memory.worker_wait_until;
  const bool whole =
      !is_known(s) || s.seen.cluster->task_managers_alive >= s.view.cluster->task_managers;
  if (whole || (wait_until && s.now < *wait_until)) return std::nullopt;
  wait_until = s.now + std::chrono::seconds(2);
  return Decision{EnsureCluster{}, s.settings.poll_fast};
}

// Savepoints in mid-life do not count: Flink does not go back to them.
std::int64_t newest_checkpoint(const flink::CheckpointStatistics& statistics) {
  const auto& latest = statistics.latest_completed;
  return latest && !latest->is_savepoint ? latest->id : -1;
}

// A checkpoint that is made on purpose: what came after it is read again by the rescaled job.
Decision make_checkpoint(Situation& s, Draft& draft) {
  const auto& statistics = s.seen.checkpoints;
  auto& before = s.memory.checkpoint_before;
  if (!statistics || !*statistics || !runs(s)) return {{}, s.settings.poll_fast};
  if (!(*statistics)->enabled) return leave_in_place(s, draft, "the job makes no checkpoints");
  auto& asked = s.memory.checkpoint_asked;
  if (!before) before = newest_checkpoint(**statistics);
  else if (asked && s.now - *asked < kAskAgain) return {{}, s.settings.poll_gap};
  asked = s.now;
  draft.waiting_for("a checkpoint to go on from.");
  return {TriggerCheckpoint{}, s.settings.poll_gap};
}

Decision ask_flink(Situation& s, Draft& draft) {
  const model::Rescaling& rescaling = rescaling_of(s);
  if (!s.seen.parallelism) return {{}, s.settings.poll_fast};
  if (!*s.seen.parallelism) {
    const Error& error = s.seen.parallelism->error();
    if (may_work_later(error)) return {{}, s.settings.poll_fast};
    return leave_in_place(s, draft, error.message);
  }
  const auto& vertices = **s.seen.parallelism;
  auto scaled = scaled_vertices(s);
  if (const std::string why = refusal(vertices, scaled, rescaling.to); !why.empty())
    return leave_in_place(s, draft, why);
  auto& changed = *draft.transition().rescaling;
  changed.restored_before = (*s.seen.checkpoints)->restored;
  changed.requested_at = s.wall_now;
  s.memory.parallelism_asked = s.now;
  RequireParallelism require{requirements(vertices, scaled, rescaling.to)};
  draft.job().internal.scaled_vertices = std::move(scaled);
  draft.enter(TransitionPhase::RESCALE);
  return {std::move(require), Duration(0)};
}

// All vertices run as required, from state, and none waits to be asked.
bool is_rescaled(const Situation& s) {
  const model::Rescaling& rescaling = rescaling_of(s);
  if (!runs(s) || !s.seen.checkpoints || !*s.seen.checkpoints) return false;
  if ((*s.seen.checkpoints)->restored <= rescaling.restored_before) return false;
  if (!s.seen.parallelism || !*s.seen.parallelism) return false;
  const auto& vertices = **s.seen.parallelism;
  return is_required(vertices, requirements(vertices, scaled_vertices(s), rescaling.to)) &&
         std::all_of(vertices.begin(), vertices.end(),
                     [](const auto& vertex) { return vertex.now == vertex.upper; });
}

Decision record_rescaled(Situation& s, Draft& draft) {
  const model::Rescaling& rescaling = rescaling_of(s);
  model::Job& job = draft.job();
  job.spec.parallelism = rescaling.to;
  job.spec.number_of_task_managers = rescaling.number_of_task_managers;
  take_revision(s, draft, rescaling.revision);
  job.status.rescale =
      model::RescaleStatus{rescaling.from, rescaling.to, rescaling.requested_at, s.wall_now};
  s.memory.restarts = -1;
  // Where Flink itself makes them seldom, the one that was made for this is the newest for long.
  if (const auto& latest = (*s.seen.checkpoints)->latest_completed; latest && !latest->is_savepoint)
    record_checkpoint(s, draft, *latest);
  draft.enter(TransitionPhase::SHED_WORKERS);
  draft.event("EXTERNAL",
              fmt::format("Job {} runs on with parallelism {} instead of {}.", job.metadata.id,
                          rescaling.to, rescaling.from),
              {model::EventLevel::INFO, "Rescaled", ""});
  return {};
}

}  // namespace

Decision begin_rescale(Situation& s, Draft& draft, const model::Job& wanted,
                       const WayChoice& choice) {
  auto& transition = draft.transition();
  transition.stage = UpgradeStage::NONE;
  transition.way = choice.way;
  transition.old_job_id.reset();
  transition.spared_cluster_id.reset();
  model::Rescaling& rescaling = transition.rescaling.emplace();
  rescaling.from = s.view.old_job->spec.parallelism;
  rescaling.to = wanted.spec.parallelism;
  rescaling.number_of_task_managers = wanted.spec.number_of_task_managers;
  rescaling.revision = wanted.status.revision;
  s.memory.checkpoint_asked.reset();
  s.memory.checkpoint_before.reset();
  draft.enter(TransitionPhase::ADD_WORKERS);
  draft.event("USING_AN_UPGRADE_STRATEGY",
              fmt::format("The upgrade goes by IN_PLACE. {}", choice.reason));
  return {};
}

Decision plan_add_workers(Situation& s, Draft& draft) {
  const model::Rescaling& rescaling = rescaling_of(s);
  if (has_ended(s)) return leave_in_place(s, draft, "the job has ended");
  if (is_unwanted(s)) {
    draft.enter(TransitionPhase::SHED_WORKERS);
    return {};
  }
  if (s.in_phase() >= s.settings.rescale_time)
    return leave_in_place(
        s, draft,
        fmt::format("its TaskManagers and its checkpoint were not ready within {}",
                    format_duration(s.settings.rescale_time)));
  const auto& cluster = *s.view.cluster;
  const int spare = s.view.deployment->spec.spare_task_managers.value_or(0);
  const int workers = rescaling.number_of_task_managers + spare;
  if (cluster.task_managers < workers) {
    if (!s.room.capacity_known) return {{}, s.settings.poll_fast};
    const std::string lack = lack_of_room_to_grow(s, cluster, *s.view.job, workers);
    if (!lack.empty()) return leave_in_place(s, draft, "there is no room: " + lack);
    resize_cluster(*s.view.job, draft.cluster(), workers);
    return {EnsureCluster{}, Duration(0)};
  }
  if (auto first = look_after_processes(s, draft)) return *first;
  const bool answers = s.seen.overview && *s.seen.overview;
  const int slots = answers ? (*s.seen.overview)->slots_total : 0;
  const int wanted = rescaling.number_of_task_managers * cluster.slots_per_task_manager;
  if (slots < wanted) {
    draft.waiting_for(fmt::format("slots: {} of {} are registered.", slots, wanted));
    return {{}, s.settings.poll_fast};
  }
  const bool made = s.memory.checkpoint_before && s.seen.checkpoints && *s.seen.checkpoints &&
                    newest_checkpoint(**s.seen.checkpoints) > *s.memory.checkpoint_before;
  if (made || mistakes.rescale_without_checkpoint)
    return s.seen.checkpoints && *s.seen.checkpoints ? ask_flink(s, draft)
                                                     : Decision{{}, s.settings.poll_fast};
  return make_checkpoint(s, draft);
}

Decision plan_rescale(Situation& s, Draft& draft) {
  if (auto first = look_after_processes(s, draft)) return *first;
  if (has_ended(s)) return leave_in_place(s, draft, "the job has ended");
  if (is_rescaled(s)) return record_rescaled(s, draft);
  const auto* required = std::get_if<RequiredParallelism>(&s.memory.result);
  if (required != nullptr && !required->status && !may_work_later(required->status.error()))
    return leave_in_place(s, draft, required->status.error().message);
  const model::Rescaling& rescaling = rescaling_of(s);
  if (s.in_phase() >= s.settings.rescale_time)
    return leave_in_place(s, draft,
                          fmt::format("its tasks did not run with parallelism {} within {}",
                                      rescaling.to, format_duration(s.settings.rescale_time)));
  draft.waiting_for(fmt::format("all tasks to run with parallelism {}.", rescaling.to));
  auto& asked = s.memory.parallelism_asked;
  const bool again = !asked || s.now - *asked >= kAskAgain;
  if (!again || !s.seen.parallelism || !*s.seen.parallelism) return {{}, poll_in_gap(s)};
  asked = s.now;
  return {RequireParallelism{requirements(**s.seen.parallelism, scaled_vertices(s), rescaling.to)},
          poll_in_gap(s)};
}

Decision plan_shed_workers(Situation& s, Draft& draft) {
  if (cluster_is_lost(s)) {
    begin_recovery(s, draft, ended_process(*s.seen.cluster, "jobmanager"), "");
    return {};
  }
  const int wanted = task_managers_for(s.view, *s.view.job);
  if (s.view.cluster->task_managers > wanted) resize_cluster(*s.view.job, draft.cluster(), wanted);
  const int surplus = is_known(s) ? s.seen.cluster->task_managers_alive - wanted : 1;
  const bool late = s.in_phase() >= s.settings.rescale_time;
  if (surplus <= 0 || late) {
    if (late)
      draft.event("EXTERNAL",
                  "TaskManagers that the job does not need any more could not be ended; they stay "
                  "until its cluster ends.",
                  {model::EventLevel::WARNING, "SurplusTaskManagers", ""});
    show_running(s, draft, *s.view.job);
    draft.finish(model::ObservedState::RUNNING, "State transition to RUNNING is completed.");
    return {};
  }
  if (!is_known(s)) return {{}, s.settings.poll_fast};
  draft.waiting_for("TaskManagers that are not needed any more to end.");
  return {EndIdleWorkers{surplus, s.in_phase() >= kPoliteness}, s.settings.poll_fast};
}

namespace {

std::string attempt_of(const View& view) {
  return fmt::format("{}/{}", view.cluster->metadata.id, view.job->metadata.id);
}

}  // namespace

bool must_hold_parallelism(const View& view, const Memory& memory) {
  return view.job && view.cluster && can_rescale_in_place(*view.job) &&
         memory.parallelism_held != attempt_of(view);
}

std::optional<Decision> hold_parallelism(Situation& s, Draft& draft) {
  if (!must_hold_parallelism(s.view, s.memory) || !s.seen.parallelism) return std::nullopt;
  if (!*s.seen.parallelism) {
    // A batch job, or code that chose otherwise.
    if (s.seen.parallelism->error().reason == "NotAdaptive")
      s.memory.parallelism_held = attempt_of(s.view);
    return std::nullopt;
  }
  const auto& vertices = **s.seen.parallelism;
  const auto& scaled = s.view.job->internal.scaled_vertices;
  Requirements of_vertices = requirements(vertices, scaled.value_or(std::vector<std::string>()),
                                          s.view.job->spec.parallelism);
  if (is_required(vertices, of_vertices)) {
    s.memory.parallelism_held = attempt_of(s.view);
    return std::nullopt;
  }
  // Where Flink does not take it, everything else goes on.
  auto& asked = s.memory.parallelism_asked;
  const bool again =
      s.memory.parallelism_asked_of != attempt_of(s.view) || !asked || s.now - *asked >= kAskAgain;
  if (!again) return std::nullopt;
  s.memory.parallelism_asked_of = attempt_of(s.view);
  asked = s.now;
  return Decision{RequireParallelism{std::move(of_vertices)}, s.settings.poll_gap};
}

}  // namespace weir::control
