#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::blob {

/// Where a jar comes from.
struct ArtifactUri {
  enum class Kind { kFile, kHttp, kArtifact };
  Kind kind = Kind::kFile;
  std::string path;      ///< kFile: absolute
  std::string url;       ///< kHttp: as given
  std::string ns;        ///< kArtifact
  std::string filename;  ///< kArtifact
};

/// Understands file:///path, file:/path, http(s)://..., artifact://name, artifact://namespace/name
/// and artifact:///name.
/// @param ns the namespace of an artifact that names none
/// @error kInvalidArgument reason "UnsupportedScheme" | "BadUri"
Result<ArtifactUri> parse_artifact_uri(const std::string& ns, std::string_view uri);

/// The URI for people and logs: without a password.
std::string without_password(std::string_view uri);

/// A file's name for what a URI or path brings; never empty.
std::string name_of_uri(std::string_view uri);

}  // namespace weir::blob
