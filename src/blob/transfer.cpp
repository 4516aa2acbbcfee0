#include "blob/transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/sizes.h"
#include "blob/artifact_uri.h"
#include "net/url.h"

namespace weir::blob {
namespace {

constexpr int kRedirects = 5;
constexpr std::size_t kCopyBytes = 1024 * 1024;

// A file that is being read, closed at the end.
struct Source {
  int fd = -1;
  struct stat info{};
  ~Source() {
    if (fd >= 0) ::close(fd);
  }
};

Error no_jar(std::string_view uri, std::string_view why) {
  return fail(
      Code::kNotFound,
      fmt::format("The jar '{}' was not found: {}. Check the URI.", without_password(uri), why),
      "JarNotFound");
}

Error too_large(std::uint64_t limit) {
  return fail(Code::kResourceExhausted,
              fmt::format("The jar is larger than the {} that are accepted.",
                          format_bytes(static_cast<std::int64_t>(limit))),
              "TooLarge");
}

Status open_source(const std::string& path, Source& source) {
  // Without O_NONBLOCK a pipe would hold the thread for ever.
  source.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (source.fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return no_jar(path, "there is no such file on this machine");
  if (source.fd < 0 || ::fstat(source.fd, &source.info) != 0)
    return net::file_error(errno, "read", path);
  if (!S_ISREG(source.info.st_mode))
    return fail(Code::kInvalidArgument, "'" + path + "' is not a file.", "NotAJar");
  return {};
}

Result<std::string> read_piece(const std::string& path, const Source& source) {
  std::string piece(kCopyBytes, '\0');
  const ssize_t got = ::read(source.fd, piece.data(), piece.size());
  if (got < 0) return net::file_error(errno, "read", path);
  piece.resize(static_cast<std::size_t>(got));
  return piece;
}

bool is_unchanged(const Source& source) {
  struct stat now{};
  return ::fstat(source.fd, &now) == 0 && now.st_size == source.info.st_size &&
         now.st_mtim.tv_sec == source.info.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == source.info.st_mtim.tv_nsec;
}

std::string basic_credentials(const net::Url& url) {
  const std::string text = url.user + ":" + url.password;
  std::string encoded(sodium_base64_encoded_len(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  ::sodium_bin2base64(encoded.data(), encoded.size(),
                      reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                      sodium_base64_VARIANT_ORIGINAL);
  return "Basic " + std::string(encoded.c_str());
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Where a redirect leads. Credentials stay with their own host.
Result<net::Url> redirected(const net::Url& from, std::string_view location) {
  auto resolved = net::resolve_url(from, location);
  if (!resolved)
    return fail(Code::kUnavailable,
                fmt::format("The host {} redirects to nowhere.", from.authority()),
                "DownloadFailed");
  net::Url to = std::move(*resolved);
  if (from.scheme == "https" && to.scheme != "https")
    return fail(Code::kPermissionDenied,
                fmt::format("The host {} redirects from https to http, which is not followed. Use "
                            "the final URL.",
                            from.authority()),
                "DownloadRefused");
  if (to.user.empty() && to.scheme == from.scheme && to.authority() == from.authority()) {
    to.user = from.user;
    to.password = from.password;
  }
  return to;
}

Error status_error(int status, const net::Url& url, std::string_view uri) {
  if (status == 404 || status == 410)
    return no_jar(uri, fmt::format("{} answers {}", url.authority(), status));
  if (status == 401 || status == 403 || status == 407)
    return fail(Code::kPermissionDenied,
                fmt::format("{} refuses the download ({}). Put credentials into the URI "
                            "(https://user:password@host/...).",
                            url.authority(), status),
                "DownloadRefused");
  return fail(Code::kUnavailable,
              fmt::format("The download from {} failed with status {}.", url.authority(), status),
              "DownloadFailed");
}

Task<Result<net::FileDigest>> save_answer(Environment env,
                                          std::unique_ptr<net::ClientStream> answer, std::string to,
                                          TransferLimits limits) {
  const std::string_view length = answer->headers.get("Content-Length");
  std::uint64_t announced = 0;
  std::from_chars(length.data(), length.data() + length.size(), announced);
  if (announced > limits.bytes) co_return too_large(limits.bytes);
  WEIR_CO_TRY(auto file, co_await net::BodyFile::create(env, std::move(to), limits.bytes));
  while (true) {
    const MonoTime deadline = std::min(limits.deadline, env.now() + limits.stall_time);
    WEIR_CO_TRY(std::string piece, co_await answer->read(deadline));
    if (piece.empty()) break;
    WEIR_CO_CHECK_OK(co_await file->write(std::move(piece)));
  }
  co_return co_await file->finish();
}

}  // namespace

Task<Result<net::FileDigest>> copy_file(Environment env, std::string from, std::string to,
                                        TransferLimits limits) {
  Source source;
  WEIR_CO_CHECK_OK(co_await env.run([&] { return open_source(from, source); }));
  if (static_cast<std::uint64_t>(source.info.st_size) > limits.bytes)
    co_return too_large(limits.bytes);
  WEIR_CO_TRY(auto file, co_await net::BodyFile::create(env, std::move(to), limits.bytes));
  while (true) {
    if (env.now() > limits.deadline)
      co_return fail(Code::kDeadline, "'" + from + "' could not be copied in time.", "TimedOut");
    WEIR_CO_TRY(std::string piece, co_await env.run([&] { return read_piece(from, source); }));
    if (piece.empty()) break;
    WEIR_CO_CHECK_OK(co_await file->write(std::move(piece)));
  }
  if (!is_unchanged(source))
    co_return fail(Code::kUnavailable,
                   "'" + from + "' was written to while it was copied. Try again.", "FileChanged");
  co_return co_await file->finish();
}

Task<Result<net::FileDigest>> download(Environment env, net::HttpClient& client, std::string uri,
                                       std::string to, TransferLimits limits) {
  WEIR_CO_TRY(net::Url url, net::parse_url(uri));
  for (int redirects = 0; redirects <= kRedirects; ++redirects) {
    net::ClientRequest request;
    request.url = url.scheme + "://" + url.authority() + url.target;
    request.headers = {{"Accept", "*/*"}, {"User-Agent", "weir"}};
    if (!url.user.empty()) request.headers.set("Authorization", basic_credentials(url));
    auto answer = co_await client.open(std::move(request),
                                       std::min(limits.deadline, env.now() + limits.stall_time));
    if (!answer)
      co_return std::move(answer).error().with_context("The jar cannot be downloaded from " +
                                                       url.authority());
    const int status = (*answer)->status;
    if (status == 200) {
      auto saved = co_await save_answer(env, std::move(*answer), std::move(to), limits);
      if (!saved)
        co_return std::move(saved).error().with_context("The jar cannot be downloaded from " +
                                                        url.authority());
      co_return saved;
    }
    if (!is_redirect(status)) co_return status_error(status, url, uri);
    WEIR_CO_TRY(url, redirected(url, (*answer)->headers.get("Location")));
  }
  co_return fail(
      Code::kUnavailable,
      fmt::format("'{}' redirects more than {} times.", without_password(uri), kRedirects),
      "DownloadFailed");
}

}  // namespace weir::blob
