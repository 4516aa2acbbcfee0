#include "blob/artifact_uri.h"

#include <gtest/gtest.h>

namespace weir::blob {
namespace {

using Kind = ArtifactUri::Kind;

TEST(ArtifactUri, UnderstandsEveryKind) {
  EXPECT_EQ(parse_artifact_uri("ns", "file:///a/b%20c.jar")->path, "/a/b c.jar");
  EXPECT_EQ(parse_artifact_uri("ns", "file:/a.jar")->path, "/a.jar");
  EXPECT_EQ(parse_artifact_uri("ns", "file://localhost/a.jar")->path, "/a.jar");
  EXPECT_EQ(parse_artifact_uri("ns", "HTTPS://u:p@h/x.jar")->kind, Kind::kHttp);
  for (const char* own : {"artifact://a.jar", "artifact:///a.jar", "artifact://ns/a.jar"}) {
    const auto uri = parse_artifact_uri("ns", own);
    ASSERT_TRUE(uri) << own;
    EXPECT_EQ(uri->ns + " " + uri->filename, "ns a.jar");
  }
  EXPECT_EQ(parse_artifact_uri("ns", "artifact://other/a.jar")->ns, "other");
}

TEST(ArtifactUri, RefusesTheRest) {
  for (const char* bad :
       {"file://a.jar", "file://host/a.jar", "file:a.jar", "file:///%00", "http:///x",
        "artifact:a.jar", "artifact://", "artifact://ns/", "artifact://ns/a/b", "artifact://ns/..",
        "artifact://ns/..%2F..%2Fx", "artifact://NS_/a"})
    EXPECT_EQ(parse_artifact_uri("ns", bad).error().reason, "BadUri") << bad;
  for (const char* other : {"s3://bucket/a.jar", "/a.jar", "", "a.jar"})
    EXPECT_EQ(parse_artifact_uri("ns", other).error().reason, "UnsupportedScheme") << other;
}

TEST(ArtifactUri, HidesPasswords) {
  EXPECT_EQ(without_password("https://u:p@h/x@y"), "https://u:***@h/x@y");
  EXPECT_EQ(without_password("https://u:p@q@h/x"), "https://u:***@h/x");
  EXPECT_EQ(without_password("https://h:80/a:b@c"), "https://h:80/a:b@c");
  EXPECT_EQ(without_password("s3://k:s@b"), "s3://k:***@b");
  const auto refused = parse_artifact_uri("ns", "ftp://u:hunter2@h/x.jar");
  EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos);
}

TEST(ArtifactUri, NamesFilesByTheirUri) {
  EXPECT_EQ(name_of_uri("https://h/a/b%20c.jar?x=/y"), "b c.jar");
  EXPECT_EQ(name_of_uri("file:///a.jar"), "a.jar");
  EXPECT_EQ(name_of_uri("artifact://a.jar"), "a.jar");
  for (const char* none : {"https://host.name", "https://h/", "https://h/a/..", "https://h/%0A"})
    EXPECT_EQ(name_of_uri(none), "artifact.jar") << none;
}

}  // namespace
}  // namespace weir::blob
