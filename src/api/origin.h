#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace weir::api {

/// Refuses requests that a web page of somebody else made the browser send (DNS rebinding, cross
/// site): `Host` and `Origin` must name 127.0.0.1, localhost, [::1] or an allowed host, any port.
/// @error kPermissionDenied reason "ForeignHost" | "ForeignOrigin"
Status check_origin(const net::Headers& headers, const std::vector<std::string>& allowed_hosts);

}  // namespace weir::api
