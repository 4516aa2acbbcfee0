// Runs tests/scenarios/*.yaml: scenarios [part of a file's name...]

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/yaml.h"
#include "scenarios/runner.h"

namespace {

using namespace weir;

weir::Result<scenarios::ScenarioFile> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  WEIR_TRY(codec::Node content, codec::parse_yaml(text.str()));
  return scenarios::ScenarioFile{path.stem().string(), std::move(content)};
}

bool is_wanted(const std::string& name, int count, char** parts) {
  if (count <= 1) return true;
  return std::any_of(parts + 1, parts + count,
                     [&](const char* part) { return name.find(part) != std::string::npos; });
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/tests/scenarios"))
    if (entry.path().extension() == ".yaml" &&
        is_wanted(entry.path().stem().string(), count, arguments))
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  int passed = 0;
  std::vector<std::string> failed;
  for (const auto& path : paths) {
    const auto file = read_file(path);
    const auto outcomes =
        file ? scenarios::run_file(*file)
             : std::vector<scenarios::Outcome>{{path.stem().string(), {to_string(file.error())}}};
    for (const auto& outcome : outcomes) {
      if (outcome.failures.empty()) {
        ++passed;
        continue;
      }
      failed.push_back(outcome.test);
      fmt::print("[  FAILED  ] {}\n", outcome.test);
      for (const std::string& failure : outcome.failures) fmt::print("    {}\n", failure);
    }
  }
  fmt::print("[  PASSED  ] {} tests.\n", passed);
  if (!failed.empty()) fmt::print("[  FAILED  ] {} tests.\n", failed.size());
  return failed.empty() && passed > 0 ? 0 : 1;
}
