#include "process/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <cstring>
#include <fstream>

namespace weir::process {
namespace {

int pidfd_open(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

struct Stat {
  char state = '?';
  std::uint64_t start_time = 0;
};

std::optional<Stat> read_stat(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  std::size_t at = line.rfind(')');
  if (at == std::string::npos || at + 2 >= line.size()) return std::nullopt;
  Stat stat;
  stat.state = line[at + 2];
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = line.find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  stat.start_time = std::strtoull(line.c_str() + at + 1, nullptr, 10);
  return stat;
}

// What posix_spawn does and cannot be asked for together with a parent-death signal. Between fork
// and exec only calls that are safe in a process with threads.
pid_t fork_bound_to_parent(const std::string& path, char** arguments, char** environment) {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd : {0, 1, 2}) ::dup2(null, fd);
  ::close_range(3, ~0U, 0);
  ::execve(path.c_str(), arguments, environment);
  ::_exit(127);
}

}  // namespace

std::string boot_id() {
  static const std::string id = [] {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    std::getline(file, text);
    return text;
  }();
  return id;
}

std::optional<Identity> identify(pid_t pid) {
  const auto stat = read_stat(pid);
  if (!stat) return std::nullopt;
  return Identity{pid, stat->start_time, boot_id()};
}

bool is_alive(const Identity& identity) {
  if (identity.boot_id != boot_id()) return false;
  const auto stat = read_stat(identity.pid);
  return stat && stat->start_time == identity.start_time && stat->state != 'Z' &&
         stat->state != 'X';
}

char state_of(pid_t pid) {
  const auto stat = read_stat(pid);
  return stat ? stat->state : '?';
}

bool send_signal(const Identity& identity, int signal) {
  const int fd = pidfd_open(identity.pid);
  if (fd < 0) return false;
  // The descriptor pins the process, so the check cannot be overtaken by a reuse of the pid.
  const bool sent =
      is_alive(identity) && ::syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) == 0;
  ::close(fd);
  return sent;
}

Result<pid_t> spawn(const Program& program) {
  std::vector<char*> arguments{const_cast<char*>(program.path.c_str())};
  for (const std::string& argument : program.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> pairs;
  for (const auto& [name, value] : program.environment) pairs.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& pair : pairs) environment.push_back(pair.data());
  environment.push_back(nullptr);

  if (program.end_with_parent) {
    const pid_t bound = fork_bound_to_parent(program.path, arguments.data(), environment.data());
    if (bound > 0) return bound;
    return fail(Code::kResourceExhausted, "No process can be started.", "CannotExecute");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (int fd : {0, 1, 2})
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, program.path.c_str(), &actions, &attributes,
                                 arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code == 0) return pid;
  const bool exhausted = code == EAGAIN || code == ENOMEM;
  return fail(exhausted ? Code::kResourceExhausted : Code::kFailedPrecondition,
              fmt::format("'{}' cannot be started: {}.", program.path, std::strerror(code)),
              "CannotExecute");
}

struct ExitWatch::State {
  State(Environment env, int fd) : descriptor(env.executor(), fd) {}
  boost::asio::posix::stream_descriptor descriptor;
  std::function<void()> ended;
};

std::unique_ptr<ExitWatch> ExitWatch::start(Environment env, pid_t pid,
                                            std::function<void()> ended) {
  const int fd = pidfd_open(pid);
  if (fd < 0) return nullptr;
  auto state = std::make_shared<State>(env, fd);
  state->ended = std::move(ended);
  // The handler holds the state weakly: a destroyed watch is silent.
  std::weak_ptr<State> weak = state;
  state->descriptor.async_wait(
      boost::asio::posix::stream_descriptor::wait_read, [weak](boost::system::error_code error) {
        const auto alive = weak.lock();
        if (error || !alive) return;
        siginfo_t info{};  // reaps a child; fails harmlessly for others
        ::waitid(P_PIDFD, static_cast<id_t>(alive->descriptor.native_handle()), &info,
                 WEXITED | WNOHANG);
        alive->ended();
      });
  return std::unique_ptr<ExitWatch>(new ExitWatch(std::move(state)));
}

ExitWatch::ExitWatch(std::shared_ptr<State> state) : state_(std::move(state)) {}
ExitWatch::~ExitWatch() = default;

Result<std::optional<FileLock>> FileLock::try_lock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(Code::kUnavailable,
                fmt::format("The lock '{}' cannot be opened: {}.", path, std::strerror(errno)));
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return std::optional<FileLock>(FileLock(fd));
  ::close(fd);
  return std::optional<FileLock>();
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool is_record_locked(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock query{};
  query.l_type = F_WRLCK;
  const bool locked = ::fcntl(fd, F_OFD_GETLK, &query) == 0 && query.l_type != F_UNLCK;
  ::close(fd);
  return locked;
}

}  // namespace weir::process
