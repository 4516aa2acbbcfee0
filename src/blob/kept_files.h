#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "blob/artifact_store.h"

namespace weir::blob {

/// The folder of kept files: <folder>/<sha256>/<name>, never changed once there. Blocking, for the
/// pool; safe from any thread. Errors: what net::file_error gives.
class KeptFiles {
 public:
  explicit KeptFiles(std::string folder) : folder_(std::move(folder)) {}

  /// Moves a complete file here (both are on one file system), or drops it when its content is here
  /// already. Returns when the name is on the disk.
  Result<KeptFile> keep(const std::string& temporary, const std::string& sha256,
                        const std::string& name);
  /// @error kNotFound
  Result<KeptFile> find(const std::string& sha256, const std::string& name);
  Result<std::vector<KeptFile>> all();
  Status drop(const std::string& sha256);

 private:
  Result<std::vector<KeptFile>> named(const std::string& sha256) const;
  Result<KeptFile> add_name(const KeptFile& existing, const std::string& name) const;

  std::string folder_;
  std::mutex changes_;  // a drop must not remove what is being kept
};

/// Makes what was created, renamed or removed in a folder last.
Status sync_folder(const std::string& folder);

}  // namespace weir::blob
