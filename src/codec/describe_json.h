#pragma once

#include <boost/describe.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11.hpp>
#include <charconv>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "codec/json_text.h"
#include "codec/node.h"

/// Described structs to JSON text and back. Wire names come from the C++ names: `display_name` is
/// "displayName", a trailing underscore is dropped (`template_` is "template").
namespace weir::codec {

/// "deployment_target_id" -> "deploymentTargetId".
std::string wire_name(std::string_view member);

/// Collects what is wrong while a document is read, with the path to each place.
class FieldErrors {
 public:
  void add(const std::string& path, std::string message, std::string reason = "isInvalid");
  bool empty() const { return fields_.empty(); }
  /// One kInvalidArgument error that names every field. Precondition: not empty.
  Error to_error() const;

 private:
  std::vector<FieldError> fields_;
};

template <class T>
concept DescribedStruct = boost::describe::has_describe_members<T>::value && !std::is_enum_v<T>;
template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

namespace detail {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_string_map : std::false_type {};
template <class T>
struct is_string_map<std::map<std::string, T>> : std::true_type {};

std::string child(const std::string& path, std::string_view name);
bool read_bool(const Node& node, bool& out);
bool read_int(const Node& node, std::int64_t& out);
bool read_double(const Node& node, double& out);
bool is_scalar(const Node& node);
void append_double(std::string& out, double value);

// Names are made once per struct member, not per document.
template <class D>
const std::string& name_of() {
  static const std::string name = wire_name(D::name);
  return name;
}
template <class D>
const std::string& quoted_name_of() {
  static const std::string name = "\"" + wire_name(D::name) + "\":";
  return name;
}

}  // namespace detail

/// The text of a described enumerator, e.g. "RUNNING".
template <DescribedEnum E>
std::string_view enum_text(E value) {
  return boost::describe::enum_to_string(value, "UNKNOWN");
}

/// Case-insensitive. @return nothing for an unknown text
template <DescribedEnum E>
std::optional<E> enum_value(std::string_view text);
template <DescribedEnum E>
std::string enum_texts();

// ---- writing ----

template <class T>
void append_json(std::string& out, const T& value) {
  if constexpr (std::same_as<T, std::string>) {
    append_json_string(out, value);
  } else if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::same_as<T, WallTime>) {
    append_json_string(out, format_rfc3339(value));
  } else if constexpr (std::same_as<T, boost::json::value>) {
    out += boost::json::serialize(value);
  } else if constexpr (std::integral<T>) {
    out += std::to_string(value);
  } else if constexpr (std::floating_point<T>) {
    detail::append_double(out, value);
  } else if constexpr (DescribedEnum<T>) {
    append_json_string(out, enum_text(value));
  } else if constexpr (detail::is_optional<T>::value) {
    if (value) append_json(out, *value);
    else out += "null";
  } else if constexpr (detail::is_vector<T>::value) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i != 0) out += ',';
      append_json(out, value[i]);
    }
    out += ']';
  } else if constexpr (detail::is_string_map<T>::value) {
    out += '{';
    bool first = true;
    for (const auto& [name, item] : value) {
      if (!std::exchange(first, false)) out += ',';
      append_json_string(out, name);
      out += ':';
      append_json(out, item);
    }
    out += '}';
  } else {
    static_assert(DescribedStruct<T>);
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto D) {
          const auto& member = value.*D.pointer;
          using M = std::remove_cvref_t<decltype(member)>;
          if constexpr (detail::is_optional<M>::value)
            if (!member) return;
          if (!std::exchange(first, false)) out += ',';
          out += detail::quoted_name_of<decltype(D)>();
          append_json(out, member);
        });
    out += '}';
  }
}

template <class T>
std::string to_json_text(const T& value) {
  std::string out;
  append_json(out, value);
  return out;
}

// ---- reading ----

