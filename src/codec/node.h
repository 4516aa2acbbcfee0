#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::codec {

/// A document as it was written: JSON and YAML arrive as the same tree, and every scalar keeps its
/// source text, so that `flinkVersion: 1.20` can become the text "1.20" and not a rounded number.
struct Node {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  using Member = std::pair<std::string, Node>;

  Kind kind = Kind::kNull;
  std::string text;             ///< scalars: "true", "1.10", or the string itself
  std::vector<Node> items;      ///< kArray
  std::vector<Member> members;  ///< kObject, in source order, names unique

  static Node string(std::string value) { return {Kind::kString, std::move(value), {}, {}}; }
  static Node number(std::string value) { return {Kind::kNumber, std::move(value), {}, {}}; }
  static Node boolean(bool value) { return {Kind::kBool, value ? "true" : "false", {}, {}}; }
  static Node object() { return {Kind::kObject, {}, {}, {}}; }

  bool is_null() const { return kind == Kind::kNull; }
  bool is_object() const { return kind == Kind::kObject; }
  bool is_array() const { return kind == Kind::kArray; }
  bool is_string() const { return kind == Kind::kString; }

  /// The member, or nullptr; nullptr too if this is no object.
  const Node* find(std::string_view name) const;
  Node* find(std::string_view name);
  /// Adds or replaces a member. Precondition: an object or null (which becomes an object).
  Node& set(std::string_view name, Node value);
  void erase(std::string_view name);

  bool operator==(const Node&) const = default;
};

/// The tree as Boost.JSON; numbers that fit become numbers.
boost::json::value to_value(const Node& node);
Node from_value(const boost::json::value& value);

}  // namespace weir::codec
