#include "net/message_parser.h"

#include <gtest/gtest.h>

#include "async/virtual_loop.h"
#include "net/memory_stream.h"

namespace weir::net {
namespace {

struct Answer {
  std::string body;
  std::string failure;
  bool operator==(const Answer&) const = default;
};

Task<void> read_answer(std::string input, std::size_t piece, Answer& answer) {
  MemoryStream stream(std::move(input), piece);
  ResponseParser parser(false);
  ResponseHead head;
  EXPECT_TRUE(co_await parser.read_head(stream, MonoTime::max(), head));
  while (true) {
    const auto body = co_await parser.read_body(stream, MonoTime::max());
    if (!body) answer.failure = body.error().reason;
    if (!body || body->empty()) co_return;
    answer.body += *body;
  }
}

Answer answer_of(const std::string& chunks, std::size_t piece) {
  VirtualLoop loop(1);
  Answer answer;
  EXPECT_TRUE(loop.run(read_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
                                   piece, answer)));
  return answer;
}

TEST(MessageParser, ReadsChunksHoweverTheyAreCut) {
  for (std::size_t piece = 1; piece < 20; ++piece) {
    EXPECT_EQ(answer_of("0\r\n\r\n", piece), (Answer{"", ""})) << piece;
    EXPECT_EQ(answer_of("3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nTrailer: t\r\n\r\n", piece),
              (Answer{"abcd", ""}))
        << piece;
  }
}

TEST(MessageParser, TellsThatChunksEndTooEarly) {
  for (std::size_t piece = 1; piece < 20; ++piece)
    for (const char* chunks : {"0\r\nn", "0\r\n", "0\r\n\r", "0", "3\r\nab", "3\r\nabc\r\n0\r\n"})
      EXPECT_EQ(answer_of(chunks, piece).failure, "ConnectionReset") << chunks << " " << piece;
}

}  // namespace
}  // namespace weir::net
