#include "api/errors.h"
#include "api/listing.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "base/strings.h"

namespace weir::api {
namespace {

std::string to_json(const model::Event& event) { return model::to_api_json(event); }

Task<Result<net::Response>> list(Call& call) {
  const auto given = [&](const char* name) -> std::optional<std::string> {
    std::string value = to_lower(call.query(name));
    return value.empty() ? std::nullopt : std::optional(std::move(value));
  };
  store::EventFilter filter;
  filter.namespace_ = call.ns;
  filter.deployment_id = given("deploymentId");
  filter.job_id = given("jobId");
  filter.session_cluster_id = given("sessionClusterId");
  WEIR_CO_TRY(auto events, co_await call.store().events(std::move(filter)));
  co_return co_await answer_list(call, "Event", std::move(events), true, to_json);
}

Task<Result<net::Response>> get(Call& call) {
  const std::string id = call.parameter("eventId");
  const auto found = co_await call.store().event(to_lower(id));
  if (!found && found.error().code != Code::kNotFound) co_return Error(found.error());
  if (!found || *found == nullptr || (*found)->metadata.namespace_ != call.ns)
    co_return not_found("Event", id, call.ns);
  co_return object(call, 200, to_json(**found), (*found)->metadata.resource_version);
}

}  // namespace

void add_event_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/events";
  const SchemaOf event = schema<model::Event>;
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists events, newest first",
              .tag = "Event",
              .answer = event,
              .list = true,
              .query = list_query({{"deploymentId", "Only events of this deployment"},
                                   {"jobId", "Only events of this job"},
                                   {"sessionClusterId", "Only events of this session cluster"}})});
  router.add({.method = "GET",
              .pattern = all + "/{eventId}",
              .handler = get,
              .summary = "Gets an event",
              .tag = "Event",
              .answer = event});
}

}  // namespace weir::api