/// Reads `node` into `out`; what is wrong goes to `errors` with its path and leaves that part of
/// `out` as it was. Unknown members are ignored. Text and numbers are taken for each other where
/// the text allows it (clients send `"4"` for 4 and 1.20 for "1.20").
template <class T>
void read(const Node& node, T& out, const std::string& path, FieldErrors& errors) {
  const auto wrong = [&](std::string_view expected) {
    errors.add(path, "must be " + std::string(expected) + ".");
  };
  if constexpr (detail::is_optional<T>::value) {
    if (node.is_null()) {
      out.reset();
      return;
    }
    typename T::value_type value{};
    read(node, value, path, errors);
    out = std::move(value);
  } else if constexpr (std::same_as<T, std::string>) {
    if (detail::is_scalar(node)) out = node.text;
    else wrong("a text");
  } else if constexpr (std::same_as<T, bool>) {
    if (!detail::read_bool(node, out)) wrong("true or false");
  } else if constexpr (std::same_as<T, WallTime>) {
    const auto time = parse_rfc3339(node.text);
    if (node.is_string() && time) out = *time;
    else wrong("a time like 2020-08-18T07:04:40Z");
  } else if constexpr (std::same_as<T, boost::json::value>) {
    out = to_value(node);
  } else if constexpr (std::integral<T>) {
    std::int64_t number = 0;
    if (!detail::read_int(node, number)) return wrong("a whole number");
    if (!std::in_range<T>(number)) return wrong("a number in range");
    out = static_cast<T>(number);
  } else if constexpr (std::floating_point<T>) {
    double number = 0;
    if (detail::read_double(node, number)) out = number;
    else wrong("a number");
  } else if constexpr (DescribedEnum<T>) {
    const auto value = node.is_string() ? enum_value<T>(node.text) : std::nullopt;
    if (value) out = *value;
    else wrong("one of " + enum_texts<T>());
  } else if constexpr (detail::is_vector<T>::value) {
    if (!node.is_array()) return wrong("a list");
    out.clear();
    for (std::size_t i = 0; i < node.items.size(); ++i)
      read(node.items[i], out.emplace_back(), path + "[" + std::to_string(i) + "]", errors);
  } else if constexpr (detail::is_string_map<T>::value) {
    if (!node.is_object()) return wrong("an object");
    out.clear();
    for (const auto& [name, item] : node.members)
      if (!item.is_null()) read(item, out[name], detail::child(path, name), errors);
  } else {
    static_assert(DescribedStruct<T>);
    if (!node.is_object()) return wrong("an object");
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto D) {
          const std::string& name = detail::name_of<decltype(D)>();
          const Node* found = node.find(name);
          if (found == nullptr) return;
          auto& member = out.*D.pointer;
          using M = std::remove_cvref_t<decltype(member)>;
          if constexpr (!detail::is_optional<M>::value && !std::same_as<M, boost::json::value>)
            if (found->is_null()) return;
          read(*found, member, detail::child(path, name), errors);
        });
  }
}

template <class T>
Result<T> from_node(const Node& node, const std::string& path = "") {
  T value{};
  FieldErrors errors;
  read(node, value, path, errors);
  if (!errors.empty()) return errors.to_error();
  return value;
}

template <class T>
Result<T> from_json_text(std::string_view text) {
  WEIR_TRY(const Node node, parse_json(text));
  return from_node<T>(node);
}

template <class T>
Node to_node(const T& value) {
  return *parse_json(to_json_text(value));
}

template <DescribedEnum E>
std::optional<E> enum_value(std::string_view text) {
  std::optional<E> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto D) {
    const std::string_view name = D.name;
    if (name.size() != text.size()) return;
    for (std::size_t i = 0; i < name.size(); ++i)
      if (std::toupper(static_cast<unsigned char>(text[i])) !=
          std::toupper(static_cast<unsigned char>(name[i])))
        return;
    found = D.value;
  });
  return found;
}

template <DescribedEnum E>
std::string enum_texts() {
  std::string texts;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto D) {
    if (!texts.empty()) texts += ", ";
    texts += D.name;
  });
  return texts;
}

}  // namespace weir::codec
