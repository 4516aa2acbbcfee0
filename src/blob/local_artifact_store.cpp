#include "blob/local_artifact_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/strings.h"
#include "blob/artifact_uri.h"
#include "blob/transfer.h"

namespace fs = std::filesystem;

namespace weir::blob {
namespace {

constexpr Duration kRecent = std::chrono::hours(1);

// A path that is cleared at the end, if something is still there.
struct Temporary {
  std::string path;
  ~Temporary() { ::unlink(path.c_str()); }
};

Status check_jar(const std::string& path, const std::string& uri) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return net::file_error(errno, "read", path);
  char start[4] = {};
  const ssize_t got = ::read(fd, start, sizeof start);
  ::close(fd);
  if (got == 4 && std::string_view(start, 4) == std::string_view("PK\x03\x04", 4)) return {};
  return fail(
      Code::kInvalidArgument,
      fmt::format("'{}' is not a jar: it does not begin like a zip file. Check that the URI "
                  "leads to the file itself and not to a page about it.",
                  without_password(uri)),
      "NotAJar");
}

Status prepare(const std::string& data) {
  std::error_code error;
  for (const char* folder : {"", "/artifacts", "/jars", "/tmp"}) {
    fs::create_directories(data + folder, error);
    if (error) return net::file_error(error.value(), "create", data + folder);
  }
  for (fs::directory_iterator entry(data + "/tmp", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with("upload-") || name.starts_with("fetch-"))
      fs::remove(entry->path(), ignored);
  }
  if (error) return net::file_error(error.value(), "read", data + "/tmp");
  return {};
}

net::ClientOptions client_options(const LocalArtifactOptions& options) {
  net::ClientOptions client;
  client.ca_file = options.ca_file;
  if (!options.allow_private_hosts)
    client.allow = [](const std::string& address) { return !net::is_private_address(address); };
  return client;
}

}  // namespace

LocalArtifactStore::LocalArtifactStore(Environment env, LocalArtifactOptions options)
    : env_(env),
      options_(std::move(options)),
      artifacts_(options_.data_directory + "/artifacts"),
      kept_(options_.data_directory + "/jars"),
      client_(env, client_options(options_)) {}

Result<std::unique_ptr<LocalArtifactStore>> LocalArtifactStore::open(Environment env,
                                                                     LocalArtifactOptions options) {
  std::error_code error;
  options.data_directory = fs::absolute(options.data_directory, error).lexically_normal().string();
  if (error) return net::file_error(error.value(), "find", options.data_directory);
  WEIR_CHECK_OK(prepare(options.data_directory));
  return std::unique_ptr<LocalArtifactStore>(new LocalArtifactStore(env, std::move(options)));
}

std::string LocalArtifactStore::temporary_path(std::string_view kind) {
  return fmt::format("{}/tmp/{}-{}", options_.data_directory, kind, env_.ids.uuid());
}

Task<Result<std::vector<ArtifactInfo>>> LocalArtifactStore::list(std::string ns) {
  co_return co_await env_.run([&] { return artifacts_.list(ns); });
}

Task<Result<ArtifactInfo>> LocalArtifactStore::info(std::string ns, std::string filename) {
  co_return co_await env_.run([&] { return artifacts_.describe(ns, filename); });
}

Task<Result<std::string>> LocalArtifactStore::begin_upload(std::string ns, std::string filename) {
  const auto target = artifacts_.path(ns, filename);
  if (!target) co_return std::move(target).error();
  co_return temporary_path("upload");
}

Task<Result<ArtifactInfo>> LocalArtifactStore::finish_upload(std::string ns, std::string filename,
                                                             std::string temporary_path) {
  const Temporary temporary{temporary_path};
  co_return co_await env_.run([&] { return artifacts_.publish(ns, filename, temporary.path); });
}

Task<Status> LocalArtifactStore::remove(std::string ns, std::string filename) {
  co_return co_await env_.run([&] { return artifacts_.remove(ns, filename); });
}

Task<Result<std::string>> LocalArtifactStore::path(std::string ns, std::string filename) {
  WEIR_CO_TRY(std::string file, artifacts_.path(ns, filename));
  const bool there = co_await env_.run([&] {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored);
  });
  if (there) co_return file;
  co_return fail(Code::kNotFound,
                 fmt::format("There is no artifact '{}' in the namespace '{}'.", filename, ns),
                 "ArtifactNotFound");
}

Task<Result<net::FileDigest>> LocalArtifactStore::transfer(std::string ns, std::string uri,
                                                           std::string to, MonoTime deadline) {
  WEIR_CO_TRY(const ArtifactUri source, parse_artifact_uri(ns, uri));
  const TransferLimits limits{options_.max_bytes, options_.stall_time, deadline};
  if (source.kind == ArtifactUri::Kind::kHttp)
    co_return co_await download(env_, client_, source.url, std::move(to), limits);
  if (source.kind == ArtifactUri::Kind::kFile)
    co_return co_await copy_file(env_, source.path, std::move(to), limits);
  WEIR_CO_TRY(const std::string file, artifacts_.path(source.ns, source.filename));
  auto copied = co_await copy_file(env_, file, std::move(to), limits);
  if (!copied && copied.error().code == Code::kNotFound)
    co_return fail(Code::kNotFound,
                   fmt::format("The jar '{}' was not found: there is no artifact '{}' in the "
                               "namespace '{}'. Upload it first.",
                               uri, source.filename, source.ns),
                   "JarNotFound");
  co_return copied;
}

Task<Result<KeptFile>> LocalArtifactStore::fetch(std::string ns, std::string uri,
                                                 MonoTime deadline) {
  const Temporary temporary{temporary_path("fetch")};
  WEIR_CO_TRY(const net::FileDigest digest,
              co_await transfer(std::move(ns), uri, temporary.path, deadline));
  WEIR_CO_CHECK_OK(co_await env_.run([&] { return check_jar(temporary.path, uri); }));
  // Before it is there, so that no sweep can take it away again at once.
  note_use(digest.sha256);
  const std::string name = name_of_uri(uri);
  co_return co_await env_.run([&] { return kept_.keep(temporary.path, digest.sha256, name); });
}

Task<Result<KeptFile>> LocalArtifactStore::kept(std::string sha256, std::string name) {
  if (!name.empty()) {
    const auto plain = plain_file_name(name);
    if (!plain || *plain != name)
      co_return fail(Code::kInvalidArgument, "'" + name + "' is not a file's name.", "BadFileName");
  }
  note_use(sha256);
  co_return co_await env_.run([&] { return kept_.find(sha256, name); });
}

Task<Result<std::vector<KeptFile>>> LocalArtifactStore::all_kept() {
  co_return co_await env_.run([&] { return kept_.all(); });
}

Task<Status> LocalArtifactStore::drop_kept(std::string sha256) {
  const MonoTime long_ago = env_.now() - kRecent;
  std::erase_if(used_, [&](const auto& use) { return use.second <= long_ago; });
  if (used_.contains(sha256))
    co_return fail(Code::kConflict,
                   "The kept file " + sha256 + " was used within the last hour. Try again later.",
                   "RecentlyUsed");
  co_return co_await env_.run([&] { return kept_.drop(sha256); });
}

void LocalArtifactStore::note_use(const std::string& sha256) { used_[sha256] = env_.now(); }

}  // namespace weir::blob
