#include "api/file_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "net/body_file.h"

namespace weir::api {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

struct Opened {
  int fd = -1;
  int error = 0;
  std::uint64_t size = 0;
};

Opened open_file(const std::string& path) {
  Opened opened;
  opened.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (opened.fd < 0 || ::fstat(opened.fd, &status) != 0) opened.error = errno;
  opened.size = static_cast<std::uint64_t>(status.st_size);
  return opened;
}

Task<Status> send_file(std::shared_ptr<FileReader> file, net::BodyWriter& writer) {
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await file->read());
    if (piece.empty()) co_return Status();
    WEIR_CO_CHECK_OK(co_await writer.write(piece));
  }
}

}  // namespace

FileReader::FileReader(Environment env, std::string path, int fd, std::uint64_t size)
    : env_(env), path_(std::move(path)), fd_(fd), size_(size) {}

FileReader::~FileReader() { ::close(fd_); }

Task<Result<std::shared_ptr<FileReader>>> FileReader::open(Environment env, std::string path) {
  const auto work = [&path] { return open_file(path); };
  const Opened opened = co_await env.run(work);
  if (opened.error != 0) {
    if (opened.fd >= 0) ::close(opened.fd);
    co_return net::file_error(opened.error, "read", path);
  }
  co_return std::shared_ptr<FileReader>(
      new FileReader(env, std::move(path), opened.fd, opened.size));
}

Task<Result<std::string>> FileReader::read() {
  std::string piece(kPiece, '\0');
  const auto work = [this, &piece] {
    const ssize_t got = ::pread(fd_, piece.data(), piece.size(), static_cast<off_t>(offset_));
    return got < 0 ? -static_cast<ssize_t>(errno) : got;
  };
  const ssize_t got = co_await env_.run(work);
  if (got < 0) co_return net::file_error(static_cast<int>(-got), "read", path_);
  piece.resize(static_cast<std::size_t>(got));
  offset_ += piece.size();
  co_return piece;
}

Task<bool> FileReader::replaced() {
  const auto work = [this] {
    struct stat mine{};
    struct stat named{};
    if (::fstat(fd_, &mine) != 0 || ::stat(path_.c_str(), &named) != 0) return false;
    return mine.st_ino != named.st_ino || mine.st_dev != named.st_dev ||
           static_cast<std::uint64_t>(named.st_size) < offset_;
  };
  co_return co_await env_.run(work);
}

Task<Result<net::Response>> stream_file(Environment env, std::string path) {
  WEIR_CO_TRY(const std::shared_ptr<FileReader> file, co_await FileReader::open(env, path));
  net::Response response;
  response.content_length = file->size();
  response.stream = [file](net::BodyWriter& writer) { return send_file(file, writer); };
  co_return response;
}

}  // namespace weir::api
