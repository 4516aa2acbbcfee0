#include "api/lookup.h"

#include "api/errors.h"
#include "base/ids.h"
#include "base/strings.h"

namespace weir::api {

Result<store::Stored<model::Deployment>> find_deployment(const Call& call) {
  const std::string segment = call.parameter("nameOrId");
  if (is_uuid(segment))
    if (auto found = call.read().deployment(to_lower(segment));
        found && found->metadata.namespace_ == call.ns)
      return found;
  if (auto found = call.read().deployment_by_name(call.ns, segment)) return found;
  return not_found("Deployment", segment, call.ns);
}

Result<store::Stored<model::Job>> find_job(const Call& call) {
  const std::string id = call.parameter("jobId");
  auto found = call.read().job(to_lower(id));
  if (found && found->metadata.namespace_ == call.ns) return found;
  return not_found("Job", id, call.ns);
}

}  // namespace weir::api
