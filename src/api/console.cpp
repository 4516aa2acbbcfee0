#include "api/console.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/strings.h"
#include "console_files.h"

namespace weir::api {
namespace {

constexpr std::string_view kPage = "index.html";
// Their names change with their content.
constexpr std::string_view kHashed = "assets/";
// An unknown address below these is a mistake of a client, not a page.
constexpr std::string_view kReserved[] = {"api/",      "artifacts/", "namespaces/",
                                          "flink-ui/", "metrics/",   "assets/"};

std::string inflated(std::string_view gzip) {
  constexpr int kGzipWindow = 15 + 16;
  std::string out(64 << 10, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int end = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  out.resize(end == Z_STREAM_END ? stream.total_out : 0);
  return out;
}

const ConsoleFile* find(std::string_view path) {
  const auto files = console_files();
  const auto found = std::lower_bound(
      files.begin(), files.end(), path,
      [](const ConsoleFile& file, std::string_view wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

net::Response file_answer(const net::Request& request, const ConsoleFile& file) {
  net::Response response;
  response.headers.set("Cache-Control", file.path.starts_with(kHashed)
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  response.headers.set("ETag", std::string(file.etag));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Vary", "Accept-Encoding");
  if (request.headers.get("If-None-Match").find(file.etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type",
                       std::string(file.content_type) +
                           (file.content_type.starts_with("text/") ? "; charset=utf-8" : ""));
  // Every browser takes it, and who does not say what it takes gets anything (RFC 9110, 12.5.3).
  response.headers.set("Content-Encoding", "gzip");
  response.body = file.gzip;
  return response;
}

bool is_reserved(std::string_view path) {
  return std::any_of(std::begin(kReserved), std::end(kReserved),
                     [path](std::string_view reserved) { return path.starts_with(reserved); });
}

}  // namespace

std::string normal_base_path(const std::string& text) {
  std::string path = "/";
  for (std::string_view segment : split(text, '/'))
    if (!segment.empty()) path += std::string(segment) + "/";
  return path;
}

Console::Console(std::string base_path) : base_path_(std::move(base_path)) {
  if (const ConsoleFile* file = find(kPage)) page_ = inflated(file->gzip);
}

// Styles that the components make at run time carry the page's nonce, so the page is never kept.
net::Response Console::page(IdSource& ids) const {
  const std::string nonce = replace_all(ids.uuid(), "-", "");
  net::Response response;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set(
      "Content-Security-Policy",
      fmt::format("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; "
                  "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
                  "manifest-src 'self'; base-uri 'self'; form-action 'none'; "
                  "frame-ancestors 'none'",
                  nonce));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("X-Frame-Options", "DENY");
  response.headers.set("Referrer-Policy", "same-origin");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  response.body = replace_all(replace_all(page_, "__BASE_PATH__", base_path_), "__NONCE__", nonce);
  return response;
}

std::optional<net::Response> Console::answer(const net::Request& request, const std::string& path,
                                             IdSource& ids) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (const ConsoleFile* file = find(path); file != nullptr && path != kPage)
    return file_answer(request, *file);
  if (is_reserved(path) || page_.empty()) return std::nullopt;
  // A program that asks for an address of a page by mistake is better served by the API's error.
  const std::string_view accept = request.headers.get("Accept");
  if (!path.empty() && accept.find("text/html") == std::string_view::npos) return std::nullopt;
  return page(ids);
}

}  // namespace weir::api
