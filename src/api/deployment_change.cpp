#include "api/deployment_change.h"

#include <fmt/format.h>

#include "api/negotiation.h"
#include "base/ids.h"
#include "model/documents.h"
#include "model/restore_choice.h"

namespace weir::api {
namespace {

constexpr char kNoSavepointId[] = "00000000-0000-0000-0000-000000000000";

model::RestorePoint registered_point(const Call& call, const model::Deployment& deployment,
                                     const model::Savepoint& savepoint) {
  model::RestorePoint point;
  point.metadata.id = savepoint.metadata.id;
  point.metadata.namespace_ = savepoint.metadata.namespace_;
  point.metadata.deployment_id = deployment.metadata.id;
  point.metadata.created_at = savepoint.metadata.created_at;
  point.kind = model::RestorePointKind::COPIED;
  point.location = *savepoint.spec.savepoint_location;
  point.chain_position = deployment.internal.chain_position;
  point.attempt = model::kRegisteredAttempt;
  for (const auto& other : call.read().restore_points_of(deployment.metadata.id))
    if (other->kind == model::RestorePointKind::COPIED)
      point.checkpoint_id = std::max(point.checkpoint_id, other->checkpoint_id + 1);
  return point;
}

}  // namespace

Error being_deleted(const std::string& name) {
  return fail(Code::kConflict,
              fmt::format("Deployment '{}' is being deleted; wait until it is gone.", name),
              "BeingDeleted");
}

std::string name_of(const model::Deployment& deployment) {
  return deployment.metadata.name.value_or(deployment.metadata.id);
}

void add_revision(const Call& call, store::Batch& batch, model::Deployment& deployment,
                  std::int64_t number) {
  deployment.internal.spec_revision = number;
  (*deployment.metadata.annotations)[model::kSpecVersionAnnotation] = std::to_string(number);
  model::Revision revision;
  revision.metadata.id = call.env().ids.uuid();
  revision.metadata.namespace_ = deployment.metadata.namespace_;
  revision.metadata.created_at = call.wall_now();
  revision.metadata.deployment_id = deployment.metadata.id;
  revision.number = number;
  revision.spec = deployment.spec;
  batch.create(std::move(revision));
}

model::Event user_event(const Call& call, const model::Deployment& deployment, const char* name,
                        std::string message) {
  model::Event event;
  event.metadata.id = call.env().ids.uuid();
  event.metadata.namespace_ = deployment.metadata.namespace_;
  event.metadata.created_at = call.wall_now();
  event.metadata.name = name;
  event.metadata.deployment_id = deployment.metadata.id;
  event.metadata.resource_name = deployment.metadata.name;
  event.spec.message = std::move(message);
  event.spec.actor = "user";
  return event;
}

std::string register_savepoint(const Call& call, store::Batch& batch,
                               const model::Deployment& deployment, model::Savepoint savepoint) {
  if (savepoint.metadata.id.empty()) stamp_new(call, savepoint.metadata);
  savepoint.metadata.deployment_id = deployment.metadata.id;
  savepoint.metadata.labels.reset();
  savepoint.metadata.origin = "COPIED";
  if (!savepoint.metadata.type) savepoint.metadata.type = "UNKNOWN";
  // The version that the state belongs to: said when registering, else the present one.
  savepoint.metadata.annotations->try_emplace(model::kSpecVersionAnnotation,
                                              std::to_string(deployment.internal.spec_revision));
  if (savepoint.spec.flink_savepoint_id.value_or("").empty())
    savepoint.spec.flink_savepoint_id = kNoSavepointId;
  savepoint.status.state = model::SavepointState::COMPLETED;
  const std::string id = savepoint.metadata.id;
  batch.create(registered_point(call, deployment, savepoint));
  batch.create(std::move(savepoint));
  return id;
}

}  // namespace weir::api
