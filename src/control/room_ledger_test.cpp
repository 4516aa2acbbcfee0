#include "control/room_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir::control {
namespace {

using namespace std::chrono_literals;

model::Cluster cluster(const std::string& id, std::int64_t memory, double cpu, int port) {
  model::Cluster made;
  made.metadata.id = id;
  made.memory_bytes = memory;
  made.cpu = cpu;
  made.rest_port = port;
  made.rpc_port = port + 1;
  made.blob_port = port + 2;
  return made;
}

bool may_start(RoomLedger& ledger, const std::string& id) { return ledger.may_start(id); }

TEST(RoomLedger, FirstComeFirstServed) {
  RoomLedger ledger(2, 10min);
  EXPECT_TRUE(may_start(ledger, "a"));
  EXPECT_TRUE(may_start(ledger, "b"));
  EXPECT_FALSE(may_start(ledger, "c"));
  EXPECT_FALSE(may_start(ledger, "d"));
  EXPECT_TRUE(may_start(ledger, "a")) << "one of the few stays one of them";
  EXPECT_EQ(ledger.next(), "") << "no place is free";
  EXPECT_TRUE(ledger.leave_line("a"));
  EXPECT_EQ(ledger.next(), "c");
  EXPECT_FALSE(may_start(ledger, "d")) << "not past the one before it";
  EXPECT_TRUE(may_start(ledger, "c"));
  EXPECT_EQ(ledger.next(), "");
}

TEST(RoomLedger, WhoeverLeavesMakesRoomForTheNext) {
  RoomLedger ledger(1, 10min);
  EXPECT_TRUE(may_start(ledger, "a"));
  for (const char* id : {"b", "c", "d"}) EXPECT_FALSE(may_start(ledger, id));
  EXPECT_TRUE(ledger.leave_line("b")) << "it was cancelled while it waited";
  EXPECT_FALSE(ledger.leave_line("b"));
  EXPECT_FALSE(ledger.leave_line("never asked"));
  EXPECT_TRUE(ledger.leave_line("a"));
  EXPECT_EQ(ledger.next(), "c");
  EXPECT_FALSE(may_start(ledger, "b")) << "it stands behind now";
  EXPECT_TRUE(may_start(ledger, "c"));
}

TEST(RoomLedger, SeveralFreePlacesAreTakenOneAfterTheOther) {
  RoomLedger ledger(2, 10min);
  for (const char* id : {"a", "b", "c", "d"}) may_start(ledger, id);
  ledger.leave_line("a");
  ledger.leave_line("b");
  EXPECT_EQ(ledger.next(), "c");
  EXPECT_TRUE(may_start(ledger, "c"));
  EXPECT_EQ(ledger.next(), "d");
  EXPECT_TRUE(may_start(ledger, "d"));
  EXPECT_EQ(ledger.next(), "");
}

TEST(RoomLedger, WhoeverFindsNoRoomHoldsNoPlace) {
  RoomLedger ledger(1, 10min);
  const MonoTime start{};
  EXPECT_TRUE(may_start(ledger, "large"));
  EXPECT_FALSE(may_start(ledger, "small"));
  EXPECT_TRUE(ledger.wait_for_room("large", start));
  EXPECT_EQ(ledger.next(), "small");
  EXPECT_TRUE(may_start(ledger, "small"));
  EXPECT_FALSE(ledger.wait_for_room("large", start + 1s)) << "it holds none any more";
  ledger.leave_line("small");
  EXPECT_TRUE(may_start(ledger, "large"));
}

TEST(RoomLedger, RoomIsKeptForTheLongestWaitInTurns) {
  RoomLedger ledger(1, 10min);
  const MonoTime start{};
  for (int second = 0; second < 20 * 60; ++second) {
    const MonoTime now = start + second * 1s;
    ledger.wait_for_room("a", now);
    if (second >= 60) ledger.wait_for_room("b", now);
    const bool kept = second % 600 >= 300;
    EXPECT_EQ(ledger.is_kept_from("c", now), kept || (second >= 600 && second < 660)) << second;
    EXPECT_EQ(ledger.is_kept_from("a", now), second >= 600 && second < 660) << second;
    EXPECT_EQ(ledger.is_kept_from("b", now), kept) << second;
  }
  ledger.leave_line("a");
  ledger.leave_line("b");
  EXPECT_FALSE(ledger.is_kept_from("c", start + 19min)) << "nobody waits any more";
}

TEST(RoomLedger, SumsFollowTheClusters) {
  RoomLedger ledger(9, 10min);
  ledger.count(cluster("x", 100, 0.1, 10));
  ledger.count(cluster("y", 200, 0.2, 20));
  ledger.count(cluster("y", 300, 0.3, 20));
  Room room = ledger.present();
  EXPECT_EQ(room.reserved_memory, 400);
  EXPECT_DOUBLE_EQ(room.reserved_cpu, 0.4);
  EXPECT_EQ(room.reserved_by, "2 other clusters");
  model::Cluster gone = cluster("x", 100, 0.1, 10);
  gone.phase = model::ClusterPhase::GONE;
  ledger.count(gone);
  ledger.forget("unknown");
  room = ledger.present();
  EXPECT_EQ(room.reserved_memory, 300);
  EXPECT_EQ(room.reserved_by, "1 other cluster");
  ledger.forget("y");
  EXPECT_EQ(ledger.present().reserved_cpu, 0) << "nothing is left of the fractions";
}

TEST(RoomLedger, PortsOfDecidedClustersAreTaken) {
  RoomLedger ledger(9, 10min);
  EXPECT_TRUE(ledger.taken_ports().empty());
  ledger.count(cluster("x", 1, 1, 10));
  ledger.count(cluster("y", 1, 1, 20));
  ledger.forget("x");
  std::vector<int> ports = ledger.taken_ports();
  std::sort(ports.begin(), ports.end());
  EXPECT_EQ(ports, (std::vector<int>{20, 21, 22}));
}

}  // namespace
}  // namespace weir::control
