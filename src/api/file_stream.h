#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "async/environment.h"
#include "base/result.h"
#include "net/http.h"

namespace weir::api {

/// An open file that is read on the pool.
class FileReader {
 public:
  /// @error kNotFound, kUnavailable
  static Task<Result<std::shared_ptr<FileReader>>> open(Environment env, std::string path);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  std::uint64_t size() const { return size_; }  ///< when it was opened
  void seek(std::uint64_t offset) { offset_ = offset; }
  /// The next piece; empty = the end for now.
  Task<Result<std::string>> read();
  /// Whether `path` names another file by now, or the file was cut: it was rotated.
  Task<bool> replaced();

 private:
  FileReader(Environment env, std::string path, int fd, std::uint64_t size);
  Environment env_;
  std::string path_;
  int fd_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
};

/// A whole file as an answer. @error kNotFound, kUnavailable
Task<Result<net::Response>> stream_file(Environment env, std::string path);

}  // namespace weir::api
