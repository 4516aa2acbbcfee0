#include <fmt/format.h>

#include "api/deployment_spec.h"
#include "api/errors.h"
#include "api/listing.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "api/writing.h"
#include "codec/describe_json.h"
#include "codec/merge_patch.h"
#include "control/session_jobs.h"
#include "model/validation.h"

namespace weir::api {
namespace {

using codec::Node;
using ClusterRef = store::Stored<model::SessionCluster>;
using model::SessionClusterDesiredState;

constexpr char kKind[] = "SessionCluster";

/// What a request may say.
struct Wanted {
  model::Metadata metadata;
  model::SessionClusterSpec spec;
};
BOOST_DESCRIBE_STRUCT(Wanted, (), (metadata, spec))

std::string to_json(const model::SessionCluster& cluster) { return model::to_api_json(cluster); }

net::Response answer(const Call& call, int status, const model::SessionCluster& cluster) {
  return object(call, status, to_json(cluster), cluster.metadata.resource_version);
}

Error field_error(std::string path, std::string message) {
  Error error(Code::kInvalidArgument, path + " " + message, "isInvalid");
  error.fields.push_back({std::move(path), std::move(message), "isInvalid"});
  return error;
}

// ---- checks ----

// What a cluster shares with a deployment's template is checked by the same functions.
model::Deployment as_deployment(const model::SessionCluster& cluster) {
  model::Deployment made;
  made.metadata = cluster.metadata;
  auto& job = made.spec.template_.emplace().spec.emplace(model::cluster_template(cluster.spec));
  job.artifact->jar_uri = "none";
  job.parallelism = std::max(1, job.parallelism.value_or(1));
  return made;
}

std::string with_own_paths(std::string text) {
  for (const std::string_view prefix : {"spec.template.spec.artifact.", "spec.template.spec."})
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.replace(at, prefix.size(), "spec.");
  return text;
}

Status in_own_words(Status status) {
  if (status) return status;
  Error error = std::move(status).error();
  error.message = with_own_paths(std::move(error.message));
  for (FieldError& field : error.fields) {
    field.path = model::session_cluster_path(field.path);
    field.message = with_own_paths(std::move(field.message));
  }
  return error;
}

// Without the job's id in the path the jobs would write the same checkpoint files.
Status check_directories(const model::SessionClusterSpec& spec) {
  for (const char* key :
       {"execution.checkpointing.create-subdir", "state.checkpoints.create-subdir"})
    if (const auto found = spec.flink_configuration->find(key);
        found != spec.flink_configuration->end() && found->second == "false")
      return field_error(fmt::format("spec.flinkConfiguration.{}", key),
                         "must not be false: the jobs would write the same checkpoint files.");
  return {};
}

Status check(const Call& call, const model::SessionCluster& cluster) {
  const model::Deployment alike = as_deployment(cluster);
  WEIR_CHECK_OK(in_own_words(model::validate(alike)));
  WEIR_CHECK_OK(check_directories(cluster.spec));
  if (!call.read().target(call.ns, *cluster.spec.deployment_target_name))
    return field_error("spec.deploymentTargetName",
                       fmt::format("is '{}', but there is no such deployment target.",
                                   *cluster.spec.deployment_target_name));
  return in_own_words(check_runnable(call, alike));
}

// ---- changes ----

Result<Wanted> read_wanted_cluster(const Node& document) {
  WEIR_TRY(Wanted wanted, codec::from_node<Wanted>(document));
  model::fill_session_cluster(wanted.spec);
  return wanted;
}

model::Event user_event(const Call& call, const model::SessionCluster& cluster,
                        std::string message) {
  model::Event event;
  event.metadata.id = call.env().ids.uuid();
  event.metadata.namespace_ = cluster.metadata.namespace_;
  event.metadata.created_at = call.wall_now();
  event.metadata.name = "EXTERNAL";
  event.metadata.session_cluster_id = cluster.metadata.id;
  event.metadata.resource_name = cluster.metadata.name;
  event.spec.message = std::move(message);
  event.spec.actor = "user";
  return event;
}

Result<Write> plan_create(const Call& call, const Wanted& wanted, const std::string* name) {
  model::SessionCluster cluster;
  cluster.metadata.name = name != nullptr ? *name : wanted.metadata.name;
  take_user_metadata(cluster.metadata, wanted.metadata);
  stamp_new(call, cluster.metadata);
  cluster.spec = wanted.spec;
  WEIR_CHECK_OK(check(call, cluster));
  if (call.read().session_cluster(call.ns, *cluster.metadata.name))
    return fail(Code::kAlreadyExists,
                fmt::format("A session cluster named '{}' exists in namespace '{}'.",
                            *cluster.metadata.name, call.ns),
                "NameTaken");
  Write planned;
  planned.response = answer(call, 201, cluster);
  planned.batch.create(std::move(cluster));
  return planned;
}

Status check_stop(const Call& call, const model::SessionCluster& old) {
  const auto jobs = control::jobs_in_session_cluster(call.read(), old);
  if (jobs.empty()) return {};
  return fail(Code::kConflict,
              fmt::format("Session cluster '{}' runs jobs of: {}. Cancel or suspend these "
                          "deployments first.",
                          *old.metadata.name, control::names_of(jobs)),
              "JobsRunning");
}

Status check_frozen(const model::SessionCluster& old, const model::SessionClusterSpec& spec) {
  if (model::is_at_rest(old)) return {};
  const std::string path = model::frozen_change(old.spec, spec);
  if (path.empty()) return {};
  return field_error(path, fmt::format("cannot be changed while the session cluster is {}; only "
                                       "spec.state and spec.numberOfTaskManagers can. Set "
                                       "spec.state to STOPPED first.",
                                       codec::enum_text(old.status.state)));
}

Result<Write> plan_change(const Call& call, const ClusterRef& old, const Wanted& wanted) {
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  model::SessionCluster changed = *old;
  take_user_metadata(changed.metadata, wanted.metadata);
  changed.spec = wanted.spec;
  const bool same = codec::to_json_text(old->spec) == codec::to_json_text(changed.spec);
  if (!same) {
    WEIR_CHECK_OK(check(call, changed));
    WEIR_CHECK_OK(check_frozen(*old, changed.spec));
    if (changed.spec.state == SessionClusterDesiredState::STOPPED &&
        old->spec.state != SessionClusterDesiredState::STOPPED)
      WEIR_CHECK_OK(check_stop(call, *old));
    ++changed.internal.wishes;
  }
  stamp_write(call, changed.metadata);
  Write planned;
  planned.response = answer(call, 200, changed);
  if (old->spec.state != changed.spec.state)
    planned.batch.create(
        user_event(call, changed,
                   fmt::format("The state {} is wanted.", codec::enum_text(*changed.spec.state))));
  planned.batch.update(old, std::move(changed));
  return planned;
}

// ---- requests ----

Task<Result<net::Response>> list(Call& call) {
  co_return co_await answer_list(call, kKind, call.read().session_clusters(call.ns), false,
                                 to_json);
}

Task<Result<net::Response>> get(Call& call) {
  const ClusterRef found = call.read().session_cluster(call.ns, call.parameter("name"));
  if (!found) co_return not_found(kKind, call.parameter("name"), call.ns);
  co_return answer(call, 200, *found);
}

Task<Result<net::Response>> create(Call& call) {
  WEIR_CO_TRY(Node document, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(document, kKind, call.ns, nullptr));
  WEIR_CO_TRY(const Wanted wanted, read_wanted_cluster(document));
  co_return co_await write(call, [&call, &wanted] { return plan_create(call, wanted, nullptr); });
}

Task<Result<net::Response>> put(Call& call) {
  const std::string name = call.parameter("name");
  WEIR_CO_TRY(Node document, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(document, kKind, call.ns, &name));
  WEIR_CO_TRY(const Wanted wanted, read_wanted_cluster(document));
  co_return co_await write(call, [&call, &wanted, &name] {
    const ClusterRef old = call.read().session_cluster(call.ns, name);
    return old ? plan_change(call, old, wanted) : plan_create(call, wanted, &name);
  });
}

Result<Write> plan_patch(const Call& call, const std::string& name, const Node& changes) {
  const ClusterRef old = call.read().session_cluster(call.ns, name);
  if (!old) return not_found(kKind, name, call.ns);
  Wanted shown;
  shown.metadata.labels = old->metadata.labels;
  shown.metadata.annotations = old->metadata.annotations;
  shown.spec = old->spec;
  Node merged = codec::to_node(shown);
  codec::merge_patch(merged, changes);
  WEIR_TRY(const Wanted wanted, read_wanted_cluster(merged));
  return plan_change(call, old, wanted);
}

Task<Result<net::Response>> patch(Call& call) {
  const std::string name = call.parameter("name");
  WEIR_CO_TRY(Node changes, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(changes, kKind, call.ns, &name));
  co_return co_await write(call,
                           [&call, &name, &changes] { return plan_patch(call, name, changes); });
}

Result<Write> plan_remove(const Call& call) {
  const std::string name = call.parameter("name");
  const ClusterRef old = call.read().session_cluster(call.ns, name);
  if (!old) return not_found(kKind, name, call.ns);
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  WEIR_CHECK_OK(check_stop(call, *old));
  if (!model::is_at_rest(*old))
    return fail(Code::kConflict,
                fmt::format("Session cluster '{}' is {}; set spec.state to STOPPED and wait until "
                            "it is.",
                            name, codec::enum_text(old->status.state)),
                "NotStopped");
  for (const auto& deployment : call.read().deployments(call.ns))
    if (deployment->spec.session_cluster_name == name)
      return fail(Code::kConflict,
                  fmt::format("Deployment '{}' runs in the session cluster '{}'; delete it or move "
                              "it elsewhere first.",
                              deployment->metadata.name.value_or(""), name),
                  "InUse");
  Write planned;
  planned.response = answer(call, 200, *old);
  planned.batch.remove(old);
  return planned;
}

Task<Result<net::Response>> remove(Call& call) {
  co_return co_await write(call, [&call] { return plan_remove(call); });
}

}  // namespace

void add_session_cluster_routes(Router& router) {
  const std::string all = "/api/v1/namespaces/{ns}/sessionclusters";
  const std::string one = all + "/{name}";
  const SchemaOf cluster = schema<model::SessionCluster>;
  const QueryParameter dry{"dryRun", "true: validate and answer as if, change nothing"};
  router.add({.method = "GET",
              .pattern = all,
              .handler = list,
              .summary = "Lists session clusters",
              .tag = kKind,
              .answer = cluster,
              .list = true,
              .query = list_query()});
  router.add({.method = "POST",
              .pattern = all,
              .handler = create,
              .summary = "Creates a session cluster",
              .tag = kKind,
              .request = cluster,
              .answer = cluster,
              .success = 201,
              .query = {dry}});
  router.add({.method = "GET",
              .pattern = one,
              .handler = get,
              .summary = "Gets a session cluster",
              .tag = kKind,
              .answer = cluster});
  router.add({.method = "PUT",
              .pattern = one,
              .handler = put,
              .summary = "Creates or replaces a session cluster",
              .tag = kKind,
              .request = cluster,
              .answer = cluster,
              .query = {dry}});
  router.add({.method = "PATCH",
              .pattern = one,
              .handler = patch,
              .summary = "Changes a session cluster by JSON merge patch",
              .tag = kKind,
              .request = cluster,
              .answer = cluster,
              .query = {dry}});
  router.add({.method = "DELETE",
              .pattern = one,
              .handler = remove,
              .summary = "Deletes a session cluster that is stopped and that no deployment names",
              .tag = kKind,
              .answer = cluster,
              .query = {dry}});
}

}  // namespace weir::api
