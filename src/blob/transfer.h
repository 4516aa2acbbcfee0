#pragma once

#include <cstdint>
#include <string>

#include "net/body_file.h"
#include "net/http_client.h"

namespace weir::blob {

struct TransferLimits {
  std::uint64_t bytes = 0;
  Duration stall_time{0};  ///< without a byte from the host
  MonoTime deadline;
};

/// Copies a file of this machine into a new one.
/// @error kNotFound reason "JarNotFound"; kInvalidArgument not a regular file; kUnavailable reason
///        "FileChanged": it was written to meanwhile; kDeadline; what net::BodyFile gives
Task<Result<net::FileDigest>> copy_file(Environment env, std::string from, std::string to,
                                        TransferLimits limits);

/// Downloads an http or https URL into a new file. user:password@ becomes basic authentication, for
/// its own host only; follows up to five redirects, never from https to http.
/// @error see ArtifactStore::fetch
Task<Result<net::FileDigest>> download(Environment env, net::HttpClient& client, std::string url,
                                       std::string to, TransferLimits limits);

}  // namespace weir::blob
