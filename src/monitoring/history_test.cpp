#include "monitoring/history.h"

#include <gtest/gtest.h>

#include <cmath>

#include "monitoring/catalogue.h"
#include "monitoring/series.h"

namespace weir::monitoring {
namespace {

using namespace std::chrono_literals;

const WallTime kStart = parse_rfc3339("2026-01-01T00:00:00Z").value();

void add(History& history, const Source& source, Duration at, std::vector<float> row) {
  history.add(source, kStart + at, row);
}
std::vector<float> first_column(const History& history, const Source& source,
                                Duration from = Duration(0), Duration to = 24h) {
  std::vector<float> values;
  history.each(source, kStart + from, kStart + to,
               [&](WallTime, std::span<const float> row) { values.push_back(row[0]); });
  return values;
}

TEST(History, RowsOfASourceInAnyRange) {
  History history(1 << 20, 24h);
  for (int i = 0; i < 200; ++i) add(history, {"a", ""}, 1s * i, {float(i), 0});
  add(history, {"a", "v2"}, 5s, {7});
  add(history, {"a", "v1"}, 5s, {8});
  add(history, {"b", ""}, 5s, {9, 0});
  EXPECT_EQ(first_column(history, {"a", ""}).size(), 200u);
  EXPECT_EQ(first_column(history, {"a", ""}, 63s, 65s), (std::vector<float>{63, 64, 65}));
  EXPECT_EQ(first_column(history, {"a", "v1"}), std::vector<float>{8});
  EXPECT_TRUE(first_column(history, {"c", ""}).empty());
  EXPECT_EQ(history.vertices_of("a"), (std::vector<std::string>{"v1", "v2"}));
  EXPECT_EQ(history.span_of({"a", ""})->last, kStart + 199s);
  EXPECT_FALSE(history.span_of({"c", ""}));
}

TEST(History, TheOldestOfAllGoesFirstWithinTheLimit) {
  constexpr std::size_t kLimit = 100'000;
  History history(kLimit, 10000h);
  std::size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    add(history, {"busy", ""}, 1s * i, {float(i), 0, 0});
    if (i % 10 == 0) add(history, {"slow", ""}, 1s * i, {float(i), 0, 0});
    most = std::max(most, history.bytes());
  }
  EXPECT_LE(most, kLimit + 2'000) << "a piece is made before an old one goes";
  EXPECT_LE(history.bytes(), kLimit);
  EXPECT_GT(history.bytes(), kLimit * 9 / 10) << "the room is used";
  const auto busy = history.span_of({"busy", ""}), slow = history.span_of({"slow", ""});
  ASSERT_TRUE(busy && slow);
  EXPECT_EQ(busy->last, kStart + 19999s);
  // Both go back about as far: a slow source's piece is longer in time.
  EXPECT_LT(std::chrono::abs(busy->first - slow->first), 1s * 64 * 10 * 2);
  const auto values = first_column(history, {"busy", ""}, Duration(0), 20000s);
  EXPECT_EQ(values.back(), 19999);
  for (std::size_t i = 1; i < values.size(); ++i) ASSERT_EQ(values[i], values[i - 1] + 1);
}

TEST(History, WhatIsOldGoesWithItsSource) {
  History history(1 << 20, 1h);
  for (int i = 0; i < 64; ++i) add(history, {"ended", ""}, 1s * i, {1});
  for (int i = 0; i < 64; ++i) add(history, {"runs", ""}, 2h + 1s * i, {1});
  EXPECT_FALSE(history.span_of({"ended", ""}));
  EXPECT_TRUE(history.span_of({"runs", ""}));
  History one(1 << 20, 1h);
  add(one, {"runs", ""}, 2h, {1});
  add(one, {"other", ""}, 2h, {1});
  History same(1 << 20, 1h);
  add(same, {"ended", ""}, 0s, {1});
  add(same, {"runs", ""}, 2h, {1});
  EXPECT_LT(same.bytes(), one.bytes()) << "nothing of the ended one is left";
}

TEST(Series, MeansOfStepsAndTheLastOfWhatCounts) {
  History history(1 << 20, 24h);
  const auto row = [&](Duration at, float busy, float restarts) {
    std::vector<float> values(job_metrics().size(), NAN);
    values[static_cast<std::size_t>(JobMetric::kBusy)] = busy;
    values[static_cast<std::size_t>(JobMetric::kRestarts)] = restarts;
    add(history, {"a", ""}, at, std::move(values));
  };
  row(0s, 0.2f, 1);
  row(9s, 0.4f, 3);
  row(21s, NAN, 3);
  row(30s, 1, 4);  // the end is not part of the range
  const Steps steps{kStart, 10s, 3};
  const auto busy = series_of(history, "a", *parse_series_name("busy"), steps);
  ASSERT_EQ(busy.size(), 3u);
  EXPECT_NEAR(*busy[0], 0.3, 1e-6);
  EXPECT_FALSE(busy[1]);
  EXPECT_FALSE(busy[2]) << "not known is not 0";
  const auto restarts = series_of(history, "a", *parse_series_name("restarts"), steps);
  EXPECT_EQ(restarts[0], 3);
  EXPECT_EQ(restarts[2], 3);
  EXPECT_FALSE(series_of(history, "b", *parse_series_name("busy"), steps)[0]);
}

TEST(Series, Names) {
  EXPECT_EQ(parse_series_name("v1.idle")->vertex_id, "v1");
  EXPECT_EQ(parse_series_name("v1.idle")->column, static_cast<std::size_t>(VertexMetric::kIdle));
  for (const char* wrong : {"", "nope", "idle", "v1.restarts", ".idle", "v1."})
    EXPECT_FALSE(parse_series_name(wrong)) << wrong;
}

}  // namespace
}  // namespace weir::monitoring
