#pragma once

#include <string>
#include <vector>

namespace weir::simulation {

/// The bugs that can be planted into the control plane of this program.
std::vector<std::string> planted_bugs();
/// Switches one on. @return false if there is none of that name
bool plant(const std::string& name);

}  // namespace weir::simulation
