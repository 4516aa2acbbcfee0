#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/node.h"
#include "model/resource.h"

/// Resources as documents: what the API shows, what the store keeps, what a request may say.
namespace weir::model {

/// The API's form: kind, apiVersion, metadata, spec, status; nothing internal, no secret's value.
std::string to_api_json(const Deployment& deployment);
std::string to_api_json(const Job& job);
std::string to_api_json(const Savepoint& savepoint);
std::string to_api_json(const Event& event);
std::string to_api_json(const DeploymentTarget& target);
std::string to_api_json(const SessionCluster& cluster);
std::string to_api_json(const DeploymentDefaults& defaults);
std::string to_api_json(const SecretValue& secret);
std::string to_api_json(const Revision& revision);
std::string to_api_json(const Resource& resource);

/// {"kind":"JobList","apiVersion":"v1","metadata":{...},"items":[...]} of texts already made.
/// @param continue_token where the next page starts; empty = this is the last
std::string list_json(std::string_view item_kind, const std::vector<std::string>& items,
                      std::string_view continue_token = {});

/// The store's form: every member, internal ones too.
std::string to_stored_json(const Resource& resource);
/// @error kInternal the text is not such a resource (a damaged database)
Result<Resource> from_stored_json(Kind kind, std::string_view text);

/// Checks what every request body must obey and drops what the server owns (ids, times, status,
/// system annotations).
/// @param name the name in the path; nullptr for POST
/// @error kInvalidArgument not an object, a wrong kind or apiVersion, another namespace or name
Status clean_request(codec::Node& body, std::string_view kind, std::string_view ns,
                     const std::string* name);

}  // namespace weir::model
