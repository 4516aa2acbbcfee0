#include <fmt/format.h>

#include "api/errors.h"
#include "api/file_stream.h"
#include "api/lookup.h"
#include "api/redaction.h"
#include "api/routes.h"
#include "base/strings.h"

namespace weir::api {
namespace {

constexpr std::int64_t kTail = 64 * 1024;
constexpr std::int64_t kLongestTail = 64 << 20;
constexpr Duration kPoll = std::chrono::milliseconds(250);

/// Which log a request means.
struct Wanted {
  store::Stored<model::Job> job;
  std::string cluster_id;
  std::string role;
  int index = 0;
  runtime::LogStream stream = runtime::LogStream::kLog;
  std::uint64_t tail = 0;
};

Result<store::Stored<model::Job>> job_of(const Call& call, const model::Deployment& deployment) {
  const std::string asked = to_lower(call.query("job"));
  const std::string id = asked.empty() ? deployment.internal.current_job_id.value_or("") : asked;
  if (const auto job = call.read().job(id);
      job && job->metadata.deployment_id == deployment.metadata.id)
    return job;
  if (!asked.empty()) return not_found("Job", asked, call.ns);
  if (const auto jobs = call.read().jobs_of(deployment.metadata.id); !jobs.empty())
    return jobs.front();
  return fail(Code::kNotFound,
              fmt::format("Deployment '{}' has no job yet, so there is no log.",
                          deployment.metadata.name.value_or("")),
              "NoJob");
}

Result<Wanted> wanted_of(const Call& call) {
  WEIR_TRY(const auto deployment, find_deployment(call));
  Wanted wanted;
  WEIR_TRY(wanted.job, job_of(call, *deployment));
  if (!wanted.job->internal.cluster_id)
    return fail(
        Code::kNotFound,
        fmt::format("Job '{}' has no cluster yet, so there is no log.", wanted.job->metadata.id),
        "NoCluster");
  wanted.cluster_id = *wanted.job->internal.cluster_id;
  wanted.role = call.request.url.has("role") ? to_lower(call.query("role")) : "jobmanager";
  if (wanted.role != "jobmanager" && wanted.role != "taskmanager")
    return fail(Code::kInvalidArgument,
                "The query parameter role must be jobmanager or taskmanager.", "isInvalid");
  const std::string stream = call.request.url.has("stream") ? call.query("stream") : "log";
  if (stream != "log" && stream != "out")
    return fail(Code::kInvalidArgument, "The query parameter stream must be log or out.",
                "isInvalid");
  wanted.stream = stream == "out" ? runtime::LogStream::kOut : runtime::LogStream::kLog;
  WEIR_TRY(const std::int64_t index, call.number("index", 0, 0, 100'000));
  wanted.index = static_cast<int>(index);
  WEIR_TRY(const std::int64_t tail, call.number("tail", kTail, 0, kLongestTail));
  wanted.tail = static_cast<std::uint64_t>(tail);
  return wanted;
}

net::Response text_response() {
  net::Response response;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

/// Whether the log can still grow.
bool is_live(const Context& context, const std::string& cluster_id) {
  const auto cluster = context.services.store.read().cluster(cluster_id);
  return cluster && cluster->phase != model::ClusterPhase::GONE;
}

Task<Status> copy_rest(FileReader& file, RedactingWriter& writer, bool& copied) {
  copied = false;
  while (true) {
    WEIR_CO_TRY(const std::string piece, co_await file.read());
    if (piece.empty()) co_return Status();
    copied = true;
    WEIR_CO_CHECK_OK(co_await writer.write(piece));
  }
}

/// Writes what the log has and what comes, across rotations, until the client leaves or the cluster
/// is gone.
Task<Status> follow(const Context& context, Wanted wanted, std::string path, Redaction redaction,
                    net::BodyWriter& out) {
  const Environment env = context.services.env;
  RedactingWriter writer(out, redaction);
  std::shared_ptr<FileReader> file;
  bool first = true;
  while (true) {
    const bool live = is_live(context, wanted.cluster_id);
    if (file == nullptr) {
      if (auto opened = co_await FileReader::open(env, path)) {
        file = std::move(*opened);
        if (first && file->size() > wanted.tail) file->seek(file->size() - wanted.tail);
        first = false;
      }
    }
    bool copied = false;
    if (file != nullptr) {
      WEIR_CO_CHECK_OK(co_await copy_rest(*file, writer, copied));
      if (co_await file->replaced()) {
        // What was written between the last read and the rotation is in the old file.
        WEIR_CO_CHECK_OK(co_await copy_rest(*file, writer, copied));
        file.reset();
        continue;
      }
    }
    if (!live && !copied) co_return co_await writer.finish();
    co_await sleep_for(env.timer, kPoll);
  }
}

Task<Result<net::Response>> get_logs(Call& call) {
  WEIR_CO_TRY(Wanted wanted, wanted_of(call));
  Redaction redaction = redaction_of(call.context, *wanted.job);
  runtime::ClusterRuntime& runtime = call.services().runtime;
  net::Response response = text_response();
  const std::string path = call.flag("follow") ? runtime.log_path(wanted.cluster_id, wanted.role,
                                                                  wanted.index, wanted.stream)
                                               : std::string();
  if (path.empty()) {
    WEIR_CO_TRY(std::string text,
                co_await runtime.log_tail(wanted.cluster_id, wanted.role, wanted.index,
                                          wanted.stream, static_cast<std::size_t>(wanted.tail)));
    response.body = redaction.apply(std::move(text));
    co_return response;
  }
  response.stream = [&context = call.context, wanted, path, redaction](net::BodyWriter& writer) {
    return follow(context, wanted, path, redaction, writer);
  };
  co_return response;
}

}  // namespace

void add_log_routes(Router& router) {
  router.add({.method = "GET",
              .pattern = "/api/v1/namespaces/{ns}/deployments/{nameOrId}/logs",
              .handler = get_logs,
              .summary = "Gets the log of a deployment's process",
              .tag = "Deployment",
              .query = {{"role", "jobmanager (default) or taskmanager"},
                        {"index", "Which TaskManager, from 0"},
                        {"stream", "log (default) or out"},
                        {"tail", "Most bytes from the end"},
                        {"follow", "true: stream what is written from now on too"},
                        {"job", "A former job instead of the present one"}},
              .media = "text/plain"});
}

}  // namespace weir::api
