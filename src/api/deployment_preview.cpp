#include "api/deployment_requests.h"
#include "api/deployment_spec.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "codec/describe_json.h"
#include "codec/difference.h"
#include "control/preview.h"

namespace weir::api {
namespace {

/// A field that the change sets, changes or removes.
struct PreviewedField {
  std::string path;
  std::optional<std::string> old;
  std::optional<std::string> new_;
};
BOOST_DESCRIBE_STRUCT(PreviewedField, (), (path, old, new_))

/// What a change would do; see control/preview.h. `action` is what happens to the job.
struct DeploymentPreview {
  std::string kind = "DeploymentPreview";
  std::string api_version = "v1";
  control::PreviewAction action = control::PreviewAction::NONE;
  std::string reason;
  std::optional<std::string> waits_for;
  std::optional<control::PreviewedState> state;
  std::optional<control::ExpectedGap> expected_gap;
  std::vector<std::string> warnings;
  std::vector<PreviewedField> changes;
  bool created = false;       ///< there is no such deployment yet
  std::int64_t revision = 1;  ///< that the deployment would have
};
BOOST_DESCRIBE_STRUCT(DeploymentPreview, (),
                      (kind, api_version, action, reason, waits_for, state, expected_gap, warnings,
                       changes, created, revision))

// What a user can write of a deployment.
codec::Node user_part(const model::Deployment& deployment) {
  codec::Node part = patchable(deployment);
  codec::Node* metadata = part.find("metadata");
  if (metadata == nullptr) return part;
  for (const char* name : {"id", "namespace", "resourceVersion"}) metadata->erase(name);
  if (codec::Node* annotations = metadata->find("annotations"))
    std::erase_if(annotations->members, [](const codec::Node::Member& member) {
      return is_server_annotation(member.first);
    });
  return part;
}

std::vector<PreviewedField> changes_of(const PlannedDeployment& planned) {
  const codec::Node before = planned.old ? user_part(*planned.old) : codec::Node();
  std::vector<PreviewedField> fields;
  for (auto& change : codec::differences(before, user_part(planned.deployment)))
    fields.push_back({std::move(change.path), std::move(change.old), std::move(change.new_)});
  return fields;
}

std::string flink_status_of(const Call& call, const control::View& view) {
  if (!view.job) return {};
  const auto live = call.services().controller.live_job(view.job->metadata.id);
  return live ? live->flink_status : std::string();
}

Task<Result<PlannedDeployment>> planned_change(Call& call) {
  if (call.flag("replace")) {
    WEIR_CO_TRY(const PutRequest put, co_await read_put(call));
    co_return plan_put(call, put);
  }
  WEIR_CO_TRY(const PatchRequest patch, co_await read_patch(call));
  co_return plan_patch(call, patch);
}

Task<Result<net::Response>> preview(Call& call) {
  // First, so that nothing changes between reading the records and looking at them.
  const control::Room room = co_await call.services().controller.room();
  WEIR_CO_TRY(const PlannedDeployment planned, co_await planned_change(call));
  const control::View view =
      control::load_view(call.read(), planned.old ? planned.old->metadata.id : "");
  const control::PreviewWorld world{room,
                                    call.services().controller.settings(),
                                    call.services().homes,
                                    call.env().ids,
                                    call.env().now(),
                                    call.wall_now(),
                                    flink_status_of(call, view)};
  control::Preview seen = control::preview(view, planned.deployment, world);
  DeploymentPreview answer;
  answer.action = seen.action;
  answer.reason = std::move(seen.reason);
  answer.waits_for = std::move(seen.waits_for);
  answer.state = std::move(seen.state);
  answer.expected_gap = std::move(seen.expected_gap);
  answer.warnings = std::move(seen.warnings);
  answer.changes = changes_of(planned);
  answer.created = !planned.old;
  answer.revision = planned.deployment.internal.spec_revision;
  co_return document(200, codec::to_json_text(answer), call.format);
}

}  // namespace

void add_deployment_preview_routes(Router& router) {
  router.add({.method = "POST",
              .pattern = "/api/v1/namespaces/{ns}/deployments/{nameOrId}:preview",
              .handler = preview,
              .summary =
                  "Tells what a change would do to the job, which state it would go on from and "
                  "how long the gap was at earlier ones; changes nothing",
              .tag = "Deployment",
              .request = schema<model::Deployment>,
              .answer = schema<DeploymentPreview>,
              .query = {{"replace",
                         "true: the body is a whole document, as for PUT; otherwise a merge "
                         "patch, as for PATCH"},
                        {"applyDefaults", "as for PUT"}}});
}

}  // namespace weir::api
