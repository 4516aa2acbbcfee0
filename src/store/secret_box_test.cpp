#include "store/secret_box.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace weir::store {
namespace {

class SecretBoxTest : public testing::Test {
 protected:
  SecretBoxTest() {
    std::string pattern = testing::TempDir() + "weir-secrets-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SecretBoxTest() override { std::filesystem::remove_all(folder_); }

  std::string key_file() const { return folder_ / "secrets.key"; }
  void write_key(const std::string& content, mode_t mode) const {
    std::ofstream(key_file(), std::ios::binary) << content;
    ::chmod(key_file().c_str(), mode);
  }

  std::filesystem::path folder_;
};

TEST_F(SecretBoxTest, MakesAKeyOnceThatOnlyItsOwnerMayRead) {
  const auto first = SecretBox::open(key_file());
  ASSERT_TRUE(first) << to_string(first.error());
  struct stat info{};
  ASSERT_EQ(::stat(key_file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(info.st_size, 32);
  const std::string sealed = first->seal("hunter2");
  const auto second = SecretBox::open(key_file());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->open_sealed(sealed).value_or("?"), "hunter2");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) files += entry.exists();
  EXPECT_EQ(files, 1u);
}

TEST_F(SecretBoxTest, RefusesAKeyThatOthersMayRead) {
  for (mode_t mode : {0640, 0604, 0660}) {
    write_key(std::string(32, 'k'), mode);
    EXPECT_EQ(SecretBox::open(key_file()).error().reason, "KeyFileUnsafe");
  }
  write_key(std::string(32, 'k'), 0600);
  EXPECT_TRUE(SecretBox::open(key_file()));
}

TEST_F(SecretBoxTest, NeverReplacesADamagedKey) {
  write_key("short", 0600);
  const auto opened = SecretBox::open(key_file());
  EXPECT_EQ(opened.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(opened.error().reason, "KeyFileDamaged");
  EXPECT_EQ(std::filesystem::file_size(key_file()), 5u);
  const auto nowhere = SecretBox::open((folder_ / "missing" / "key").string());
  EXPECT_EQ(nowhere.error().code, Code::kUnavailable);
}

TEST_F(SecretBoxTest, SealsAnyValueDifferentlyEachTime) {
  const SecretBox box({1, 2, 3});
  for (const std::string& value : {std::string(), std::string("a\0b", 3), std::string(5000, 'x')})
    EXPECT_EQ(box.open_sealed(box.seal(value)).value_or("?"), value);
  EXPECT_NE(box.seal("same"), box.seal("same"));
  EXPECT_EQ(box.seal("visible").find("visible"), std::string::npos);
}

TEST_F(SecretBoxTest, RefusesOtherKeysAndDamage) {
  const SecretBox box({1});
  const SecretBox other({2});
  std::string sealed = box.seal("value");
  EXPECT_EQ(other.open_sealed(sealed).error().reason, "SecretSealedOtherwise");
  sealed[sealed.size() / 2] = sealed[sealed.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& damaged : {sealed, std::string(), std::string("AAAA"), std::string("?")})
    EXPECT_EQ(box.open_sealed(damaged).error().reason, "SecretSealedOtherwise");
}

}  // namespace
}  // namespace weir::store
