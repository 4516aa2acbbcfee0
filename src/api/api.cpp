#include "api/api.h"

#include <fmt/format.h>

#include "api/call.h"
#include "api/console.h"
#include "api/errors.h"
#include "api/feeds.h"
#include "api/measurements.h"
#include "api/negotiation.h"
#include "api/origin.h"
#include "api/resource_texts.h"
#include "api/routes.h"
#include "base/log.h"
#include "base/strings.h"

namespace weir::api {
namespace {

constexpr std::size_t kRequestIdLength = 128;

// A client's own id is kept if it can stand in a header and a log line.
std::string request_id(const net::Request& request, IdSource& ids) {
  const std::string_view given = request.headers.get("X-Request-Id");
  const bool usable = !given.empty() && given.size() <= kRequestIdLength &&
                      given.find_first_not_of(
                          "0123456789abcdefghijklmnopqrstuvwxyz"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:") == std::string_view::npos;
  return usable ? std::string(given) : ids.uuid();
}

// Some clients leave the namespace's segment empty, which means the default one.
std::vector<std::string> segments_of(const net::Request& request) {
  std::vector<std::string> segments = request.url.segments;
  const std::string_view path =
      std::string_view(request.target).substr(0, request.target.find('?'));
  if (path.find("/namespaces//") == std::string_view::npos) return segments;
  for (std::size_t i = 0; i + 1 < segments.size(); ++i)
    if (segments[i] == "namespaces" && segments[i + 1] != "namespaces") {
      segments.insert(segments.begin() + static_cast<std::ptrdiff_t>(i) + 1, "default");
      break;
    }
  return segments;
}

/// Takes the base path off a request that names it; a proxy in front may have done so already.
void drop_base_path(const std::string& base_path, std::vector<std::string>& segments) {
  std::vector<std::string> base;
  for (std::string_view segment : split(base_path, '/'))
    if (!segment.empty()) base.emplace_back(segment);
  if (segments.size() >= base.size() && std::equal(base.begin(), base.end(), segments.begin()))
    segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(base.size()));
}

std::string path_of(const net::Request& request) {
  return request.target.substr(0, request.target.find('?'));
}

}  // namespace

struct Api::Impl {
  Impl(Services services, ApiOptions options)
      : texts(services.store),
        feeds(services.env, services.store, texts),
        context{services, std::move(options), {}, feeds, texts, measurements},
        console(normal_base_path(context.options.base_path)) {
    Router& router = context.router;
    add_deployment_routes(router);
    add_deployment_action_routes(router);
    add_deployment_preview_routes(router);
    add_revision_routes(router);
    add_restore_point_routes(router);
    add_deployment_defaults_routes(router);
    add_deployment_target_routes(router);
    add_secret_value_routes(router);
    add_session_cluster_routes(router);
    add_job_routes(router);
    add_job_graph_routes(router);
    add_job_metrics_routes(router);
    add_savepoint_routes(router);
    add_event_routes(router);
    add_namespace_routes(router);
    add_artifact_routes(router);
    add_log_routes(router);
    add_flink_ui_routes(router);
    add_watch_routes(router);
    add_standby_cluster_routes(router);
    add_status_routes(router);
    add_document_routes(router);
  }

  Task<Result<net::Response>> dispatch(Call& call, const Match& match,
                                       const std::vector<std::string>& segments) {
    WEIR_CO_CHECK_OK(check_origin(call.request.headers, context.options.allowed_hosts));
    const std::string path = path_of(call.request);
    if (match.allowed.empty()) {
      if (auto page = console.answer(call.request, join(segments, "/"), call.env().ids))
        co_return std::move(*page);
      co_return fail(Code::kNotFound, fmt::format("There is nothing at '{}'.", path),
                     "PathNotFound");
    }
    if (match.route == nullptr)
      co_return fail(Code::kInvalidArgument,
                     fmt::format("{} is not possible at '{}'; {} is.", call.request.method, path,
                                 join(match.allowed, ", ")),
                     kMethodNotAllowed);
    if (call.parameters.contains("ns") && call.ns != "default")
      co_return fail(Code::kNotFound, fmt::format("Namespace '{}' not found.", call.ns),
                     "NamespaceNotFound");
    co_return co_await match.route->handler(call);
  }

  Task<net::Response> handle(net::Request& request) {
    const Environment& env = context.services.env;
    const MonoTime start = env.now();
    std::vector<std::string> segments = segments_of(request);
    drop_base_path(context.options.base_path, segments);
    Match match = context.router.find(request.method, segments);
    Call call{context,
              request,
              std::move(match.parameters),
              {},
              accepted_format(request.headers),
              request_id(request, env.ids)};
    call.ns = call.parameter("ns");
    auto result = co_await dispatch(call, match, segments);
    if (!result && result.error().code == Code::kInternal)
      log::error("api", "{} {} {}: {}", call.request_id, request.method, request.target,
                 to_string(result.error()));
    net::Response response =
        result ? std::move(*result)
               : error_response(result.error(), path_of(request), call.format, env.wall_now());
    if (response.status == 405) response.headers.set("Allow", join(match.allowed, ", "));
    response.headers.set("X-Request-Id", call.request_id);
    measurements.request(match.route != nullptr ? match.route->pattern : "(none)",
                         match.allowed.empty() ? "(any)" : request.method, response.status,
                         env.now() - start);
    co_return response;
  }

  Measurements measurements;
  ResourceTexts texts;
  Feeds feeds;
  Context context;
  Console console;
};

Api::Api(Services services, ApiOptions options)
    : impl_(std::make_unique<Impl>(services, std::move(options))) {}
Api::~Api() = default;

Task<Status> Api::prepare() {
  const Services& services = impl_->context.services;
  const store::ReadModel& read = services.store.read();
  store::Batch batch;
  const auto named_default = [&services](model::Metadata& metadata) {
    metadata.id = services.env.ids.uuid();
    metadata.name = "default";
    metadata.namespace_ = "default";
    metadata.created_at = metadata.modified_at = services.env.wall_now();
    metadata.labels.emplace();
    metadata.annotations.emplace();
  };
  if (!read.target("default", "default")) {
    model::DeploymentTarget target;
    named_default(target.metadata);
    batch.create(std::move(target));
  }
  if (!read.defaults("default")) {
    model::DeploymentDefaults defaults;
    named_default(defaults.metadata);
    batch.create(std::move(defaults));
  }
  if (batch.empty()) co_return Status();
  WEIR_CO_TRY(const store::Revision revision, co_await services.store.commit(std::move(batch)));
  static_cast<void>(revision);
  co_return Status();
}

Task<net::Response> Api::handle(net::Request& request) { return impl_->handle(request); }

void Api::stop() { impl_->feeds.stop(); }

}  // namespace weir::api
