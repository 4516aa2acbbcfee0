#pragma once

#include <functional>
#include <string>

#include "api/call.h"

namespace weir::api {

/// What a request does to the store, and what it then answers.
struct Write {
  store::Batch batch;
  net::Response response;
};

/// Commits what `attempt` plans; when somebody else was faster, plans again from what is now there
/// (bounded). A dry run plans and answers, and commits nothing.
/// @param attempt plans from the read model; waits for nothing
Task<Result<net::Response>> write(Call& call, std::function<Result<Write>()> attempt);

/// @error kFailedPrecondition reason "PreconditionFailed" (412): If-Match names another version
Status check_if_match(const Call& call, std::int32_t resource_version);

/// Metadata of a new resource: id, namespace, times, version 1, empty labels and annotations.
void stamp_new(const Call& call, model::Metadata& metadata);
/// A user's write, also one that changes nothing.
void stamp_write(const Call& call, model::Metadata& metadata);

/// Whether only the server writes this annotation.
bool is_server_annotation(const std::string& key);

/// Labels and annotations of `wanted`, with the annotations that the server owns kept.
void take_user_metadata(model::Metadata& metadata, const model::Metadata& wanted);

}  // namespace weir::api
