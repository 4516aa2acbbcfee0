#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"

namespace weir::blob {

struct ArtifactInfo {
  std::string filename;
  std::string uri;  ///< "artifact://<namespace>/<filename>"
  WallTime created_at;
  std::int64_t size_bytes = 0;
  std::string sha256;
};

/// A file that Weir keeps under its content's hash; it stays while a Job names it.
struct KeptFile {
  std::string sha256;
  std::string name;  ///< base name for people and for Flink
  std::string path;  ///< absolute, on this machine
  std::int64_t size_bytes = 0;
};

/// Uploaded artifacts and the kept copies of everything a Job runs. I/O thread only; disk work is
/// on the pool.
class ArtifactStore {
 public:
  virtual ~ArtifactStore() = default;

  /// Lexicographic order.
  virtual Task<Result<std::vector<ArtifactInfo>>> list(std::string ns) = 0;
  /// @error kNotFound
  virtual Task<Result<ArtifactInfo>> info(std::string ns, std::string filename) = 0;
  /// Where an upload should be streamed to (a path where nothing is yet); then `finish_upload`
  /// makes it visible at once. The same name overwrites; running jobs keep their copy. What is
  /// never finished is removed at the next start.
  /// @error kInvalidArgument reason "BadFileName"
  virtual Task<Result<std::string>> begin_upload(std::string ns, std::string filename) = 0;
  virtual Task<Result<ArtifactInfo>> finish_upload(std::string ns, std::string filename,
                                                   std::string temporary_path) = 0;
  /// @error kNotFound
  virtual Task<Status> remove(std::string ns, std::string filename) = 0;
  /// Absolute path of an artifact for downloading. @error kNotFound
  virtual Task<Result<std::string>> path(std::string ns, std::string filename) = 0;

  /// Fetches `uri` (file://, http(s)://, artifact://[namespace/]name) once and keeps it by SHA-256.
  /// Fetches of one URI at the same time do not disturb each other.
  /// @error kNotFound            reason "JarNotFound"
  /// @error kPermissionDenied    reason "HostNotAllowed": see the setting for downloads;
  ///                             "DownloadRefused": the host wants other credentials;
  ///                             "FileNotReadable"
  /// @error kInvalidArgument     unsupported scheme, or not a jar (no zip signature): "NotAJar"
  /// @error kResourceExhausted   "TooLarge": larger than 2 GiB; "DiskFull"
  /// @error kUnavailable, kDeadline the host does not answer
  virtual Task<Result<KeptFile>> fetch(std::string ns, std::string uri, MonoTime deadline) = 0;
  /// The kept file of a hash, under `name` (empty = any it has). @error kNotFound
  virtual Task<Result<KeptFile>> kept(std::string sha256, std::string name) = 0;

  /// Every kept file, ordered by hash and name; a hash can have several names.
  virtual Task<Result<std::vector<KeptFile>>> all_kept() = 0;
  /// Removes the kept files of a hash that no Job names; harmless when there is none.
  /// @error kConflict reason "RecentlyUsed": `fetch` or `kept` gave it out within the last hour, so
  ///        a Job that names it may be on its way
  virtual Task<Status> drop_kept(std::string sha256) = 0;
};

}  // namespace weir::blob
