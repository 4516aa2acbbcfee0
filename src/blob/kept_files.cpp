#include "blob/kept_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/hash.h"
#include "net/body_file.h"

namespace fs = std::filesystem;

namespace weir::blob {

Status sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int number = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) return net::file_error(number, "write", folder);
  return {};
}

Result<std::vector<KeptFile>> KeptFiles::named(const std::string& sha256) const {
  std::vector<KeptFile> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder_ + "/" + sha256, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto size = entry->file_size(error);
    if (error) break;
    found.push_back({sha256, entry->path().filename().string(), entry->path().string(),
                     static_cast<std::int64_t>(size)});
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return net::file_error(error.value(), "read", folder_ + "/" + sha256);
  std::ranges::sort(found, {}, &KeptFile::name);
  return found;
}

Result<KeptFile> KeptFiles::add_name(const KeptFile& existing, const std::string& name) const {
  if (name.empty() || name == existing.name) return existing;
  const std::string folder = folder_ + "/" + existing.sha256;
  KeptFile added = existing;
  added.name = name;
  added.path = folder + "/" + name;
  if (::link(existing.path.c_str(), added.path.c_str()) != 0 && errno != EEXIST)
    return net::file_error(errno, "create", added.path);
  WEIR_CHECK_OK(sync_folder(folder));
  return added;
}

Result<KeptFile> KeptFiles::keep(const std::string& temporary, const std::string& sha256,
                                 const std::string& name) {
  const std::lock_guard lock(changes_);
  WEIR_TRY(const std::vector<KeptFile> present, named(sha256));
  if (!present.empty()) {
    ::unlink(temporary.c_str());
    return add_name(present.front(), name);
  }
  const std::string folder = folder_ + "/" + sha256;
  KeptFile file{sha256, name, folder + "/" + name, 0};
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return net::file_error(errno, "create", folder);
  struct stat info{};
  if (::stat(temporary.c_str(), &info) != 0 || ::chmod(temporary.c_str(), 0444) != 0 ||
      ::rename(temporary.c_str(), file.path.c_str()) != 0)
    return net::file_error(errno, "create", file.path);
  file.size_bytes = info.st_size;
  WEIR_CHECK_OK(sync_folder(folder));
  WEIR_CHECK_OK(sync_folder(folder_));
  return file;
}

Result<KeptFile> KeptFiles::find(const std::string& sha256, const std::string& name) {
  const std::lock_guard lock(changes_);
  const auto missing = [&] {
    return fail(Code::kNotFound,
                fmt::format("The kept file with the SHA-256 {} is gone. Start the deployment from "
                            "its jar's URI again.",
                            sha256),
                "JarNotFound");
  };
  if (!is_sha256(sha256)) return missing();
  WEIR_TRY(const std::vector<KeptFile> present, named(sha256));
  if (present.empty()) return missing();
  for (const KeptFile& file : present)
    if (file.name == name) return file;
  return add_name(present.front(), name);
}

Result<std::vector<KeptFile>> KeptFiles::all() {
  const std::lock_guard lock(changes_);
  std::vector<KeptFile> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string sha256 = entry->path().filename().string();
    if (!is_sha256(sha256)) continue;
    WEIR_TRY(std::vector<KeptFile> present, named(sha256));
    files.insert(files.end(), present.begin(), present.end());
  }
  if (error) return net::file_error(error.value(), "read", folder_);
  std::ranges::sort(files, {},
                    [](const KeptFile& file) { return std::tie(file.sha256, file.name); });
  return files;
}

Status KeptFiles::drop(const std::string& sha256) {
  const std::lock_guard lock(changes_);
  if (!is_sha256(sha256)) return {};
  std::error_code error;
  fs::remove_all(folder_ + "/" + sha256, error);
  if (error) return net::file_error(error.value(), "remove", folder_ + "/" + sha256);
  return sync_folder(folder_);
}

}  // namespace weir::blob
