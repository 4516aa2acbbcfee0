#include "flink/local_state_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "base/ids.h"
#include "flink/flink_answers.h"
#include "net/url.h"

namespace weir::flink {
namespace {

namespace fs = std::filesystem;
using States = std::vector<FoundState>;

constexpr std::size_t kHeader = 16;

Error not_local(Code code, const std::string& location) {
  return fail(code, fmt::format("'{}' is not on this machine's file system.", location),
              "SchemeNotSupported");
}

// Says the location as Flink does: "file:/x".
std::string as_uri(const fs::path& path) { return "file:" + path.string(); }

Result<FoundState> read_state(const fs::path& directory) {
  const fs::path path = directory.filename() == "_metadata" ? directory : directory / "_metadata";
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return fail(missing ? Code::kNotFound : Code::kUnavailable,
                fmt::format("'{}' cannot be read: {}.", path.string(), std::strerror(errno)),
                missing ? "StateNotFound" : "DiskError");
  }
  std::string bytes(kHeader, '\0');
  file.read(bytes.data(), kHeader);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  WEIR_TRY(const std::int64_t id, checkpoint_id_of(bytes));
  return FoundState{as_uri(path.parent_path()), id};
}

// Folders whose name starts with `prefix` and whose `_metadata` can be read, down to `depth`.
Status collect(const fs::path& directory, std::string_view prefix, int depth, States& found) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (error)
    return fail(Code::kUnavailable,
                fmt::format("'{}' cannot be read: {}.", directory.string(), error.message()),
                "DiskError");
  for (const fs::directory_iterator end; entries != end; entries.increment(error)) {
    if (error) break;
    std::error_code ignored;
    if (!entries->is_directory(ignored)) continue;
    if (entries->path().filename().string().starts_with(prefix)) {
      auto state = read_state(entries->path());
      if (state) found.push_back(*std::move(state));
      // A point that is being written or was cut short is none; a disk that fails is not "none".
      else if (state.error().code == Code::kUnavailable) return Error(std::move(state).error());
    } else if (depth > 1) {
      WEIR_CHECK_OK(collect(entries->path(), prefix, depth - 1, found));
    }
  }
  if (error) return fail(Code::kUnavailable, error.message(), "DiskError");
  return {};
}

Result<States> list(const std::string& directory, std::string_view prefix, int depth) {
  const auto path = local_path(directory);
  if (!path) return not_local(Code::kUnavailable, directory);
  States found;
  WEIR_CHECK_OK(collect(*path, prefix, depth, found));
  std::sort(found.begin(), found.end(), [](const FoundState& a, const FoundState& b) {
    return std::tie(b.checkpoint_id, a.location) < std::tie(a.checkpoint_id, b.location);
  });
  return found;
}

// A job's archive is some hundred kilobytes; a graph of thousands of vertices some megabytes.
constexpr std::uintmax_t kArchiveLimit = 256ULL << 20;

Error unreadable_archive(const fs::path& file, const std::string& why) {
  return fail(Code::kUnavailable,
              fmt::format("The archive '{}' cannot be read: {}.", file.string(), why), "DiskError");
}

// Directly in the directory; since Flink 2.3 in CLUSTER/applications/APPLICATION/jobs below it.
Result<std::optional<fs::path>> find_archive(const fs::path& directory,
                                             const std::string& flink_job_id) {
  constexpr int kDepth = 4;
  std::error_code error;
  fs::recursive_directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
    return std::optional<fs::path>();
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (entries.depth() >= kDepth) entries.disable_recursion_pending();
    std::error_code gone;
    if (entries->path().filename() == flink_job_id && entries->is_regular_file(gone))
      return std::optional(entries->path());
  }
  if (error) return unreadable_archive(directory, error.message());
  return std::optional<fs::path>();
}

