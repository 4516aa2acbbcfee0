#pragma once

#include "codec/describe_json.h"

namespace weir::codec {

/// JSON schemas by type name, as OpenAPI's `components.schemas` wants them.
using Schemas = std::map<std::string, boost::json::value>;

namespace detail {

template <class T>
boost::json::value schema_of(Schemas& schemas);

/// "weir::model::DeploymentSpec" -> "DeploymentSpec".
std::string type_name(const char* mangled);

template <class T>
boost::json::value reference_to(Schemas& schemas) {
  const std::string name = type_name(typeid(T).name());
  if (!schemas.contains(name)) {
    schemas[name] = nullptr;  // breaks recursion
    boost::json::object properties;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto D) {
          const std::string& member = name_of<decltype(D)>();
          if (member == "internal") return;
          using M = std::remove_cvref_t<decltype(std::declval<T&>().*D.pointer)>;
          properties[member] = schema_of<M>(schemas);
        });
    schemas[name] = boost::json::object{{"type", "object"}, {"properties", std::move(properties)}};
  }
  return boost::json::object{{"$ref", "#/components/schemas/" + name}};
}

template <class T>
boost::json::value schema_of(Schemas& schemas) {
  using boost::json::object;
  if constexpr (is_optional<T>::value) {
    return schema_of<typename T::value_type>(schemas);
  } else if constexpr (std::same_as<T, std::string>) {
    return object{{"type", "string"}};
  } else if constexpr (std::same_as<T, WallTime>) {
    return object{{"type", "string"}, {"format", "date-time"}};
  } else if constexpr (std::same_as<T, bool>) {
    return object{{"type", "boolean"}};
  } else if constexpr (std::same_as<T, boost::json::value>) {
    return object{};
  } else if constexpr (std::integral<T>) {
    return object{{"type", "integer"}, {"format", sizeof(T) == 8 ? "int64" : "int32"}};
  } else if constexpr (std::floating_point<T>) {
    return object{{"type", "number"}, {"format", "double"}};
  } else if constexpr (DescribedEnum<T>) {
    boost::json::array values;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
        [&](auto D) { values.push_back(boost::json::value(D.name)); });
    return object{{"type", "string"}, {"enum", std::move(values)}};
  } else if constexpr (is_vector<T>::value) {
    boost::json::value items = schema_of<typename T::value_type>(schemas);
    // An absent member is left out, an absent item is null.
    if constexpr (is_optional<typename T::value_type>::value) items.as_object()["nullable"] = true;
    return object{{"type", "array"}, {"items", std::move(items)}};
  } else if constexpr (is_string_map<T>::value) {
    return object{{"type", "object"},
                  {"additionalProperties", schema_of<typename T::mapped_type>(schemas)}};
  } else {
    return reference_to<T>(schemas);
  }
}

}  // namespace detail

/// Adds the schema of `T` and of everything it holds; @return a "$ref" to it.
template <DescribedStruct T>
boost::json::value add_schema(Schemas& schemas) {
  return detail::reference_to<T>(schemas);
}

}  // namespace weir::codec
