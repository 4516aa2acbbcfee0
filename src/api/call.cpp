#include "api/call.h"

#include <fmt/format.h>

#include <charconv>

#include "base/strings.h"

namespace weir::api {

std::string Call::parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

bool Call::flag(std::string_view name, bool otherwise) const {
  if (!request.url.has(name)) return otherwise;
  const std::string value = query(name);
  return value.empty() || value == "1" || equals_ignoring_case(value, "true") ||
         equals_ignoring_case(value, "all");  // as kubectl says it
}

Result<std::int64_t> Call::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                  std::int64_t most) const {
  const std::string text = query(name);
  if (text.empty()) return otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most)
    return value;
  return fail(
      Code::kInvalidArgument,
      fmt::format("The query parameter {} is '{}' but must be a whole number from {} to {}.", name,
                  text, least, most),
      "isInvalid");
}

}  // namespace weir::api