Result<std::optional<ArchivedJob>> read_archive(const std::string& directory,
                                                const std::string& flink_job_id) {
  const auto path = local_path(directory);
  if (!path) return not_local(Code::kUnavailable, directory);
  WEIR_TRY(const auto file, find_archive(*path, flink_job_id));
  if (!file) return std::optional<ArchivedJob>();
  std::error_code error;
  const auto size = fs::file_size(*file, error);
  if (error) return unreadable_archive(*file, error.message());
  if (size > kArchiveLimit) return std::optional<ArchivedJob>();
  std::string text(size, '\0');
  std::ifstream in(*file, std::ios::binary);
  if (!in) return unreadable_archive(*file, std::strerror(errno));
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (in.bad()) return unreadable_archive(*file, std::strerror(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto archived = answers::archived_job(text, flink_job_id);
  return archived ? std::optional(*std::move(archived)) : std::nullopt;
}

Status prepare_directory(const std::string& directory) {
  const auto path = local_path(directory);
  if (!path) return not_local(Code::kInvalidArgument, directory);
  const auto refuse = [&](const std::string& why) {
    return fail(Code::kFailedPrecondition,
                fmt::format("The directory '{}' cannot be written: {}.", *path, why),
                "CheckpointDirectoryNotWritable");
  };
  std::error_code error;
  fs::create_directories(*path, error);
  if (error) return refuse(error.message());
  const std::string probe = *path + "/.weir-probe-" + std::to_string(::getpid());
  const int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return refuse(std::strerror(errno));
  const bool written = ::write(file, "x", 1) == 1;
  const int saved = errno;
  ::close(file);
  ::unlink(probe.c_str());
  if (!written) return refuse(std::strerror(saved));
  return {};
}

// The folders of `directory` by name; a link is none.
Result<std::vector<fs::path>> folders_of(const fs::path& directory) {
  std::vector<fs::path> folders;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
    return folders;
  for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
    std::error_code gone;
    if (fs::is_directory(entries->symlink_status(gone))) folders.push_back(entries->path());
  }
  if (error)
    return fail(Code::kUnavailable,
                fmt::format("'{}' cannot be read: {}.", directory.string(), error.message()),
                "DiskError");
  std::sort(folders.begin(), folders.end());
  return folders;
}

void measure(JobDirectory& found) {
  std::error_code error;
  fs::file_time_type newest = fs::last_write_time(found.path, error);
  for (auto entry = fs::recursive_directory_iterator(found.path, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    const bool is_link = entry->is_symlink(gone);
    if (!is_link && entry->is_regular_file(gone))
      found.bytes += static_cast<std::int64_t>(entry->file_size(gone));
    if (const auto written = is_link ? newest : entry->last_write_time(gone); !gone)
      newest = std::max(newest, written);
  }
  found.last_written =
      std::chrono::time_point_cast<Duration>(std::chrono::file_clock::to_sys(newest));
}

// .../jobs/SESSION CLUSTER/a3/FLINK'S JOB ID
Status list_attempts(const fs::path& session, std::vector<JobDirectory>& found) {
  const std::string owner = session.filename().string();
  WEIR_TRY(const auto attempts, folders_of(session));
  for (const fs::path& attempt : attempts) {
    WEIR_TRY(const auto jobs, folders_of(attempt));
    for (const fs::path& job : jobs) {
      const std::string job_id = uuid_of_flink_id(job.filename().string());
      if (job_id.empty()) continue;
      found.push_back({job.string(), owner, job_id, 0, {}, true});
      measure(found.back());
    }
  }
  return {};
}

// state/NAMESPACE/DEPLOYMENT/checkpoints/jobs/JOB
Result<std::vector<JobDirectory>> list_job_directories(const std::string& state) {
  std::vector<JobDirectory> found;
  // Behind a link the same state has two names, and a restore point may be known by the other.
  std::error_code error;
  if (fs::canonical(state, error) != fs::path(state).lexically_normal()) return found;
  WEIR_TRY(const auto namespaces, folders_of(state));
  for (const fs::path& ns : namespaces) {
    WEIR_TRY(const auto deployments, folders_of(ns));
    for (const fs::path& deployment : deployments) {
      const fs::path checkpoints = deployment / "checkpoints";
      if (fs::is_symlink(checkpoints) || fs::is_symlink(checkpoints / "jobs")) continue;
      WEIR_TRY(const auto jobs, folders_of(checkpoints / "jobs"));
      for (const fs::path& job : jobs) {
        if (!is_uuid(job.filename().string())) continue;
        found.push_back(
            {job.string(), deployment.filename().string(), job.filename().string(), 0, {}});
        measure(found.back());
        if (job.filename() == deployment.filename()) WEIR_CHECK_OK(list_attempts(job, found));
      }
    }
  }
  return found;
}

Status remove_directory(const std::string& directory) {
  const auto path = local_path(directory);
  if (!path) return not_local(Code::kInvalidArgument, directory);
  std::error_code error;
  fs::remove_all(*path, error);
  if (!error || error == std::errc::no_such_file_or_directory) return {};
  return fail(Code::kUnavailable,
              fmt::format("'{}' cannot be removed: {}.", *path, error.message()), "DiskError");
}

}  // namespace

std::optional<std::string> local_path(std::string_view location) {
  constexpr std::string_view kScheme = "file:";
  if (location.starts_with('/')) return std::string(location);
  if (!location.starts_with(kScheme)) return std::nullopt;
  location.remove_prefix(kScheme.size());
  if (location.starts_with("//")) {
    location.remove_prefix(2);
    constexpr std::string_view kHere = "localhost";
    if (location.starts_with(kHere)) location.remove_prefix(kHere.size());
  }
  if (!location.starts_with('/')) return std::nullopt;
  return net::percent_decode(location);
}

Result<std::int64_t> checkpoint_id_of(std::string_view bytes) {
  const auto number = [&](std::size_t at, int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
  };
  if (bytes.size() < kHeader || number(0, 4) != 0x4960672d)
    return fail(Code::kInvalidArgument, "The file _metadata is not that of a Flink checkpoint.",
                "NotACheckpoint");
  return static_cast<std::int64_t>(number(8, 8));
}

Task<Result<States>> LocalStateDirectory::checkpoints(std::string directory) {
  co_return co_await env_.run([directory] { return list(directory, "chk-", 2); });
}

Task<Result<States>> LocalStateDirectory::savepoints(std::string directory) {
  co_return co_await env_.run([directory]() -> Result<States> {
    // Absent, or a file is in its way: the request has written nothing.
    std::error_code error;
    const auto path = local_path(directory);
    if (path && !fs::exists(*path, error) && !error) return States();
    return list(directory, "savepoint-", 1);
  });
}

Task<Result<FoundState>> LocalStateDirectory::inspect(std::string location) {
  co_return co_await env_.run([location]() -> Result<FoundState> {
    const auto path = local_path(location);
    if (!path) return not_local(Code::kInvalidArgument, location);
    auto state = read_state(*path);
    if (state) state->location = location;
    return state;
  });
}

Task<Result<std::optional<ArchivedJob>>> LocalStateDirectory::archived_job(
    std::string directory, std::string flink_job_id) {
  co_return co_await env_.run(
      [directory, flink_job_id] { return read_archive(directory, flink_job_id); });
}

Task<Status> LocalStateDirectory::prepare(std::string directory) {
  co_return co_await env_.run([directory] { return prepare_directory(directory); });
}

Task<Result<std::vector<JobDirectory>>> LocalStateDirectory::job_directories(std::string state) {
  co_return co_await env_.run([state] { return list_job_directories(state); });
}

Task<Status> LocalStateDirectory::remove(std::string directory) {
  co_return co_await env_.run([directory] { return remove_directory(directory); });
}

}  // namespace weir::flink
