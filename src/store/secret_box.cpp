#include "store/secret_box.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace weir::store {
namespace {

using Key = std::array<unsigned char, crypto_secretbox_KEYBYTES>;
static_assert(Key().size() == 32);

constexpr std::size_t kNonce = crypto_secretbox_NONCEBYTES;
constexpr std::size_t kMac = crypto_secretbox_MACBYTES;

Error key_error(std::string_view doing, const std::string& path, int number) {
  return fail(Code::kUnavailable,
              fmt::format("Cannot {} the key file '{}': {}.", doing, path, std::strerror(number)),
              "KeyFileUnavailable");
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// @error kNotFound there is no such file
Result<Key> read_key(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 && errno == ENOENT) return fail(Code::kNotFound, "There is no key file.");
  if (file.get() < 0) return key_error("open", path, errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return key_error("read", path, errno);
  if ((info.st_mode & 077) != 0)
    return fail(Code::kFailedPrecondition,
                fmt::format("Others may read the key file '{0}' (mode {1:04o}). Run chmod 600 {0}, "
                            "and change the secrets if somebody may have read it.",
                            path, info.st_mode & 07777),
                "KeyFileUnsafe");
  Key key{};
  const ssize_t got = ::read(file.get(), key.data(), key.size());
  if (got < 0) return key_error("read", path, errno);
  if (!S_ISREG(info.st_mode) || info.st_size != static_cast<off_t>(key.size()) ||
      got != info.st_size)
    return fail(Code::kFailedPrecondition,
                fmt::format("The key file '{}' does not hold {} bytes. Restore it from a backup; "
                            "without it the stored secrets cannot be read.",
                            path, key.size()),
                "KeyFileDamaged");
  return key;
}

Status sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) return key_error("write", path, errno);
  return {};
}

Status write_new(const std::string& path, const Key& key) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return key_error("create", path, errno);
  const ssize_t written = ::write(file.get(), key.data(), key.size());
  if (written != static_cast<ssize_t>(key.size()) || ::fsync(file.get()) != 0)
    return key_error("write", path, errno);
  return {};
}

// The file appears whole and on disk, or not at all; of two that make it at once, one wins.
Status make_key(const std::string& path) {
  Key key{};
  ::randombytes_buf(key.data(), key.size());
  unsigned char suffix[8];
  ::randombytes_buf(suffix, sizeof suffix);
  std::string temporary = path + ".new-";
  for (unsigned char byte : suffix) temporary += fmt::format("{:02x}", byte);
  Status status = write_new(temporary, key);
  if (status && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)
    status = key_error("create", path, errno);
  ::unlink(temporary.c_str());
  ::sodium_memzero(key.data(), key.size());
  if (status) status = sync_folder_of(path);
  return status;
}

}  // namespace

Result<SecretBox> SecretBox::open(const std::string& key_file) {
  if (::sodium_init() < 0) return fail(Code::kInternal, "libsodium cannot be used.");
  auto key = read_key(key_file);
  if (!key && key.error().code == Code::kNotFound) {
    WEIR_CHECK_OK(make_key(key_file));
    key = read_key(key_file);
  }
  if (!key) return std::move(key).error();
  return SecretBox(*key);
}

std::string SecretBox::seal(std::string_view value) const {
  std::vector<unsigned char> box(kNonce + kMac + value.size());
  ::randombytes_buf(box.data(), kNonce);
  ::crypto_secretbox_easy(box.data() + kNonce, reinterpret_cast<const unsigned char*>(value.data()),
                          value.size(), box.data(), key_.data());
  std::string text(sodium_base64_encoded_len(box.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  ::sodium_bin2base64(text.data(), text.size(), box.data(), box.size(),
                      sodium_base64_VARIANT_ORIGINAL);
  text.resize(std::strlen(text.c_str()));
  return text;
}

Result<std::string> SecretBox::open_sealed(std::string_view sealed) const {
  const auto refused = [] {
    return fail(Code::kFailedPrecondition,
                "A stored secret cannot be opened: it was sealed with another key, or is damaged. "
                "Restore the key file, or set the secret again.",
                "SecretSealedOtherwise");
  };
  if (sealed.empty()) return refused();
  std::vector<unsigned char> box(sealed.size());
  std::size_t size = 0;
  if (::sodium_base642bin(box.data(), box.size(), sealed.data(), sealed.size(), nullptr, &size,
                          nullptr, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size < kNonce + kMac)
    return refused();
  std::string value(size - kNonce - kMac, '\0');
  if (::crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(value.data()),
                                   box.data() + kNonce, size - kNonce, box.data(),
                                   key_.data()) != 0)
    return refused();
  return value;
}

}  // namespace weir::store
