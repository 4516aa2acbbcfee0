#pragma once

namespace weir {

/// What this binary was built from.
extern const char* const kVersion;
extern const char* const kCommit;     ///< full hash, or empty outside a checkout
extern const char* const kBuildTime;  ///< RFC 3339, when the build was configured

}  // namespace weir
