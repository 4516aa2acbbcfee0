#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/environment.h"
#include "flink/homes.h"

namespace weir::flink {

struct LocalHomesOptions {
  std::string directory;        ///< homes stand in DIRECTORY/<version>/lib
  std::string default_version;  ///< "1.20" or "1.20.5"; empty = the newest installed
  std::string java;             ///< a java executable or a Java home; empty = search
  std::string java_home;        ///< where to search first, as JAVA_HOME
  std::string search_path;      ///< then, as PATH; then /usr/lib/jvm
};

/// Options with JAVA_HOME and PATH of this process.
LocalHomesOptions local_homes_options(std::string directory, std::string default_version = {},
                                      std::string java = {});

/// Homes in a directory of this machine; a folder counts if its name is a version and its `lib` has
/// flink-dist. Archives are those that `ClassArchives` trained.
class LocalFlinkHomes final : public FlinkHomes {
 public:
  LocalFlinkHomes(Environment env, LocalHomesOptions options);

  std::vector<FlinkHome> list() const override { return homes_; }
  /// Also kFailedPrecondition reason "JavaMissing": no Java was found, or it cannot run this Flink.
  Result<FlinkHome> resolve(const std::optional<std::string>& version) const override;
  /// @error kFailedPrecondition reason "JavaMissing"; the homes are listed all the same
  Task<Status> refresh() override;
  /// Shown with the home at `path` until it has its archives.
  void tell_archive_problem(const std::string& path, std::string problem);

 private:
  void show_archive_problems();

  Environment env_;
  LocalHomesOptions options_;
  std::vector<FlinkHome> homes_;
  std::map<std::string, std::string> archive_problems_;  // by the home's path
  Status java_status_;
};

/// A Java installation; blocking calls, for the pool.
struct Java {
  std::string executable;  ///< absolute, links resolved
  int major = 0;
};
/// @error kFailedPrecondition reason "JavaMissing"
Result<Java> find_java(const LocalHomesOptions& options);

/// The jars of a home's `lib` as Flink's scripts order them: by name, flink-dist last.
std::vector<std::string> class_path_of(const std::string& home);

}  // namespace weir::flink
