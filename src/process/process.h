#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/environment.h"
#include "base/result.h"

namespace weir::process {

/// What names a process for ever: pids are reused, boots end.
struct Identity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot, /proc/PID/stat field 22
  std::string boot_id;
};

std::string boot_id();
/// @return nothing if there is no such process
std::optional<Identity> identify(pid_t pid);
/// Whether exactly this process is there and not a zombie.
bool is_alive(const Identity& identity);
/// The kernel's letter: R running, S sleeping, D in the kernel and not to be killed, Z ended;
/// '?' if there is no such process.
char state_of(pid_t pid);
/// Sends through a pidfd after verifying the identity, so that a reused pid is never hit.
/// @return whether the signal was sent
bool send_signal(const Identity& identity, int signal);

struct Program {
  std::string path;
  std::vector<std::string> arguments;              ///< without the program's own name
  std::map<std::string, std::string> environment;  ///< all of it
  bool end_with_parent = false;  ///< the kernel kills it when the thread that spawned it ends
};

/// Starts a program with nothing inherited but the null device: no descriptor, no signal mask.
/// @error kFailedPrecondition it cannot be executed; kResourceExhausted no processes left
Result<pid_t> spawn(const Program& program);

/// Calls `ended` once on the I/O thread when the process ends (child or not; children are reaped).
/// Destroying the watch ends it silently.
class ExitWatch {
 public:
  /// @return nothing when the process is already gone
  static std::unique_ptr<ExitWatch> start(Environment env, pid_t pid, std::function<void()> ended);
  ~ExitWatch();

 private:
  struct State;
  explicit ExitWatch(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// An exclusive flock on a file, held until destroyed.
class FileLock {
 public:
  /// @return nothing when somebody holds it. @error kUnavailable the file cannot be opened
  static Result<std::optional<FileLock>> try_lock(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();
  int descriptor() const { return descriptor_; }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

/// Whether a process holds the whole-file record lock of `path` (the shim's name lock), without
/// taking it.
bool is_record_locked(const std::string& path);

}  // namespace weir::process
