#include "scenarios/expectation.h"

#include <fmt/format.h>

#include <charconv>
#include <regex>

#include "base/clock.h"
#include "base/ids.h"
#include "base/strings.h"
#include "codec/json_text.h"

namespace weir::scenarios {
namespace {

using codec::Node;

std::string shown(const Node* node) {
  if (node == nullptr) return "(absent)";
  std::string text = codec::write_json(*node);
  if (text.size() > 300) text = text.substr(0, 300) + "...";
  return text;
}

bool matches(const std::string& matcher, const Node* actual) {
  if (matcher == "$absent") return actual == nullptr;
  if (actual == nullptr) return false;
  if (matcher == "$any") return true;
  if (matcher == "$null") return actual->is_null();
  if (matcher == "$number") return actual->kind == Node::Kind::kNumber;
  const std::string& text = actual->text;
  if (matcher.starts_with("$regex:")) return std::regex_search(text, std::regex(matcher.substr(7)));
  if (matcher.starts_with("$contains:")) return text.find(matcher.substr(10)) != std::string::npos;
  if (matcher.starts_with("$not-contains:"))
    return text.find(matcher.substr(14)) == std::string::npos;
  if (!actual->is_string()) return false;
  if (matcher == "$text") return !text.empty();
  if (matcher == "$uuid") return is_uuid(text);
  if (matcher == "$time") return parse_rfc3339(text).has_value();
  return false;
}

bool is_list_matcher(const Node& expected) {
  return expected.is_object() && expected.members.size() == 1 &&
         expected.members[0].first.starts_with('$');
}

void compare_list(const std::string& matcher, const Node& wanted, const Node* actual,
                  const std::string& path, std::vector<std::string>& out) {
  if (actual == nullptr || !actual->is_array()) {
    out.push_back(fmt::format("{}: expected a list, got {}", path, shown(actual)));
    return;
  }
  const auto some = [&](const Node& item) {
    for (const Node& candidate : actual->items)
      if (differences(item, &candidate).empty()) return true;
    return false;
  };
  if (matcher == "$count" && std::to_string(actual->items.size()) != wanted.text)
    out.push_back(
        fmt::format("{}: expected {} items, got {}", path, wanted.text, actual->items.size()));
  if (matcher == "$has")
    for (const Node& item : wanted.items)
      if (!some(item))
        out.push_back(
            fmt::format("{}: no item matches {} in {}", path, shown(&item), shown(actual)));
  if (matcher == "$none" && some(wanted))
    out.push_back(fmt::format("{}: an item matches {}", path, shown(&wanted)));
}

void append(std::vector<std::string>& out, std::vector<std::string> more) {
  out.insert(out.end(), more.begin(), more.end());
}

}  // namespace

std::string substitute(std::string text, const Variables& variables) {
  for (const auto& [name, value] : variables)
    text = replace_all(std::move(text), "$(" + name + ")", value);
  return text;
}

Node substitute(Node node, const Variables& variables) {
  if (node.is_string()) node.text = substitute(std::move(node.text), variables);
  for (Node& item : node.items) item = substitute(std::move(item), variables);
  for (auto& [name, value] : node.members) {
    name = substitute(std::move(name), variables);
    value = substitute(std::move(value), variables);
  }
  return node;
}

std::vector<std::string> differences(const Node& expected, const Node* actual,
                                     const std::string& path) {
  std::vector<std::string> out;
  const auto differ = [&] {
    out.push_back(fmt::format("{}: expected {}, got {}", path.empty() ? "(body)" : path,
                              shown(&expected), shown(actual)));
  };
  if (expected.is_string() && expected.text.starts_with('$')) {
    if (!matches(expected.text, actual)) differ();
  } else if (is_list_matcher(expected)) {
    compare_list(expected.members[0].first, expected.members[0].second, actual, path, out);
  } else if (actual == nullptr || actual->kind != expected.kind) {
    differ();
  } else if (expected.is_object()) {
    for (const auto& [name, value] : expected.members)
      append(out, differences(value, actual->find(name), path.empty() ? name : path + "." + name));
  } else if (expected.is_array()) {
    if (expected.items.size() != actual->items.size()) {
      differ();
      return out;
    }
    for (std::size_t i = 0; i < expected.items.size(); ++i)
      append(out,
             differences(expected.items[i], &actual->items[i], fmt::format("{}[{}]", path, i)));
  } else if (expected.text != actual->text) {
    differ();
  }
  return out;
}

const Node* at(const Node& document, const std::string& path) {
  const Node* node = &document;
  std::size_t i = 0;
  while (node != nullptr && i < path.size()) {
    if (path[i] == '.') {
      ++i;
    } else if (path[i] == '[') {
      std::size_t index = 0;
      const char* end = path.data() + path.size();
      i = static_cast<std::size_t>(std::from_chars(path.data() + i + 1, end, index).ptr -
                                   path.data()) +
          1;
      node = index < node->items.size() ? &node->items[index] : nullptr;
    } else {
      const bool quoted = path[i] == '"';
      const std::size_t start = i + (quoted ? 1 : 0);
      const std::size_t stop =
          std::min(quoted ? path.find('"', start) : path.find_first_of(".[", start), path.size());
      node = node->find(path.substr(start, stop - start));
      i = stop + (quoted ? 1 : 0);
    }
  }
  return node;
}

}  // namespace weir::scenarios
