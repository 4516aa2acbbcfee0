#pragma once

#include "api/router.h"

namespace weir::api {

/// Each file of routes adds its own.
void add_deployment_routes(Router& router);
void add_deployment_action_routes(Router& router);  ///< fork, reset, rollback
void add_deployment_preview_routes(Router& router);
void add_revision_routes(Router& router);
void add_restore_point_routes(Router& router);
void add_deployment_defaults_routes(Router& router);
void add_deployment_target_routes(Router& router);
void add_secret_value_routes(Router& router);
void add_session_cluster_routes(Router& router);
void add_job_routes(Router& router);
void add_job_graph_routes(Router& router);
void add_job_metrics_routes(Router& router);
void add_savepoint_routes(Router& router);
void add_event_routes(Router& router);
void add_namespace_routes(Router& router);
void add_artifact_routes(Router& router);
void add_log_routes(Router& router);
void add_flink_ui_routes(Router& router);
void add_watch_routes(Router& router);
void add_standby_cluster_routes(Router& router);
void add_status_routes(Router& router);
void add_document_routes(Router& router);  ///< OpenAPI and metrics

}  // namespace weir::api
