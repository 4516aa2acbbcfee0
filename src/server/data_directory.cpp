#include "server/data_directory.h"

#include <fmt/format.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/strings.h"

namespace weir::server {
namespace {

namespace fs = std::filesystem;

Status make_directory(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return {};
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error)
    return fail(Code::kUnavailable,
                fmt::format("The data directory {} cannot be made: {}.", path, error.message()));
  return {};
}

std::string owner_of(const std::string& lock_file) {
  std::string pid;
  std::ifstream(lock_file) >> pid;
  return pid.empty() ? "unknown" : pid;
}

}  // namespace

bool is_network_file_system(long type) {
  // NFS, SMB, CIFS, SMB2, AFS, Coda, Ceph: numbers of linux/magic.h, unsigned 32 bit.
  for (const unsigned long remote :
       {0x6969UL, 0x517BUL, 0xFF534D42UL, 0xFE534D42UL, 0x5346414FUL, 0x73757245UL, 0x00C36400UL})
    if ((static_cast<unsigned long>(type) & 0xFFFFFFFFUL) == remote) return true;
  return false;
}

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  WEIR_CHECK_OK(make_directory(path));
  struct statfs system{};
  if (::statfs(path.c_str(), &system) == 0 && is_network_file_system(system.f_type))
    return fail(Code::kFailedPrecondition,
                fmt::format("The data directory {} is on a network file system, where locks cannot "
                            "prove which processes live. Give --data a directory on a local disk.",
                            path),
                "DataDirectoryOnNetwork");
  const std::string lock_file = path + "/weir.lock";
  WEIR_TRY(auto lock, process::FileLock::try_lock(lock_file));
  if (!lock)
    return fail(Code::kFailedPrecondition,
                fmt::format("Another Weir (pid {}) uses the data directory {}. Stop it first, or "
                            "give --data another directory.",
                            owner_of(lock_file), path),
                "DataDirectoryInUse");
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock->descriptor(), 0) != 0 ||
      ::pwrite(lock->descriptor(), pid.data(), pid.size(), 0) < 0)
    return fail(Code::kUnavailable,
                fmt::format("{} cannot be written: {}.", lock_file, std::strerror(errno)));
  return DataDirectory(path, std::move(*lock));
}

}  // namespace weir::server
