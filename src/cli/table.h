#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace weir::cli {

enum class Tone { kPlain, kGood, kBusy, kBad, kFaint };

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;

  Cell(std::string t, Tone o = Tone::kPlain) : text(std::move(t)), tone(o) {}  // NOLINT: implicit
  Cell(const char* t) : text(t) {}                                             // NOLINT
};

/// Aligned columns for people; an empty cell is shown as "-".
class Table {
 public:
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  /// Precondition: as many cells as columns.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// Lines without trailing spaces.
  std::string text(bool color) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// `text` in the tone's colour.
std::string colored(std::string_view text, Tone tone, bool color);

/// The tone of a state's name, of any kind of resource.
Tone tone_of_state(std::string_view state);

/// "12s", "5m", "3h", "4d"; nothing for a time that is not known.
std::string format_age(Duration age);

/// "2026-03-01 14:05:09" in this machine's time zone.
std::string format_local_time(WallTime time);

}  // namespace weir::cli
