#include "api/writing.h"

#include <fmt/format.h>

#include "api/errors.h"
#include "base/strings.h"

namespace weir::api {
namespace {

constexpr int kAttempts = 10;

}  // namespace

bool is_server_annotation(const std::string& key) {
  return key.starts_with(model::kSystemAnnotationPrefix) && key != model::kStopWithDrainAnnotation;
}

Task<Result<net::Response>> write(Call& call, std::function<Result<Write>()> attempt) {
  Error conflict;
  for (int i = 0; i < kAttempts; ++i) {
    WEIR_CO_TRY(Write planned, attempt());
    if (call.dry_run() || planned.batch.empty()) co_return std::move(planned.response);
    const auto committed = co_await call.store().commit(std::move(planned.batch));
    if (committed) co_return std::move(planned.response);
    conflict = committed.error();
    if (conflict.code != Code::kConflict) break;
  }
  co_return conflict;
}

Status check_if_match(const Call& call, std::int32_t resource_version) {
  if (!call.request.headers.has("If-Match")) return {};
  const std::string ours = fmt::format("\"{}\"", resource_version);
  for (std::string_view tag : split(call.request.headers.get("If-Match"), ',')) {
    tag = trim(tag);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || tag == ours) return {};
  }
  return fail(Code::kFailedPrecondition,
              fmt::format("If-Match does not hold: the resource version is {}. Read it again.",
                          resource_version),
              kPreconditionFailed);
}

void stamp_new(const Call& call, model::Metadata& metadata) {
  metadata.id = call.env().ids.uuid();
  metadata.namespace_ = call.ns;
  metadata.created_at = call.wall_now();
  metadata.modified_at = metadata.created_at;
  metadata.resource_version = 1;
  if (!metadata.labels) metadata.labels.emplace();
  if (!metadata.annotations) metadata.annotations.emplace();
}

void stamp_new(const Call& call, model::Metadata& metadata, const model::Metadata& wanted) {
  metadata.name = wanted.name;
  take_user_metadata(metadata, wanted);
  stamp_new(call, metadata);
}

Error name_taken(const Call& call, const char* what, const std::string& name) {
  return fail(Code::kAlreadyExists,
              fmt::format("A {} named '{}' exists in namespace '{}'.", what, name, call.ns),
              "NameTaken");
}

void stamp_write(const Call& call, model::Metadata& metadata) {
  metadata.modified_at = call.wall_now();
  ++metadata.resource_version;
}

void take_user_metadata(model::Metadata& metadata, const model::Metadata& wanted) {
  model::StringMap annotations = wanted.annotations.value_or(model::StringMap());
  std::erase_if(annotations, [](const auto& entry) { return is_server_annotation(entry.first); });
  if (metadata.annotations)
    for (const auto& [key, value] : *metadata.annotations)
      if (is_server_annotation(key)) annotations[key] = value;
  metadata.annotations = std::move(annotations);
  metadata.labels = wanted.labels.value_or(model::StringMap());
}

}  // namespace weir::api
