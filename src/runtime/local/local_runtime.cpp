#include "runtime/local/local_runtime.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <csignal>
#include <fstream>
#include <map>

#include "base/log.h"
#include "process/process.h"
#include "runtime/local/instance_directory.h"
#include "runtime/local/turns.h"

namespace weir::runtime {
namespace {

namespace fs = std::filesystem;

// Ports below the kernel's own choices, so that no outgoing connection takes one meanwhile.
std::pair<int, int> port_range() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  int low = 32768, high = 60999;
  file >> low >> high;
  return low > 15000 ? std::pair(10000, low) : std::pair(std::max(high + 1, 10000), 65535);
}

bool is_free(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return free;
}

std::int64_t memory_limit() {
  const std::int64_t machine =
      static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGE_SIZE);
  std::ifstream file("/sys/fs/cgroup/memory.max");
  std::int64_t limit = 0;
  return file >> limit && limit > 0 ? std::min(limit, machine) : machine;
}

}  // namespace

struct LocalRuntime::Impl : std::enable_shared_from_this<LocalRuntime::Impl> {
  Impl(Environment e, LocalRuntimeOptions o)
      : env(e), options(std::move(o)), turns(std::make_shared<Turns>(e.timer)) {}

  InstanceDirectory directory(const std::string& cluster_id) const {
    return InstanceDirectory(fs::path(options.data_directory) / "clusters" / cluster_id);
  }

  // ---- on the pool ----

  struct Started {
    std::string name;
    pid_t shim = 0;
  };
  // What was started counts also when a later start failed.
  struct Starts {
    std::vector<Started> processes;
    Status status;
  };

  void ensure_blocking(const flink::ClusterSpec& spec, Starts& starts) const {
    const InstanceDirectory instance = directory(spec.cluster_id);
    const auto before =
        instance.exists() ? instance.processes() : std::vector<InstanceDirectory::Process>();
    const auto find = [&](const std::string& role, int index) {
      const auto found = std::find_if(before.begin(), before.end(), [&](const auto& process) {
        return process.role == role && process.index == index;
      });
      return found == before.end() ? nullptr : &*found;
    };
    const InstanceDirectory::Process* const manager = find("jobmanager", 0);
    if (manager != nullptr && manager->has_ended()) {
      starts.status =
          fail(Code::kFailedPrecondition,
               "The cluster's JobManager has ended; a new attempt is needed.", "JobManagerEnded");
      return;
    }
    starts.status = instance.prepare(spec);
    if (starts.status && (manager == nullptr || !manager->shim_alive))
      start(instance, spec, spec.job_manager, 0, 1, starts);
    auto living = std::count_if(before.begin(), before.end(), [](const auto& process) {
      return process.role == "taskmanager" && process.shim_alive && !process.has_ended();
    });
    for (int index = 0; starts.status && living < spec.task_managers; ++index) {
      const InstanceDirectory::Process* const found = find("taskmanager", index);
      if (found != nullptr && found->shim_alive && !found->has_ended()) continue;
      ++living;
      // A name that never ran may still be about to: the shim lets a name run once, so asking for
      // the same one again is safe where a new one would be a second process.
      int incarnation = 1;
      if (found != nullptr) incarnation = found->incarnation + (found->has_ended() ? 1 : 0);
      start(instance, spec, spec.task_manager, index, incarnation, starts);
    }
  }

  void start(const InstanceDirectory& instance, const flink::ClusterSpec& spec,
             const flink::ProcessSpec& what, int index, int incarnation, Starts& starts) const {
    const std::string path = instance.path().string();
    const std::string name = InstanceDirectory::name_of(what.role, index, incarnation);
    process::Program program;
    program.path = options.shim;
    program.arguments = {path, name, std::to_string(spec.epoch), "--", what.executable};
    for (const std::string& argument : what.arguments)
      program.arguments.push_back(fill(argument, path, index));
    for (const auto& [key, value] : what.environment)
      program.environment[key] = fill(value, path, index);
    const auto pid = process::spawn(program);
    if (pid) starts.processes.push_back({name, *pid});
    else starts.status = pid.error();
  }

