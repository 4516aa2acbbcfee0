#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace weir::net {

struct Url {
  std::string scheme;  ///< lower case
  std::string user;    ///< decoded
  std::string password;
  std::string host;    ///< without brackets
  int port = 0;        ///< the scheme's own when not given
  std::string target;  ///< path and query, encoded, at least "/"

  std::string authority() const;  ///< host[:port] for the Host header
};

/// http and https URLs. @error kInvalidArgument
Result<Url> parse_url(std::string_view text);

/// What a Location field means for an answer of `base` (RFC 3986 5). @error kInvalidArgument
Result<Url> resolve_url(const Url& base, std::string_view reference);

/// "%2F" -> "/"; broken escapes stay as they are.
std::string percent_decode(std::string_view text);
/// Everything but unreserved characters is escaped.
std::string percent_encode(std::string_view text);

using Query = std::vector<std::pair<std::string, std::string>>;

/// A request target as a server sees it.
struct Target {
  std::vector<std::string> segments;  ///< decoded; repeated and trailing slashes are gone
  bool trailing_slash = false;
  Query query;

  std::string get(std::string_view name) const;
  bool has(std::string_view name) const;
};
Target parse_target(std::string_view target);

}  // namespace weir::net
