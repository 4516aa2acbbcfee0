#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace weir {

/// SHA-256 of bytes that come piece by piece. Each object belongs to one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  /// 64 lower-case hex digits; ends the object's use.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view bytes);

/// True for 64 lower-case hex digits.
bool is_sha256(std::string_view text);

}  // namespace weir