  // Whether each one has written which program it started, or has ended: another look sees it then.
  static bool are_settled(const InstanceDirectory& instance, const Starts& starts) {
    return std::all_of(
        starts.processes.begin(), starts.processes.end(), [&](const Started& started) {
          const std::string base = (instance.path() / "run" / started.name).string();
          const auto identity = process::identify(started.shim);
          return fs::exists(base + ".pid") || !identity || !process::is_alive(*identity);
        });
  }

  /// @param shims gets the shims that live, so that their end can be watched
  Result<ClusterObservation> observe_blocking(const std::string& cluster_id,
                                              std::vector<pid_t>& shims) const {
    const InstanceDirectory instance = directory(cluster_id);
    ClusterObservation seen;
    if (!instance.exists()) {
      seen.presence = Presence::kAbsent;
      return seen;
    }
    for (const auto& process : instance.processes()) {
      if (process.shim_alive && process.shim) shims.push_back(process.shim->pid);
      ProcessObservation one;
      one.role = process.role;
      one.index = process.index;
      one.pid = process.program ? process.program->pid : 0;
      one.exit_code = process.exit_code;
      one.exit_signal = process.exit_signal;
      const bool ended = process.exit_code || process.exit_signal || !process.shim_alive;
      one.state = ended             ? ProcessState::kExited
                  : process.program ? ProcessState::kRunning
                                    : ProcessState::kStarting;
      if (ended) {
        one.last_words = instance.last_words(process, 4096);
        one.cause = recognise_cause(one.last_words);
      } else if (process.role == "jobmanager") {
        seen.job_manager_alive = true;
      } else {
        ++seen.task_managers_alive;
      }
      seen.processes.push_back(std::move(one));
    }
    const auto gone = instance.is_gone();
    if (!gone) seen.why_unknown = gone.error().message;
    seen.presence = !gone ? Presence::kUnknown : *gone ? Presence::kAbsent : Presence::kPresent;
    // A lock that is free and processes that seem alive: they end at this moment.
    if (seen.presence == Presence::kAbsent) {
      seen.job_manager_alive = false;
      seen.task_managers_alive = 0;
    }
    return seen;
  }

  static void signal_all(const InstanceDirectory& instance, int signal) {
    for (const process::Identity& holder : instance.holders()) process::send_signal(holder, signal);
  }

  // @return whether all are gone; those that are not get the signal.
  static Result<bool> look_and_signal(const InstanceDirectory& instance, int signal) {
    WEIR_TRY(const bool gone, instance.is_gone());
    if (!gone && signal != 0) signal_all(instance, signal);
    return gone;
  }

  static Error stuck(const InstanceDirectory& instance, const std::string& cluster_id) {
    std::string names;
    for (const process::Identity& holder : instance.holders())
      names += fmt::format(" {} ({})", holder.pid, process::state_of(holder.pid));
    return fail(Code::kDeadline,
                fmt::format("Processes of cluster {} do not end:{}.", cluster_id, names),
                "ProcessStuck");
  }

  // ---- on the I/O thread ----

  void watch(const std::string& cluster_id, pid_t shim) {
    if (watches.contains(shim)) return;
    std::weak_ptr<Impl> weak = weak_from_this();
    auto ended = [weak, cluster_id, shim] {
      const auto alive = weak.lock();
      if (!alive) return;
      alive->watches.erase(shim);
      for (const Listener& listener : alive->listeners) listener(cluster_id);
    };
    if (auto exit = process::ExitWatch::start(env, shim, ended)) watches[shim] = std::move(exit);
  }

  // Returns when what was started is visible to others, at the latest after a second.
  Task<void> settle(InstanceDirectory instance, std::shared_ptr<const Starts> starts) {
    const MonoTime deadline = env.now() + std::chrono::seconds(1);
    while (env.now() < deadline) {
      if (co_await env.run([=] { return are_settled(instance, *starts); })) co_return;
      co_await sleep_for(env.timer, std::chrono::milliseconds(2));
    }
  }

