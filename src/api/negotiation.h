#pragma once

#include <string>

#include "api/call.h"
#include "codec/node.h"

namespace weir::api {

/// AppManager documents may be this large.
inline constexpr std::uint64_t kDocumentLimit = 4ULL << 20;

/// JSON unless YAML is accepted and preferred.
Format accepted_format(const net::Headers& headers);

/// An answer made of JSON text, written as the client wants it.
net::Response document(int status, std::string json, Format format);

/// The request's body as one document: JSON or YAML by its content type; none means JSON.
/// @error kInvalidArgument reason "UnsupportedMediaType" (415), or a malformed or empty body
/// @error kResourceExhausted reason "BodyTooLarge"
Task<Result<codec::Node>> read_document(Call& call);

/// A single object's answer, with its ETag.
net::Response object(const Call& call, int status, std::string json, std::int32_t resource_version);

}  // namespace weir::api
