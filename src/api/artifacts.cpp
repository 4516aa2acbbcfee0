#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "api/errors.h"
#include "api/file_stream.h"
#include "api/negotiation.h"
#include "api/routes.h"
#include "base/strings.h"
#include "codec/describe_json.h"
#include "net/multipart.h"

namespace weir::api {
namespace {

/// As clients know it. createTime has no fraction, which one of them demands.
struct UploadedArtifact {
  std::string filename;
  std::string create_time;
  std::string uri;
  std::int64_t size_bytes = 0;
  std::string sha256;
};
BOOST_DESCRIBE_STRUCT(UploadedArtifact, (), (filename, create_time, uri, size_bytes, sha256))
struct ArtifactAnswer {
  UploadedArtifact artifact;
};
BOOST_DESCRIBE_STRUCT(ArtifactAnswer, (), (artifact))
struct ArtifactsAnswer {
  std::vector<UploadedArtifact> artifacts;
};
BOOST_DESCRIBE_STRUCT(ArtifactsAnswer, (), (artifacts))

UploadedArtifact shown(const blob::ArtifactInfo& info) {
  return {info.filename, format_rfc3339_seconds(info.created_at), info.uri, info.size_bytes,
          info.sha256};
}

Result<std::string> filename_of(const Call& call) {
  const std::string name = call.query("filename");
  if (name.empty())
    return fail(Code::kInvalidArgument, "The query parameter filename is missing.", "isMissing");
  return plain_file_name(name);
}

Task<Result<net::Response>> list(Call& call) {
  WEIR_CO_TRY(const auto all, co_await call.services().artifacts.list(call.ns));
  ArtifactsAnswer answer;
  for (const blob::ArtifactInfo& info : all) answer.artifacts.push_back(shown(info));
  co_return document(200, codec::to_json_text(answer), Format::kJson);
}

Task<Result<net::Response>> metadata(Call& call) {
  WEIR_CO_TRY(const std::string name, filename_of(call));
  WEIR_CO_TRY(const auto info, co_await call.services().artifacts.info(call.ns, name));
  co_return document(200, codec::to_json_text(ArtifactAnswer{shown(info)}), Format::kJson);
}

/// Streams the form's file to disk; it becomes visible at once when all of it is there.
Task<Result<net::Response>> upload(Call& call) {
  blob::ArtifactStore& artifacts = call.services().artifacts;
  WEIR_CO_TRY(const std::string boundary,
              net::multipart_boundary(call.request.headers.get("Content-Type")));
  // The form around the file needs a little room of its own.
  call.request.body->limit(call.context.options.artifact_limit + (64 << 10));
  net::MultipartReader reader(*call.request.body, boundary);
  while (true) {
    WEIR_CO_TRY(const std::optional<net::Part> part, co_await reader.next());
    if (!part) break;
    if (part->name != "file" || !part->filename) continue;
    WEIR_CO_TRY(const std::string name, plain_file_name(*part->filename));
    WEIR_CO_TRY(const std::string path, co_await artifacts.begin_upload(call.ns, name));
    WEIR_CO_TRY(
        const net::FileDigest digest,
        co_await net::save_part(call.env(), reader, path, call.context.options.artifact_limit));
    static_cast<void>(digest);
    WEIR_CO_TRY(const auto info, co_await artifacts.finish_upload(call.ns, name, path));
    co_return document(200, codec::to_json_text(ArtifactAnswer{shown(info)}), Format::kJson);
  }
  co_return fail(Code::kInvalidArgument,
                 "The form has no part 'file' with a file name; send multipart/form-data with one.",
                 "isMissing");
}

Task<Result<net::Response>> remove(Call& call) {
  WEIR_CO_TRY(const std::string name, filename_of(call));
  WEIR_CO_CHECK_OK(co_await call.services().artifacts.remove(call.ns, name));
  co_return document(200, "{}", Format::kJson);
}

Task<Result<net::Response>> download(Call& call) {
  WEIR_CO_TRY(const std::string name, filename_of(call));
  WEIR_CO_TRY(const std::string path, co_await call.services().artifacts.path(call.ns, name));
  WEIR_CO_TRY(net::Response response, co_await stream_file(call.env(), path));
  response.headers.set("Content-Type", "application/octet-stream");
  response.headers.set(
      "Content-Disposition",
      fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}",
                  replace_all(replace_all(name, "\\", "_"), "\"", "_"), net::percent_encode(name)));
  co_return response;
}

struct GarbageItem {
  std::string path;
  std::int64_t bytes = 0;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(GarbageItem, (), (path, bytes, reason))
struct GarbageAnswer {
  bool dry_run = false;
  std::int64_t bytes = 0;
  std::vector<GarbageItem> items;
};
BOOST_DESCRIBE_STRUCT(GarbageAnswer, (), (dry_run, bytes, items))

Task<Result<net::Response>> collect_garbage(Call& call) {
  WEIR_CO_TRY(const auto garbage,
              co_await call.services().controller.collect_garbage(call.dry_run()));
  GarbageAnswer answer{call.dry_run(), 0, {}};
  for (const control::Garbage& item : garbage) {
    answer.bytes += item.bytes;
    answer.items.push_back({item.path, item.bytes, item.reason});
  }
  co_return document(200, codec::to_json_text(answer), call.format);
}

}  // namespace

void add_artifact_routes(Router& router) {
  const std::string base = "/artifacts/v1/namespaces/{ns}/artifacts:";
  const char* tag = "Artifact";
  const std::vector<QueryParameter> name{{"filename", "Name of the artifact"}};
  router.add({.method = "GET",
              .pattern = base + "list",
              .handler = list,
              .summary = "Lists uploaded artifacts",
              .tag = tag,
              .answer = schema<ArtifactsAnswer>});
  router.add({.method = "POST",
              .pattern = base + "upload",
              .handler = upload,
              .summary = "Uploads an artifact as the part 'file' of a multipart form",
              .tag = tag,
              .answer = schema<ArtifactAnswer>});
  router.add({.method = "GET",
              .pattern = base + "metadata",
              .handler = metadata,
              .summary = "Gets what is known of an artifact",
              .tag = tag,
              .answer = schema<ArtifactAnswer>,
              .query = name});
  router.add({.method = "GET",
              .pattern = base + "download",
              .handler = download,
              .summary = "Downloads an artifact",
              .tag = tag,
              .query = name,
              .media = "application/octet-stream"});
  router.add({.method = "DELETE",
              .pattern = base + "delete",
              .handler = remove,
              .summary = "Deletes an artifact; running jobs keep their copy",
              .tag = tag,
              .query = name});
  router.add({.method = "POST",
              .pattern = "/api/v1/gc",
              .handler = collect_garbage,
              .summary = "Removes old cluster directories and unused jars",
              .tag = "System",
              .answer = schema<GarbageAnswer>,
              .query = {{"dryRun", "true: only tell what would go"}}});
}

}  // namespace weir::api
