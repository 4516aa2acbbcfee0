#include "flink/local_homes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/strings.h"
#include "flink/capabilities.h"
#include "flink/class_archive.h"

namespace weir::flink {
namespace {

namespace fs = std::filesystem;

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// "1.8.0_402" is 8, "17.0.15" is 17; 0 for anything else.
int major_of(std::string_view version) {
  if (version.starts_with("1.")) version.remove_prefix(2);
  int major = 0;
  while (!version.empty() && version.front() >= '0' && version.front() <= '9') {
    major = major * 10 + (version.front() - '0');
    version.remove_prefix(1);
  }
  return major;
}

// The version stands in the file `release` of every Java home since 8.
int major_of_home(const fs::path& home) {
  std::ifstream file(home / "release");
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kKey = "JAVA_VERSION=\"";
    if (line.starts_with(kKey)) return major_of(std::string_view(line).substr(kKey.size()));
  }
  return 0;
}

std::optional<Java> java_at(const fs::path& path) {
  std::error_code error;
  const fs::path executable = fs::canonical(path, error);
  if (error || fs::is_directory(executable) || ::access(executable.c_str(), X_OK) != 0)
    return std::nullopt;
  fs::path home = executable.parent_path().parent_path();
  // Java 8 keeps java in jre/bin.
  if (major_of_home(home) == 0) home = home.parent_path();
  const int major = major_of_home(home);
  if (major == 0) return std::nullopt;
  return Java{executable.string(), major};
}

// Flink's own order of preference: 17 runs every line since 1.18, and older ones with flags.
int rank(int major) {
  constexpr int kOrder[] = {17, 21, 11, 8, 25};
  const auto* const found = std::find(std::begin(kOrder), std::end(kOrder), major);
  return static_cast<int>(found - std::begin(kOrder));
}

bool newer(const FlinkHome& a, const FlinkHome& b) {
  return *parse_version(a.version) > *parse_version(b.version);
}

std::optional<std::string> queryable_state_jar_of(const std::string& home) {
  std::error_code error;
  for (const char* part : {"lib", "opt"})
    for (const auto& entry : fs::directory_iterator(fs::path(home) / part, error))
      if (entry.path().extension() == ".jar" &&
          entry.path().filename().string().starts_with("flink-queryable-state-runtime"))
        return entry.path().string();
  return std::nullopt;
}

std::vector<FlinkHome> scan(const LocalHomesOptions& options, const std::optional<Java>& java) {
  std::vector<FlinkHome> homes;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options.directory, error)) {
    const std::string name = entry.path().filename().string();
    const auto version = parse_version(name);
    if (!version || version->patch < 0) continue;
    FlinkHome home;
    home.version = name;
    home.path = fs::absolute(entry.path()).lexically_normal().string();
    home.class_path = class_path_of(home.path);
    const bool has_dist =
        !home.class_path.empty() &&
        fs::path(home.class_path.back()).filename().string().starts_with("flink-dist");
    if (!has_dist) continue;
    home.queryable_state_jar = queryable_state_jar_of(home.path);
    if (java) {
      home.java = java->executable;
      home.java_major = java->major;
      use_archives(home);
    }
    homes.push_back(std::move(home));
  }
  std::sort(homes.begin(), homes.end(), newer);
  return homes;
}

bool matches(const FlinkHome& home, const Version& wanted) {
  const Version version = *parse_version(home.version);
  return version.major == wanted.major && (wanted.minor < 0 || version.minor == wanted.minor) &&
         (wanted.patch < 0 || version.patch == wanted.patch);
}

}  // namespace

LocalHomesOptions local_homes_options(std::string directory, std::string default_version,
                                      std::string java) {
  return {std::move(directory), std::move(default_version), std::move(java),
          environment_value("JAVA_HOME"), environment_value("PATH")};
}

