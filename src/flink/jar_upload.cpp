#include "flink/jar_upload.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

namespace weir::flink {
namespace {

constexpr std::size_t kPiece = 512 * 1024;
constexpr const char* kBoundary = "weir-4f1d2c7b9a60e385";

Error cannot_read(const std::string& path) {
  return fail(errno == ENOENT ? Code::kNotFound : Code::kUnavailable,
              fmt::format("The jar '{}' cannot be read: {}.", path, std::strerror(errno)),
              errno == ENOENT ? "JarNotFound" : "DiskError");
}

Result<std::string> hash_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot_read(path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::string piece(kPiece, '\0');
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) return cannot_read(path);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(context.get(), digest, &length);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// Gives the head, the file and the tail of a multipart body, one piece a call.
struct Body {
  std::string head;
  std::string tail;
  std::string path;
  std::ifstream file;
  std::int64_t left = 0;
  int part = 0;
};

Result<std::string> read_piece(Body& body) {
  if (!body.file.is_open()) body.file.open(body.path, std::ios::binary);
  if (!body.file.is_open()) return cannot_read(body.path);
  std::string piece(static_cast<std::size_t>(std::min<std::int64_t>(body.left, kPiece)), '\0');
  body.file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
  if (static_cast<std::size_t>(body.file.gcount()) != piece.size())
    return fail(Code::kUnavailable,
                fmt::format("The jar '{}' became shorter while it was sent.", body.path),
                "DiskError");
  body.left -= static_cast<std::int64_t>(piece.size());
  return piece;
}

Task<Result<std::string>> next_piece(Environment env, std::shared_ptr<Body> body) {
  if (body->part == 0) {
    body->part = 1;
    co_return body->head;
  }
  if (body->left > 0) co_return co_await env.run([body] { return read_piece(*body); });
  if (body->part == 2) co_return std::string();
  body->part = 2;
  co_return body->tail;
}

}  // namespace

Task<Result<JarFile>> JarHashes::look(std::string path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) co_return cannot_read(path);
  const std::string key = fmt::format("{}|{}|{}.{}", path, status.st_size, status.st_mtim.tv_sec,
                                      status.st_mtim.tv_nsec);
  if (const auto found = known_.find(key); found != known_.end()) co_return found->second;
  WEIR_CO_TRY(std::string sha256, co_await env_.run([path] { return hash_file(path); }));
  if (known_.size() >= 1000) known_.clear();
  const JarFile jar{path, status.st_size, std::move(sha256)};
  known_[key] = jar;
  co_return jar;
}

std::string upload_name(const std::string& sha256, const std::string& name) {
  std::string clean;
  for (const char c : name.substr(name.rfind('/') + 1)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    clean += plain ? c : '-';
  }
  constexpr std::size_t kLongest = 100;
  if (clean.size() > kLongest) clean = clean.substr(clean.size() - kLongest);
  if (!clean.ends_with(".jar")) clean += ".jar";
  return sha256.substr(0, 16) + "_" + clean;
}

net::ClientRequest upload_request(Environment env, const std::string& url, const JarFile& jar,
                                  const std::string& upload_name) {
  const auto body = std::make_shared<Body>();
  body->head = fmt::format(
      "--{}\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"{}\"\r\n"
      "Content-Type: application/x-java-archive\r\n\r\n",
      kBoundary, upload_name);
  body->tail = fmt::format("\r\n--{}--\r\n", kBoundary);
  body->path = jar.path;
  body->left = jar.size;
  net::ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.headers.add("Content-Type", fmt::format("multipart/form-data; boundary={}", kBoundary));
  request.content_length =
      body->head.size() + static_cast<std::uint64_t>(jar.size) + body->tail.size();
  request.body_source = [env, body] { return next_piece(env, body); };
  return request;
}

}  // namespace weir::flink
