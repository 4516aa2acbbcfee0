#include <fmt/format.h>

#include <csignal>

#include "base/strings.h"
#include "support/world/world.h"

namespace weir::simulated {
namespace {

// What Flink reads from the `conf/config.yaml` that it was given: "key: "value"" lines.
std::map<std::string, std::string> configuration_of(const flink::ClusterSpec& spec) {
  std::map<std::string, std::string> values;
  for (const auto& file : spec.files) {
    if (!file.path.starts_with("conf/config.yaml") && !file.path.starts_with("conf/flink-conf"))
      continue;
    for (std::string_view line : split(file.content, '\n')) {
      const auto colon = line.find(": ");
      if (colon == std::string_view::npos) continue;
      std::string value(trim(line.substr(colon + 2)));
      if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
      values[std::string(trim(line.substr(0, colon)))] = replace_all(value, "\\/", "/");
    }
  }
  return values;
}

std::string first_of(const std::map<std::string, std::string>& values, const char* a,
                     const char* b) {
  if (const auto found = values.find(a); found != values.end()) return found->second;
  const auto found = values.find(b);
  return found == values.end() ? std::string() : found->second;
}

// ".../state/<namespace>/<deployment id>/checkpoints/..."; nobody's where it waits for a job.
std::string deployment_in(const std::string& directory) {
  if (directory.find("/state/standby/") != std::string::npos) return {};
  const auto state = directory.find("/state/");
  if (state == std::string::npos) return directory;
  const auto parts = split(std::string_view(directory).substr(state + 1), '/');
  return parts.size() > 2 ? std::string(parts[2]) : directory;
}

}  // namespace

bool Cluster::lives() const {
  for (const Process& process : processes)
    if (process.life != Life::kExited) return true;
  return false;
}

int Cluster::task_managers() const {
  int count = 0;
  for (const Process& process : processes)
    if (process.role == "taskmanager" && process.life != Life::kExited) ++count;
  return count;
}

int Cluster::slots() const {
  int count = 0;
  for (const Process& process : processes)
    if (process.registered && process.life == Life::kRunning) count += spec.slots_per_task_manager;
  return count;
}

int Cluster::slots_used() const {
  int count = 0;
  for (const auto& [id, job] : jobs) {
    int most = 0;
    for (const auto& [vertex, bounds] : job.vertices) most = std::max(most, bounds.upper);
    if (!flink::is_globally_terminal(job.state)) count += most;
  }
  return count;
}

World::World(VirtualLoop& loop, std::uint64_t seed) : loop_(loop), random_(seed) {
  output.violated = [this](const std::string& text) { violate(text); };
}

Duration World::between(Duration least, Duration most) {
  return least + Duration(below(static_cast<std::uint64_t>((most - least).count()) + 1));
}

void World::after(Duration delay, std::function<void()> action) {
  loop_.schedule(now() + delay, std::move(action));
}

void World::violate(const std::string& text) {
  violations_.push_back(text);
  tell("VIOLATION: " + text);
}

Cluster* World::cluster(const std::string& id) {
  const auto found = clusters_.find(id);
  return found == clusters_.end() ? nullptr : found->second.get();
}

Cluster* World::listening(int port) {
  for (auto& [id, cluster] : clusters_)
    if (cluster->spec.rest_port == port && cluster->job_manager_lives() && cluster->answers)
      return cluster.get();
  return nullptr;
}

void World::changed(const std::string& cluster_id) {
  // A notification may get lost; whoever listens must not depend on it.
  if (weather.bad && chance(100)) return;
  after(1ms, [this, cluster_id] {
    if (on_change) on_change(cluster_id);
  });
}

void World::own_directory(Cluster& cluster, const std::string& directory) {
  const std::string& id = cluster.spec.cluster_id;
  auto& owner = directory_owner_[directory];
  if (!owner.empty() && owner != id)
    violate(fmt::format("checkpoint directory {} is used by a second cluster attempt", directory));
  owner = id;
  cluster.checkpoint_directory = directory;
  cluster.deployment_id = deployment_in(directory);
  if (cluster.deployment_id.empty()) return;
  // Beside the running job's cluster one may be made ready for the next job.
  int others = 0;
  for (auto& [other_id, other] : clusters_)
    if (other && other_id != id && other->deployment_id == cluster.deployment_id && other->lives())
      ++others;
  if (others > 1)
    violate(fmt::format("cluster {} starts beside {} others of its deployment", id, others));
}

void World::take_configuration(Cluster& cluster, const std::map<std::string, std::string>& values) {
  const std::string directory =
      first_of(values, "execution.checkpointing.dir", "state.checkpoints.dir");
  if (directory.empty()) return;
  if (directory != cluster.checkpoint_directory) own_directory(cluster, directory);
  if (const auto found = values.find("execution.checkpointing.interval"); found != values.end())
    if (const auto interval = parse_duration(found->second))
      cluster.checkpoint_interval = *interval;
}

Status World::ensure(const flink::ClusterSpec& spec) {
  if (const auto fence = fences_.find(spec.cluster_id);
      fence != fences_.end() && fence->second >= spec.epoch)
    return fail(Code::kFailedPrecondition, "The cluster was torn down.", "EpochOutdated");
  auto& slot = clusters_[spec.cluster_id];
  if (!slot) {
    slot = std::make_unique<Cluster>();
    slot->spec = spec;
    const auto values = configuration_of(spec);
    own_directory(*slot, first_of(values, "execution.checkpointing.dir", "state.checkpoints.dir"));
    if (const auto found = values.find("execution.checkpointing.interval"); found != values.end())
      if (const auto interval = parse_duration(found->second))
        slot->checkpoint_interval = *interval;
    const auto scheduler = values.find("jobmanager.scheduler");
    slot->adaptive = scheduler != values.end() && scheduler->second == "adaptive";
    slot->healthy_since = now();
    for (int i = -1; i < spec.task_managers; ++i) {
      Process process;
      process.role = i < 0 ? "jobmanager" : "taskmanager";
      process.index = std::max(i, 0);
      slot->processes.push_back(std::move(process));
    }
    for (std::size_t i = 0; i < slot->processes.size(); ++i) start_process(*slot, i);
    return {};
  }
  if (!slot->job_manager_lives())
    return fail(Code::kFailedPrecondition, "The JobManager of this cluster has ended.",
                "JobManagerEnded");
  // A standby cluster that a job has taken.
  if (slot->deployment_id.empty()) take_configuration(*slot, configuration_of(spec));
  slot->spec.owner = spec.owner;
  slot->spec.epoch = spec.epoch;
  slot->spec.task_managers = spec.task_managers;
  for (std::size_t i = 1; slot->task_managers() < spec.task_managers; ++i) {
    if (i == slot->processes.size()) {
      Process process;
      process.role = "taskmanager";
      process.index = static_cast<int>(i) - 1;
      process.life = Life::kExited;
      slot->processes.push_back(std::move(process));
    }
    if (slot->processes[i].life == Life::kExited) start_process(*slot, i);
  }
  return {};
}

Status World::end_task_manager(const std::string& cluster_id, int epoch, int index) {
  if (const auto fence = fences_.find(cluster_id); fence != fences_.end() && fence->second >= epoch)
    return fail(Code::kFailedPrecondition, "The cluster was torn down.", "EpochOutdated");
  Cluster* found = cluster(cluster_id);
  if (found == nullptr) return {};
  for (const Process& process : found->processes)
    if (process.role == "taskmanager" && process.index == index && process.life != Life::kExited)
      after(between(20ms, 300ms), [this, cluster_id, index, pid = process.pid] {
        for (const Process& same : cluster(cluster_id)->processes)
          if (same.pid == pid) kill(cluster_id, "taskmanager", index, SIGTERM);
      });
  return {};
}

void World::start_process(Cluster& cluster, std::size_t which) {
  Process& process = cluster.processes[which];
  Process fresh;
  fresh.role = process.role;
  fresh.index = process.index;
  fresh.pid = ++last_pid_;
  process = fresh;
  tell(fmt::format("{} {} of {} starts", process.role, process.index, cluster.spec.cluster_id));
  after(between(100ms, 1500ms), [this, id = cluster.spec.cluster_id, which, pid = fresh.pid] {
    process_runs(id, which, pid);
  });
}

void World::process_runs(const std::string& cluster_id, std::size_t which, std::int64_t pid) {
  Cluster* found = cluster(cluster_id);
  if (which >= found->processes.size()) return;
  Process& process = found->processes[which];
  if (process.pid != pid || process.life != Life::kStarting) return;
  const bool is_job_manager = process.role == "jobmanager";
  const bool taken = is_job_manager && (foreign_ports.contains(found->spec.rest_port) ||
                                        (weather.bad && chance(weather.port_taken)));
  if (taken) {
    process.exit_code = 2;
    process.cause = "PortTaken";
    process_ends(*found, process);
    return;
  }
  process.life = Life::kRunning;
  changed(cluster_id);
  if (is_job_manager) {
    after(between(200ms, 2500ms), [this, cluster_id, pid] {
      Cluster* up = cluster(cluster_id);
      if (up->job_manager().pid != pid || !up->job_manager_lives()) return;
      up->answers = true;
      register_task_managers(cluster_id);
    });
    return;
  }
  register_task_managers(cluster_id);
  if (weather.bad && chance(weather.out_of_memory))
    after(between(1s, 60s), [this, cluster_id, which, pid] {
      Cluster* up = cluster(cluster_id);
      if (which >= up->processes.size()) return;
      Process& victim = up->processes[which];
      if (victim.pid != pid || victim.life == Life::kExited) return;
      victim.exit_code = 239;
      victim.cause = "OutOfMemory";
      process_ends(*up, victim);
    });
}

void World::register_task_managers(const std::string& cluster_id) {
  after(between(50ms, 600ms), [this, cluster_id] {
    Cluster* up = cluster(cluster_id);
    if (!up->answers || !up->job_manager_lives() || up->job_manager().stopped) return;
    for (Process& process : up->processes)
      if (process.role == "taskmanager" && process.life == Life::kRunning)
        process.registered = true;
    for (auto& [id, job] : up->jobs) rescale(*up, job);
  });
}

void World::process_ends(Cluster& cluster, Process& process) {
  if (process.life == Life::kExited) return;
  process.life = Life::kExited;
  process.registered = false;
  tell(fmt::format("{} {} of {} ends {}", process.role, process.index, cluster.spec.cluster_id,
                   process.cause));
  if (process.role == "jobmanager") job_manager_ended(cluster);
  else if (cluster.job_manager_lives() && process.used)
    fail_tasks(cluster.spec.cluster_id, "A TaskManager ended.");
  if (cluster.task_managers() == 0)
    for (auto& [id, job] : cluster.jobs) stop_tasks(cluster, job);
  changed(cluster.spec.cluster_id);
}

// Tasks go on writing until their TaskManagers notice, which is why "proven gone" matters.
void World::job_manager_ended(Cluster& cluster) {
  cluster.answers = false;
  for (auto& [id, job] : cluster.jobs) ++job.life;
  after(between(100ms, 10s), [this, id = cluster.spec.cluster_id] {
    Cluster* dead = this->cluster(id);
    for (auto& [job_id, job] : dead->jobs) stop_tasks(*dead, job);
  });
}

void World::kill(const std::string& cluster_id, const std::string& role, int index, int signal) {
  Cluster* found = cluster(cluster_id);
  if (found == nullptr) return;
  for (Process& process : found->processes) {
    if (process.role != role || process.index != index || process.life == Life::kExited) continue;
    process.exit_signal = signal;
    process_ends(*found, process);
  }
}

void World::kill_all(const std::string& cluster_id) {
  Cluster* found = cluster(cluster_id);
  if (found == nullptr) return;
  for (Process& process : found->processes) {
    if (process.life == Life::kExited) continue;
    const Duration stuck = std::max<Duration>(stuck_until - now(), Duration(0));
    after(stuck + between(5ms, 200ms),
          [this, cluster_id, role = process.role, index = process.index] {
            kill(cluster_id, role, index, SIGKILL);
          });
  }
}

void World::fence(const std::string& cluster_id, int epoch) {
  auto& fence = fences_[cluster_id];
  fence = std::max(fence, epoch);
}

void World::stop_job_manager(const std::string& cluster_id, Duration time) {
  Cluster* found = cluster(cluster_id);
  if (found == nullptr || !found->job_manager_lives()) return;
  found->job_manager().stopped = true;
  tell("the JobManager of " + cluster_id + " is stopped");
  const std::int64_t pid = found->job_manager().pid;
  // TaskManagers miss its heartbeats and end their tasks.
  after(10s, [this, cluster_id, pid] {
    Cluster* up = cluster(cluster_id);
    if (up->job_manager().pid != pid || !up->job_manager().stopped) return;
    for (auto& [id, job] : up->jobs) stop_tasks(*up, job);
  });
  after(time, [this, cluster_id, pid] {
    Cluster* up = cluster(cluster_id);
    if (up->job_manager().pid != pid || !up->job_manager_lives()) return;
    up->job_manager().stopped = false;
    up->healthy_since = now();
    tell("the JobManager of " + cluster_id + " goes on");
    register_task_managers(cluster_id);
    fail_tasks(cluster_id, "Heartbeats were missed.");
  });
}

void World::forget_ends() {
  finished_.clear();
  // Should one be used again, Flink refuses to write over what is in it.
  std::erase_if(directory_owner_,
                [&](const auto& owned) { return !cluster(owned.second)->lives(); });
}

void World::reboot() {
  tell("the machine is booted again");
  for (auto& [id, cluster] : clusters_) {
    for (auto& [job_id, job] : cluster->jobs) stop_tasks(*cluster, job);
    for (Process& process : cluster->processes) process_ends(*cluster, process);
  }
}

}  // namespace weir::simulated
