#pragma once

#include "model/template.h"

namespace weir::model {

enum class SessionClusterDesiredState { RUNNING, STOPPED };
BOOST_DESCRIBE_ENUM(SessionClusterDesiredState, RUNNING, STOPPED)

enum class SessionClusterState { STOPPED, STARTING, RUNNING, UPDATING, STOPPING, FAILED };
BOOST_DESCRIBE_ENUM(SessionClusterState, STOPPED, STARTING, RUNNING, UPDATING, STOPPING, FAILED)

/// What the user wants. A stored one has state, target, TaskManagers and resources.
struct SessionClusterSpec {
  std::optional<SessionClusterDesiredState> state;
  std::optional<std::string> deployment_target_name;
  std::optional<std::string> flink_version;
  std::optional<std::string> flink_image_registry;
  std::optional<std::string> flink_image_repository;
  std::optional<std::string> flink_image_tag;
  std::optional<std::int32_t> number_of_task_managers;
  std::optional<Resources> resources;
  std::optional<StringMap> flink_configuration;
  std::optional<Logging> logging;
  std::optional<KubernetesOptions> kubernetes;
};
BOOST_DESCRIBE_STRUCT(SessionClusterSpec, (),
                      (state, deployment_target_name, flink_version, flink_image_registry,
                       flink_image_repository, flink_image_tag, number_of_task_managers, resources,
                       flink_configuration, logging, kubernetes))

struct SessionClusterRunning {
  std::optional<WallTime> started_at;
  std::optional<WallTime> last_update_time;
};
BOOST_DESCRIBE_STRUCT(SessionClusterRunning, (), (started_at, last_update_time))

struct SessionClusterStatus {
  SessionClusterState state = SessionClusterState::STOPPED;
  std::optional<Failure> failure;
  std::optional<SessionClusterRunning> running;  ///< only while RUNNING
  std::optional<std::string> waiting_for;        ///< additive: what the present step waits for
};
BOOST_DESCRIBE_STRUCT(SessionClusterStatus, (), (state, failure, running, waiting_for))

/// Bookkeeping that no API answer shows.
struct SessionClusterInternal {
  std::optional<std::string> cluster_id;  ///< the attempt that is not proven gone
  std::int32_t epoch = 0;                 ///< grows with each attempt; fences older effects
  std::int32_t wishes = 1;    ///< changes of the spec; what was given up is tried with a new one
  std::int32_t failures = 0;  ///< attempts that ended badly since the last one that held
  std::optional<std::int32_t> given_up;  ///< the wish that is not tried any more
  std::optional<WallTime> not_before;    ///< back-off: no new attempt until then
};
BOOST_DESCRIBE_STRUCT(SessionClusterInternal, (),
                      (cluster_id, epoch, wishes, failures, given_up, not_before))

/// A Flink cluster of its own life, in which several deployments run their jobs.
struct SessionCluster {
  Metadata metadata;
  SessionClusterSpec spec;
  SessionClusterStatus status;
  SessionClusterInternal internal;  ///< stored, never shown
};
BOOST_DESCRIBE_STRUCT(SessionCluster, (), (metadata, spec, status, internal))

/// The same as a job's template: what of a job's specification is the cluster's.
TemplateSpec cluster_template(const SessionClusterSpec& spec);

/// The path of a template's field in a session cluster's document:
/// "spec.template.spec.resources..." is "spec.resources...".
std::string session_cluster_path(const std::string& template_path);

/// Fills what nobody said: STOPPED, target `default`, one TaskManager, 1 CPU and 2G for both.
void fill_session_cluster(SessionClusterSpec& spec);

/// The cluster has no process and gets none by itself: every part of its spec may change.
bool is_at_rest(const SessionCluster& cluster);

/// A deployment that names a Flink version must name its session cluster's.
/// @return what is wrong, for people; empty if nothing
std::string session_version_differs(const Artifact& artifact, const SessionClusterSpec& cluster);

/// What may not change while the cluster is not at rest; empty if the change is allowed.
/// @return path of the first such field
std::string frozen_change(const SessionClusterSpec& from, const SessionClusterSpec& to);

}  // namespace weir::model
