#pragma once

#include <string>

#include "api/call.h"
#include "base/error.h"

namespace weir::api {

/// Reasons that stand for an HTTP status that no Code has.
inline constexpr char kMethodNotAllowed[] = "MethodNotAllowed";          ///< 405
inline constexpr char kPreconditionFailed[] = "PreconditionFailed";      ///< 412
inline constexpr char kUnsupportedMediaType[] = "UnsupportedMediaType";  ///< 415
inline constexpr char kBadGateway[] = "BadGateway";                      ///< 502

int status_of(const Error& error);

/// The one error body, which has every member that some client reads: AppManager's `message` and
/// `statusCode`, the platform services' `code`, `description`, `cause`, `ok`, the gateway's
/// `timestamp`, `status`, `error`, `path`; and `errors` and `reason`.
std::string error_json(const Error& error, const std::string& path, WallTime now);

net::Response error_response(const Error& error, const std::string& path, Format format,
                             WallTime now);

/// "Deployment 'x' not found in namespace 'default'."
Error not_found(std::string_view kind, std::string_view name, std::string_view ns);

}  // namespace weir::api
