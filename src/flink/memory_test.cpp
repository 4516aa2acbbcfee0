#include "flink/memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/strings.h"
#include "flink/local_homes.h"

namespace weir::flink {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kMiB = 1 << 20;

// The installed homes that scripts/test puts there.
std::string any_home(const std::string& version) {
  const char* given = std::getenv("WEIR_FLINK_HOMES");
  const char* user = std::getenv("HOME");
  const fs::path base = given != nullptr
                            ? fs::path(given)
                            : fs::path(user != nullptr ? user : "/root") / ".cache/weir/flink";
  return (base / version).string();
}

// What Flink's own scripts would compute: the JVM flags and the settings.
struct Answer {
  std::set<std::string> flags;
  std::set<std::string> settings;
};
Answer ask_flink(const std::string& home, const std::string& command, const Configuration& keys) {
  char name[] = "/tmp/weir-memory-XXXXXX";
  const fs::path conf = ::mkdtemp(name);
  std::ofstream file(conf / "config.yaml");
  for (const auto& [key, value] : keys) file << key << ": " << value << "\n";
  file.close();
  const auto java = find_java(local_homes_options(""));
  EXPECT_TRUE(java);
  const std::string line = java->executable + " -XX:TieredStopAtLevel=1 -Xshare:auto -cp " + home +
                           "/bin/bash-java-utils.jar:" + join(class_path_of(home), ":") +
                           " org.apache.flink.runtime.util.bash.BashJavaUtils " + command +
                           " --configDir " + conf.string() + " 2>&1";
  std::FILE* pipe = ::popen(line.c_str(), "r");
  std::string text;
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    text.append(buffer, got);
  ::pclose(pipe);
  fs::remove_all(conf);
  std::vector<std::string> results;
  constexpr std::string_view kMark = "BASH_JAVA_UTILS_EXEC_RESULT:";
  for (std::string_view row : split(text, '\n'))
    if (row.starts_with(kMark)) results.emplace_back(trim(row.substr(kMark.size())));
  Answer answer;
  EXPECT_EQ(results.size(), 2u) << text;
  if (results.size() != 2) return answer;
  for (std::string_view flag : split(results[0], ' ')) answer.flags.emplace(flag);
  for (std::string_view part : split(results[1], ' '))
    if (part != "-D" && !part.empty()) answer.settings.emplace(part);
  return answer;
}

Answer ours(const ProcessMemory& memory) {
  Answer answer;
  answer.flags.insert(memory.jvm_flags.begin(), memory.jvm_flags.end());
  for (const auto& [key, value] : memory.settings) answer.settings.insert(key + "=" + value);
  return answer;
}

TEST(MemoryLikeFlink, TaskManager) {
  const std::string p = "taskmanager.memory.";
  struct Case {
    std::int64_t megabytes;
    int slots;
    Configuration keys;
  };
  const std::vector<Case> cases{
      {1728, 1, {}},
      {1024, 2, {}},
      {2048, 4, {{p + "managed.fraction", "0.0"}}},
      {4096, 2, {{p + "managed.size", "512m"}, {p + "task.off-heap.size", "100m"}}},
      {16384, 8, {{p + "jvm-overhead.max", "2g"}, {p + "network.max", "300mb"}}},
      {1500, 1, {{p + "network.fraction", "0.25"}, {p + "jvm-metaspace.size", "96m"}}},
      {3333,
       3,
       {{p + "framework.heap.size", "64m"},
        {p + "framework.off-heap.size", "32m"},
        {p + "jvm-overhead.fraction", "0.2"},
        {"taskmanager.cpu.cores", "2.5"}}},
  };
  for (const char* version : {"1.20.5", "2.3.0"}) {
    const std::string home = any_home(version);
    ASSERT_TRUE(fs::exists(home)) << "install it: scripts/flink-home " << version;
    // One line in full, the other only where it could differ.
    const std::size_t count = std::string(version) == "1.20.5" ? cases.size() : 3;
    for (std::size_t i = 0; i < count; ++i) {
      const Case& c = cases[i];
      Configuration keys = c.keys;
      const auto memory = task_manager_memory(c.megabytes * kMiB, c.slots, keys);
      ASSERT_TRUE(memory) << to_string(memory.error());
      keys[p + "process.size"] = std::to_string(c.megabytes) + "m";
      keys["taskmanager.numberOfTaskSlots"] = std::to_string(c.slots);
      const Answer flink = ask_flink(home, "GET_TM_RESOURCE_PARAMS", keys);
      EXPECT_EQ(ours(*memory).flags, flink.flags) << version << " case " << i;
      EXPECT_EQ(ours(*memory).settings, flink.settings) << version << " case " << i;
    }
  }
}

TEST(MemoryLikeFlink, JobManager) {
  const std::string p = "jobmanager.memory.";
  const std::vector<std::pair<std::int64_t, Configuration>> cases{
      {1600, {}},
      {1024, {{p + "enable-jvm-direct-memory-limit", "true"}}},
      {700, {{p + "off-heap.size", "64m"}, {p + "jvm-metaspace.size", "128m"}}},
      {12000, {{p + "jvm-overhead.min", "300m"}}},
  };
  const std::string home = any_home("1.20.5");
  ASSERT_TRUE(fs::exists(home)) << "install it: scripts/flink-home 1.20.5";
  for (const auto& [megabytes, given] : cases) {
    Configuration keys = given;
    const auto memory = job_manager_memory(megabytes * kMiB, keys);
    ASSERT_TRUE(memory) << to_string(memory.error());
    keys[p + "process.size"] = std::to_string(megabytes) + "m";
    const Answer flink = ask_flink(home, "GET_JM_RESOURCE_PARAMS", keys);
    EXPECT_EQ(ours(*memory).flags, flink.flags) << megabytes;
    EXPECT_EQ(ours(*memory).settings, flink.settings) << megabytes;
  }
}

TEST(Memory, TooSmallNamesTheSmallestThatWorks) {
  const auto worker = task_manager_memory(512 * kMiB, 1, {});
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().reason, "MemoryTooSmall");
  EXPECT_EQ(worker.error().fields.front().path, "spec.template.spec.resources.taskmanager.memory");
  const std::string& text = worker.error().message;
  const std::size_t at = text.rfind(' ') + 1;
  const std::int64_t smallest = std::atoll(text.c_str() + at) * kMiB;
  EXPECT_TRUE(task_manager_memory(smallest, 1, {})) << text;
  EXPECT_FALSE(task_manager_memory(smallest - 32 * kMiB, 1, {})) << text;
  EXPECT_EQ(job_manager_memory(400 * kMiB, {}).error().reason, "MemoryTooSmall");
}

TEST(Memory, ABrokenOptionIsNamed) {
  const auto broken =
      task_manager_memory(2048 * kMiB, 1, {{"taskmanager.memory.managed.fraction", "1.5"}});
  EXPECT_EQ(broken.error().reason, "BadOption");
  EXPECT_EQ(broken.error().fields.front().path,
            "spec.template.spec.flinkConfiguration.taskmanager.memory.managed.fraction");
}

}  // namespace
}  // namespace weir::flink
