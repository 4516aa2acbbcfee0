#pragma once

#include <string>

#include "base/result.h"
#include "process/process.h"

namespace weir::server {

/// The folder that holds everything a server keeps; one server owns it at a time.
class DataDirectory {
 public:
  /// Makes the folder (mode 0700) if it is missing and takes DATA/weir.lock, which holds the
  /// owner's pid. Blocking: for the start.
  /// @param path absolute
  /// @error kFailedPrecondition reason "DataDirectoryInUse": names the other server's pid;
  ///        "DataDirectoryOnNetwork": locks and SQLite need a local file system
  /// @error kUnavailable it cannot be made or written
  static Result<DataDirectory> open(const std::string& path);

  /// "DATA/<name>"
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  DataDirectory(std::string path, process::FileLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  process::FileLock lock_;
};

/// Whether statfs's `f_type` is a file system of another machine.
bool is_network_file_system(long type);

}  // namespace weir::server
