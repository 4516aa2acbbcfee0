#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/ids.h"
#include "server/configuration.h"
#include "server/data_directory.h"
#include "server/settings_table.h"

namespace weir::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

Result<Configuration> from_file(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / ("weir-config-" + system_ids().uuid());
  std::ofstream(file) << text;
  ConfigurationSources sources;
  sources.file = file;
  auto loaded = load_configuration(sources);
  fs::remove(file);
  return loaded;
}

std::string field_errors(const std::string& text) {
  const auto loaded = from_file(text);
  if (loaded) return "accepted";
  std::string all;
  for (const FieldError& field : loaded.error().fields)
    all += field.path + ": " + field.message + "\n";
  return all.empty() ? loaded.error().message : all;
}

TEST(Configuration, WhatIsPrintedReadsBackToTheSame) {
  Configuration configuration;
  configuration.listen = "[::1]:0";
  configuration.allowed_hosts = {"weir.example", "x"};
  configuration.cpu_overcommit = 2.5;
  configuration.log_level = log::Level::kWarn;
  configuration.control.poll_fast = 150ms;
  configuration.control.room_time = 0s;
  configuration.control.disk_reserve_bytes = 1234567;
  configuration.deployment_defaults.state = model::DesiredState::RUNNING;
  const std::string printed = print_configuration(configuration);
  const auto loaded = from_file(printed);
  ASSERT_TRUE(loaded) << to_string(loaded.error()) << printed;
  EXPECT_EQ(print_configuration(*loaded), printed);
  EXPECT_EQ(loaded->control.disk_reserve_bytes, 1234567);
  EXPECT_EQ(loaded->control.poll_fast, 150ms);
  EXPECT_EQ(loaded->deployment_defaults.state, model::DesiredState::RUNNING);
  EXPECT_EQ(loaded->cpu_overcommit, 2.5);
}

TEST(Configuration, EveryDefaultIsWithinItsBounds) {
  const auto loaded = from_file(print_configuration({}));
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  std::set<std::string> paths;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(paths.insert(setting.path).second) << setting.path;
    EXPECT_TRUE(setting.meaning.ends_with('.')) << setting.path;
  }
}

TEST(Configuration, UnknownSettingsAreNamedWithWhatThereIs) {
  EXPECT_NE(field_errors("lisen: x\n").find("lisen: is no setting. There are: listen, data, "),
            std::string::npos);
  EXPECT_NE(field_errors("tls:\n  key: x\n")
                .find("tls.key: is no setting. There are: certificateFile, keyFile."),
            std::string::npos);
  EXPECT_NE(field_errors("tls: yes\n").find("tls: must hold certificateFile, keyFile."),
            std::string::npos);
  EXPECT_NE(field_errors("deploymentDefaults:\n  template:\n    spec:\n      paralelism: 2\n")
                .find("deploymentDefaults.template.spec.paralelism: is no field"),
            std::string::npos);
}

TEST(Configuration, EveryBadValueIsNamed) {
  const std::string errors = field_errors(
      "workers: many\nlogLevel: loud\nruntime:\n  cpuOvercommit: 0.5\ncontrol:\n"
      "  pollFast: 2 h\n  diskReserve: much\n  startsAtOnce: 0\n  selfCheck: perhaps\n"
      "deploymentDefaults:\n  template:\n    spec:\n      parallelism: 0\n");
  for (const char* path :
       {"workers: must be a number from 1 to 64.", "logLevel: must be debug",
        "runtime.cpuOvercommit: must be a number from 1 to 100.",
        "control.pollFast: must be a duration from 10 ms to 1 min", "control.diskReserve: must be",
        "control.startsAtOnce: must be", "control.selfCheck: must be true or false",
        "deploymentDefaults.template.spec.parallelism: "})
    EXPECT_NE(errors.find(path), std::string::npos) << path << "\nin\n" << errors;
}

TEST(Configuration, PoolsOfStandbyClustersAreChecked) {
  EXPECT_EQ(field_errors("standbyClusters: [{name: a}, {name: b, clusters: 2}]\n"), "accepted");
  const std::string errors = field_errors(
      "standbyClusters:\n"
      "  - {clusters: 1000, resources: {taskmanager: {memory: much}}}\n");
  for (const char* path : {"standbyClusters[0].name: ", "standbyClusters[0].clusters: ",
                           "standbyClusters[0].resources.taskmanager.memory: "})
    EXPECT_NE(errors.find(path), std::string::npos) << path << "\nin\n" << errors;
  EXPECT_NE(field_errors("standbyClusters: [{name: a}, {name: a}]\n").find("two pools"),
            std::string::npos);
  EXPECT_NE(field_errors("standbyClusters: [{name: a, size: 3}]\n").find("[0].size"),
            std::string::npos);
  EXPECT_NE(field_errors("standbyClusters: [{name: a, flinkConfiguration: {k: '${s}'}}]\n")
                .find("secret"),
            std::string::npos);
}

