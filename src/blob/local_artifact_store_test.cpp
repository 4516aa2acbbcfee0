#include "blob/local_artifact_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "async/event_loop.h"
#include "async/scope.h"
#include "async/virtual_loop.h"
#include "net/http_server.h"

namespace fs = std::filesystem;

namespace weir::blob {
namespace {

using namespace std::chrono_literals;

const std::string kJar = std::string("PK\x03\x04", 4) + "the rest of a jar";
const std::string kOtherJar = std::string("PK\x03\x04", 4) + "another";

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}
std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder of its own for each test, with a store on it.
class LocalStore : public testing::Test {
 protected:
  LocalStore() {
    std::string pattern = testing::TempDir() + "weir-blob-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~LocalStore() override { fs::remove_all(folder_); }

  fs::path data() const { return folder_ / "data"; }
  std::unique_ptr<LocalArtifactStore> open(Environment env, std::uint64_t max_bytes = 1000000,
                                           bool allow_private = true) const {
    LocalArtifactOptions options;
    options.data_directory = data().string();
    options.max_bytes = max_bytes;
    options.allow_private_hosts = allow_private;
    auto store = LocalArtifactStore::open(env, options);
    EXPECT_TRUE(store) << to_string(store.error());
    return std::move(*store);
  }
  std::size_t left_in_tmp() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(data() / "tmp"), fs::directory_iterator()));
  }

  fs::path folder_;
};

Task<ArtifactInfo> upload(ArtifactStore& store, std::string ns, std::string name,
                          std::string content) {
  auto path = co_await store.begin_upload(ns, name);
  EXPECT_TRUE(path);
  write_file(*path, content);
  auto info = co_await store.finish_upload(ns, name, *path);
  EXPECT_TRUE(info) << to_string(info.error());
  co_return info.value_or(ArtifactInfo{});
}

Task<void> uploads(Environment env, ArtifactStore& store, fs::path data) {
  EXPECT_TRUE((co_await store.list("default"))->empty());
  co_await upload(store, "default", "b.jar", kJar);
  const ArtifactInfo a = co_await upload(store, "default", "a b.jar", kOtherJar);
  EXPECT_EQ(a.uri, "artifact://default/a b.jar");
  EXPECT_EQ(a.size_bytes, static_cast<std::int64_t>(kOtherJar.size()));
  EXPECT_EQ(a.sha256, sha256_hex(kOtherJar));
  EXPECT_LT(std::chrono::abs(a.created_at - env.wall_now()), 1h);
  auto all = co_await store.list("default");
  EXPECT_EQ(all->size(), 2u);
  EXPECT_EQ(all->front().filename, "a b.jar");
  EXPECT_TRUE((co_await store.list("other"))->empty());
  EXPECT_EQ(content_of(*co_await store.path("default", "b.jar")), kJar);

  co_await upload(store, "default", "b.jar", kOtherJar + "!");
  EXPECT_EQ((co_await store.info("default", "b.jar"))->sha256, sha256_hex(kOtherJar + "!"));
  // A person replaces the file without asking anybody.
  write_file(data / "artifacts/default/b.jar", kJar);
  EXPECT_EQ((co_await store.info("default", "b.jar"))->sha256, sha256_hex(kJar));

  EXPECT_TRUE(co_await store.remove("default", "b.jar"));
  EXPECT_EQ((co_await store.remove("default", "b.jar")).error().reason, "ArtifactNotFound");
  EXPECT_EQ((co_await store.info("default", "b.jar")).error().code, Code::kNotFound);
  EXPECT_EQ((co_await store.path("default", "b.jar")).error().code, Code::kNotFound);
  EXPECT_EQ((co_await store.list("default"))->size(), 1u);
  for (const char* bad : {"", "..", "../x", "a/b", "a\n", " a"}) {
    EXPECT_EQ((co_await store.begin_upload("default", bad)).error().code, Code::kInvalidArgument);
    EXPECT_EQ((co_await store.info("default", bad)).error().code, Code::kInvalidArgument);
  }
  EXPECT_EQ((co_await store.begin_upload("../x", "a")).error().code, Code::kInvalidArgument);
}

TEST_F(LocalStore, KeepsUploads) {
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, std::unique_ptr<LocalArtifactStore> store, fs::path at) -> Task<void> {
      co_await uploads(e, *store, at);
    }(env, open(env), data());
  });
}

