#include "runtime/local/instance_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/strings.h"
#include "codec/describe_json.h"
#include "runtime/internal_key.h"

namespace weir::runtime {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string tail(const fs::path& path, std::size_t max_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::size_t>(file.tellg());
  const std::size_t bytes = std::min(size, max_bytes);
  std::string text(bytes, '\0');
  file.seekg(static_cast<std::streamoff>(size - bytes));
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  return text;
}

Error disk_error(const fs::path& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return fail(full ? Code::kResourceExhausted : Code::kUnavailable,
              fmt::format("'{}' cannot be written: {}.", path.string(), std::strerror(errno)),
              full ? "DiskFull" : "DiskError");
}

struct PidFile {
  std::int64_t shim = 0;
  std::uint64_t shim_start = 0;
  std::int64_t pid = 0;
  std::uint64_t start = 0;
  std::string boot_id;
};
BOOST_DESCRIBE_STRUCT(PidFile, (), (shim, shim_start, pid, start, boot_id))
struct ExitFile {
  std::optional<std::int32_t> code;
  std::optional<std::int32_t> signal;
};
BOOST_DESCRIBE_STRUCT(ExitFile, (), (code, signal))

// "taskmanager-3-2" -> role, index, incarnation.
bool parse_name(const std::string& name, InstanceDirectory::Process& process) {
  const auto parts = split(name, '-');
  if (parts.size() != 3) return false;
  process.name = name;
  process.role = parts[0];
  process.index = std::atoi(std::string(parts[1]).c_str());
  process.incarnation = std::atoi(std::string(parts[2]).c_str());
  return process.incarnation > 0;
}

}  // namespace

std::string fill(std::string text, const std::string& instance, int index) {
  return replace_all(replace_all(std::move(text), "@INSTANCE@", instance), "@INDEX@",
                     std::to_string(index));
}

Status write_file(const fs::path& path, std::string_view content, int mode) {
  const std::string temporary = path.string() + ".tmp";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return disk_error(path);
  std::size_t done = 0;
  bool good = ::fchmod(file, static_cast<mode_t>(mode)) == 0;
  while (good && done < content.size()) {
    const ssize_t wrote = ::write(file, content.data() + done, content.size() - done);
    good = wrote > 0;
    if (good) done += static_cast<std::size_t>(wrote);
  }
  good = good && ::fsync(file) == 0;
  const int saved = errno;
  ::close(file);
  errno = saved;
  if (!good || ::rename(temporary.c_str(), path.c_str()) != 0) return disk_error(path);
  return {};
}

std::string recognise_cause(std::string_view words) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPatterns{
      {{"BindException", "PortTaken"},
       {"Address already in use", "PortTaken"},
       {"OutOfMemoryError", "OutOfMemory"},
       {"cannot start", "JavaMissing"},
       {"Could not create the Java Virtual Machine", "BadOption"},
       {"IllegalConfigurationException", "BadOption"},
       {"IllegalArgumentException", "BadOption"},
       {"Could not reserve enough space", "OutOfMemory"}}};
  for (const auto& [pattern, cause] : kPatterns)
    if (words.find(pattern) != std::string_view::npos) return std::string(cause);
  return {};
}

namespace {

// Made once for a cluster: what already runs trusts only this one. @return its password
Result<std::string> internal_password(const fs::path& conf, const std::string& cluster_id) {
  const fs::path key_store = conf / flink::kInternalKeyStore;
  const fs::path password = conf / "internal.password";
  if (fs::exists(key_store)) return read_file(password);
  WEIR_TRY(const InternalKey made, make_internal_key(cluster_id));
  WEIR_CHECK_OK(write_file(password, made.password, 0600));
  WEIR_CHECK_OK(write_file(key_store, made.key_store, 0600));
  return made.password;
}

}  // namespace

bool InstanceDirectory::exists() const { return fs::exists(path_); }

int InstanceDirectory::epoch() const { return std::atoi(read_file(path_ / "epoch").c_str()); }

std::string InstanceDirectory::owner() const {
  const auto spec = codec::from_json_text<flink::ClusterSpec>(read_file(path_ / "cluster.json"));
  return spec ? spec->owner : std::string();
}

std::string InstanceDirectory::name_of(const std::string& role, int index, int incarnation) {
  return fmt::format("{}-{}-{}", role, index, incarnation);
}

