#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "async/environment.h"
#include "net/http.h"
#include "net/http_client.h"

namespace weir::net {

struct ProxyOptions {
  std::string base_url;  ///< "http://127.0.0.1:8081", without a path's end slash
  std::string target;    ///< path and query for the upstream, encoded, starts with "/"

  Duration head_time = std::chrono::seconds(30);  ///< until the answer's head, body sent included
  Duration idle_time = std::chrono::seconds(60);  ///< between two pieces of the answer
  std::uint64_t body_limit = 64 * 1024 * 1024;    ///< of the request

  /// `Authorization` and `Cookie` belong to this server, not to the one behind it.
  bool forward_credentials = false;
  std::function<void(Headers&)> edit_request;
  std::function<void(int status, Headers&)> edit_response;

  /// Gives a new body for a whole answer; set it only for small documents that need it, since the
  /// answer is then read to its end first, at most `transform_limit` bytes. Called for every status
  /// that has a body. An error becomes the proxy's.
  std::function<Result<std::string>(int status, const Headers&, std::string body)> transform;
  std::uint64_t transform_limit = 4 * 1024 * 1024;
};

/// Forwards `request` and gives the answer, its body streamed piece by piece as it arrives (so
/// server-sent events flow). Drops what belongs to one connection only (RFC 9110 7.6.1). The
/// upstream's connection ends when the client goes away.
/// @error kUnavailable (502), kDeadline (504) the upstream did not answer; kInternal reason
///        "BadAnswer" (502) its answer makes no sense or is larger than a transform may be;
///        what BodyReader::read and `transform` give
Task<Result<Response>> proxy(Environment env, HttpClient& client, Request& request,
                             ProxyOptions options);

}  // namespace weir::net
