#include "net/multipart.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "async/event_loop.h"
#include "async/virtual_loop.h"

namespace weir::net {
namespace {

// A body that arrives in pieces of one size.
class PiecewiseBody final : public BodyReader {
 public:
  PiecewiseBody(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Task<Result<std::string>> read() override {
    std::string piece = text_.substr(0, piece_);
    text_.erase(0, piece.size());
    co_return piece;
  }
  void limit(std::uint64_t) override {}

 private:
  std::string text_;
  std::size_t piece_;
};

// "name/filename=content;" of every part, or "!reason".
Task<void> read_form(BodyReader& body, std::string boundary, MultipartLimits limits,
                     std::string& out) {
  MultipartReader reader(body, boundary, limits);
  while (true) {
    auto part = co_await reader.next();
    if (!part) {
      out += "!" + part.error().reason;
      co_return;
    }
    if (!*part) co_return;
    out += (*part)->name + "/" + (*part)->filename.value_or("-") + "=";
    while (true) {
      auto piece = co_await reader.read();
      if (!piece) {
        out += "!" + piece.error().reason;
        co_return;
      }
      if (piece->empty()) break;
      out += *piece;
    }
    out += ";";
  }
}

std::string form(std::string text, std::size_t piece = 1000000, MultipartLimits limits = {}) {
  VirtualLoop loop(1);
  PiecewiseBody body(std::move(text), piece);
  std::string out;
  EXPECT_TRUE(loop.run(read_form(body, "XX", limits, out)));
  return out;
}

const char* const kForm =
    "preamble\r\n--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n-\r\n--X\r\n"
    "--XX  \r\ncontent-disposition: FORM-DATA; filename=\"C:\\x\\\"y\\\".jar\"; name=file\r\n"
    "Content-Type: application/java-archive\r\n\r\n\r\n"
    "--XX\r\nContent-Disposition: form-data; name=c; filename=\"\"\r\n\r\n\r\n\r\n--XX--\r\nend";

TEST(Multipart, EveryCutOfTheBodyGivesTheSameParts) {
  const std::string expected = "a/-=one\r\n-\r\n--X;file/C:\\x\"y\".jar=;c/=\r\n;";
  for (std::size_t piece = 1; piece < 120; ++piece) EXPECT_EQ(form(kForm, piece), expected);
  EXPECT_EQ(form(kForm), expected);
}

TEST(Multipart, RefusesWhatIsBroken) {
  const std::string head = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n";
  EXPECT_EQ(form(""), "!BadMultipart");
  EXPECT_EQ(form("no boundary at all"), "!BadMultipart");
  EXPECT_EQ(form(head + "never ends"), "a/-=never!BadMultipart");
  EXPECT_EQ(form("--XX\r\nnonsense\r\n\r\nx\r\n--XX--"), "!BadMultipart");
  EXPECT_EQ(form("--XX\r\n\r\nx\r\n--XX--"), "!BadMultipart");
  EXPECT_EQ(form("--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--"), "!BadMultipart");
  EXPECT_EQ(form("--XXY\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--XX--"),
            "!BadMultipart");
  EXPECT_EQ(form("--XX--"), "");
}

TEST(Multipart, KeepsItsLimits) {
  const std::string part = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  MultipartLimits two;
  two.parts = 2;
  EXPECT_EQ(form(part + part + "--XX--", 7, two), "a/-=x;a/-=x;");
  EXPECT_EQ(form(part + part + part + "--XX--", 7, two), "a/-=x;a/-=x;!TooManyParts");
  const std::string large = "--XX\r\nA: " + std::string(9000, 'a') + "\r\n\r\n";
  EXPECT_EQ(form(large), "!HeaderTooLarge");
  EXPECT_EQ(form(large, 10), "!HeaderTooLarge");
}

TEST(Multipart, FindsTheBoundary) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc").value_or("?"), "abc");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=x; Boundary=\"a b;c\"").value_or("?"),
            "a b;c");
  for (const char* bad : {"", "application/json", "multipart/form-data",
                          "multipart/form-data; boundary=", "multipart/mixed; boundary=a"})
    EXPECT_FALSE(multipart_boundary(bad)) << bad;
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder of its own for each test, removed afterwards.
class SavePart : public testing::Test {
 protected:
  SavePart() {
    std::string pattern = testing::TempDir() + "weir-multipart-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SavePart() override { std::filesystem::remove_all(folder_); }

  static Task<void> save(Environment env, BodyReader& body, std::string path, std::uint64_t limit,
                         Result<FileDigest>& result) {
    MultipartReader reader(body, "XX");
    auto part = co_await reader.next();
    EXPECT_TRUE(part && *part);
    result = co_await save_part(env, reader, path, limit);
  }
  Result<FileDigest> save_content(const std::string& content, std::uint64_t limit) {
    PiecewiseBody body(
        "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n" + content + "\r\n--XX--",
        16 * 1024);
    Result<FileDigest> result = fail(Code::kInternal, "unset");
    run_blocking([&](Environment env) { return save(env, body, path(), limit, result); });
    return result;
  }
  std::string path() const { return folder_ / "file"; }

  std::filesystem::path folder_;
};

TEST_F(SavePart, StreamsToAFileOfItsOwn) {
  const std::string content(1500000, 'z');
  const auto saved = save_content(content, 1500000);
  ASSERT_TRUE(saved) << to_string(saved.error());
  EXPECT_EQ(saved->size_bytes, 1500000);
  EXPECT_EQ(saved->sha256, sha256_hex(content));
  EXPECT_EQ(content_of(path()), content);
  EXPECT_EQ(save_content("other", 100).error().code, Code::kAlreadyExists);
  EXPECT_EQ(content_of(path()), content);
}

TEST_F(SavePart, LeavesNothingOfWhatIsTooLarge) {
  const auto saved = save_content(std::string(100001, 'z'), 100000);
  EXPECT_EQ(saved.error().reason, "TooLarge");
  EXPECT_EQ(saved.error().code, Code::kResourceExhausted);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(SavePart, AFullDiskIsToldAsSuch) {
  // A limit on the size of files fails the write like a disk without space.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 64 * 1024;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto saved = save_content(std::string(2000000, 'z'), 4000000);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(saved.error().reason, "DiskFull");
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_EQ(file_error(ENOSPC, "write", "x").reason, "DiskFull");
}

}  // namespace
}  // namespace weir::net
