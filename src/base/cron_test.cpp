#include "base/cron.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

std::string next(const std::string& cron, const std::string& zone, const std::string& after) {
  const auto parsed = Cron::parse(cron);
  if (!parsed) return parsed.error().message;
  const auto found = parsed->next(zone, *parse_rfc3339(after));
  return found ? format_rfc3339(*found) : "never";
}

TEST(Cron, FindsTheNextMoment) {
  const char* rows[][3] = {
      {"* * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:01:00Z"},
      {"* * * * *", "2026-03-01T10:00:30.5Z", "2026-03-01T10:01:00Z"},
      {"*/15 * * * *", "2026-03-01T10:16:00Z", "2026-03-01T10:30:00Z"},
      {"5/20 * * * *", "2026-03-01T10:26:00Z", "2026-03-01T10:45:00Z"},
      {"0 3 * * *", "2026-03-01T03:00:00Z", "2026-03-02T03:00:00Z"},
      {"0 3 * * *", "2026-03-01T02:59:59Z", "2026-03-01T03:00:00Z"},
      {"30 8-10,14 * * *", "2026-03-01T10:45:00Z", "2026-03-01T14:30:00Z"},
      {"0 0 1 jan *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
      {"0 6 * * MON-FRI", "2026-02-27T07:00:00Z", "2026-03-02T06:00:00Z"},
      {"0 6 * * 7", "2026-02-27T07:00:00Z", "2026-03-01T06:00:00Z"},
      {"0 0 13 * FRI", "2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z"},
      {"0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"0 0 30 2 *", "2026-03-01T00:00:00Z", "never"},
      {"@weekly", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z"},
  };
  for (const auto& row : rows) EXPECT_EQ(next(row[0], "UTC", row[1]), row[2]) << row[0];
}

// Berlin: on 2026-03-29 02:00 becomes 03:00, on 2026-10-25 03:00 becomes 02:00.
TEST(Cron, FollowsTheClocksOfItsTimeZone) {
  const char* rows[][4] = {
      {"0 3 * * *", "Europe/Berlin", "2026-03-01T10:00:00Z", "2026-03-02T02:00:00Z"},
      {"0 3 * * *", "Europe/Berlin", "2026-07-01T10:00:00Z", "2026-07-02T01:00:00Z"},
      {"0 23 * * *", "Asia/Shanghai", "2026-03-01T10:00:00Z", "2026-03-01T15:00:00Z"},
      {"0 23 * * *", "America/New_York", "2026-03-01T10:00:00Z", "2026-03-02T04:00:00Z"},
      // A fixed hour that the gap swallows is due right after it; the next day all is as before.
      {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
      {"30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
      // A time that the clock shows twice is due once.
      {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
      // Every hour means every hour that passes.
      {"0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
      {"0 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
      {"0 * * * *", "Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(next(row[0], row[1], row[2]), row[3]) << row[0] << " after " << row[2];
}

TEST(Cron, SaysWhichFieldIsWrong) {
  for (const auto& [cron, part] :
       std::map<std::string, std::string>{{"* * * *", "five fields"},
                                          {"60 * * * *", "minute '60'"},
                                          {"* 9-5 * * *", "hour '9-5'"},
                                          {"* * 0 * *", "day of the month '0'"},
                                          {"* * * FOO *", "month 'FOO'"},
                                          {"* * * * MON,", "day of the week 'MON,'"},
                                          {"*/0 * * * *", "minute '*/0'"}}) {
    const auto parsed = Cron::parse(cron);
    ASSERT_FALSE(parsed) << cron;
    EXPECT_NE(parsed.error().message.find(part), std::string::npos) << parsed.error().message;
  }
}

TEST(Cron, KnowsTimeZones) {
  EXPECT_TRUE(is_time_zone("UTC"));
  EXPECT_TRUE(is_time_zone("Europe/Berlin"));
  EXPECT_FALSE(is_time_zone("Europe/Atlantis"));
  EXPECT_FALSE(is_time_zone("../../etc/passwd"));
}

}  // namespace
}  // namespace weir
