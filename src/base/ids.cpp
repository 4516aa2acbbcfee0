#include "base/ids.h"

#include <sys/random.h>

#include <array>
#include <cctype>
#include <cstdlib>

namespace weir {
namespace {

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
  std::array<unsigned char, N> bytes{};
  std::size_t have = 0;
  while (have < N) {
    const ssize_t got = ::getrandom(bytes.data() + have, N - have, 0);
    if (got < 0) std::abort();  // only a bad address can make it fail
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

class SystemIds final : public IdSource {
 public:
  std::string uuid() override {
    auto bytes = random_bytes<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      text += kHex[bytes[i] >> 4];
      text += kHex[bytes[i] & 15];
    }
    return text;
  }

  std::uint64_t below(std::uint64_t bound) override {
    const auto bytes = random_bytes<8>();
    std::uint64_t value = 0;
    for (unsigned char b : bytes) value = value << 8 | b;
    return value % bound;  // the bias is below 2^-40 for every bound in use
  }
};

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

}  // namespace

IdSource& system_ids() {
  static SystemIds ids;
  return ids;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

std::string flink_id(std::string_view uuid) {
  std::string hex;
  hex.reserve(32);
  for (char c : uuid)
    if (c != '-') hex += c;
  return hex;
}

std::string uuid_of_flink_id(std::string_view hex) {
  if (hex.size() != 32) return {};
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (!is_hex(hex[i])) return {};
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += hex[i];
  }
  return text;
}

}  // namespace weir
