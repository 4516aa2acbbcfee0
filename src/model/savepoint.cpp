#include "model/savepoint.h"

namespace weir::model {

std::optional<std::string> own_directory(const Savepoint& savepoint) {
  const auto& origin = savepoint.metadata.origin;
  const auto& location = savepoint.spec.savepoint_location;
  if (!location || (origin != "USER_REQUEST" && origin != "SUSPEND")) return std::nullopt;
  const auto end = location->rfind('/');
  if (end == std::string::npos || end == 0) return std::nullopt;
  const std::string directory = location->substr(0, end);
  const std::string name = location->substr(end + 1);
  // Its name is the id that Weir chose for it, so nobody else's files can be in there.
  if (!directory.ends_with("/" + savepoint.metadata.id) || !name.starts_with("savepoint-"))
    return std::nullopt;
  return directory;
}

Savepoint requested_savepoint(const Metadata& deployment, const std::string& job_id,
                              std::int64_t spec_revision, std::string id, std::string trigger_id,
                              WallTime now) {
  Savepoint made;
  made.metadata.id = std::move(id);
  made.metadata.namespace_ = deployment.namespace_;
  made.metadata.created_at = made.metadata.modified_at = now;
  made.metadata.deployment_id = deployment.id;
  made.metadata.job_id = job_id;
  made.metadata.origin = "USER_REQUEST";
  made.metadata.type = "FULL";
  made.metadata.annotations = StringMap{{kSpecVersionAnnotation, std::to_string(spec_revision)}};
  made.spec.flink_savepoint_id = std::move(trigger_id);
  made.status.state = SavepointState::STARTED;
  return made;
}

}  // namespace weir::model
