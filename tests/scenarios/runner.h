#pragma once

#include <string>
#include <vector>

#include "codec/node.h"

namespace weir::scenarios {

/// One scenario file, read.
struct ScenarioFile {
  std::string name;     ///< without folder and extension
  codec::Node content;  ///< see README.md
};

struct Outcome {
  std::string test;                   ///< "file.name"
  std::vector<std::string> failures;  ///< empty: passed
};

/// Runs every test of a file, each in a world of its own.
std::vector<Outcome> run_file(const ScenarioFile& file);

}  // namespace weir::scenarios
