#include <fmt/format.h>

#include "api/deployment_change.h"
#include "api/errors.h"
#include "api/listing.h"
#include "api/lookup.h"
#include "api/negotiation.h"
#include "api/revisions.h"
#include "api/routes.h"
#include "codec/describe_json.h"
#include "codec/difference.h"
#include "model/job_relevant.h"

namespace weir::api {
namespace {

/// A field that two revisions do not share.
struct FieldChange {
  std::string path;
  std::optional<std::string> old;
  std::optional<std::string> new_;
};
BOOST_DESCRIBE_STRUCT(FieldChange, (), (path, old, new_))

struct RevisionDiff {
  std::string kind = "RevisionDiff";
  std::string api_version = "v1";
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::vector<FieldChange> changes;
};
BOOST_DESCRIBE_STRUCT(RevisionDiff, (), (kind, api_version, from, to, changes))

constexpr std::int64_t kMostRevisions = 1'000'000'000;

Result<std::int64_t> number_in_path(const Call& call) {
  const std::string text = call.parameter("number");
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end && number >= 1) return number;
  return fail(Code::kInvalidArgument, fmt::format("'{}' is not the number of a revision.", text),
              "isInvalid");
}

Task<Result<net::Response>> list(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  WEIR_CO_TRY(auto all, co_await call.store().revisions(found->metadata.id));
  co_return co_await answer_list(
      call, "Revision", std::move(all), false,
      [](const model::Revision& revision) { return model::to_api_json(revision); });
}

Task<Result<net::Response>> get(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  WEIR_CO_TRY(const std::int64_t number, number_in_path(call));
  WEIR_CO_TRY(const auto revision, co_await find_revision(call, *found, number));
  co_return object(call, 200, model::to_api_json(*revision), revision->metadata.resource_version);
}

Task<Result<net::Response>> diff(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  WEIR_CO_TRY(const std::int64_t number, number_in_path(call));
  WEIR_CO_TRY(const std::int64_t from,
              call.number("from", std::max<std::int64_t>(1, number - 1), 1, kMostRevisions));
  WEIR_CO_TRY(const auto before, co_await find_revision(call, *found, from));
  WEIR_CO_TRY(const auto after, co_await find_revision(call, *found, number));
  RevisionDiff answer;
  answer.from = from;
  answer.to = number;
  for (auto& change : codec::differences(codec::to_node(model::job_part(before->spec)),
                                         codec::to_node(model::job_part(after->spec)), "spec"))
    answer.changes.push_back(
        {std::move(change.path), std::move(change.old), std::move(change.new_)});
  co_return document(200, codec::to_json_text(answer), call.format);
}

}  // namespace

Task<Result<std::shared_ptr<const model::Revision>>> find_revision(
    const Call& call, const model::Deployment& deployment, std::int64_t number) {
  WEIR_CO_TRY(const auto all, co_await call.store().revisions(deployment.metadata.id));
  for (const auto& revision : all)
    if (revision->number == number) co_return revision;
  co_return fail(Code::kNotFound,
                 fmt::format("Deployment '{}' has no revision {}; it has 1 to {}.",
                             name_of(deployment), number, deployment.internal.spec_revision),
                 "RevisionNotFound");
}

void add_revision_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/deployments/{nameOrId}/revisions";
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists the job-relevant specs that a deployment had, oldest first",
              .tag = "Deployment",
              .answer = schema<model::Revision>,
              .list = true,
              .query = list_query()});
  router.add({.method = "GET",
              .pattern = all + "/{number}",
              .handler = get,
              .summary = "Gets one revision",
              .tag = "Deployment",
              .answer = schema<model::Revision>});
  router.add({.method = "GET",
              .pattern = all + "/{number}/diff",
              .handler = diff,
              .summary = "Tells the fields in which a revision differs from another",
              .tag = "Deployment",
              .answer = schema<RevisionDiff>,
              .query = {{"from", "The other revision; default: the one before"}}});
}

}  // namespace weir::api
