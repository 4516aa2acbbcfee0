#include "net/sse.h"

#include <gtest/gtest.h>

#include "async/virtual_loop.h"

namespace weir::net {
namespace {

struct Recorded final : BodyWriter {
  std::vector<std::string> pieces;
  Task<Status> write(std::string_view piece) override {
    pieces.emplace_back(piece);
    co_return Status();
  }
};

TEST(Sse, AnEventIsItsFieldsAndAnEmptyLine) {
  EXPECT_EQ(format_event({"7", "added", "{\"a\":1}"}), "id: 7\nevent: added\ndata: {\"a\":1}\n\n");
  EXPECT_EQ(format_event({"", "", ""}), "data: \n\n");
}

TEST(Sse, EveryKindOfLineEndStartsADataLine) {
  EXPECT_EQ(format_event({"", "", "a\nb\r\nc\rd\n"}),
            "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
}

TEST(Sse, NamesAndIdsCannotForgeFields) {
  EXPECT_EQ(format_event({"1\ndata: x", "e\r\n\r\nid: 9", "d"}),
            "id: 1data: x\nevent: eid: 9\ndata: d\n\n");
}

Task<void> write_all(BodyWriter& writer) {
  SseWriter events(writer);
  const ServerEvent event{"1", "bookmark", "{}"};
  EXPECT_TRUE(co_await events.send(event));
  EXPECT_TRUE(co_await events.comment());
  EXPECT_TRUE(co_await events.comment("a\nb"));
  EXPECT_TRUE(co_await events.retry_after(std::chrono::seconds(2)));
}

TEST(Sse, EachCallIsOneWrite) {
  VirtualLoop loop(1);
  Recorded recorded;
  EXPECT_TRUE(loop.run(write_all(recorded)));
  EXPECT_EQ(recorded.pieces, (std::vector<std::string>{"id: 1\nevent: bookmark\ndata: {}\n\n",
                                                       ":\n\n", ":a\n:b\n\n", "retry: 2000\n\n"}));
}

}  // namespace
}  // namespace weir::net
