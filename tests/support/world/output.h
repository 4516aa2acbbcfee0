#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace weir::simulated {

/// Who writes what. A running job writes the records `position`, `position + 1`, ... of its
/// deployment; the position is part of its state. A generation begins where a job starts with empty
/// state and goes on through all jobs that continue it. Wrong things are told to `violated`.
class Output {
 public:
  std::function<void(std::string)> violated;

  /// Another deployment goes on from a state at `position`: its output is one of its own from
  /// there.
  std::uint64_t copied_generation(std::int64_t position);
  std::uint64_t new_generation(const std::string& deployment_id);
  /// @param writer a name that is unique among all writers
  void begin(const std::string& deployment_id, std::uint64_t generation, const std::string& writer,
             std::int64_t position);
  /// @param position the first record that this writer did not write
  void end(const std::string& deployment_id, std::uint64_t generation, const std::string& writer,
           std::int64_t position);

  bool is_written(const std::string& deployment_id) const;
  std::int64_t records_twice() const { return twice_; }
  std::int64_t gaps() const { return gaps_; }

 private:
  std::uint64_t generations_ = 0;
  std::map<std::uint64_t, std::int64_t> written_;  ///< by generation: all records below it are
  std::map<std::string, std::set<std::string>> writers_;
  std::int64_t twice_ = 0;
  std::int64_t gaps_ = 0;
};

}  // namespace weir::simulated
