#include "runtime/internal_key.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

namespace weir::runtime {
namespace {

// Flink cannot exchange the key of a running process, and the processes trust exactly this
// certificate: it is renewed with every cluster and must not end before one.
constexpr long kLife = 60L * 60 * 24 * 365 * 20;
// RSA, because the cipher suites that Flink and its users name are for it.
constexpr unsigned int kKeyBits = 2048;
constexpr long kClockSkew = 60L * 60 * 24;

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* value) const {
    kFree(value);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Store = std::unique_ptr<PKCS12, Freed<PKCS12_free>>;

std::string random_hex() {
  std::array<unsigned char, 24> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

bool name_it(X509* certificate, const std::string& cluster_id) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  const auto* const text = reinterpret_cast<const unsigned char*>(cluster_id.c_str());
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

Certificate certificate_of(EVP_PKEY* key, const std::string& cluster_id) {
  Certificate made(X509_new());
  if (!made) return nullptr;
  const bool good = X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(made.get()), -kClockSkew) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(made.get()), kLife) != nullptr &&
                    X509_set_pubkey(made.get(), key) == 1 && name_it(made.get(), cluster_id) &&
                    X509_sign(made.get(), key, EVP_sha256()) > 0;
  return good ? std::move(made) : nullptr;
}

std::string bytes_of(const PKCS12* store) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PKCS12(store, &bytes);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

}  // namespace

Result<InternalKey> make_internal_key(const std::string& cluster_id) {
  const auto failed = [&] {
    return fail(Code::kInternal,
                fmt::format("No key for the processes of cluster {} can be made.", cluster_id));
  };
  InternalKey made;
  made.password = random_hex();
  const Key key(EVP_RSA_gen(kKeyBits));
  if (!key || made.password.empty()) return failed();
  const Certificate certificate = certificate_of(key.get(), cluster_id);
  if (!certificate) return failed();
  const Store store(PKCS12_create(made.password.c_str(), "flink.internal", key.get(),
                                  certificate.get(), nullptr, 0, 0, 0, 0, 0));
  if (store) made.key_store = bytes_of(store.get());
  if (made.key_store.empty()) return failed();
  return made;
}

}  // namespace weir::runtime
