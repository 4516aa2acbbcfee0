#pragma once

#include <string>
#include <string_view>

#include "api/api.h"
#include "api/router.h"

namespace weir::api {

class Feeds;
class Measurements;
class ResourceTexts;

/// What all handlers share; outlives every Call.
struct Context {
  Services services;
  ApiOptions options;
  Router router;
  Feeds& feeds;
  ResourceTexts& texts;
  Measurements& measurements;
};

enum class Format { kJson, kYaml };

/// One request on its way through its handler.
struct Call {
  Context& context;
  net::Request& request;
  Parameters parameters;
  std::string ns;                 ///< of the path; empty where the path has none
  Format format = Format::kJson;  ///< what the client accepts
  std::string request_id;

  const Services& services() const { return context.services; }
  const Environment& env() const { return context.services.env; }
  store::Store& store() const { return context.services.store; }
  const store::ReadModel& read() const { return context.services.store.read(); }
  WallTime wall_now() const { return env().wall_now(); }

  std::string parameter(std::string_view name) const;
  std::string query(std::string_view name) const { return request.url.get(name); }
  /// A query parameter that says yes: "true", "1", or given without a value.
  bool flag(std::string_view name, bool otherwise = false) const;
  /// A whole number, bounded. @error kInvalidArgument
  Result<std::int64_t> number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                              std::int64_t most) const;
  /// Validate and answer as if, but change nothing.
  bool dry_run() const { return flag("dryRun"); }
};

}  // namespace weir::api
