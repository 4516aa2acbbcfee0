#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/strings.h"

namespace weir {
namespace {

TEST(Sha256, KnownVectorsInPieces) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 hash;
  hash.update("a");
  hash.update("bc");
  EXPECT_EQ(hash.finish(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(is_sha256(sha256_hex("x")));
  EXPECT_FALSE(is_sha256("../../etc"));
  EXPECT_FALSE(is_sha256(std::string(64, 'A')));
}

TEST(PlainFileName, IsNeverAPath) {
  EXPECT_EQ(plain_file_name("a.jar").value_or("?"), "a.jar");
  EXPECT_EQ(plain_file_name("../../etc/passwd").value_or("?"), "passwd");
  EXPECT_EQ(plain_file_name("C:\\jobs\\word count.jar").value_or("?"), "word count.jar");
  EXPECT_EQ(plain_file_name("größe.jar").value_or("?"), "größe.jar");
  for (std::string bad : {"", "/", "a/", "..", ".", "x/..", "a\nb", "a\x7f", "\xff"})
    EXPECT_EQ(plain_file_name(bad).error().reason, "BadFileName") << bad;
  EXPECT_FALSE(plain_file_name(std::string(201, 'a')));
  EXPECT_FALSE(plain_file_name(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace weir