TEST(Configuration, OnlyLoopbackAddressesAreListenedOn) {
  EXPECT_EQ(parse_listen("127.0.0.1:0")->port, 0);
  EXPECT_EQ(parse_listen("localhost:8080")->address, "127.0.0.1");
  EXPECT_EQ(parse_listen("[::1]:1")->address, "::1");
  EXPECT_EQ(parse_listen("127.1.2.3:1")->address, "127.1.2.3");
  for (const char* other : {"0.0.0.0:8080", "[::]:8080", "192.168.1.2:80", "10.0.0.1:1"}) {
    const auto parsed = parse_listen(other);
    ASSERT_FALSE(parsed) << other;
    EXPECT_EQ(parsed.error().reason, "NotLoopback");
    EXPECT_NE(parsed.error().message.find("no authentication yet"), std::string::npos);
  }
  for (const char* bad : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000",
                          "weir.example:80", "127.0.0.1:-1"})
    EXPECT_FALSE(parse_listen(bad)) << bad;
  EXPECT_NE(field_errors("listen: 0.0.0.0:80\n").find("listen: "), std::string::npos);
}

TEST(Configuration, TheCommandLineWinsOverTheEnvironmentAndItOverTheFile) {
  const fs::path file = fs::temp_directory_path() / ("weir-config-" + system_ids().uuid());
  std::ofstream(file) << "data: /file\nflink:\n  homes: /file\nlisten: 127.0.0.1:1\n";
  ConfigurationSources sources;
  sources.file = file;
  sources.environment = {{"WEIR_DATA", "/environment"}, {"WEIR_FLINK_HOMES", ""}};
  EXPECT_EQ(load_configuration(sources)->data, "/environment");
  EXPECT_EQ(load_configuration(sources)->flink_homes, "/file") << "empty counts as unset";
  EXPECT_EQ(load_configuration(sources)->listen, "127.0.0.1:1");
  sources.data = "/flag";
  sources.listen = "127.0.0.1:2";
  EXPECT_EQ(load_configuration(sources)->data, "/flag");
  EXPECT_EQ(load_configuration(sources)->listen, "127.0.0.1:2");
  fs::remove(file);
  EXPECT_EQ(load_configuration(sources).error().code, Code::kNotFound);
}

TEST(Configuration, PathsBecomeAbsoluteAndTlsNeedsBothFiles) {
  Configuration configuration;
  configuration.data = "~/weir/";
  configuration.java = "jdk/bin/java";
  make_paths_absolute(configuration, "/home/someone");
  EXPECT_EQ(configuration.data, "/home/someone/weir");
  EXPECT_EQ(configuration.control.data_directory, "/home/someone/weir");
  EXPECT_EQ(configuration.java, (fs::current_path() / "jdk/bin/java").string());
  EXPECT_EQ(configuration.certificate_file, "");
  EXPECT_NE(field_errors("tls:\n  keyFile: k.pem\n").find("belong together"), std::string::npos);
  EXPECT_EQ(field_errors("# nothing\n"), "accepted");
}

// WEIR_UPDATE_GUIDE=1 writes the page anew.
TEST(Configuration, TheGuideShowsExactlyWhatIsPrinted) {
  const fs::path file = fs::path(WEIR_SOURCE_DIR) / "docs/guide/configuration.md";
  std::stringstream read;
  read << std::ifstream(file).rdbuf();
  std::string page = read.str();
  const std::string open =
      "<!-- generated from the settings table, by server_test -->\n\n```yaml\n";
  const auto start = page.find(open);
  ASSERT_NE(start, std::string::npos);
  const auto from = start + open.size();
  const auto end = page.find("```\n", from);
  if (std::getenv("WEIR_UPDATE_GUIDE") != nullptr) {
    page.replace(from, end - from, print_configuration({}));
    std::ofstream(file) << page;
    return;
  }
  EXPECT_EQ(page.substr(from, end - from), print_configuration({}))
      << "run this test with WEIR_UPDATE_GUIDE=1 and look at the difference";
}

TEST(DataDirectory, OneServerOwnsItAndTheOtherIsToldWhich) {
  const fs::path path = fs::temp_directory_path() / ("weir-data-" + system_ids().uuid());
  {
    const auto first = DataDirectory::open(path / "made");
    ASSERT_TRUE(first) << to_string(first.error());
    EXPECT_EQ(fs::status(path / "made").permissions(), fs::perms::owner_all);
    EXPECT_EQ(first->file("weir.db"), (path / "made/weir.db").string());
    const auto second = DataDirectory::open(path / "made");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reason, "DataDirectoryInUse");
    EXPECT_NE(second.error().message.find("pid " + std::to_string(getpid())), std::string::npos);
  }
  EXPECT_TRUE(DataDirectory::open(path / "made")) << "free again";
  std::ofstream(path / "file") << "x";
  EXPECT_EQ(DataDirectory::open(path / "file/below").error().code, Code::kUnavailable);
  fs::remove_all(path);
}

TEST(DataDirectory, NetworkFileSystemsAreKnown) {
  EXPECT_TRUE(is_network_file_system(0x6969));
  EXPECT_TRUE(is_network_file_system(static_cast<int>(0xFF534D42)));
  EXPECT_FALSE(is_network_file_system(0xEF53));      // ext4
  EXPECT_FALSE(is_network_file_system(0x01021994));  // tmpfs
}

}  // namespace
}  // namespace weir::server
