// weir-shim DIRECTORY NAME EPOCH -- program argument...
//
// Starts one program and stays with it for its whole life, so that Weir itself may die and come
// back. What it promises is in src/process/README.md. Plain C++ and libc: it runs beside every JVM.

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kExitEpoch = 75;    // a newer epoch stands in the file, or tear-down is under way
constexpr int kExitAlready = 76;  // this name runs or ran already
constexpr off_t kOutBytes = 10 << 20;

std::string read_file(const std::string& path) {
  std::string text;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = ::read(file, buffer, sizeof buffer)) > 0) text.append(buffer, std::size_t(got));
  ::close(file);
  return text;
}

// Appears whole or not at all.
bool write_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == ssize_t(text.size());
  ::fsync(file);
  ::close(file);
  return written && ::rename(temporary.c_str(), path.c_str()) == 0;
}

// Field 22 of /proc/PID/stat: with the pid and the boot id it names a process for ever.
std::string start_time(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  std::size_t at = stat.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return "0";
  return stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

std::string boot_id() {
  std::string id = read_file("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

// Held while any process of the cluster lives: the descriptor is inherited by the program.
bool hold_alive_lock() {
  const int lock = ::open("alive.lock", O_RDWR | O_CREAT, 0600);
  if (lock < 0) return false;
  for (int tries = 0; tries < 200; ++tries) {
    if (::flock(lock, LOCK_SH | LOCK_NB) == 0) return true;
    ::usleep(10'000);  // somebody only looks whether the lock is free
  }
  return false;
}

// Held by this shim alone; others can ask for its holder without taking it.
bool hold_name_lock(const std::string& name) {
  const int lock = ::open(("run/" + name + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct flock whole{};
  whole.l_type = F_WRLCK;
  return lock >= 0 && ::fcntl(lock, F_OFD_SETLK, &whole) == 0;
}

// The program's output, kept in two files of bounded size.
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)) { open(); }
  void write(const char* data, std::size_t size) {
    if (size_ > kOutBytes) {
      ::close(file_);
      ::rename(path_.c_str(), (path_ + ".1").c_str());
      open();
    }
    if (::write(file_, data, size) > 0) size_ += off_t(size);
  }

 private:
  void open() {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat status{};
    size_ = ::fstat(file_, &status) == 0 ? status.st_size : 0;
  }
  std::string path_;
  int file_ = -1;
  off_t size_ = 0;
};

[[noreturn]] void become_program(char** argv, int out, const sigset_t& signals, pid_t shim) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != shim) ::_exit(1);  // the shim died before the line above
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(argv[0], argv);
  std::fprintf(stderr, "cannot start %s: %s\n", argv[0], std::strerror(errno));
  ::_exit(127);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || std::strcmp(argv[4], "--") != 0) {
    std::fprintf(stderr, "usage: weir-shim DIRECTORY NAME EPOCH -- program argument...\n");
    return 2;
  }
  const std::string name = argv[2];
  ::close_range(3, ~0U, 0);
  if (::chdir(argv[1]) != 0) return 1;
  ::setsid();
  if (!hold_alive_lock()) return kExitEpoch;
  if (!hold_name_lock(name)) return kExitAlready;
  // Only now: whoever tears the cluster down raises the epoch before he frees the lock.
  if (std::atol(read_file("epoch").c_str()) != std::atol(argv[3])) return kExitEpoch;
  if (::access(("run/" + name + ".pid").c_str(), F_OK) == 0) return kExitAlready;

  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const int events = ::signalfd(-1, &signals, SFD_CLOEXEC);
  int pipe[2];
  if (events < 0 || ::pipe2(pipe, O_CLOEXEC) != 0) return 1;

  const pid_t shim = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return 1;
  if (child == 0) become_program(argv + 5, pipe[1], signals, shim);
  ::close(pipe[1]);
  write_file("run/" + name + ".pid",
             "{\"shim\":" + std::to_string(shim) + ",\"shimStart\":" + start_time(shim) +
                 ",\"pid\":" + std::to_string(child) + ",\"start\":" + start_time(child) +
                 ",\"bootId\":\"" + boot_id() + "\",\"epoch\":" + argv[3] + "}\n");

  Output output("log/" + name + ".out");
  bool exited = false;
  int status = 0;
  pollfd waits[2] = {{events, POLLIN, 0}, {pipe[0], POLLIN, 0}};
  while (true) {
    // After its end only what is already in the pipe matters: a grandchild may hold it open.
    const int ready = ::poll(waits, 2, exited ? 100 : -1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 && exited) break;
    if (waits[1].revents != 0) {
      char buffer[16384];
      const ssize_t got = ::read(pipe[0], buffer, sizeof buffer);
      if (got > 0) output.write(buffer, std::size_t(got));
      else waits[1].fd = -1;
    }
    if ((waits[0].revents & POLLIN) != 0) {
      signalfd_siginfo info{};
      if (::read(events, &info, sizeof info) != ssize_t(sizeof info)) continue;
      if (info.ssi_signo == SIGCHLD) exited = exited || ::waitpid(child, &status, WNOHANG) == child;
      else ::kill(child, int(info.ssi_signo));
    }
    if (exited && waits[1].fd == -1) break;
  }
  write_file("run/" + name + ".exit",
             WIFSIGNALED(status) ? "{\"signal\":" + std::to_string(WTERMSIG(status)) + "}\n"
                                 : "{\"code\":" + std::to_string(WEXITSTATUS(status)) + "}\n");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
