#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Where all identifiers and all randomness come from, so that the simulator can repeat a run.
/// Safe from any thread.
class IdSource {
 public:
  virtual ~IdSource() = default;
  /// A lower-case version 4 UUID that was never given before.
  virtual std::string uuid() = 0;
  /// Uniform in [0, bound); for jitter and port choice, never for secrets. bound > 0.
  virtual std::uint64_t below(std::uint64_t bound) = 0;
};

/// The kernel's random source; lives for ever.
IdSource& system_ids();

/// True for 8-4-4-4-12 lower- or upper-case hex digits.
bool is_uuid(std::string_view text);

/// The 32 hex digits that Flink uses for a job, trigger or savepoint id: the UUID without dashes.
std::string flink_id(std::string_view uuid);

/// The UUID of 32 hex digits; empty if it is not such a text.
std::string uuid_of_flink_id(std::string_view hex);

}  // namespace weir
