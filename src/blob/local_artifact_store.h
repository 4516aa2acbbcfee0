#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/environment.h"
#include "blob/artifact_files.h"
#include "blob/artifact_store.h"
#include "blob/kept_files.h"
#include "net/body_file.h"
#include "net/http_client.h"

namespace weir::blob {

struct LocalArtifactOptions {
  std::string data_directory;
  std::uint64_t max_bytes = 2ULL * 1024 * 1024 * 1024;
  bool allow_private_hosts = false;  ///< downloads from loopback, private and link-local addresses
  std::string ca_file;               ///< for https; empty = the system's
  Duration stall_time =
      std::chrono::seconds(60);  ///< a host that sends nothing for so long is given up
};

/// Artifacts in the data directory: DATA/artifacts/<namespace>/<file> (uploaded),
/// DATA/jars/<sha256>/<name> (kept, read-only), DATA/tmp (unfinished; same file system, so that a
/// rename makes a file visible whole).
class LocalArtifactStore final : public ArtifactStore {
 public:
  /// Makes the folders and removes what an earlier run left unfinished. Blocking: for the start.
  /// @error what net::file_error gives
  static Result<std::unique_ptr<LocalArtifactStore>> open(Environment env,
                                                          LocalArtifactOptions options);

  Task<Result<std::vector<ArtifactInfo>>> list(std::string ns) override;
  Task<Result<ArtifactInfo>> info(std::string ns, std::string filename) override;
  Task<Result<std::string>> begin_upload(std::string ns, std::string filename) override;
  Task<Result<ArtifactInfo>> finish_upload(std::string ns, std::string filename,
                                           std::string temporary_path) override;
  Task<Status> remove(std::string ns, std::string filename) override;
  Task<Result<std::string>> path(std::string ns, std::string filename) override;
  Task<Result<KeptFile>> fetch(std::string ns, std::string uri, MonoTime deadline) override;
  Task<Result<KeptFile>> kept(std::string sha256, std::string name) override;
  Task<Result<std::vector<KeptFile>>> all_kept() override;
  Task<Status> drop_kept(std::string sha256) override;

 private:
  LocalArtifactStore(Environment env, LocalArtifactOptions options);
  std::string temporary_path(std::string_view kind);
  Task<Result<net::FileDigest>> transfer(std::string ns, std::string uri, std::string to,
                                         MonoTime deadline);
  void note_use(const std::string& sha256);

  Environment env_;
  LocalArtifactOptions options_;
  ArtifactFiles artifacts_;
  KeptFiles kept_;
  net::HttpClient client_;
  std::map<std::string, MonoTime> used_;  // hashes that were given out, and when
};

}  // namespace weir::blob