TEST_F(LocalStore, ARestartForgetsUnfinishedUploadsOnly) {
  run_blocking([&](Environment env) -> Task<void> {
    return [](std::unique_ptr<LocalArtifactStore> store) -> Task<void> {
      write_file(*co_await store->begin_upload("default", "x"), "half");
      co_await upload(*store, "default", "y", kJar);
    }(open(env));
  });
  write_file(data() / "tmp/other", "not ours");
  EXPECT_EQ(left_in_tmp(), 2u);
  run_blocking([&](Environment env) -> Task<void> {
    return [](std::unique_ptr<LocalArtifactStore> store) -> Task<void> {
      EXPECT_EQ((co_await store->list("default"))->size(), 1u);
    }(open(env));
  });
  EXPECT_EQ(left_in_tmp(), 1u);
}

Task<void> fetches(Environment env, std::unique_ptr<LocalArtifactStore> store, fs::path folder) {
  const MonoTime deadline = env.now() + 10s;
  const fs::path jar = folder / "word count.jar";
  write_file(jar, kJar);
  const std::string uri = "file://" + folder.string() + "/word%20count.jar";
  auto first = co_await store->fetch("default", uri, deadline);
  EXPECT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(first->name, "word count.jar");
  EXPECT_EQ(first->sha256, sha256_hex(kJar));
  EXPECT_EQ(first->size_bytes, static_cast<std::int64_t>(kJar.size()));
  EXPECT_EQ(first->path, (folder / "data/jars" / first->sha256 / first->name).string());
  struct stat info{};
  EXPECT_EQ(::stat(first->path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0444u);

  // Writing into the source leaves the kept file alone.
  write_file(jar, kOtherJar);
  EXPECT_EQ(content_of(first->path), kJar);
  auto second = co_await store->fetch("default", uri, deadline);
  EXPECT_NE(second->sha256, first->sha256);

  co_await upload(*store, "default", "up.jar", kJar);
  for (const char* own : {"artifact://up.jar", "artifact:///up.jar", "artifact://default/up.jar"}) {
    auto same = co_await store->fetch("default", own, deadline);
    EXPECT_TRUE(same) << to_string(same.error());
    EXPECT_EQ(same->sha256, first->sha256);
    EXPECT_EQ(same->name, "up.jar");
    EXPECT_EQ(content_of(same->path), kJar);
  }
  EXPECT_EQ((co_await store->kept(first->sha256, "up.jar"))->name, "up.jar");
  EXPECT_EQ((co_await store->kept(first->sha256, "third.jar"))->name, "third.jar");
  EXPECT_EQ((co_await store->kept(first->sha256, ""))->size_bytes, first->size_bytes);
  EXPECT_EQ((co_await store->kept(std::string(64, '0'), "x")).error().code, Code::kNotFound);
  EXPECT_EQ((co_await store->kept("../../x", "x")).error().code, Code::kNotFound);
  EXPECT_EQ((co_await store->kept(first->sha256, "../x")).error().code, Code::kInvalidArgument);
}

TEST_F(LocalStore, FetchesOnceAndKeepsForGood) {
  run_blocking([&](Environment env) { return fetches(env, open(env), folder_); });
  EXPECT_EQ(left_in_tmp(), 0u);
}

Task<void> refusals(Environment env, std::unique_ptr<LocalArtifactStore> store, fs::path folder) {
  const MonoTime deadline = env.now() + 10s;
  const auto reason = [](const Result<KeptFile>& fetched) {
    return fetched ? "fetched" : fetched.error().reason;
  };
  const std::string here = "file://" + folder.string();
  write_file(folder / "page.jar", "<html>");
  write_file(folder / "empty.jar", "");
  write_file(folder / "large.jar", std::string("PK\x03\x04", 4) + std::string(2000, 'x'));
  EXPECT_EQ(reason(co_await store->fetch("d", here + "/missing.jar", deadline)), "JarNotFound");
  EXPECT_EQ(reason(co_await store->fetch("d", "artifact://missing.jar", deadline)), "JarNotFound");
  EXPECT_EQ(reason(co_await store->fetch("d", here + "/page.jar", deadline)), "NotAJar");
  EXPECT_EQ(reason(co_await store->fetch("d", here + "/empty.jar", deadline)), "NotAJar");
  EXPECT_EQ(reason(co_await store->fetch("d", here, deadline)), "NotAJar");
  EXPECT_EQ(reason(co_await store->fetch("d", here + "/large.jar", deadline)), "TooLarge");
  EXPECT_EQ(reason(co_await store->fetch("d", "s3://bucket/x.jar", deadline)), "UnsupportedScheme");
  EXPECT_TRUE((co_await store->all_kept())->empty());
}

TEST_F(LocalStore, RefusesWhatIsNoJar) {
  run_blocking([&](Environment env) { return refusals(env, open(env, 1000), folder_); });
  EXPECT_EQ(left_in_tmp(), 0u);
}

Task<void> sweeps(Environment env, std::unique_ptr<LocalArtifactStore> store, fs::path folder) {
  write_file(folder / "a.jar", kJar);
  write_file(folder / "b.jar", kOtherJar);
  const std::string here = "file://" + folder.string();
  auto a = co_await store->fetch("d", here + "/a.jar", env.now() + 1h);
  auto b = co_await store->fetch("d", here + "/b.jar", env.now() + 1h);
  EXPECT_TRUE(a && b);
  EXPECT_EQ((co_await store->all_kept())->size(), 2u);
  EXPECT_EQ((co_await store->drop_kept(a->sha256)).error().reason, "RecentlyUsed");
  co_await sleep_for(env.timer, 61min);
  EXPECT_TRUE(co_await store->kept(b->sha256, "b.jar"));
  EXPECT_TRUE(co_await store->drop_kept(a->sha256));
  EXPECT_TRUE(co_await store->drop_kept(a->sha256));
  EXPECT_TRUE(co_await store->drop_kept("../.."));
  EXPECT_EQ((co_await store->drop_kept(b->sha256)).error().code, Code::kConflict);
  auto all = co_await store->all_kept();
  EXPECT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().name, "b.jar");
  auto again = co_await store->fetch("d", here + "/a.jar", env.now() + 1h);
  EXPECT_EQ(content_of(again->path), kJar);
}

