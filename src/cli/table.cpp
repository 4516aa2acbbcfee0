#include "cli/table.h"

#include <fmt/format.h>

#include <ctime>

namespace weir::cli {
namespace {

// Characters, not bytes: names may be in any language.
std::size_t width(std::string_view text) {
  std::size_t characters = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++characters;
  return characters;
}

std::string one_line(std::string_view text) {
  std::string line(text.empty() ? "-" : text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return line;
}

const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::kGood: return "\033[32m";
    case Tone::kBusy: return "\033[33m";
    case Tone::kBad: return "\033[31m";
    case Tone::kFaint: return "\033[2m";
    case Tone::kPlain: return "";
  }
  return "";
}

}  // namespace

std::string colored(std::string_view text, Tone tone, bool color) {
  if (!color || tone == Tone::kPlain) return std::string(text);
  return fmt::format("{}{}\033[0m", code_of(tone), text);
}

std::string Table::text(bool color) const {
  std::vector<std::size_t> widths;
  for (const std::string& column : columns_) widths.push_back(width(column));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(one_line(row[i].text)));

  std::string out;
  const auto add_line = [&](auto&& cell_text, auto&& cell_tone) {
    std::size_t pad = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string text = one_line(cell_text(i));
      out.append(pad, ' ');
      out += colored(text, cell_tone(i), color);
      pad = widths[i] - width(text) + 2;
    }
    out += '\n';
  };
  add_line([&](std::size_t i) { return columns_[i]; }, [](std::size_t) { return Tone::kFaint; });
  for (const auto& row : rows_)
    add_line([&](std::size_t i) { return row[i].text; },
             [&](std::size_t i) { return row[i].tone; });
  return out;
}

Tone tone_of_state(std::string_view state) {
  for (const char* good : {"RUNNING", "FINISHED", "STARTED", "COMPLETED"})
    if (state == good) return Tone::kGood;
  for (const char* bad : {"FAILED", "FAILED_DELETION", "ERROR"})
    if (state == bad) return Tone::kBad;
  for (const char* busy :
       {"TRANSITIONING", "STARTING", "TERMINATING", "DELETING", "WARNING", "UPDATING", "STOPPING"})
    if (state == busy) return Tone::kBusy;
  return Tone::kPlain;
}

std::string format_age(Duration age) {
  const auto seconds =
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(age).count());
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (seconds < 120 * 60) return fmt::format("{}m", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86400);
}

std::string format_local_time(WallTime time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

}  // namespace weir::cli
