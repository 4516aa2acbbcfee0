#include "support/world/places.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/world/exchange.h"

namespace weir::simulated {

using runtime::ClusterObservation;

namespace {

constexpr MonoTime kNoDeadline = MonoTime::max();

Error unreadable() { return fail(Code::kUnavailable, "The directory cannot be read: EIO."); }

runtime::ProcessState shown(Life life) {
  switch (life) {
    case Life::kStarting: return runtime::ProcessState::kStarting;
    case Life::kRunning: return runtime::ProcessState::kRunning;
    case Life::kExited: return runtime::ProcessState::kExited;
  }
  return runtime::ProcessState::kUnknown;
}

ClusterObservation observed(World& world, const std::string& cluster_id) {
  ClusterObservation seen;
  if (world.now() < world.blind_until) {
    seen.why_unknown = "The lock cannot be asked.";
    return seen;
  }
  seen.presence = runtime::Presence::kAbsent;
  Cluster* cluster = world.cluster(cluster_id);
  if (cluster == nullptr) return seen;
  if (cluster->lives()) seen.presence = runtime::Presence::kPresent;
  seen.job_manager_alive = cluster->job_manager_lives();
  seen.task_managers_alive = cluster->task_managers();
  for (const Process& process : cluster->processes) {
    runtime::ProcessObservation each;
    each.role = process.role;
    each.index = process.index;
    each.pid = process.pid;
    each.state = shown(process.life);
    each.exit_code = process.exit_code;
    each.exit_signal = process.exit_signal;
    each.cause = process.cause;
    seen.processes.push_back(std::move(each));
  }
  return seen;
}

// Flink's states stand under URIs.
std::string as_uri(const std::string& directory) {
  return directory.starts_with('/') ? "file://" + directory : directory;
}

flink::FoundState found_state(const SavedState& state) {
  return {state.location, state.checkpoint_id};
}

}  // namespace

// ---- runtime ----

Task<Result<runtime::Ports>> Runtime::choose_ports(std::vector<int> taken) {
  World* world = &world_;
  co_return co_await exchange<runtime::Ports>(
      world_, world_.between(100us, 5ms), 100us, kNoDeadline,
      [world, taken]() -> std::optional<Result<runtime::Ports>> {
        if (world->weather.bad && world->chance(15))
          return fail(Code::kResourceExhausted, "No port is free.", "NoPorts");
        int chosen[3] = {0, 0, 0};
        std::vector<int> used = taken;
        for (int& port : chosen) {
          do port = 20000 + static_cast<int>(world->below(60));
          while (std::find(used.begin(), used.end(), port) != used.end());
          used.push_back(port);
        }
        return runtime::Ports{chosen[0], chosen[1], chosen[2]};
      });
}

Task<Status> Runtime::ensure(flink::ClusterSpec spec) {
  World* world = &world_;
  co_return co_await exchange<void>(world_, world_.between(1ms, 40ms), world_.between(100us, 5ms),
                                    kNoDeadline, [world, spec]() -> std::optional<Status> {
                                      if (world->weather.bad && world->chance(15))
                                        return fail(Code::kUnavailable, "fork: try again");
                                      return world->ensure(spec);
                                    });
}

Task<Status> Runtime::end_task_manager(std::string cluster_id, int epoch, int index, bool) {
  World* world = &world_;
  co_return co_await exchange<void>(world_, world_.between(100us, 5ms), 100us, kNoDeadline,
                                    [world, cluster_id, epoch, index]() -> std::optional<Status> {
                                      return world->end_task_manager(cluster_id, epoch, index);
                                    });
}

Task<Result<ClusterObservation>> Runtime::observe(std::string cluster_id) {
  World* world = &world_;
  co_return co_await exchange<ClusterObservation>(
      world_, world_.between(50us, 2ms), 50us, kNoDeadline,
      [world, cluster_id]() -> std::optional<Result<ClusterObservation>> {
        if (world->weather.bad && world->chance(5))
          return fail(Code::kUnavailable, "The runtime cannot be asked.");
        return observed(*world, cluster_id);
      });
}

Task<Status> Runtime::tear_down(std::string cluster_id, int epoch, MonoTime deadline) {
  World* world = &world_;
  Status asked = co_await exchange<void>(world_, world_.between(100us, 5ms), 0us, deadline,
                                         [world, cluster_id, epoch]() -> std::optional<Status> {
                                           world->fence(cluster_id, epoch);
                                           world->kill_all(cluster_id);
                                           return Status();
                                         });
  if (!asked) co_return asked;
  while (true) {
    const Cluster* cluster = world_.cluster(cluster_id);
    if (cluster == nullptr || !cluster->lives()) co_return Status();
    if (world_.now() >= deadline)
      co_return fail(Code::kDeadline, "Process 1234 is in state D and cannot be killed.");
    co_await sleep_for(world_.loop(), 20ms);
  }
}

Task<Result<runtime::Capacity>> Runtime::capacity() {
  World* world = &world_;
  co_return co_await exchange<runtime::Capacity>(
      world_, 1ms, 100us, kNoDeadline, [world]() -> std::optional<Result<runtime::Capacity>> {
        return runtime::Capacity{world->memory_bytes, 1000.0, 1LL << 40};
      });
}

Task<Result<std::vector<runtime::FoundCluster>>> Runtime::discover() {
  if (world_.now() < world_.blind_until)
    co_return fail(Code::kUnavailable, "The locks cannot be asked.");
  std::vector<runtime::FoundCluster> found;
  for (const auto& [id, cluster] : world_.clusters())
    if (cluster->lives()) found.push_back({id, cluster->spec.owner, cluster->spec.epoch});
  co_return found;
}

Task<Result<std::string>> Runtime::log_tail(std::string cluster_id, std::string role, int index,
                                            runtime::LogStream stream, std::size_t max_bytes) {
  co_return fail(Code::kNotFound, "Simulated processes write no logs.");
}

std::string Runtime::log_path(const std::string& cluster_id, const std::string& role, int index,
                              runtime::LogStream stream) const {
  return {};
}

void Runtime::on_change(Listener listener) { world_.on_change = std::move(listener); }

// ---- state directories ----

Task<Result<std::vector<flink::FoundState>>> States::checkpoints(std::string directory) {
  using List = std::vector<flink::FoundState>;
  World* world = &world_;
  co_return co_await exchange<List>(
      world_, world_.between(200us, 20ms), 100us, kNoDeadline,
      [world, directory]() -> std::optional<Result<List>> {
        if (world->now() < world->disk_unreadable_until) return unreadable();
        List list;
        for (const SavedState* state : world->disk.below(directory))
          if (!state->savepoint && state->readable) list.push_back(found_state(*state));
        std::sort(list.begin(), list.end(),
                  [](const auto& a, const auto& b) { return a.checkpoint_id > b.checkpoint_id; });
        return list;
      });
}

Task<Result<std::vector<flink::FoundState>>> States::savepoints(std::string directory) {
  using List = std::vector<flink::FoundState>;
  World* world = &world_;
  co_return co_await exchange<List>(world_, world_.between(200us, 20ms), 100us, kNoDeadline,
                                    [world, directory]() -> std::optional<Result<List>> {
                                      if (world->now() < world->disk_unreadable_until)
                                        return unreadable();
                                      List list;
                                      for (const SavedState* state : world->disk.below(directory))
                                        if (state->savepoint && state->readable)
                                          list.push_back(found_state(*state));
                                      return list;
                                    });
}

Task<Result<flink::FoundState>> States::inspect(std::string location) {
  World* world = &world_;
  co_return co_await exchange<flink::FoundState>(
      world_, world_.between(200us, 20ms), 100us, kNoDeadline,
      [world, location]() -> std::optional<Result<flink::FoundState>> {
        if (world->now() < world->disk_unreadable_until) return unreadable();
        const SavedState* state = world->disk.find(location);
        if (state == nullptr) return fail(Code::kNotFound, "There is no _metadata.");
        if (!state->readable) return fail(Code::kInvalidArgument, "_metadata is not Flink's.");
        return found_state(*state);
      });
}

Task<Result<std::optional<flink::ArchivedJob>>> States::archived_job(std::string directory,
                                                                     std::string flink_job_id) {
  using End = std::optional<flink::ArchivedJob>;
  World* world = &world_;
  co_return co_await exchange<End>(
      world_, world_.between(200us, 20ms), 100us, kNoDeadline,
      [world, directory, flink_job_id]() -> std::optional<Result<End>> {
        if (world->now() < world->disk_unreadable_until) return unreadable();
        const auto found = world->archives.find(directory + "/" + flink_job_id);
        return found == world->archives.end() ? End() : End(found->second);
      });
}

Task<Status> States::prepare(std::string directory) {
  World* world = &world_;
  co_return co_await exchange<void>(
      world_, world_.between(200us, 20ms), 100us, kNoDeadline, [world]() -> std::optional<Status> {
        if (world->now() < world->disk_unreadable_until) return unreadable();
        if (world->now() < world->disk_full_until)
          return fail(Code::kUnavailable, "No space is left: ENOSPC.");
        return Status();
      });
}

Task<Result<std::vector<flink::JobDirectory>>> States::job_directories(std::string state) {
  using List = std::vector<flink::JobDirectory>;
  World* world = &world_;
  co_return co_await exchange<List>(world_, world_.between(200us, 20ms), 100us, kNoDeadline,
                                    [world, state]() -> std::optional<Result<List>> {
                                      if (world->now() < world->disk_unreadable_until)
                                        return unreadable();
                                      return world->disk.job_directories(state);
                                    });
}

Task<Status> States::remove(std::string directory) {
  World* world = &world_;
  co_return co_await exchange<void>(
      world_, world_.between(200us, 20ms), 100us, kNoDeadline,
      [world, directory]() -> std::optional<Status> {
        if (world->now() < world->disk_unreadable_until) return unreadable();
        for (const SavedState* state : world->disk.below(as_uri(directory)))
          world->disk.remove(std::string(state->location));
        return Status();
      });
}

// ---- Flink homes ----

std::vector<flink::FlinkHome> Homes::list() const {
  flink::FlinkHome home;
  home.version = "1.20.5";
  home.path = "/opt/flink/1.20.5";
  home.java = "/usr/bin/java";
  home.class_path = {"/opt/flink/1.20.5/lib/flink-dist-1.20.5.jar"};
  return {home};
}

Result<flink::FlinkHome> Homes::resolve(const std::optional<std::string>& version) const {
  flink::FlinkHome home = list().front();
  if (version && !home.version.starts_with(*version))
    return fail(Code::kFailedPrecondition, "Only Flink 1.20.5 is installed.",
                "FlinkVersionUnknown");
  return home;
}

Task<Status> Homes::refresh() { co_return Status(); }

// ---- artifacts ----

Task<Result<std::vector<blob::ArtifactInfo>>> Artifacts::list(std::string ns) {
  co_return std::vector<blob::ArtifactInfo>();
}
Task<Result<blob::ArtifactInfo>> Artifacts::info(std::string ns, std::string filename) {
  co_return fail(Code::kNotFound, "There is no such artifact.");
}
Task<Result<std::string>> Artifacts::begin_upload(std::string ns, std::string filename) {
  co_return fail(Code::kUnavailable, "The simulated world takes no uploads.");
}
Task<Result<blob::ArtifactInfo>> Artifacts::finish_upload(std::string ns, std::string filename,
                                                          std::string temporary_path) {
  co_return fail(Code::kUnavailable, "The simulated world takes no uploads.");
}
Task<Status> Artifacts::remove(std::string ns, std::string filename) { co_return Status(); }
Task<Result<std::string>> Artifacts::path(std::string ns, std::string filename) {
  co_return fail(Code::kNotFound, "There is no such artifact.");
}

Task<Result<blob::KeptFile>> Artifacts::fetch(std::string ns, std::string uri, MonoTime deadline) {
  World* world = &world_;
  const Duration time = world_.chance(50) ? world_.between(1s, 20s) : world_.between(1ms, 300ms);
  co_return co_await exchange<blob::KeptFile>(
      world_, time, 100us, deadline, [world, uri]() -> std::optional<Result<blob::KeptFile>> {
        if (uri.find("missing") != std::string::npos)
          return fail(Code::kNotFound, "There is no file at " + uri + ".", "JarNotFound");
        if (world->weather.bad && world->chance(30))
          return fail(Code::kUnavailable, "The host does not answer.");
        return blob::KeptFile{"sha-of-" + uri, "job.jar", "/data/jars/job.jar", 1000};
      });
}

Task<Result<std::vector<blob::KeptFile>>> Artifacts::all_kept() {
  co_return std::vector<blob::KeptFile>();
}
Task<Status> Artifacts::drop_kept(std::string sha256) { co_return Status(); }

Task<Result<blob::KeptFile>> Artifacts::kept(std::string sha256, std::string name) {
  co_return co_await exchange<blob::KeptFile>(
      world_, world_.between(100us, 3ms), 100us, kNoDeadline,
      [sha256, name]() -> std::optional<Result<blob::KeptFile>> {
        return blob::KeptFile{sha256, name, "/data/jars/job.jar", 1000};
      });
}

}  // namespace weir::simulated
