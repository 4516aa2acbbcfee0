#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::store {

/// Seals secret values for storage (libsodium's secretbox: XSalsa20-Poly1305, a random nonce for
/// each value). Safe from any thread; the key never leaves the object.
class SecretBox {
 public:
  /// Reads the key file, or makes one (32 random bytes, mode 0600) when there is none.
  /// @error kFailedPrecondition reason "KeyFileUnsafe": others may read it, "KeyFileDamaged": not
  /// 32
  ///        bytes (it is never replaced); kUnavailable: it cannot be read or written
  static Result<SecretBox> open(const std::string& key_file);
  /// With this key, for tests.
  explicit SecretBox(const std::array<unsigned char, 32>& key) : key_(key) {}

  /// Base64 of nonce and ciphertext.
  std::string seal(std::string_view value) const;
  /// @error kFailedPrecondition reason "SecretSealedOtherwise": another key, or damaged
  Result<std::string> open_sealed(std::string_view sealed) const;

 private:
  std::array<unsigned char, 32> key_;
};

}  // namespace weir::store
