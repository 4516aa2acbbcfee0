#include "codec/difference.h"

#include "codec/json_text.h"

namespace weir::codec {
namespace {

std::string child(const std::string& path, const std::string& name) {
  // Names with dots (Flink's options) stay readable, and in one piece.
  const std::string shown =
      name.empty() || name.find('.') != std::string::npos ? "[\"" + name + "\"]" : name;
  if (path.empty() || shown.starts_with('[')) return path + shown;
  return path + "." + shown;
}

std::optional<std::string> text_of(const Node* node) {
  if (node == nullptr || node->is_null()) return std::nullopt;
  if (node->is_object() || node->is_array()) return write_json(*node);
  return node->text;
}

void compare(const Node* before, const Node* after, const std::string& path,
             std::vector<Difference>& found) {
  const bool inner =
      (before != nullptr && before->is_object()) || (after != nullptr && after->is_object());
  const bool mixed = before != nullptr && after != nullptr && !before->is_null() &&
                     !after->is_null() && before->is_object() != after->is_object();
  if (!inner || mixed) {
    auto old = text_of(before), now = text_of(after);
    if (old != now) found.push_back({path, std::move(old), std::move(now)});
    return;
  }
  if (before != nullptr)
    for (const auto& [name, value] : before->members)
      compare(&value, after != nullptr ? after->find(name) : nullptr, child(path, name), found);
  if (after != nullptr)
    for (const auto& [name, value] : after->members)
      if (before == nullptr || before->find(name) == nullptr)
        compare(nullptr, &value, child(path, name), found);
}

}  // namespace

std::vector<Difference> differences(const Node& before, const Node& after,
                                    const std::string& path) {
  std::vector<Difference> found;
  compare(&before, &after, path, found);
  return found;
}

}  // namespace weir::codec
