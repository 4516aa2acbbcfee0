#include "api/console.h"

#include <gtest/gtest.h>

#include "console_files.h"

namespace weir::api {
namespace {

class CountingIds final : public IdSource {
 public:
  std::string uuid() override {
    return "00000000-0000-4000-8000-00000000000" + std::to_string(next_++);
  }

 private:
  int next_ = 1;
  std::uint64_t below(std::uint64_t) override { return 0; }
};

net::Request get(const std::string& accept) {
  net::Request request;
  request.method = "GET";
  request.headers.set("Accept", accept);
  return request;
}

std::string header(const net::Response& response, const char* name) {
  return std::string(response.headers.get(name));
}

/// A file whose name changes with its content.
std::string hashed_file() {
  for (const ConsoleFile& file : console_files())
    if (file.path.starts_with("assets/")) return std::string(file.path);
  return {};
}

TEST(Console, GivesItsPageForItsOwnAddresses) {
  CountingIds ids;
  const Console console("/weir/");
  for (const char* path : {"", "deployments", "deployments/a/logs", "artifacts"}) {
    const auto answer = console.answer(get("text/html,*/*;q=0.8"), path, ids);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 200);
    EXPECT_NE(answer->body.find("<base href=\"/weir/\""), std::string::npos) << answer->body;
    EXPECT_EQ(answer->body.find("__"), std::string::npos) << "a placeholder is left";
    EXPECT_EQ(header(*answer, "Cache-Control"), "no-store");
  }
}

TEST(Console, EveryPageHasANonceOfItsOwn) {
  CountingIds ids;
  const Console console("/");
  const auto first = console.answer(get("text/html"), "", ids);
  const auto second = console.answer(get("text/html"), "", ids);
  const std::string policy = header(*first, "Content-Security-Policy");
  EXPECT_NE(policy, header(*second, "Content-Security-Policy"));
  EXPECT_NE(policy.find("'nonce-00000000000040008000000000000001'"), std::string::npos) << policy;
  EXPECT_NE(first->body.find("00000000000040008000000000000001"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
}

TEST(Console, LeavesTheApisAddressesAndOtherMethodsAlone) {
  CountingIds ids;
  const Console console("/");
  for (const char* path :
       {"api/v1/nothing", "artifacts/x", "flink-ui/x", "metrics/x", "assets/x.js"})
    EXPECT_FALSE(console.answer(get("text/html"), path, ids)) << path;
  EXPECT_FALSE(console.answer(get("application/json"), "deployments", ids));
  net::Request post = get("text/html");
  post.method = "POST";
  EXPECT_FALSE(console.answer(post, "", ids));
}

TEST(Console, FilesAreCompressedAndKeptByBrowsers) {
  CountingIds ids;
  const Console console("/");
  const std::string path = hashed_file();
  ASSERT_FALSE(path.empty());
  const auto first = console.answer(get("*/*"), path, ids);
  ASSERT_TRUE(first);
  EXPECT_EQ(header(*first, "Content-Encoding"), "gzip");
  EXPECT_NE(header(*first, "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_NE(header(*first, "Content-Type").find("charset=utf-8"), std::string::npos);
  EXPECT_TRUE(first->body.starts_with("\x1f\x8b"));
  net::Request again = get("*/*");
  again.headers.set("If-None-Match", header(*first, "ETag"));
  const auto second = console.answer(again, path, ids);
  EXPECT_EQ(second->status, 304);
  EXPECT_TRUE(second->body.empty());
  // What keeps its name must be asked for again.
  EXPECT_EQ(header(*console.answer(get("*/*"), "weir.svg", ids), "Cache-Control"), "no-cache");
}

TEST(Console, BasePathsAreWrittenInOneWay) {
  for (const char* text : {"", "/"}) EXPECT_EQ(normal_base_path(text), "/");
  for (const char* text : {"weir", "/weir", "/weir/", "weir//"})
    EXPECT_EQ(normal_base_path(text), "/weir/");
  EXPECT_EQ(normal_base_path("/a/b"), "/a/b/");
}

}  // namespace
}  // namespace weir::api
