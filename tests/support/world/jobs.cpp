#include <fmt/format.h>

#include <csignal>

#include "support/world/world.h"

namespace weir::simulated {

using flink::JobState;

namespace {

constexpr std::size_t kRetained = 3;
constexpr Duration kRecordTime = 10ms;

bool is_over(const Job& job) { return flink::is_globally_terminal(job.state); }

int needed_slots(const Job& job) {
  int most = 0;
  for (const auto& [id, bounds] : job.vertices) most = std::max(most, bounds.upper);
  return most;
}

int least_slots(const Job& job) {
  int most = 0;
  for (const auto& [id, bounds] : job.vertices) most = std::max(most, bounds.lower);
  return most;
}

// The tasks that need a slot each.
int tasks_of(const Job& job) {
  int most = 0;
  for (const auto& [id, bounds] : job.vertices) most = std::max(most, bounds.now);
  return most;
}

int slots_of_others(const Cluster& cluster, const Job& job) {
  int slots = 0;
  for (const auto& [id, other] : cluster.jobs)
    if (id != job.id && other.state == JobState::kRunning) slots += tasks_of(other);
  return slots;
}

// The coordinator gives up what is pending when its job ends or restarts.
void fail_pending(Job& job, const std::string& why) {
  for (auto& [id, trigger] : job.triggers)
    if (trigger.state == flink::TriggerState::kInProgress)
      trigger = {flink::TriggerState::kFailed, "", why};
}

}  // namespace

Program Program::parse(const std::vector<std::string>& arguments) {
  Program program;
  if (arguments.empty()) return program;
  if (arguments[0] == "bounded") program.kind = Kind::kBounded;
  if (arguments[0] == "main-throws") program.kind = Kind::kMainThrows;
  if (arguments[0] == "fails") program.kind = Kind::kFails;
  if (arguments[0] == "restarts-forever") program.kind = Kind::kRestartsForever;
  if (arguments.size() > 1) program.length = std::chrono::seconds(std::stoi(arguments[1]));
  return program;
}

Job* World::job(const std::string& cluster_id, const std::string& job_id) {
  Cluster* found = cluster(cluster_id);
  if (found == nullptr) return nullptr;
  const auto job = found->jobs.find(job_id);
  return job == found->jobs.end() ? nullptr : &job->second;
}

std::int64_t World::position_of(const Job& job) const {
  if (!job.writes || !job.running_since) return job.position;
  return job.position + (now() - *job.running_since) / kRecordTime;
}

void World::enter(Cluster& cluster, Job& job, JobState state) {
  job.state = state;
  job.all_tasks_running = false;
  ++job.life;
  tell(fmt::format("job {} on {} is {}", job.id, cluster.spec.cluster_id, flink::to_string(state)));
}

void World::later(Cluster& cluster, Job& job, Duration delay,
                  std::function<void(Cluster&, Job&)> step) {
  after(delay, [this, cluster_id = cluster.spec.cluster_id, job_id = job.id, life = job.life,
                step = std::move(step)] {
    Cluster* up = this->cluster(cluster_id);
    Job* same = this->job(cluster_id, job_id);
    if (same == nullptr || same->life != life || !up->job_manager_lives()) return;
    // What a stopped process had to do it does when it goes on.
    if (up->job_manager().stopped) return later(*up, *same, std::chrono::seconds(1), step);
    step(*up, *same);
  });
}

Status World::check_plan(const Cluster& cluster, const flink::RunRequest& request) const {
  if (!cluster.jars.contains(request.jar_id))
    return fail(Code::kNotFound, "The jar is not there.", "JarNotFound");
  if (Program::parse(request.program_args).kind == Program::Kind::kMainThrows)
    return fail(Code::kInvalidArgument, "java.lang.IllegalStateException: main() threw.",
                "MainFailed");
  return {};
}

Status World::prime(Cluster& cluster, int number) {
  // A request of an earlier life that was long on its way.
  bool used = false;
  for (const auto& [id, job] : cluster.jobs) used = used || !job.foreign;
  if (number != cluster.primings || used)
    return fail(Code::kUnavailable, "There is no slot.", "NotPrimed");
  cluster.primes = weather.bad && chance(100);
  if (cluster.primes) return fail(Code::kFailedPrecondition, "It did not end.", "NotIdle");
  if (weather.bad && chance(100)) return fail(Code::kUnavailable, "It failed.", "NotPrimed");
  return {};
}

// Processes that live may write for any job of theirs that has not ended.
void World::check_one_writer(const Job& job) {
  for (const auto& [id, other] : clusters_) {
    if (!other->lives()) continue;
    for (const auto& [other_id, other_job] : other->jobs)
      if (other_job.owner == job.owner && !is_over(other_job) && !other_job.foreign)
        violate(fmt::format("job {} is submitted while job {} on cluster {} is {}", job.id,
                            other_id, id, flink::to_string(other_job.state)));
  }
}

std::string World::owner_of(const Cluster& cluster, const std::string& job_id) const {
  const auto found = owners.find(job_id);
  return found == owners.end() ? cluster.deployment_id : found->second;
}

Status World::submit(Cluster& cluster, const flink::RunRequest& request) {
  if (!cluster.jars.contains(request.jar_id))
    return fail(Code::kNotFound, "The jar is not there.", "JarNotFound");
  if (cluster.jobs.contains(request.flink_job_id))
    return fail(Code::kAlreadyExists, "Job has already been submitted.", "DuplicateJobSubmission");
  const Program program = Program::parse(request.program_args);
  if (program.kind == Program::Kind::kMainThrows)
    return fail(Code::kInvalidArgument, "java.lang.IllegalStateException: main() threw.",
                "MainFailed");
  take_configuration(cluster, request.flink_configuration);
  Job job;
  job.id = request.flink_job_id;
  job.owner = owner_of(cluster, job.id);
  job.program = program;
  job.vertices["source"] = {1, 1, 0};
  job.vertices["sums"] = {cluster.adaptive ? 1 : request.parallelism, request.parallelism, 0};
  if (request.restore_location && !request.restore_location->empty()) {
    const SavedState* state = disk.find(*request.restore_location);
    if (state == nullptr || !state->readable)
      return fail(Code::kInvalidArgument,
                  "java.io.FileNotFoundException: Cannot find checkpoint or savepoint.",
                  "RestoreFailed");
    job.restored_from = state->location;
    job.start_position = state->position;
    job.next_checkpoint = state->checkpoint_id + 1;
    job.generation = state->deployment_id == job.owner ? state->generation
                                                       : output.copied_generation(state->position);
  } else {
    job.generation = output.new_generation(job.owner);
  }
  job.position = job.start_position;
  check_one_writer(job);
  if (finished_.contains(job.id))
    violate(
        fmt::format("job {} runs again although its archive says that it has finished", job.id));
  if (cluster.primes)
    violate(fmt::format("job {} is submitted while a throwaway job has its slots", job.id));
  if (on_submit) on_submit(cluster, request);
  Job& made = cluster.jobs[job.id] = std::move(job);
  enter(cluster, made, JobState::kInitializing);
  later(cluster, made, between(20ms, 400ms), [this](Cluster& c, Job& j) {
    if (j.restored_from) ++j.restored;
    enter(c, j, JobState::kCreated);
    later(c, j, between(10ms, 100ms), [this](Cluster& c2, Job& j2) { deploy(c2, j2); });
  });
  return {};
}

// Waits for slots, then the job is RUNNING while its tasks are still being deployed. With less than
// it may have the adaptive scheduler is content after a while.
void World::deploy(Cluster& cluster, Job& job) {
  if (!job.waits_since) job.waits_since = now();
  const int slots = cluster.slots() - slots_of_others(cluster, job);
  const bool content = slots >= least_slots(job) && now() - *job.waits_since >= 10s;
  if (slots < needed_slots(job) && !content) {
    later(cluster, job, 200ms, [this](Cluster& c, Job& j) { deploy(c, j); });
    return;
  }
  job.waits_since.reset();
  for (auto& [id, bounds] : job.vertices) bounds.now = std::min(bounds.upper, slots);
  enter(cluster, job, JobState::kRunning);
  occupy_slots(cluster);
  later(cluster, job, between(50ms, 800ms), [this](Cluster& c, Job& j) {
    if (c.slots() < tasks_of(j)) return restart(c, j, "Slots were lost.");
    run_tasks(c, j);
    rescale(c, j);
  });
}

// The last TaskManagers first: which ones Flink takes is its own affair.
void World::occupy_slots(Cluster& cluster) {
  int tasks = 0;
  for (const auto& [id, job] : cluster.jobs)
    if (job.state == JobState::kRunning) tasks += tasks_of(job);
  for (auto process = cluster.processes.rbegin(); process != cluster.processes.rend(); ++process) {
    process->used = tasks > 0 && process->registered;
    if (process->used) tasks -= cluster.spec.slots_per_task_manager;
  }
}

void World::rescale(Cluster& cluster, Job& job) {
  if (!job.all_tasks_running || job.stopping) return;
  bool differs = false;
  const int slots = cluster.slots() - slots_of_others(cluster, job);
  for (const auto& [id, bounds] : job.vertices)
    differs |= bounds.now != std::min(bounds.upper, std::max(bounds.now, slots));
  if (!differs || slots < least_slots(job)) return;
  stop_tasks(cluster, job);
  fail_pending(job, "The job is rescaled.");
  go_back(job);
  enter(cluster, job, JobState::kRestarting);
  later(cluster, job, between(20ms, 200ms), [this](Cluster& c, Job& j) { deploy(c, j); });
}

Status World::require_parallelism(Cluster& cluster, const std::string& job_id,
                                  const std::map<std::string, int>& of_vertices) {
  Job* found = job(cluster.spec.cluster_id, job_id);
  if (found == nullptr) return fail(Code::kNotFound, "Job could not be found.");
  if (!cluster.adaptive)
    return fail(Code::kFailedPrecondition, "Not the adaptive scheduler.", "NotAdaptive");
  for (const auto& [id, parallelism] : of_vertices)
    if (!found->vertices.contains(id))
      return fail(Code::kInvalidArgument, "Job vertex was not found in the JobGraph.");
  const bool changes = std::any_of(of_vertices.begin(), of_vertices.end(), [&](const auto& one) {
    return found->vertices[one.first].upper != one.second;
  });
  if (changes && found->all_tasks_running && found->checkpoints.empty())
    violate(fmt::format("job {} is rescaled without a checkpoint of its own", job_id));
  for (const auto& [id, parallelism] : of_vertices)
    found->vertices[id].lower = found->vertices[id].upper = parallelism;
  rescale(cluster, *found);
  return {};
}

void World::run_tasks(Cluster& cluster, Job& job) {
  job.all_tasks_running = true;
  job.running_since = now();
  job.writes = true;
  output.begin(job.owner, job.generation, fmt::format("{}@{}", job.id, cluster.spec.cluster_id),
               job.position);
  tell(fmt::format("job {} writes from record {}", job.id, job.position));
  schedule_checkpoint(cluster, job);
  switch (job.program.kind) {
    case Program::Kind::kBounded:
      later(cluster, job, std::max<Duration>(job.program.length - job.ran, 10ms),
            [this](Cluster& c, Job& j) {
              if (j.stopping) return;
              j.ended_by_itself = true;
              end_job(c, j, JobState::kFinished);
            });
      break;
    case Program::Kind::kFails:
      later(cluster, job, between(100ms, 1500ms), [this](Cluster& c, Job& j) {
        j.root_cause = "java.lang.RuntimeException: the job's own failure";
        enter(c, j, JobState::kFailing);
        stop_tasks(c, j);
        later(c, j, 50ms, [this](Cluster& c2, Job& j2) { end_job(c2, j2, JobState::kFailed); });
      });
      break;
    case Program::Kind::kRestartsForever:
      later(cluster, job, between(100ms, 900ms), [this](Cluster& c, Job& j) {
        restart(c, j, "java.lang.RuntimeException: a task's failure");
      });
      break;
    default: break;
  }
}

void World::stop_tasks(Cluster& cluster, Job& job) {
  if (!job.writes) return;
  const std::int64_t position = position_of(job);
  job.ran += now() - *job.running_since;
  job.position = position;
  job.writes = false;
  job.running_since.reset();
  output.end(job.owner, job.generation, fmt::format("{}@{}", job.id, cluster.spec.cluster_id),
             position);
}

void World::go_back(Job& job) {
  job.position = job.start_position;
  if (job.restored_from || !job.checkpoints.empty()) ++job.restored;
  if (!job.checkpoints.empty())
    if (const SavedState* newest = disk.find(job.checkpoints.back()))
      job.position = newest->position;
}

// Flink's own restart.
void World::restart(Cluster& cluster, Job& job, const std::string& why) {
  if (job.foreign || is_over(job) || job.state == JobState::kCancelling ||
      job.state == JobState::kFailing)
    return;
  // Once the trigger is complete all tasks have ended: none is left to fail.
  if (job.stopping && job.triggers[*job.stopping].state == flink::TriggerState::kCompleted) return;
  if (job.state == JobState::kInitializing) return;  // it has no tasks yet that could fail
  stop_tasks(cluster, job);
  job.root_cause = why;
  if (fails_to_stop(cluster, job)) return;
  fail_pending(job, "The job failed during the savepoint: " + why);
  job.stopping.reset();
  ++job.restarts;
  go_back(job);
  enter(cluster, job, JobState::kRestarting);
  const Duration wait =
      std::min<Duration>(100ms * (1LL << std::min<std::int64_t>(job.restarts, 7)), Duration(10s));
  later(cluster, job, wait, [this](Cluster& c, Job& j) { deploy(c, j); });
}

void World::fail_tasks(const std::string& cluster_id, const std::string& why) {
  Cluster* found = cluster(cluster_id);
  if (found == nullptr || !found->job_manager_lives() || found->job_manager().stopped) return;
  for (auto& [id, job] : found->jobs) restart(*found, job, why);
}

void World::submit_foreign(Cluster& cluster) {
  Job job;
  job.id = fmt::format("{:032x}", 0xf0000000ULL + below(1ULL << 28));
  job.foreign = true;
  enter(cluster, cluster.jobs[job.id] = std::move(job), JobState::kRunning);
}

void World::end_job(Cluster& cluster, Job& job, JobState state) {
  stop_tasks(cluster, job);
  fail_pending(job, "The checkpoint coordinator is shutting down.");
  enter(cluster, job, state);
  // A moment later, and only if the JobManager lives that long, its archive says so.
  later(cluster, job, between(1ms, 200ms), [this](Cluster& c, Job& j) { archive(c, j); });
  // RETAIN_ON_CANCELLATION keeps checkpoints of cancelled and failed jobs, not of finished ones.
  if (state != JobState::kFinished) return;
  for (const std::string& location : job.checkpoints) disk.remove(location);
  job.checkpoints.clear();
}

void World::archive(Cluster& cluster, Job& job) {
  archives[fmt::format("/data/clusters/{}/archive/{}", cluster.spec.cluster_id, job.id)] = {
      job.state, job.root_cause};
  if (job.state == JobState::kFinished && job.ended_by_itself) finished_.insert(job.id);
  if (weather.bad && chance(100)) kill(cluster.spec.cluster_id, "jobmanager", 0, SIGKILL);
}

Status World::cancel(Cluster& cluster, const std::string& job_id) {
  Job* found = job(cluster.spec.cluster_id, job_id);
  if (found == nullptr) return fail(Code::kNotFound, "Job could not be found.");
  if (found->state == JobState::kCancelling || found->state == JobState::kCanceled) return {};
  if (is_over(*found))
    return fail(Code::kFailedPrecondition, "The job has ended already.", "AlreadyEnded");
  enter(cluster, *found, JobState::kCancelling);
  later(cluster, *found, between(20ms, 1500ms),
        [this](Cluster& c, Job& j) { end_job(c, j, JobState::kCanceled); });
  return {};
}

// ---- checkpoints and savepoints ----

// What a checkpoint or savepoint that begins now will hold.
SavedState World::begin_state(const Cluster& cluster, Job& job) {
  SavedState state;
  state.deployment_id = job.owner;
  state.flink_job_id = job.id;
  state.checkpoint_id = job.next_checkpoint++;
  state.position = position_of(job);
  state.generation = job.generation;
  state.order = disk.next_order();
  state.begun_at = loop_.wall_now();
  return state;
}

void World::schedule_checkpoint(Cluster& cluster, Job& job) {
  if (cluster.checkpoint_interval <= Duration(0)) return;
  if (job.program.kind == Program::Kind::kFails ||
      job.program.kind == Program::Kind::kRestartsForever)
    return;
  later(cluster, job, cluster.checkpoint_interval, [this](Cluster& c, Job& j) {
    if (j.stopping) return;
    begin_checkpoint(c, j);
    schedule_checkpoint(c, j);
  });
}

void World::begin_checkpoint(Cluster& cluster, Job& job) {
  const SavedState state = begin_state(cluster, job);
  if (chance(30) || now() < disk_full_until) ++job.failed;
  else
    later(cluster, job, between(20ms, 600ms),
          [this, state](Cluster& c, Job& j) { complete_checkpoint(c, j, state); });
}

Status World::checkpoint_now(Cluster& cluster, const std::string& job_id) {
  Job* found = job(cluster.spec.cluster_id, job_id);
  if (found == nullptr) return fail(Code::kNotFound, "Job could not be found.");
  if (!found->all_tasks_running || found->stopping || cluster.checkpoint_interval <= Duration(0) ||
      found->program.kind == Program::Kind::kFails ||
      found->program.kind == Program::Kind::kRestartsForever)
    return fail(Code::kFailedPrecondition, "Checkpoint triggering task is not being executed.");
  begin_checkpoint(cluster, *found);
  return {};
}

void World::complete_checkpoint(Cluster& cluster, Job& job, SavedState state) {
  if (job.stopping) return;
  const std::int64_t id = state.checkpoint_id;
  state.location = fmt::format("{}/{}/chk-{}", cluster.checkpoint_directory, job.id, id);
  if (!disk.write(state)) {
    ++job.failed;
    restart(cluster, job, "java.io.IOException: " + state.location + "/_metadata already exists");
    return;
  }
  ++job.completed;
  job.checkpoints.push_back(state.location);
  job.latest_before = std::exchange(job.latest, std::nullopt);
  job.latest = {id, state.location, false, to_epoch_ms(loop_.wall_now())};
  while (job.checkpoints.size() > kRetained) {
    disk.remove(job.checkpoints.front());
    job.checkpoints.erase(job.checkpoints.begin());
  }
}

Status World::savepoint(Cluster& cluster, const std::string& job_id, const std::string& directory,
                        const std::string& trigger, bool stop) {
  Job* found = job(cluster.spec.cluster_id, job_id);
  if (found == nullptr) return fail(Code::kNotFound, "Job could not be found.");
  if (found->triggers.contains(trigger)) return {};
  if (is_over(*found) || found->state != JobState::kRunning || !found->all_tasks_running ||
      found->stopping) {
    found->triggers[trigger] = {flink::TriggerState::kFailed, "",
                                "Checkpoint triggering task is not being executed."};
    return {};
  }
  found->triggers[trigger] = {};
  if (stop) found->stopping = trigger;
  later(cluster, *found, between(5ms, 300ms), [this, directory, trigger, stop](Cluster& c, Job& j) {
    // The sources stop at the barrier: nothing is written after what the savepoint holds.
    const SavedState state = begin_state(c, j);
    if (stop) stop_tasks(c, j);
    const Duration writing = chance(30) ? between(20s, 90s) : between(20ms, 3s);
    later(c, j, writing, [this, directory, trigger, state, stop](Cluster& c2, Job& j2) {
      complete_savepoint(c2, j2, directory, trigger, state, stop);
    });
  });
  return {};
}

void World::complete_savepoint(Cluster& cluster, Job& job, const std::string& directory,
                               const std::string& trigger, SavedState state, bool stop) {
  if ((weather.bad && chance(60)) || now() < disk_full_until) {
    job.triggers[trigger] = {flink::TriggerState::kFailed, "", "Checkpoint was declined."};
    if (!stop) return;
    job.stopping.reset();
    restart(cluster, job, "Checkpoint was declined.");
    return;
  }
  state.location =
      fmt::format("{}/savepoint-{}-{}", directory, job.id.substr(0, 6), trigger.substr(0, 12));
  state.savepoint = true;
  state.ends_job = stop;
  if (!disk.write(state)) violate("a second savepoint was written to " + state.location);
  ++job.completed;  // Flink counts it among the checkpoints
  if (!stop) {
    job.triggers[trigger] = {flink::TriggerState::kCompleted, state.location, ""};
    return;
  }
  job.stopped_at = state.location;
  if (weather.bad && chance(40)) return kill(cluster.spec.cluster_id, "jobmanager", 0, SIGKILL);
  if (weather.bad && chance(40)) return restart(cluster, job, "A task failed after the savepoint.");
  end_of_savepoint_stop(cluster, job, trigger, state);
}

// A task failed after the stop's savepoint. Sinks may have committed up to it: Flink lets the job
// fail for good, older ones restart it and leave the savepoint behind.
// @return whether that decides the job's fate
bool World::fails_to_stop(Cluster& cluster, Job& job) {
  const auto written = std::exchange(job.stopped_at, std::nullopt);
  if (!written) return false;
  for (auto& [id, trigger] : job.triggers)
    if (id == job.stopping && trigger.state == flink::TriggerState::kInProgress)
      trigger = {flink::TriggerState::kFailed, "",
                 "StopWithSavepointStoppingException: A savepoint was created at: " + *written +
                     " but the job did not finish."};
  job.stopping.reset();
  if (chance(500)) {
    disk.outlived(*written);
    return false;
  }
  enter(cluster, job, JobState::kFailing);
  later(cluster, job, 50ms, [this](Cluster& c, Job& j) { end_job(c, j, JobState::kFailed); });
  return true;
}

// FINISHED is seen a little before or after the trigger is said to be complete.
void World::end_of_savepoint_stop(Cluster& cluster, Job& job, const std::string& trigger,
                                  const SavedState& state) {
  const Trigger done{flink::TriggerState::kCompleted, state.location, ""};
  const bool trigger_first = chance(500);
  if (trigger_first) job.triggers[trigger] = done;
  later(cluster, job, between(5ms, 400ms), [this, trigger, done](Cluster& c, Job& j) {
    const Trigger before = j.triggers[trigger];
    end_job(c, j, JobState::kFinished);
    j.triggers[trigger] = before;  // not pending any more, only not told yet
    if (weather.bad && chance(60)) {
      j.triggers.erase(trigger);  // a JobManager forgets results
      return;
    }
    later(c, j, between(1ms, 400ms),
          [trigger, done](Cluster&, Job& j2) { j2.triggers[trigger] = done; });
  });
}

}  // namespace weir::simulated
