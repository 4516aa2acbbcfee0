#include "flink/local_homes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "async/event_loop.h"
#include "flink/class_archive.h"

namespace weir::flink {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/weir-homes-XXXXXX";
    path = fs::canonical(::mkdtemp(name)).string();
    add_java("jdk", "17.0.15");
  }
  ~Folder() { fs::remove_all(path); }
  void touch(const fs::path& file, const std::string& text = "x") {
    fs::create_directories((path / file).parent_path());
    std::ofstream(path / file) << text;
  }
  void add_home(const std::string& version) {
    const std::string lib = "homes/" + version + "/lib/";
    touch(lib + "flink-dist-" + version + ".jar");
    touch(lib + "log4j-core.jar");
    touch(lib + "flink-cep.jar");
    touch(lib + "notes.txt");
  }
  void add_java(const std::string& name, const std::string& version) {
    touch(name + "/bin/java", "#!/bin/sh\n");
    fs::permissions(path / fs::path(name) / "bin/java", fs::perms::owner_all);
    touch(name + "/release", "X=\"y\"\nJAVA_VERSION=\"" + version + "\"\n");
  }
  LocalHomesOptions options(const std::string& default_version = {}) const {
    return {(path / "homes").string(), default_version, (path / "jdk").string(), {}, {}};
  }
  fs::path path;
};

void refreshed(const LocalHomesOptions& options,
               const std::function<void(LocalFlinkHomes&, const Status&)>& test) {
  run_blocking([&](Environment env) -> Task<void> {
    return [](Environment e, LocalHomesOptions o,
              const std::function<void(LocalFlinkHomes&, const Status&)>& body) -> Task<void> {
      LocalFlinkHomes homes(e, std::move(o));
      const auto status = co_await homes.refresh();
      body(homes, status);
    }(env, options, test);
  });
}

TEST(LocalFlinkHomes, ListsNewestFirstAndResolvesLines) {
  Folder folder;
  for (const char* version : {"1.20.5", "1.20.12", "2.3.0", "1.9.3"}) folder.add_home(version);
  folder.touch("homes/1.18.1/lib/other.jar");
  folder.touch("homes/notes/lib/flink-dist.jar");
  refreshed(folder.options("1.20"), [&](LocalFlinkHomes& homes, const Status& status) {
    EXPECT_TRUE(status);
    std::vector<std::string> versions;
    for (const FlinkHome& home : homes.list()) versions.push_back(home.version);
    EXPECT_EQ(versions, (std::vector<std::string>{"2.3.0", "1.20.12", "1.20.5", "1.9.3"}));
    EXPECT_EQ(homes.resolve("1.20.5")->version, "1.20.5");
    EXPECT_EQ(homes.resolve("1.20")->version, "1.20.12");
    EXPECT_EQ(homes.resolve("2")->version, "2.3.0");
    EXPECT_EQ(homes.resolve(std::nullopt)->version, "1.20.12");
    for (const char* wrong : {"1.21", "1.2", "x", "1.20.50"}) {
      const auto missing = homes.resolve(wrong);
      ASSERT_FALSE(missing) << wrong;
      EXPECT_EQ(missing.error().reason, "FlinkVersionUnknown");
      EXPECT_NE(missing.error().message.find("2.3.0, 1.20.12"), std::string::npos);
    }
    const FlinkHome home = *homes.resolve("1.20.5");
    const std::string lib = folder.path.string() + "/homes/1.20.5/lib/";
    EXPECT_EQ(home.class_path,
              (std::vector<std::string>{lib + "flink-cep.jar", lib + "log4j-core.jar",
                                        lib + "flink-dist-1.20.5.jar"}));
    EXPECT_EQ(home.java, folder.path.string() + "/jdk/bin/java");
    EXPECT_EQ(home.java_major, 17);
    EXPECT_FALSE(has_archives(home));
  });
  refreshed(folder.options(), [](LocalFlinkHomes& homes, const Status&) {
    EXPECT_EQ(homes.resolve(std::nullopt)->version, "2.3.0");
  });
}

TEST(LocalFlinkHomes, WithoutJavaHomesAreListedAndNothingRuns) {
  Folder folder;
  folder.add_home("1.20.5");
  auto options = folder.options();
  options.java = folder.path.string() + "/nowhere";
  refreshed(options, [](LocalFlinkHomes& homes, const Status& status) {
    EXPECT_EQ(status.error().reason, "JavaMissing");
    EXPECT_EQ(homes.list().size(), 1u);
    EXPECT_EQ(homes.resolve("1.20").error().reason, "JavaMissing");
  });
}

TEST(FindJava, PrefersWhatIsNamedAndFollowsLinks) {
  Folder folder;
  folder.add_java("old/jre", "1.8.0_402");
  folder.add_java("new", "21.0.1");
  fs::create_directories(folder.path / "bin");
  fs::create_symlink(folder.path / "new/bin/java", folder.path / "bin/java");
  LocalHomesOptions options;
  options.search_path = "/nowhere::" + (folder.path / "bin").string();
  EXPECT_EQ(find_java(options)->executable, (folder.path / "new/bin/java").string());
  EXPECT_EQ(find_java(options)->major, 21);
  options.java_home = (folder.path / "old/jre").string();
  EXPECT_EQ(find_java(options)->major, 8);
  options.java = (folder.path / "jdk/bin/java").string();
  EXPECT_EQ(find_java(options)->major, 17);
  options.java = (folder.path / "homes").string();
  EXPECT_EQ(find_java(options).error().reason, "JavaMissing");
}

TEST(ClassArchive, IsFoundOnlyForTheSameJavaAndJars) {
  Folder folder;
  folder.add_home("1.20.5");
  FlinkHome home;
  home.path = (folder.path / "homes/1.20.5").string();
  home.java = (folder.path / "jdk/bin/java").string();
  home.class_path = class_path_of(home.path);
  const std::string key = archive_key(home);
  EXPECT_EQ(key.size(), 16u);
  folder.touch("homes/1.20.5/.weir-archive/" + key + "-jm.jsa");
  folder.touch("homes/1.20.5/.weir-archive/" + key + "-tm.jsa");
  use_archives(home);
  EXPECT_TRUE(has_archives(home));
  folder.touch("homes/1.20.5/lib/flink-cep.jar", "changed");
  use_archives(home);
  EXPECT_FALSE(has_archives(home));
  const std::string changed = archive_key(home);
  folder.touch("jdk/release", "JAVA_VERSION=\"17.0.16\"\n");
  EXPECT_NE(archive_key(home), changed);
}

}  // namespace
}  // namespace weir::flink
