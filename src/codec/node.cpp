#include "codec/node.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace weir::codec {
namespace {

boost::json::value number_value(const std::string& text) {
  std::int64_t integer = 0;
  const char* end = text.data() + text.size();
  if (auto [stop, error] = std::from_chars(text.data(), end, integer);
      error == std::errc() && stop == end)
    return integer;
  double real = 0;
  if (auto [stop, error] = std::from_chars(text.data(), end, real);
      error == std::errc() && stop == end)
    return real;
  return boost::json::string(text);
}

}  // namespace

const Node* Node::find(std::string_view name) const {
  for (const auto& [key, value] : members)
    if (key == name) return &value;
  return nullptr;
}

Node* Node::find(std::string_view name) {
  return const_cast<Node*>(std::as_const(*this).find(name));
}

Node& Node::set(std::string_view name, Node value) {
  kind = Kind::kObject;
  if (Node* found = find(name)) return *found = std::move(value);
  return members.emplace_back(std::string(name), std::move(value)).second;
}

void Node::erase(std::string_view name) {
  std::erase_if(members, [&](const Member& member) { return member.first == name; });
}

boost::json::value to_value(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return nullptr;
    case Node::Kind::kBool: return node.text == "true";
    case Node::Kind::kNumber: return number_value(node.text);
    case Node::Kind::kString: return boost::json::string(node.text);
    case Node::Kind::kArray: {
      boost::json::array array;
      for (const Node& item : node.items) array.push_back(to_value(item));
      return array;
    }
    case Node::Kind::kObject: {
      boost::json::object object;
      for (const auto& [name, value] : node.members) object.emplace(name, to_value(value));
      return object;
    }
  }
  return nullptr;
}

Node from_value(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (value.is_bool()) return Node::boolean(value.get_bool());
  if (value.is_string()) return Node::string(std::string(value.get_string()));
  if (value.is_number()) return Node::number(boost::json::serialize(value));
  Node node;
  if (value.is_array()) {
    node.kind = Node::Kind::kArray;
    for (const auto& item : value.get_array()) node.items.push_back(from_value(item));
  } else {
    node.kind = Node::Kind::kObject;
    for (const auto& member : value.get_object())
      node.members.emplace_back(std::string(member.key()), from_value(member.value()));
  }
  return node;
}

}  // namespace weir::codec
