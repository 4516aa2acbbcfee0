#include "blob/artifact_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "base/strings.h"
#include "blob/kept_files.h"
#include "net/body_file.h"

namespace fs = std::filesystem;

namespace weir::blob {
namespace {

Error no_artifact(const std::string& ns, const std::string& filename) {
  return fail(Code::kNotFound,
              fmt::format("There is no artifact '{}' in the namespace '{}'.", filename, ns),
              "ArtifactNotFound");
}

// What tells one state of a file from another.
std::string fingerprint(const struct stat& info) {
  return fmt::format("{} {}.{:09} {}", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                     info.st_ino);
}

Result<std::string> hash_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return net::file_error(errno, "read", path);
  Sha256 hash;
  std::string buffer(1024 * 1024, '\0');
  ssize_t got = 0;
  while ((got = ::read(fd, buffer.data(), buffer.size())) > 0)
    hash.update(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  const int number = errno;
  ::close(fd);
  if (got < 0) return net::file_error(number, "read", path);
  return hash.finish();
}

}  // namespace

Result<std::string> ArtifactFiles::path(const std::string& ns, const std::string& filename) const {
  if (!is_dns_label(ns))
    return fail(Code::kInvalidArgument, "'" + ns + "' is not a namespace's name.", "isInvalid");
  WEIR_TRY(const std::string name, plain_file_name(filename));
  if (name != filename)
    return fail(Code::kInvalidArgument, "'" + filename + "' is not an artifact's name.",
                "BadFileName");
  return folder_ + "/" + ns + "/" + filename;
}

std::string ArtifactFiles::digest_path(const std::string& ns, const std::string& filename) const {
  return folder_ + "/.sha256/" + ns + "/" + filename;
}

Result<std::string> ArtifactFiles::digest(const std::string& path,
                                          const std::string& remembered) const {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return net::file_error(errno, "read", path);
  const std::string state = fingerprint(info);
  std::ifstream file(remembered);
  std::string hash, known_state;
  if (file >> hash && file.get() == ' ' && std::getline(file, known_state) &&
      known_state == state && is_sha256(hash))
    return hash;
  WEIR_TRY(hash, hash_file(path));
  // Only a memory: a torn or missing one costs another reading.
  std::error_code ignored;
  fs::create_directories(fs::path(remembered).parent_path(), ignored);
  std::ofstream(remembered) << hash << ' ' << state << '\n';
  return hash;
}

Result<ArtifactInfo> ArtifactFiles::describe(const std::string& ns,
                                             const std::string& filename) const {
  WEIR_TRY(const std::string file, path(ns, filename));
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return no_artifact(ns, filename);
  ArtifactInfo artifact;
  artifact.filename = filename;
  artifact.uri = "artifact://" + ns + "/" + filename;
  artifact.created_at = WallTime(std::chrono::duration_cast<Duration>(
      std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec)));
  artifact.size_bytes = info.st_size;
  auto hash = digest(file, digest_path(ns, filename));
  if (!hash && hash.error().code == Code::kNotFound) return no_artifact(ns, filename);
  if (!hash) return std::move(hash).error();
  artifact.sha256 = std::move(*hash);
  return artifact;
}

Result<std::vector<ArtifactInfo>> ArtifactFiles::list(const std::string& ns) const {
  std::vector<ArtifactInfo> artifacts;
  if (!is_dns_label(ns)) return artifacts;
  const std::string folder = folder_ + "/" + ns;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    auto info = describe(ns, entry->path().filename().string());
    // Folders, and names that no artifact can have, are somebody else's; files may vanish
    // meanwhile.
    if (info) artifacts.push_back(std::move(*info));
    else if (info.error().code != Code::kNotFound && info.error().code != Code::kInvalidArgument)
      return std::move(info).error();
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return net::file_error(error.value(), "read", folder);
  std::ranges::sort(artifacts, {}, &ArtifactInfo::filename);
  return artifacts;
}

Result<ArtifactInfo> ArtifactFiles::publish(const std::string& ns, const std::string& filename,
                                            const std::string& temporary) const {
  WEIR_TRY(const std::string file, path(ns, filename));
  const std::string folder = folder_ + "/" + ns;
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
    return net::file_error(errno, "create", folder);
  if (::chmod(temporary.c_str(), 0644) != 0 || ::rename(temporary.c_str(), file.c_str()) != 0)
    return net::file_error(errno, "create", file);
  WEIR_CHECK_OK(sync_folder(folder));
  WEIR_CHECK_OK(sync_folder(folder_));
  return describe(ns, filename);
}

Status ArtifactFiles::remove(const std::string& ns, const std::string& filename) const {
  WEIR_TRY(const std::string file, path(ns, filename));
  if (::unlink(file.c_str()) != 0)
    return errno == ENOENT ? no_artifact(ns, filename) : net::file_error(errno, "remove", file);
  ::unlink(digest_path(ns, filename).c_str());
  return sync_folder(folder_ + "/" + ns);
}

}  // namespace weir::blob