  // SIGTERM, and SIGKILL after the grace, until nobody holds the cluster's lock.
  Task<Status> end_processes(InstanceDirectory instance, std::string cluster_id,
                             MonoTime deadline) {
    const MonoTime began = env.now();
    const MonoTime kill_from = std::min(began + options.stop_grace, began + (deadline - began) / 2);
    MonoTime next_signal = began;
    while (true) {
      int signal = 0;
      if (env.now() >= next_signal) {
        signal = env.now() >= kill_from ? SIGKILL : SIGTERM;
        // Once politely; a killed process may have left a child that must be found as well.
        next_signal = signal == SIGTERM ? kill_from : env.now() + std::chrono::milliseconds(100);
      }
      auto gone = co_await env.run([=] { return look_and_signal(instance, signal); });
      if (!gone) co_return std::move(gone).error();
      if (*gone) co_return Status();
      if (env.now() >= deadline)
        co_return co_await env.run([=]() -> Status { return stuck(instance, cluster_id); });
      co_await sleep_for(env.timer, std::chrono::milliseconds(10));
    }
  }

  Environment env;
  LocalRuntimeOptions options;
  std::vector<Listener> listeners;
  std::map<pid_t, std::unique_ptr<process::ExitWatch>> watches;
  std::shared_ptr<Turns> turns;  // bringing up and tearing down one cluster exclude each other
};

LocalRuntime::LocalRuntime(Environment env, LocalRuntimeOptions options)
    : impl_(std::make_shared<Impl>(env, std::move(options))) {}
LocalRuntime::~LocalRuntime() = default;

Task<Result<Ports>> LocalRuntime::choose_ports(std::vector<int> taken) {
  const auto [low, high] = port_range();
  const int start = static_cast<int>(impl_->env.ids.below(static_cast<std::uint64_t>(high - low)));
  co_return co_await impl_->env.run([=, low = low, high = high]() -> Result<Ports> {
    std::vector<int> found;
    for (int i = 0; i < high - low && found.size() < 3; ++i) {
      const int port = low + (start + i) % (high - low);
      if (std::find(taken.begin(), taken.end(), port) == taken.end() && is_free(port))
        found.push_back(port);
    }
    if (found.size() < 3)
      return fail(Code::kResourceExhausted, "No free ports are left on this machine.", "NoPorts");
    return Ports{found[0], found[1], found[2]};
  });
}

Task<Status> LocalRuntime::ensure(flink::ClusterSpec spec) {
  const auto impl = impl_;
  const std::string cluster_id = spec.cluster_id;
  const InstanceDirectory instance = impl->directory(cluster_id);
  const auto turn = co_await impl->turns->take(cluster_id, MonoTime::max());
  const auto starts = std::make_shared<Impl::Starts>();
  // What was spawned is seen through to its lock and watched even if the caller gives up.
  std::exception_ptr cancelled;
  try {
    co_await impl->env.run(
        [impl, starts, spec = std::move(spec)] { impl->ensure_blocking(spec, *starts); });
    co_await impl->settle(instance, starts);
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await impl->settle(instance, starts);
  }
  for (const auto& one : starts->processes) impl->watch(cluster_id, one.shim);
  if (cancelled) std::rethrow_exception(cancelled);
  co_return starts->status;
}

Task<Status> LocalRuntime::end_task_manager(std::string cluster_id, int epoch, int index,
                                            bool at_once) {
  const InstanceDirectory instance = impl_->directory(cluster_id);
  const auto turn = co_await impl_->turns->take(cluster_id, MonoTime::max());
  co_return co_await impl_->env.run([=]() -> Status {
    if (instance.epoch() > epoch)
      return fail(Code::kFailedPrecondition,
                  fmt::format("Cluster {} was torn down; epoch {} is outdated.", cluster_id, epoch),
                  "EpochOutdated");
    for (const auto& process : instance.processes())
      if (process.role == "taskmanager" && process.index == index && process.program &&
          process.shim_alive && !process.has_ended())
        process::send_signal(*process.program, at_once ? SIGKILL : SIGTERM);
    return {};
  });
}

Task<Result<ClusterObservation>> LocalRuntime::observe(std::string cluster_id) {
  const auto impl = impl_;
  const auto shims = std::make_shared<std::vector<pid_t>>();
  auto seen = co_await impl->env.run(
      [impl, cluster_id, shims] { return impl->observe_blocking(cluster_id, *shims); });
  // What an earlier Weir started is watched from now on, as soon as its shim has told its pid.
  for (const pid_t shim : *shims) impl->watch(cluster_id, shim);
  co_return seen;
}

