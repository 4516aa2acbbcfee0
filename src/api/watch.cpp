#include <fmt/format.h>

#include "api/errors.h"
#include "api/feeds.h"
#include "api/routes.h"
#include "base/strings.h"
#include "codec/describe_json.h"

namespace weir::api {
namespace {

Task<Result<net::Response>> watch(Call& call) {
  call.ns = call.query("namespace");
  if (!call.ns.empty() && call.ns != "default")
    co_return fail(Code::kNotFound, fmt::format("Namespace '{}' not found.", call.ns),
                   "NamespaceNotFound");
  // All namespaces are the one that exists.
  if (call.ns.empty()) call.ns = "default";
  std::vector<model::Kind> kinds;
  const std::string wanted = call.query("kinds");
  for (std::string_view name : split(wanted, ',')) {
    name = trim(name);
    if (name.empty()) continue;
    const auto kind = codec::enum_value<model::Kind>(name);
    if (!kind || !is_public(*kind))
      co_return fail(Code::kInvalidArgument,
                     fmt::format("'{}' is no kind that can be watched; there are Deployment, Job, "
                                 "Savepoint, Event, DeploymentTarget, DeploymentDefaults, "
                                 "SecretValue and SessionCluster.",
                                 name),
                     "isInvalid");
    kinds.push_back(*kind);
  }
  co_return open_feed(call, std::move(kinds));
}

}  // namespace

void add_watch_routes(Router& router) {
  router.add({.method = "GET",
              .pattern = "/api/v1/watch",
              .handler = watch,
              .summary = "Streams changes as server-sent events",
              .tag = "Watch",
              .query = {{"namespace", "Only this namespace"},
                        {"kinds", "Comma-separated kinds; all without it"},
                        {"deploymentId", "Only this deployment and what belongs to it"},
                        {"labelSelector", "Only what matches"},
                        {"history", "true: past events too"},
                        {"lastEventId", "Instead of the header Last-Event-ID"}},
              .media = "text/event-stream"});
}

}  // namespace weir::api