std::vector<std::string> class_path_of(const std::string& home) {
  std::vector<std::string> jars;
  std::vector<std::string> dist;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(home) / "lib", error)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".jar") continue;
    (name.starts_with("flink-dist") ? dist : jars).push_back(entry.path().string());
  }
  std::sort(jars.begin(), jars.end());
  std::sort(dist.begin(), dist.end());
  jars.insert(jars.end(), dist.begin(), dist.end());
  return jars;
}

Result<Java> find_java(const LocalHomesOptions& options) {
  if (!options.java.empty()) {
    for (const fs::path& path : {fs::path(options.java), fs::path(options.java) / "bin/java"})
      if (const auto java = java_at(path)) return *java;
    return fail(Code::kFailedPrecondition,
                fmt::format("'{}' is neither a java executable nor a Java home.", options.java),
                "JavaMissing");
  }
  if (!options.java_home.empty())
    if (const auto java = java_at(fs::path(options.java_home) / "bin/java")) return *java;
  for (std::string_view folder : split(options.search_path, ':'))
    if (const auto java = java_at(fs::path(folder) / "java"); java && !folder.empty()) return *java;
  std::vector<Java> installed;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/jvm", error))
    if (const auto java = java_at(entry.path() / "bin/java")) installed.push_back(*java);
  if (installed.empty())
    return fail(Code::kFailedPrecondition,
                "Flink needs Java and none was found: install a JDK or JRE 17 (Debian: apt-get "
                "install openjdk-17-jre-headless), or set JAVA_HOME.",
                "JavaMissing");
  return *std::min_element(installed.begin(), installed.end(), [](const Java& a, const Java& b) {
    return std::pair(rank(a.major), a.executable) < std::pair(rank(b.major), b.executable);
  });
}

LocalFlinkHomes::LocalFlinkHomes(Environment env, LocalHomesOptions options)
    : env_(env), options_(std::move(options)) {}

Result<FlinkHome> LocalFlinkHomes::resolve(const std::optional<std::string>& version) const {
  const std::string wanted = version && !version->empty() ? *version : options_.default_version;
  const auto parsed = wanted.empty() ? Result<Version>(Version{}) : parse_version(wanted);
  for (const FlinkHome& home : homes_) {
    if (!wanted.empty() && (!parsed || !matches(home, *parsed))) continue;
    if (home.java.empty()) return Error(java_status_.error());
    return home;
  }
  std::vector<std::string> installed;
  for (const FlinkHome& home : homes_) installed.push_back(home.version);
  return fail(Code::kFailedPrecondition,
              fmt::format("Flink {} is not installed. Installed: {}. To add one, put its home into "
                          "'{}' as a folder named by its version.",
                          wanted.empty() ? "(any version)" : wanted,
                          installed.empty() ? "none" : join(installed, ", "), options_.directory),
              "FlinkVersionUnknown");
}

Task<Status> LocalFlinkHomes::refresh() {
  struct Seen {
    std::vector<FlinkHome> homes;
    Status java;
  };
  const LocalHomesOptions options = options_;
  Seen seen = co_await env_.run([options] {
    const auto java = find_java(options);
    Seen found;
    if (!java) found.java = java.error();
    found.homes = scan(options, java ? std::optional(*java) : std::nullopt);
    return found;
  });
  homes_ = std::move(seen.homes);
  java_status_ = std::move(seen.java);
  show_archive_problems();
  co_return java_status_;
}

void LocalFlinkHomes::tell_archive_problem(const std::string& path, std::string problem) {
  archive_problems_[path] = std::move(problem);
  show_archive_problems();
}

void LocalFlinkHomes::show_archive_problems() {
  for (FlinkHome& home : homes_) {
    if (has_archives(home)) archive_problems_.erase(home.path);
    const auto found = archive_problems_.find(home.path);
    home.archive_problem = found == archive_problems_.end() ? std::string() : found->second;
  }
}

}  // namespace weir::flink
