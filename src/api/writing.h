#pragma once

#include <functional>
#include <string>

#include "api/call.h"
#include "api/negotiation.h"
#include "codec/describe_json.h"
#include "model/documents.h"

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

/// What a request's document says, as the described struct that lists what it may say.
/// @param name of the resource by the path; nullptr: the document names it
/// @error kInvalidArgument, with the fields
template <class Wanted>
Task<Result<Wanted>> read_resource(Call& call, const char* kind,
                                   const std::string* name = nullptr) {
  WEIR_CO_TRY(codec::Node document, co_await read_document(call));
  WEIR_CO_CHECK_OK(model::clean_request(document, kind, call.ns, name));
  co_return codec::from_node<Wanted>(document);
}

/// A resource as answers show it.
template <class T>
net::Response resource_answer(const Call& call, int status, const T& resource) {
  return object(call, status, model::to_api_json(resource), resource.metadata.resource_version);
}

/// It is new: 201.
template <class T>
Write create_write(const Call& call, T made) {
  Write planned;
  planned.response = resource_answer(call, 201, made);
  planned.batch.create(std::move(made));
  return planned;
}

/// It replaces `old`: 200.
template <class T>
Write update_write(const Call& call, const store::Stored<T>& old, T changed) {
  Write planned;
  planned.response = resource_answer(call, 200, changed);
  planned.batch.update(old, std::move(changed));
  return planned;
}

/// It goes, and is shown a last time: 200.
/// @error kFailedPrecondition If-Match names another version
template <class T>
Result<Write> remove_write(const Call& call, const store::Stored<T>& old) {
  WEIR_CHECK_OK(check_if_match(call, old->metadata.resource_version));
  Write planned;
  planned.response = resource_answer(call, 200, *old);
  planned.batch.remove(old);
  return planned;
}

/// kAlreadyExists reason "NameTaken": "A deployment named 'x' exists in namespace 'default'."
Error name_taken(const Call& call, const char* what, const std::string& name);

/// Metadata of a new resource: id, namespace, times, version 1, empty labels and annotations.
void stamp_new(const Call& call, model::Metadata& metadata);
/// The same for one that a user describes: with the name, labels and annotations of `wanted`.
void stamp_new(const Call& call, model::Metadata& metadata, const model::Metadata& wanted);
/// A user's write, also one that changes nothing.
void stamp_write(const Call& call, model::Metadata& metadata);

/// Whether only the server writes this annotation.
bool is_server_annotation(const std::string& key);

/// Labels and annotations of `wanted`, with the annotations that the server owns kept.
void take_user_metadata(model::Metadata& metadata, const model::Metadata& wanted);

}  // namespace weir::api
