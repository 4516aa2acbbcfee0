#include "blob/artifact_uri.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "net/url.h"

namespace weir::blob {
namespace {

Error bad_uri(std::string_view uri, std::string_view why) {
  return fail(Code::kInvalidArgument,
              fmt::format("'{}' cannot be fetched: {}.", without_password(uri), why), "BadUri");
}

Result<ArtifactUri> file_uri(std::string_view uri, std::string_view rest) {
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const auto slash = rest.find('/');
    const std::string_view host = rest.substr(0, slash);
    if (!host.empty() && host != "localhost")
      return bad_uri(uri,
                     "a file URI has three slashes (file:///path) and names a file of this "
                     "machine");
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash);
  }
  ArtifactUri found;
  found.kind = ArtifactUri::Kind::kFile;
  found.path = net::percent_decode(rest);
  if (!found.path.starts_with('/')) return bad_uri(uri, "the path is not absolute");
  if (found.path.find('\0') != std::string::npos) return bad_uri(uri, "the path has a NUL");
  return found;
}

Result<ArtifactUri> own_artifact(const std::string& ns, std::string_view uri,
                                 std::string_view rest) {
  if (!rest.starts_with("//")) return bad_uri(uri, "it is written artifact://name");
  rest.remove_prefix(2);
  const auto slash = rest.find('/');
  ArtifactUri found;
  found.kind = ArtifactUri::Kind::kArtifact;
  const bool names_namespace = slash != std::string_view::npos && slash > 0;
  found.ns = names_namespace ? std::string(rest.substr(0, slash)) : ns;
  if (slash != std::string_view::npos) rest.remove_prefix(slash + 1);
  found.filename = net::percent_decode(rest);
  const auto name = plain_file_name(found.filename);
  if (!name || *name != found.filename) return bad_uri(uri, "it does not name an artifact");
  if (!is_dns_label(found.ns)) return bad_uri(uri, "it does not name a namespace");
  return found;
}

}  // namespace

Result<ArtifactUri> parse_artifact_uri(const std::string& ns, std::string_view uri) {
  const auto colon = uri.find(':');
  const std::string scheme =
      colon == std::string_view::npos ? "" : to_lower(std::string(uri.substr(0, colon)));
  if (scheme == "file") return file_uri(uri, uri.substr(colon + 1));
  if (scheme == "artifact") return own_artifact(ns, uri, uri.substr(colon + 1));
  if (scheme == "http" || scheme == "https") {
    const auto url = net::parse_url(uri);
    if (!url) return bad_uri(uri, "it is not a URL");
    ArtifactUri found;
    found.kind = ArtifactUri::Kind::kHttp;
    found.url = uri;
    return found;
  }
  return fail(
      Code::kInvalidArgument,
      fmt::format("'{}' cannot be fetched: Weir fetches file, http, https and artifact URIs. "
                  "Upload the jar as an artifact, or serve it by HTTP.",
                  without_password(uri)),
      "UnsupportedScheme");
}

std::string without_password(std::string_view uri) {
  const auto authority = uri.find("://");
  if (authority == std::string_view::npos) return std::string(uri);
  const auto start = authority + 3;
  const auto end = uri.find_first_of("/?#", start);
  const auto at = uri.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(uri);
  const auto colon = uri.substr(0, at).find(':', start);
  if (colon == std::string_view::npos) return std::string(uri);
  return std::string(uri.substr(0, colon + 1)) + "***" + std::string(uri.substr(at));
}

std::string name_of_uri(std::string_view uri) {
  const std::string_view path = uri.substr(0, uri.find_first_of("?#"));
  const auto authority = path.find("://");
  const bool only_host = authority != std::string_view::npos &&
                         path.find('/', authority + 3) == std::string_view::npos &&
                         !path.starts_with("artifact:");
  const auto slash = path.rfind('/');
  const std::string last =
      net::percent_decode(slash == std::string_view::npos ? path : path.substr(slash + 1));
  const auto name = plain_file_name(last);
  return name && !only_host ? *name : "artifact.jar";
}

}  // namespace weir::blob
