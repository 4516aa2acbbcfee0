#pragma once

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

/// Resource kinds as plain data. Member names are the wire names in snake_case: the codec turns
/// `display_name` into "displayName" and drops a trailing underscore (`namespace_`). Enumerators
/// are the wire texts themselves. An absent `std::optional` is not written.
namespace weir::model {

using StringMap = std::map<std::string, std::string>;

/// The metadata of every kind; each kind uses the members that the REST contract gives it and
/// leaves the others absent.
struct Metadata {
  std::string id;  ///< lower-case UUID, never reused
  std::optional<std::string> name;
  std::optional<std::string> display_name;
  std::string namespace_;
  std::optional<WallTime> created_at;
  std::optional<WallTime> modified_at;    ///< moves on user writes only
  std::optional<WallTime> terminated_at;  ///< Job
  std::optional<StringMap> labels;
  std::optional<StringMap> annotations;
  std::int32_t resource_version = 1;  ///< +1 per user write, also for one that changes nothing
  std::optional<std::string> deployment_id;
  std::optional<std::string> deployment_name;
  std::optional<std::string> session_cluster_name;
  std::optional<std::string> job_id;
  std::optional<std::string> session_cluster_id;
  std::optional<std::string> resource_name;
  std::optional<std::string>
      origin;  ///< Savepoint: USER_REQUEST | SUSPEND | COPIED | RETAINED_CHECKPOINT
  std::optional<std::string> type;  ///< Savepoint: UNKNOWN | FULL | INCREMENTAL
};
BOOST_DESCRIBE_STRUCT(Metadata, (),
                      (id, name, display_name, namespace_, created_at, modified_at, terminated_at,
                       labels, annotations, resource_version, deployment_id, deployment_name,
                       session_cluster_name, job_id, session_cluster_id, resource_name, origin,
                       type))

/// Why something ended badly, for a person: what happened and what to do.
struct Failure {
  std::string message;
  std::string reason;
  std::optional<WallTime> failed_at;
};
BOOST_DESCRIBE_STRUCT(Failure, (), (message, reason, failed_at))

/// Prefix of the annotations that the server owns.
inline constexpr char kSystemAnnotationPrefix[] = "com.dataartisans.appmanager.controller.";
inline constexpr char kSpecVersionAnnotation[] =
    "com.dataartisans.appmanager.controller.deployment.spec.version";
inline constexpr char kTransitioningAnnotation[] =
    "com.dataartisans.appmanager.controller.deployment.transitioning";
inline constexpr char kTransitioningSinceAnnotation[] =
    "com.dataartisans.appmanager.controller.deployment.transitioning.since";
inline constexpr char kStopWithDrainAnnotation[] =
    "com.dataartisans.appmanager.controller.deployment.stop-with-drain";
/// Of a savepoint that a schedule asked for: the time at which it was due.
inline constexpr char kScheduledForAnnotation[] = "weir/scheduled-for";

}  // namespace weir::model
