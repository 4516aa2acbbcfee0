#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "async/environment.h"
#include "base/hash.h"
#include "base/result.h"

namespace weir::net {

struct FileDigest {
  std::int64_t size_bytes = 0;
  std::string sha256;
};

/// A new file that a body is streamed into; all disk work is on the pool. The file is removed with
/// the object unless `finish` was called.
class BodyFile {
 public:
  /// Makes the file, readable by its owner alone.
  /// @param limit bytes that it may have
  /// @error kAlreadyExists; what file_error gives
  static Task<Result<std::unique_ptr<BodyFile>>> create(Environment env, std::string path,
                                                        std::uint64_t limit);
  ~BodyFile();
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;

  /// @error kResourceExhausted reason "TooLarge"; what file_error gives
  Task<Status> write(std::string piece);
  /// Returns when the content is on the disk; the file stays. Nothing may be written afterwards.
  Task<Result<FileDigest>> finish();

 private:
  BodyFile(Environment env, std::string path, std::uint64_t limit, int fd);
  Status flush();

  Environment env_;
  std::string path_;
  std::uint64_t limit_;
  int fd_;
  std::uint64_t size_ = 0;
  std::string waiting_;  // collected so that the pool is not asked for every small piece
  Sha256 hash_;
  bool finished_ = false;
};

/// The Error of a failed file operation: kNotFound, kAlreadyExists, kResourceExhausted reason
/// "DiskFull", kPermissionDenied reason "FileNotReadable", else kUnavailable reason "DiskFailed".
/// @param doing "write", "read", ...
Error file_error(int error_number, std::string_view doing, const std::string& path);

}  // namespace weir::net
