#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "api/metrics.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "base/strings.h"
#include "build_info.h"

namespace weir::api {
namespace {

using boost::json::array;
using boost::json::object;

object text_schema(std::string_view type) { return {{"type", type}}; }

object error_schema() {
  object properties;
  for (const char* name : {"message", "error", "path", "code", "description", "reason"})
    properties[name] = text_schema("string");
  for (const char* name : {"statusCode", "timestamp", "status"})
    properties[name] = text_schema("integer");
  properties["ok"] = text_schema("boolean");
  properties["cause"] = object{{"nullable", true}, {"type", "object"}};
  object field;
  for (const char* name : {"attribute", "message", "reason"}) field[name] = text_schema("string");
  properties["errors"] = object{
      {"type", "array"}, {"items", object{{"type", "object"}, {"properties", std::move(field)}}}};
  return {{"type", "object"},
          {"required", array{"message", "statusCode"}},
          {"properties", std::move(properties)}};
}

boost::json::value list_of(const boost::json::value& item) {
  return object{
      {"type", "object"},
      {"required", array{"items"}},
      {"properties",
       object{{"kind", text_schema("string")},
              {"apiVersion", text_schema("string")},
              {"metadata", object{{"type", "object"},
                                  {"properties", object{{"continue", text_schema("string")}}}}},
              {"items", object{{"type", "array"}, {"items", item}}}}}};
}

object in_both_formats(const boost::json::value& schema) {
  return {{"application/json", object{{"schema", schema}}},
          {"application/yaml", object{{"schema", schema}}}};
}

object parameter(std::string_view in, std::string_view name, std::string_view description) {
  object described{{"in", in}, {"name", name}, {"schema", text_schema("string")}};
  if (in == "path") described["required"] = true;
  if (!description.empty()) described["description"] = description;
  return described;
}

object operation(const Route& route, codec::Schemas& schemas) {
  object described{{"summary", route.summary}, {"tags", array{route.tag}}};
  array parameters;
  for (std::string_view segment : split(route.pattern, '/'))
    if (segment.starts_with('{')) {
      const bool rest = segment.ends_with("...}");
      parameters.push_back(parameter("path", segment.substr(1, segment.find_first_of(".}") - 1),
                                     rest ? "Everything that follows" : ""));
    }
  for (const QueryParameter& query : route.query)
    parameters.push_back(parameter("query", query.name, query.description));
  if (!parameters.empty()) described["parameters"] = std::move(parameters);
  if (route.request != nullptr)
    described["requestBody"] =
        object{{"required", true}, {"content", in_both_formats(route.request(schemas))}};
  object success{{"description", std::string(net::reason_phrase(route.success))}};
  if (route.answer != nullptr) {
    const boost::json::value item = route.answer(schemas);
    success["content"] = in_both_formats(route.list ? list_of(item) : item);
  } else {
    success["content"] = object{{route.media, object{}}};
  }
  const boost::json::value error = object{{"$ref", "#/components/schemas/Error"}};
  object responses{{std::to_string(route.success), std::move(success)}};
  responses["default"] =
      object{{"description", "What went wrong"}, {"content", in_both_formats(error)}};
  described["responses"] = std::move(responses);
  return described;
}

// The envelope of AppManager objects is no member of the structs.
void add_envelopes(codec::Schemas& schemas) {
  for (auto& [name, schema] : schemas) {
    auto* properties = schema.as_object()["properties"].if_object();
    if (properties == nullptr || !properties->contains("metadata") || !properties->contains("spec"))
      continue;
    if (name == "Template") continue;
    (*properties)["kind"] = object{{"type", "string"}, {"enum", array{name}}};
    (*properties)["apiVersion"] = object{{"type", "string"}, {"enum", array{"v1"}}};
  }
}

std::string make_document(const Router& router) {
  codec::Schemas schemas;
  object paths;
  for (const Route& route : router.routes()) {
    const std::string pattern = replace_all(route.pattern, "...}", "}");
    object& methods =
        paths[pattern].is_null() ? paths[pattern].emplace_object() : paths[pattern].as_object();
    methods[to_lower(route.method)] = operation(route, schemas);
  }
  add_envelopes(schemas);
  schemas["Error"] = error_schema();
  object components;
  for (auto& [name, schema] : schemas) components[name] = std::move(schema);
  const object document{{"openapi", "3.0.3"},
                        {"info", object{{"title", "Weir"}, {"version", kVersion}}},
                        {"paths", std::move(paths)},
                        {"components", object{{"schemas", std::move(components)}}}};
  return boost::json::serialize(document);
}

Task<Result<net::Response>> get_openapi(Call& call) {
  co_return document(200, make_document(call.context.router), call.format);
}

}  // namespace

void add_document_routes(Router& router) {
  for (const char* path : {"/api/openapi.json", "/swagger.json", "/api/swagger.json"})
    router.add({.method = "GET",
                .pattern = path,
                .handler = get_openapi,
                .summary = "This document",
                .tag = "System"});
  router.add({.method = "GET",
              .pattern = "/metrics",
              .handler = get_metrics,
              .summary = "Weir's own metrics as Prometheus text",
              .tag = "System",
              .media = "text/plain"});
}

}  // namespace weir::api
