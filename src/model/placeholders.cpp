#include "model/placeholders.h"

#include <algorithm>

#include "base/strings.h"

namespace weir::model {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 250 &&
         text.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == std::string_view::npos;
}

// Calls `on_text` and `on_reference` for the pieces of `text` between `open` and `close`.
template <class OnText, class OnReference>
void scan(std::string_view text, std::string_view open, std::string_view close, OnText on_text,
          OnReference on_reference) {
  while (true) {
    const auto start = text.find(open);
    const auto end =
        start == std::string_view::npos ? start : text.find(close, start + open.size());
    if (end == std::string_view::npos) break;
    const std::string_view inside = text.substr(start + open.size(), end - start - open.size());
    on_text(text.substr(0, start));
    on_reference(inside, text.substr(start, end + close.size() - start));
    text.remove_prefix(end + close.size());
  }
  on_text(text);
}

}  // namespace

std::string replace_placeholders(std::string_view text,
                                 const std::map<std::string, std::string>& values) {
  std::string out;
  scan(
      text, "{{", "}}", [&](std::string_view part) { out += part; },
      [&](std::string_view inside, std::string_view whole) {
        const auto found = values.find(std::string(trim(inside)));
        out += found != values.end() ? std::string_view(found->second) : whole;
      });
  return out;
}

std::optional<std::string> unknown_placeholder(std::string_view text) {
  std::optional<std::string> unknown;
  scan(
      text, "{{", "}}", [](std::string_view) {},
      [&](std::string_view inside, std::string_view) {
        const std::string_view name = trim(inside);
        if (name != "namespace" && name != "deploymentId" && name != "deploymentName" &&
            name != "jobId" && !unknown)
          unknown = std::string(name);
      });
  return unknown;
}

std::vector<std::string> secret_names(std::string_view text) {
  std::vector<std::string> names;
  scan(
      text, "${", "}", [](std::string_view) {},
      [&](std::string_view inside, std::string_view) {
        const std::string name(inside);
        if (is_name(inside) && std::find(names.begin(), names.end(), name) == names.end())
          names.push_back(name);
      });
  return names;
}

Result<std::string> resolve_secrets(std::string_view text,
                                    const std::map<std::string, std::string>& secrets) {
  std::string out;
  std::string missing;
  scan(
      text, "${", "}", [&](std::string_view part) { out += part; },
      [&](std::string_view inside, std::string_view whole) {
        const auto found = secrets.find(std::string(inside));
        if (!is_name(inside)) out += whole;
        else if (found != secrets.end()) out += found->second;
        else if (missing.empty()) missing = inside;
      });
  if (!missing.empty())
    return fail(Code::kInvalidArgument,
                "The secret value '" + missing + "' does not exist; create it in this namespace.",
                "SecretNotFound");
  return out;
}

}  // namespace weir::model