Status InstanceDirectory::prepare(const flink::ClusterSpec& spec) const {
  if (exists() && epoch() > spec.epoch)
    return fail(
        Code::kFailedPrecondition,
        fmt::format("Cluster {} was torn down; epoch {} is outdated.", spec.cluster_id, spec.epoch),
        "EpochOutdated");
  std::error_code error;
  for (const char* part : {"", "conf", "log", "tmp", "run"}) {
    fs::create_directories(path_ / part, error);
    if (error) {
      errno = error.value();
      return disk_error(path_ / part);
    }
  }
  fs::permissions(path_, fs::perms::owner_all, error);
  std::string password;
  if (spec.internal_key) {
    WEIR_TRY(password, internal_password(path_ / "conf", spec.cluster_id));
  }
  for (const flink::PlacedFile& file : spec.files) {
    const fs::path target = path_ / file.path;
    fs::create_directories(target.parent_path(), error);
    std::string content = fill(file.content, path_.string(), 0);
    if (file.secret) content = replace_all(std::move(content), flink::kInternalPassword, password);
    WEIR_CHECK_OK(write_file(target, content, 0600));
  }
  flink::ClusterSpec shown = spec;
  std::erase_if(shown.files, [](const flink::PlacedFile& file) { return file.secret; });
  WEIR_CHECK_OK(write_file(path_ / "cluster.json", codec::to_json_text(shown), 0600));
  return write_file(path_ / "epoch", std::to_string(spec.epoch), 0600);
}

Status InstanceDirectory::fence(int epoch_number) const {
  std::error_code error;
  fs::create_directories(path_, error);
  return write_file(path_ / "epoch", std::to_string(std::max(epoch(), epoch_number + 1)), 0600);
}

std::vector<InstanceDirectory::Process> InstanceDirectory::processes() const {
  std::map<std::pair<std::string, int>, Process> newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ / "run", error)) {
    const fs::path& file = entry.path();
    Process found;
    if (file.extension() != ".lock" || !parse_name(file.stem().string(), found)) continue;
    Process& kept = newest[{found.role, found.index}];
    if (found.incarnation > kept.incarnation) kept = found;
  }
  std::vector<Process> all;
  for (auto& [key, process] : newest) {
    const fs::path base = path_ / "run" / process.name;
    process.shim_alive = process::is_record_locked(base.string() + ".lock");
    if (const auto pids = codec::from_json_text<PidFile>(read_file(base.string() + ".pid"))) {
      process.shim = {static_cast<pid_t>(pids->shim), pids->shim_start, pids->boot_id};
      process.program = {static_cast<pid_t>(pids->pid), pids->start, pids->boot_id};
    }
    if (const auto status = codec::from_json_text<ExitFile>(read_file(base.string() + ".exit"))) {
      process.exit_code = status->code;
      process.exit_signal = status->signal;
    }
    all.push_back(std::move(process));
  }
  return all;
}

Result<bool> InstanceDirectory::is_gone() const {
  if (!fs::exists(path_ / "alive.lock")) return true;
  WEIR_TRY(const auto lock, process::FileLock::try_lock((path_ / "alive.lock").string()));
  return lock.has_value();
}

std::vector<process::Identity> InstanceDirectory::holders() const {
  std::vector<process::Identity> found;
  const std::string lock = (path_ / "alive.lock").string();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0 || pid == ::getpid()) continue;
    for (const auto& fd : fs::directory_iterator(entry.path() / "fd", error)) {
      std::error_code ignored;
      if (fs::read_symlink(fd.path(), ignored).string() != lock) continue;
      if (const auto identity = process::identify(pid)) found.push_back(*identity);
      break;
    }
  }
  return found;
}

fs::path InstanceDirectory::log_path(const std::string& role, int index, LogStream stream) const {
  if (stream == LogStream::kLog)
    return path_ / "log" /
           (role == "jobmanager" ? "jobmanager.log" : fmt::format("taskmanager-{}.log", index));
  int incarnation = 1;
  for (const Process& process : processes())
    if (process.role == role && process.index == index) incarnation = process.incarnation;
  return path_ / "log" / (name_of(role, index, incarnation) + ".out");
}

std::string InstanceDirectory::last_words(const Process& process, std::size_t max_bytes) const {
  return tail(log_path(process.role, process.index, LogStream::kLog), max_bytes) +
         tail(path_ / "log" / (process.name + ".out"), max_bytes);
}

}  // namespace weir::runtime
