#include <fmt/format.h>

#include <charconv>

#include "cli/commands.h"
#include "cli/field.h"

namespace weir::cli {
namespace {

using codec::Node;

std::string state_text(const Node& preview) {
  const std::string kind = text_at(preview, "state.kind");
  const std::string location = text_at(preview, "state.location");
  const std::string why = text_at(preview, "state.why");
  if (kind == "NEW_SAVEPOINT") return fmt::format("a new savepoint in {}. {}", location, why);
  if (kind == "RESTORE_POINT") return fmt::format("{}. {}", location, why);
  return why;
}

std::string seconds(const Node& preview, const char* path) {
  double value = 0;
  const std::string text = text_at(preview, path);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return fmt::format("{:.{}f} s", value, value < 10 ? 2 : 0);
}

std::string gap_text(const Node& preview) {
  const std::string why = text_at(preview, "expectedGap.why");
  if (text_at(preview, "expectedGap.medianSeconds").empty()) return why;
  return fmt::format("{} ({} to {}). {}", seconds(preview, "expectedGap.medianSeconds"),
                     seconds(preview, "expectedGap.leastSeconds"),
                     seconds(preview, "expectedGap.mostSeconds"), why);
}

}  // namespace

std::string preview_text(const Node& preview) {
  const std::string action = text_at(preview, "action");
  std::string text = fmt::format("  what happens: {}. {}\n", action, text_at(preview, "reason"));
  if (const std::string waits = text_at(preview, "waitsFor"); !waits.empty())
    text += fmt::format("  before that: {}\n", waits);
  const bool stops = action == "SUSPEND" || action == "CANCEL";
  if (preview.find("state") != nullptr)
    text +=
        fmt::format("  {}: {}\n", stops ? "next start from" : "starts from", state_text(preview));
  if (preview.find("expectedGap") != nullptr)
    text += fmt::format("  {}: {}\n", action == "START" ? "expected time" : "expected gap",
                        gap_text(preview));
  if (const Node* warnings = preview.find("warnings"))
    for (const Node& warning : warnings->items)
      text += fmt::format("  warning: {}\n", warning.text);
  return text;
}

}  // namespace weir::cli
