#pragma once

#include <string>
#include <vector>

#include "blob/artifact_store.h"

namespace weir::blob {

/// The folder of uploaded artifacts: <folder>/<namespace>/<filename>, plain files that a person may
/// also look at or replace. Their hashes stand in <folder>/.sha256 and are made again when a file
/// has changed. Blocking, for the pool; safe from any thread. Errors: kInvalidArgument reason
/// "BadFileName"; what net::file_error gives.
class ArtifactFiles {
 public:
  explicit ArtifactFiles(std::string folder) : folder_(std::move(folder)) {}

  Result<std::vector<ArtifactInfo>> list(const std::string& ns) const;
  /// @error kNotFound
  Result<ArtifactInfo> describe(const std::string& ns, const std::string& filename) const;
  /// Moves a complete file here, over one of the same name.
  Result<ArtifactInfo> publish(const std::string& ns, const std::string& filename,
                               const std::string& temporary) const;
  /// @error kNotFound
  Status remove(const std::string& ns, const std::string& filename) const;
  /// Where the artifact is or would be. Pure.
  Result<std::string> path(const std::string& ns, const std::string& filename) const;

 private:
  std::string digest_path(const std::string& ns, const std::string& filename) const;
  Result<std::string> digest(const std::string& path, const std::string& remembered) const;

  std::string folder_;
};

}  // namespace weir::blob