Task<Status> LocalRuntime::tear_down(std::string cluster_id, int epoch, MonoTime deadline) {
  const auto impl = impl_;
  const InstanceDirectory instance = impl->directory(cluster_id);
  const auto turn = co_await impl->turns->take(cluster_id, deadline);
  if (!turn)
    co_return fail(Code::kDeadline, fmt::format("Cluster {} is being changed.", cluster_id),
                   "ClusterBusy");
  WEIR_CO_CHECK_OK(co_await impl->env.run([=] { return instance.fence(epoch); }));
  WEIR_CO_CHECK_OK(co_await impl->end_processes(instance, cluster_id, deadline));
  co_await impl->env.run([=] {
    std::error_code ignored;
    fs::remove_all(instance.path() / "tmp", ignored);
  });
  co_return Status();
}

Task<Result<Capacity>> LocalRuntime::capacity() {
  const auto impl = impl_;
  co_return co_await impl->env.run([impl]() -> Result<Capacity> {
    Capacity capacity;
    capacity.memory_bytes = memory_limit();
    capacity.cpu =
        static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN)) * impl->options.cpu_overcommit;
    struct statvfs disk{};
    if (::statvfs(impl->options.data_directory.c_str(), &disk) == 0)
      capacity.disk_free_bytes =
          static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
    return capacity;
  });
}

Task<Result<std::vector<FoundCluster>>> LocalRuntime::discover() {
  const auto impl = impl_;
  co_return co_await impl->env.run([impl]() -> Result<std::vector<FoundCluster>> {
    std::vector<FoundCluster> alive;
    std::error_code error;
    const fs::path clusters = fs::path(impl->options.data_directory) / "clusters";
    for (const auto& entry : fs::directory_iterator(clusters, error)) {
      const InstanceDirectory instance(entry.path());
      // One whose lock cannot be asked is not proven gone; it must not hide the others.
      const auto gone = instance.is_gone();
      if (!gone || !*gone)
        alive.push_back({entry.path().filename().string(), instance.owner(), instance.epoch()});
    }
    return alive;
  });
}

Task<Result<std::vector<Remains>>> LocalRuntime::remains() {
  const fs::path clusters = fs::path(impl_->options.data_directory) / "clusters";
  co_return co_await impl_->env.run([clusters]() -> Result<std::vector<Remains>> {
    std::vector<Remains> all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(clusters, error))
      all.push_back(remains_of(InstanceDirectory(entry.path())));
    return all;
  });
}

Task<Status> LocalRuntime::remove_remains(std::string cluster_id) {
  const InstanceDirectory instance = impl_->directory(cluster_id);
  co_return co_await impl_->env.run([instance, cluster_id]() -> Status {
    WEIR_TRY(const bool gone, instance.is_gone());
    if (!gone)
      return fail(Code::kFailedPrecondition,
                  fmt::format("Cluster {} is alive; its directory stays.", cluster_id), "Alive");
    std::error_code error;
    fs::remove_all(instance.path(), error);
    if (error)
      return fail(Code::kUnavailable, fmt::format("'{}' cannot be removed: {}.",
                                                  instance.path().string(), error.message()));
    return {};
  });
}

Task<Result<std::string>> LocalRuntime::log_tail(std::string cluster_id, std::string role,
                                                 int index, LogStream stream,
                                                 std::size_t max_bytes) {
  const auto impl = impl_;
  co_return co_await impl->env.run([=]() -> Result<std::string> {
    const fs::path path = impl->directory(cluster_id).log_path(role, index, stream);
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return fail(Code::kNotFound, "There is no log of this process yet.", "NoLog");
    const auto size = static_cast<std::size_t>(file.tellg());
    const std::size_t bytes = std::min(size, max_bytes);
    std::string text(bytes, '\0');
    file.seekg(static_cast<std::streamoff>(size - bytes));
    file.read(text.data(), static_cast<std::streamsize>(bytes));
    return text;
  });
}

std::string LocalRuntime::log_path(const std::string& cluster_id, const std::string& role,
                                   int index, LogStream stream) const {
  return impl_->directory(cluster_id).log_path(role, index, stream).string();
}

void LocalRuntime::on_change(Listener listener) { impl_->listeners.push_back(std::move(listener)); }

}  // namespace weir::runtime