TEST_F(LocalStore, ASweepLeavesWhatWasJustGivenOut) {
  VirtualLoop loop(1);
  EXPECT_TRUE(loop.run(sweeps(loop.environment(), open(loop.environment()), folder_)));
}

// A download host; notes what was asked for and with which credentials.
Task<net::Response> host(std::vector<std::string>& asked, net::Request& request) {
  net::Response response;
  asked.push_back(request.target + " " + std::string(request.headers.get("Authorization")));
  const std::string what = request.url.segments.empty() ? "" : request.url.segments[0];
  if (what == "jar") response.body = kJar;
  if (what == "large") response.body = std::string("PK\x03\x04", 4) + std::string(2000, 'x');
  if (what == "gone") response.status = 404;
  if (what == "closed") response.status = 401;
  if (what == "broken") response.status = 503;
  if (what == "again" || what == "loop" || what == "away") {
    response.status = 302;
    response.headers.set("Location", what == "again"  ? "jar/x.jar"
                                     : what == "loop" ? "/loop"
                                                      : "http://" + request.url.get("to") + "/jar");
  }
  if (what == "unbounded") {
    response.stream = [](net::BodyWriter& writer) -> Task<Status> {
      for (int i = 0; i < 1000; ++i)
        WEIR_CO_CHECK_OK(co_await writer.write(std::string("PK\x03\x04", 4) + "more"));
      co_return Status();
    };
  }
  co_return response;
}

