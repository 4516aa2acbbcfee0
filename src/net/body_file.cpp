#include "net/body_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/sizes.h"

namespace weir::net {
namespace {

constexpr std::size_t kFlushBytes = 512 * 1024;

}  // namespace

Error file_error(int error_number, std::string_view doing, const std::string& path) {
  const auto text = [&](std::string_view advice) {
    return fmt::format("Cannot {} '{}': {}.{}", doing, path, std::strerror(error_number), advice);
  };
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return fail(Code::kNotFound, text(""), "FileNotFound");
    case EEXIST: return fail(Code::kAlreadyExists, text(""), "FileExists");
    case EACCES:
    case EPERM: return fail(Code::kPermissionDenied, text(""), "FileNotReadable");
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return fail(Code::kResourceExhausted, text(" Free space on that disk and try again."),
                  "DiskFull");
    default: return fail(Code::kUnavailable, text(""), "DiskFailed");
  }
}

BodyFile::BodyFile(Environment env, std::string path, std::uint64_t limit, int fd)
    : env_(env), path_(std::move(path)), limit_(limit), fd_(fd) {}

BodyFile::~BodyFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!finished_) ::unlink(path_.c_str());
}

Task<Result<std::unique_ptr<BodyFile>>> BodyFile::create(Environment env, std::string path,
                                                         std::uint64_t limit) {
  const auto opening = [path]() -> Result<int> {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return file_error(errno, "create", path);
    return fd;
  };
  WEIR_CO_TRY(const int fd, co_await env.run(opening));
  co_return std::unique_ptr<BodyFile>(new BodyFile(env, std::move(path), limit, fd));
}

Task<Status> BodyFile::write(std::string piece) {
  size_ += piece.size();
  if (size_ > limit_)
    co_return fail(Code::kResourceExhausted,
                   fmt::format("The file is larger than the {} that are accepted.",
                               format_bytes(static_cast<std::int64_t>(limit_))),
                   "TooLarge");
  waiting_ += piece;
  if (waiting_.size() < kFlushBytes) co_return Status();
  co_return co_await env_.run([this] { return flush(); });
}

Status BodyFile::flush() {
  hash_.update(waiting_);
  for (std::string_view left = waiting_; !left.empty();) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error(errno, "write", path_);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  waiting_.clear();
  return {};
}

Task<Result<FileDigest>> BodyFile::finish() {
  const auto ending = [this]() -> Result<FileDigest> {
    WEIR_CHECK_OK(flush());
    if (::fsync(fd_) != 0) return file_error(errno, "write", path_);
    const int closed = ::close(std::exchange(fd_, -1));
    if (closed != 0) return file_error(errno, "write", path_);
    return FileDigest{static_cast<std::int64_t>(size_), hash_.finish()};
  };
  auto digest = co_await env_.run(ending);
  finished_ = digest.has_value();
  co_return digest;
}

}  // namespace weir::net
