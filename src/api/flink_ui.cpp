#include <fmt/format.h>

#include "api/errors.h"
#include "api/lookup.h"
#include "api/redaction.h"
#include "api/routes.h"
#include "base/strings.h"
#include "codec/json_text.h"
#include "net/proxy.h"

namespace weir::api {
namespace {

using Path = std::vector<std::string_view>;

bool is_version(std::string_view segment) {
  return segment.size() >= 2 && segment[0] == 'v' &&
         segment.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// The segments that Flink routes by: its version prefix is optional.
Path flink_path(const std::string& rest) {
  Path path;
  for (std::string_view segment : split(rest, '/'))
    if (!segment.empty()) path.push_back(segment);
  if (!path.empty() && is_version(path.front())) path.erase(path.begin());
  return path;
}

bool ends_with(const Path& path, std::string_view word) {
  return !path.empty() && path.back() == word;
}

/// What stops or cancels a job.
bool is_stop(const std::string& method, const Path& path) {
  if (path.empty() || path.front() != "jobs") return false;
  if (ends_with(path, "yarn-cancel") || ends_with(path, "yarn-stop")) return true;
  if (method == "PATCH") return true;
  // A savepoint may be asked to cancel its job.
  return method == "POST" && (ends_with(path, "stop") || ends_with(path, "savepoints"));
}

bool is_harmless_write(const std::string& method, const Path& path) {
  return method == "POST" && (ends_with(path, "checkpoints") || ends_with(path, "profiler"));
}

Error blocked(std::string message) {
  return fail(Code::kPermissionDenied, std::move(message), "FlinkCallBlocked");
}

/// @error kPermissionDenied what only Weir may do
Status check_allowed(const Call& call, const Path& path) {
  for (const std::string& segment : call.request.url.segments)
    // Flink decodes before it splits, so an encoded slash would hide what is really called.
    if (segment == "." || segment == ".." || segment.find('/') != std::string::npos)
      return fail(Code::kInvalidArgument, "The path has a segment that is not accepted.",
                  "isInvalid");
  const std::string& method = call.request.method;
  if (!path.empty() && path.front() == "jars")
    return blocked("Jars are uploaded and run by Weir alone; create or change a deployment.");
  if (is_stop(method, path)) {
    if (call.context.options.proxy_allows_stop) return {};
    return blocked(
        "Jobs are stopped through their deployment: set its spec.state to CANCELLED or SUSPENDED.");
  }
  if (method == "GET" || method == "HEAD" || is_harmless_write(method, path)) return {};
  return blocked(fmt::format("{} of Flink's '/{}' is not passed on; change the deployment instead.",
                             method, call.parameter("rest")));
}

/// @error kNotFound the job has no cluster to show
Result<store::Stored<model::Cluster>> live_cluster(const Call& call, const model::Job& job) {
  if (!model::is_terminal(job.status.state) && job.internal.cluster_id)
    if (const auto cluster = call.read().cluster(*job.internal.cluster_id);
        cluster && cluster->phase == model::ClusterPhase::WANTED && cluster->rest_port > 0)
      return cluster;
  return fail(Code::kNotFound,
              fmt::format("Job '{}' is not running, so it has no Flink UI.", job.metadata.id),
              "JobNotRunning");
}

// Weir polls its JobManagers often and sets a short interval for that; browsers need not follow.
Result<std::string> slow_refresh(int status, const net::Headers&, std::string body) {
  auto node = codec::parse_json(body);
  if (status != 200 || !node || !node->is_object()) return body;
  node->set("refresh-interval", codec::Node::number("3000"));
  return codec::write_json(*node);
}

Task<Status> redacted(std::function<Task<Status>(net::BodyWriter&)> stream, Redaction redaction,
                      net::BodyWriter& out) {
  RedactingWriter writer(out, redaction);
  WEIR_CO_CHECK_OK(co_await stream(writer));
  co_return co_await writer.finish();
}

void redact(net::Response& response, Redaction redaction) {
  response.body = redaction.apply(std::move(response.body));
  if (!response.stream) return;
  response.content_length.reset();
  response.stream = [stream = std::move(response.stream), redaction = std::move(redaction)](
                        net::BodyWriter& out) { return redacted(stream, redaction, out); };
}

Error gateway_error(const Error& error, const model::Job& job) {
  if (error.code != Code::kUnavailable && error.code != Code::kDeadline &&
      error.reason != "BadAnswer")
    return error;
  const bool late = error.code == Code::kDeadline;
  return fail(
      late ? Code::kDeadline : Code::kUnavailable,
      fmt::format("The JobManager of job '{}' does not answer: {}", job.metadata.id, error.message),
      late ? "" : kBadGateway);
}

std::string target_of(const Call& call) {
  std::string target;
  const std::string rest = call.parameter("rest");
  for (std::string_view segment : split(rest, '/'))
    if (!segment.empty()) target += "/" + net::percent_encode(segment);
  if (target.empty() || call.request.url.trailing_slash) target += "/";
  if (const auto mark = call.request.target.find('?'); mark != std::string::npos)
    target += call.request.target.substr(mark);
  return target;
}

net::Response with_slash(const Call& call) {
  const std::string& target = call.request.target;
  const auto mark = std::min(target.find('?'), target.size());
  net::Response response;
  response.status = 307;
  // Relative to the path's own last segment, whatever stands in front of this server.
  const auto last = target.rfind('/', mark == 0 ? 0 : mark - 1);
  response.headers.set("Location",
                       target.substr(last + 1, mark - last - 1) + "/" + target.substr(mark));
  return response;
}

Task<Result<net::Response>> forward(Call& call) {
  WEIR_CO_TRY(const auto job, find_job(call));
  const std::string rest = call.parameter("rest");
  const Path path = flink_path(rest);
  WEIR_CO_CHECK_OK(check_allowed(call, path));
  WEIR_CO_TRY(const auto cluster, live_cluster(call, *job));
  if (rest.empty() && !call.request.url.trailing_slash) co_return with_slash(call);
  Redaction redaction = redaction_of(call.context, *job);
  net::ProxyOptions options;
  options.base_url = fmt::format("http://127.0.0.1:{}", cluster->rest_port);
  options.target = target_of(call);
  if (path.size() == 1 && path.front() == "config") options.transform = slow_refresh;
  if (!redaction.empty())
    options.edit_request = [](net::Headers& headers) {
      for (const char* name : {"Accept-Encoding", "Range"}) headers.erase(name);
    };
  auto answer =
      co_await net::proxy(call.env(), call.services().client, call.request, std::move(options));
  if (!answer) co_return gateway_error(answer.error(), *job);
  if (!redaction.empty()) redact(*answer, std::move(redaction));
  co_return std::move(*answer);
}

}  // namespace

void add_flink_ui_routes(Router& router) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"})
    router.add({.method = method,
                .pattern = "/flink-ui/v1/namespaces/{ns}/jobs/{jobId}/{rest...}",
                .handler = forward,
                .summary = "Flink's own UI and REST of a running job",
                .tag = "Flink",
                .media = "*/*"});
}

}  // namespace weir::api