Task<void> downloads(Environment env, std::unique_ptr<LocalArtifactStore> store) {
  std::vector<std::string> asked;
  net::HttpServer server(env, {}, [&asked](net::Request& r) { return host(asked, r); });
  EXPECT_TRUE(server.start());
  const std::string at = "127.0.0.1:" + std::to_string(server.port());
  const MonoTime deadline = env.now() + 10s;
  const auto reason = [](const Result<KeptFile>& fetched) {
    return fetched ? "fetched" : fetched.error().reason;
  };
  auto jar = co_await store->fetch("d", "http://us%20er:pa%3Ass@" + at + "/again?v=1", deadline);
  EXPECT_TRUE(jar) << to_string(jar.error());
  EXPECT_EQ(content_of(jar->path), kJar);
  EXPECT_EQ(jar->name, "again");
  EXPECT_EQ(asked, (std::vector<std::string>{"/again?v=1 Basic dXMgZXI6cGE6c3M=",
                                             "/jar/x.jar Basic dXMgZXI6cGE6c3M="}));
  asked.clear();
  const std::string other = "localhost:" + std::to_string(server.port());
  EXPECT_TRUE(co_await store->fetch("d", "http://u:p@" + at + "/away?to=" + other, deadline));
  EXPECT_EQ(asked.back(), "/jar ");

  EXPECT_EQ(reason(co_await store->fetch("d", "http://" + at + "/loop", deadline)),
            "DownloadFailed");
  EXPECT_EQ(reason(co_await store->fetch("d", "http://" + at + "/large", deadline)), "TooLarge");
  EXPECT_EQ(reason(co_await store->fetch("d", "http://" + at + "/unbounded", deadline)),
            "TooLarge");
  EXPECT_EQ(reason(co_await store->fetch("d", "http://" + at + "/", deadline)), "NotAJar");
  EXPECT_EQ(reason(co_await store->fetch("d", "http://" + at + "/closed", deadline)),
            "DownloadRefused");
  EXPECT_EQ(reason(co_await store->fetch("d", "http://" + at + "/broken", deadline)),
            "DownloadFailed");
  auto gone = co_await store->fetch("d", "http://u:hunter2@" + at + "/gone", deadline);
  EXPECT_EQ(gone.error().reason, "JarNotFound");
  EXPECT_NE(gone.error().message.find("u:***@"), std::string::npos) << gone.error().message;
  EXPECT_EQ(gone.error().message.find("hunter2"), std::string::npos);
  co_await server.stop();
  EXPECT_EQ(reason(co_await store->fetch("d", "http://" + at + "/jar", deadline)),
            "ConnectionRefused");
}

TEST_F(LocalStore, DownloadsWithLimits) {
  run_blocking([&](Environment env) { return downloads(env, open(env, 1000)); });
  EXPECT_EQ(left_in_tmp(), 0u);
}

Task<void> fetch_one(Environment env, LocalArtifactStore& store, std::string uri, int& done) {
  auto fetched = co_await store.fetch("d", uri, env.now() + 10s);
  EXPECT_TRUE(fetched) << to_string(fetched.error());
  EXPECT_EQ(content_of(fetched->path), kJar);
  ++done;
}

Task<void> at_once(Environment env, std::unique_ptr<LocalArtifactStore> store) {
  std::vector<std::string> asked;
  net::HttpServer server(env, {}, [&asked](net::Request& r) { return host(asked, r); });
  EXPECT_TRUE(server.start());
  const std::string uri = "http://127.0.0.1:" + std::to_string(server.port()) + "/jar";
  Scope scope(env.timer, "test");
  int done = 0;
  for (int i = 0; i < 10; ++i) scope.spawn("fetch", fetch_one(env, *store, uri, done));
  while (scope.size() > 0) co_await sleep_for(env.timer, 1ms);
  EXPECT_EQ(done, 10);
  EXPECT_EQ((co_await store->all_kept())->size(), 1u);
  co_await scope.stop();
  co_await server.stop();
}

TEST_F(LocalStore, FetchesOfOneUriDoNotDisturbEachOther) {
  run_blocking([&](Environment env) { return at_once(env, open(env)); });
  EXPECT_EQ(left_in_tmp(), 0u);
}

Task<void> private_host(Environment env, std::unique_ptr<LocalArtifactStore> store) {
  for (const char* host :
       {"127.0.0.1:1", "localhost:1", "[::1]:1", "10.0.0.1", "169.254.169.254"}) {
    auto refused =
        co_await store->fetch("d", "http://" + std::string(host) + "/x.jar", env.now() + 10s);
    EXPECT_EQ(refused.error().reason, "HostNotAllowed") << host;
    EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
  }
}

TEST_F(LocalStore, PrivateHostsAreRefusedUnlessAllowed) {
  run_blocking([&](Environment env) { return private_host(env, open(env, 1000, false)); });
}

}  // namespace
}  // namespace weir::blob
