#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace weir::log {

enum class Level { kDebug, kInfo, kWarn, kError };

/// Sets what is written (to standard error, one line a record: UTC time, level, room, text).
/// Thread safe. Never log secrets, resolved configuration values or tokens.
void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view room, std::string_view text);

template <class... Args>
void debug(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::kDebug))
    write(Level::kDebug, room, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::kInfo))
    write(Level::kInfo, room, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::kWarn))
    write(Level::kWarn, room, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::kError))
    write(Level::kError, room, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace weir::log
