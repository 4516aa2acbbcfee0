#include <algorithm>

#include "api/deployment_change.h"
#include "api/lookup.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "codec/describe_json.h"
#include "control/next_start.h"

namespace weir::api {
namespace {

/// A place that a job of the deployment can start from.
struct RestorePointItem {
  std::string id;  ///< a savepoint's is that of its resource
  model::RestorePointKind kind = model::RestorePointKind::CHECKPOINT;
  std::string location;
  std::optional<std::int64_t> checkpoint_id;  ///< Flink's; absent for a registered one
  std::optional<std::string> job_id;
  std::optional<std::string> flink_version;
  std::optional<WallTime> created_at;
  bool usable = true;
  bool next = false;  ///< the next start begins here
};
BOOST_DESCRIBE_STRUCT(RestorePointItem, (),
                      (id, kind, location, checkpoint_id, job_id, flink_version, created_at, usable,
                       next))

/// What the next start begins from. Without a location: empty state, or nothing may start.
struct NextStart {
  std::optional<std::string> location;
  std::string why;
  bool possible = true;  ///< false: the point that it must begin from is missing
};
BOOST_DESCRIBE_STRUCT(NextStart, (), (location, why, possible))

struct RestorePointList {
  std::string kind = "RestorePointList";
  std::string api_version = "v1";
  std::vector<RestorePointItem> items;  ///< newest first
  NextStart next;
};
BOOST_DESCRIBE_STRUCT(RestorePointList, (), (kind, api_version, items, next))

RestorePointItem item_of(const model::RestorePoint& point) {
  RestorePointItem item;
  item.id = point.metadata.id;
  item.kind = point.kind;
  item.location = point.location;
  if (point.kind != model::RestorePointKind::COPIED) item.checkpoint_id = point.checkpoint_id;
  item.job_id = point.metadata.job_id;
  if (!point.flink_version.empty()) item.flink_version = point.flink_version;
  item.created_at = point.metadata.created_at;
  item.usable = point.usable;
  return item;
}

RestorePointList restore_points_of(const store::ReadModel& read, const std::string& id) {
  const control::View view = control::load_view(read, id);
  auto points = control::recorded_points(view);
  std::sort(points.begin(), points.end(), model::is_newer);
  const model::RestoreChoice choice = control::choose_next_start(view, points);
  RestorePointList list;
  list.next.why = choice.explanation;
  list.next.possible = choice.what != model::RestoreChoice::What::kMissing;
  if (choice.what == model::RestoreChoice::What::kPoint) list.next.location = choice.location;
  bool marked = false;
  for (const model::RestorePoint& point : points) {
    list.items.push_back(item_of(point));
    // A reset names a place that may be listed twice; the newest record of it stands for both.
    list.items.back().next = !marked && list.next.location == point.location;
    marked = marked || list.items.back().next;
  }
  return list;
}

Task<Result<net::Response>> list(Call& call) {
  WEIR_CO_TRY(const DeploymentRef found, find_deployment(call));
  co_return document(200, codec::to_json_text(restore_points_of(call.read(), found->metadata.id)),
                     call.format);
}

}  // namespace

void add_restore_point_routes(Router& router) {
  router.add({.method = "GET",
              .pattern = "/api/v1/namespaces/{ns}/deployments/{nameOrId}/restore-points",
              .handler = list,
              .summary =
                  "Lists what a deployment's jobs can start from, newest first, and which of "
                  "it the next start takes",
              .tag = "Deployment",
              .answer = schema<RestorePointList>});
}

}  // namespace weir::api
