#include "flink/answer_reading.h"

#include <fmt/format.h>

#include <charconv>

#include "codec/json_text.h"

namespace weir::flink::answers {

using codec::Node;

Error bad_answer(std::string_view what) {
  return fail(Code::kInternal, fmt::format("Flink's answer has no {}.", what), "BadAnswer");
}

Result<Node> parse(std::string_view body) {
  auto node = codec::parse_json(body);
  if (!node)
    return fail(Code::kInternal, "Flink's answer is no JSON: " + node.error().message, "BadAnswer");
  return node;
}

std::string text_of(const Node& node, std::string_view name) {
  const Node* found = node.find(name);
  return found == nullptr || found->is_null() ? std::string() : found->text;
}

std::int64_t number_of(const Node& node, std::string_view name, std::int64_t otherwise) {
  const std::string text = text_of(node, name);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

const std::vector<Node>& items_of(const Node& node, std::string_view name) {
  static const std::vector<Node> none;
  const Node* found = node.find(name);
  return found != nullptr ? found->items : none;
}

}  // namespace weir::flink::answers
