#include "cli/field.h"

namespace weir::cli {

const codec::Node* find_at(const codec::Node& document, std::string_view path) {
  const codec::Node* node = &document;
  while (node != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    node = node->find(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return node;
}

std::string text_at(const codec::Node& document, std::string_view path) {
  const codec::Node* node = find_at(document, path);
  return node == nullptr || node->is_null() ? std::string() : node->text;
}

std::optional<WallTime> time_at(const codec::Node& document, std::string_view path) {
  const auto time = parse_rfc3339(text_at(document, path));
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace weir::cli
