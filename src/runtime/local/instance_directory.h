#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "flink/cluster_spec.h"
#include "process/process.h"
#include "runtime/cluster_runtime.h"

namespace weir::runtime {

/// DATA/clusters/<id>: {conf,log,tmp,run}, `epoch`, `alive.lock`, `cluster.json`. Blocking calls,
/// for the pool.
class InstanceDirectory {
 public:
  explicit InstanceDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  bool exists() const;

  /// Makes the directory, refuses an outdated epoch, writes the files.
  /// @error kFailedPrecondition "EpochOutdated"; kResourceExhausted / kUnavailable disk
  Status prepare(const flink::ClusterSpec& spec) const;
  /// From now on nothing with `epoch` or an older one can start here.
  Status fence(int epoch) const;
  int epoch() const;
  /// ClusterSpec::owner; empty where that cannot be read.
  std::string owner() const;

  /// One started process: its name is "<role>-<index>-<incarnation>".
  struct Process {
    std::string name;
    std::string role;
    int index = 0;
    int incarnation = 0;
    bool shim_alive = false;
    std::optional<process::Identity> shim;
    std::optional<process::Identity> program;
    std::optional<int> exit_code;
    std::optional<int> exit_signal;
    /// It ran and is gone; false for one whose shim has not come to start it. The exit status is
    /// enough: the shim that wrote it may live a moment longer.
    bool has_ended() const { return exit_code || exit_signal || (!shim_alive && program); }
  };
  /// The newest incarnation of each role and index, ordered.
  std::vector<Process> processes() const;
  static std::string name_of(const std::string& role, int index, int incarnation);

  /// The proof: nobody holds alive.lock. @error kUnavailable the lock cannot be tried
  Result<bool> is_gone() const;
  /// Every process that holds alive.lock, found through /proc.
  std::vector<process::Identity> holders() const;

  /// The end of what a process said, for people.
  std::string last_words(const Process& process, std::size_t max_bytes) const;
  std::filesystem::path log_path(const std::string& role, int index, LogStream stream) const;

 private:
  std::filesystem::path path_;
};

/// What the directory holds, counted file by file. Blocking.
Remains remains_of(const InstanceDirectory& instance);

/// Replaces "@INSTANCE@" and "@INDEX@".
std::string fill(std::string text, const std::string& instance, int index);

/// Appears whole or not at all, also after a power cut.
Status write_file(const std::filesystem::path& path, std::string_view content, int mode);

/// The recognised reason in what a dead process said: "PortTaken", "OutOfMemory", "BadOption",
/// "JavaMissing" or empty.
std::string recognise_cause(std::string_view last_words);

}  // namespace weir::runtime
