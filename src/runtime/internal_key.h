#pragma once

#include <string>

#include "base/result.h"

namespace weir::runtime {

/// What the processes of one cluster know each other by: a private key with a certificate that it
/// has signed itself, which is also the only one that they trust.
struct InternalKey {
  std::string key_store;  ///< PKCS #12, for Flink's keystore and truststore
  std::string password;
};

/// A new one. @error kInternal the library has no randomness or no memory
Result<InternalKey> make_internal_key(const std::string& cluster_id);

}  // namespace weir::runtime
