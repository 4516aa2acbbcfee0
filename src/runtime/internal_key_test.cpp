#include "runtime/internal_key.h"

#include <gtest/gtest.h>
#include <openssl/pkcs12.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "runtime/local/instance_directory.h"

namespace weir::runtime {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Opened {
  explicit Opened(const InternalKey& from, const std::string& password) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(from.key_store.data());
    PKCS12* store = d2i_PKCS12(nullptr, &bytes, static_cast<long>(from.key_store.size()));
    good = store != nullptr && PKCS12_parse(store, password.c_str(), &key, &certificate, nullptr);
    PKCS12_free(store);
  }
  ~Opened() {
    EVP_PKEY_free(key);
    X509_free(certificate);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  bool good = false;
};

TEST(InternalKey, HoldsAKeyAndTheCertificateThatItSigned) {
  const auto made = make_internal_key("cluster-1");
  ASSERT_TRUE(made) << to_string(made.error());
  const Opened opened(*made, made->password);
  ASSERT_TRUE(opened.good);
  EXPECT_EQ(X509_verify(opened.certificate, opened.key), 1);
  EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(opened.certificate)), 0);
  EXPECT_GT(X509_cmp_current_time(X509_get0_notAfter(opened.certificate)), 0);
  EXPECT_FALSE(Opened(*made, "other").good);
  const auto another = make_internal_key("cluster-2");
  ASSERT_TRUE(another);
  EXPECT_NE(another->password, made->password);
}

TEST(InternalKey, IsMadeOnceForACluster) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("internal-key-" + std::to_string(::getpid()));
  const InstanceDirectory instance(path);
  flink::ClusterSpec spec;
  spec.cluster_id = "c";
  spec.internal_key = true;
  spec.files = {{"conf/config.yaml", "password: @INTERNAL_PASSWORD@", true},
                {"conf/log4j.properties", "@INTERNAL_PASSWORD@", false}};
  ASSERT_TRUE(instance.prepare(spec));
  const std::string store = text_of(path / "conf/internal.p12");
  const std::string password = text_of(path / "conf/internal.password");
  EXPECT_FALSE(store.empty());
  EXPECT_EQ(text_of(path / "conf/config.yaml"), "password: " + password);
  EXPECT_EQ(text_of(path / "conf/log4j.properties"), "@INTERNAL_PASSWORD@");
  EXPECT_EQ(text_of(path / "cluster.json").find(password), std::string::npos);
  for (const char* name : {"internal.p12", "internal.password"})
    EXPECT_EQ(fs::status(path / "conf" / name).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(instance.prepare(spec));
  EXPECT_EQ(text_of(path / "conf/internal.p12"), store);
  EXPECT_EQ(text_of(path / "conf/config.yaml"), "password: " + password);
  fs::remove_all(path);
}

}  // namespace
}  // namespace weir::runtime
