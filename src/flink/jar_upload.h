#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "async/environment.h"
#include "base/result.h"
#include "net/http_client.h"

namespace weir::flink {

/// A jar file as it is on disk.
struct JarFile {
  std::string path;
  std::int64_t size = 0;
  std::string sha256;  ///< 64 hex digits
};

/// Hashes jars on the pool, each once while its size and time of change stay. I/O thread only.
class JarHashes {
 public:
  explicit JarHashes(Environment env) : env_(env) {}
  /// @error kNotFound reason "JarNotFound": the file is not there;  kUnavailable it cannot be read
  Task<Result<JarFile>> look(std::string path);

 private:
  Environment env_;
  std::map<std::string, JarFile> known_;  // by path, size and time of change
};

/// The name under which a jar is uploaded: the same content has the same name, and no part of a
/// user's name can be taken for a path. "0123456789abcdef_word-count.jar"
std::string upload_name(const std::string& sha256, const std::string& name);

/// The multipart request, whose body is read from the disk in pieces while it is sent.
net::ClientRequest upload_request(Environment env, const std::string& url, const JarFile& jar,
                                  const std::string& upload_name);

}  // namespace weir::flink
