// Random numbers, MAC addresses, Result and the logger.
#include <gmock/gmock.h>

#include <array>
#include <string>
#include <vector>

#include "base/event_queue.h"
#include "base/log.h"
#include "base/mac_address.h"
#include "base/result.h"
#include "base/rng.h"

namespace airloom {
namespace {

TEST(Rng, EqualSeedsGiveEqualStreams) {
  SeededRng a(42), b(42), c(43);
  std::array<uint8_t, 100> from_a, from_b, from_c;
  a.fill(from_a);
  b.fill(from_b);
  c.fill(from_c);
  EXPECT_EQ(from_a, from_b);
  EXPECT_NE(from_a, from_c);
  EXPECT_EQ(a.next_u64(), b.next_u64());
}

TEST(Rng, BelowStaysBelowAndReachesAll) {
  SeededRng rng(7);
  std::array<int, 5> seen{};
  for (int i = 0; i < 1000; ++i) ++seen.at(rng.below(5));
  for (const int count : seen) EXPECT_GT(count, 100);
  EXPECT_EQ(rng.below(1), 0u);
  EXPECT_LT(rng.below(UINT64_MAX), UINT64_MAX);
}

TEST(MacAddress, ReadsWhatItPrints) {
  const auto address = MacAddress::parse("02:00:5E:00:fe:01");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->to_string(), "02:00:5e:00:fe:01");
  EXPECT_TRUE(address->is_unicast());
  EXPECT_TRUE(MacAddress::broadcast().is_group());
  EXPECT_FALSE(MacAddress{}.is_unicast());
  for (const char* wrong : {"", "02:00:00:00:00", "02:00:00:00:00:0g", "02-00-00-00-00-01",
                            "02:00:00:00:00:001", "0x:00:00:00:00:01", "+2:00:00:00:00:01"})
    EXPECT_FALSE(MacAddress::parse(wrong)) << wrong;
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(Errc::kInvalid, "odd", 7);
  return value / 2;
}
Result<void> must_be_even(int value) {
  TRY(half(value));
  return {};
}
Result<int> quarter(int value) {
  TRY(must_be_even(value));
  return TRY(half(TRY(half(value))));
}

TEST(Result, TryPassesValuesAndErrors) {
  EXPECT_EQ(quarter(8), 2);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error(), (Error{Errc::kInvalid, "odd", 7}));
}

struct RecordingSink final : LogSink {
  LogLevel threshold() const override { return LogLevel::kInfo; }
  void write(TimePoint at, LogLevel, std::string_view context, std::string_view text) override {
    lines.push_back(fmt::format("{} {}: {}", at.ms(), context, text));
  }
  std::vector<std::string> lines;
};

TEST(Log, HasContextAndTimeAndAThreshold) {
  EventQueue queue;
  RecordingSink sink;
  const Log log(sink, queue, "ap");
  const Log child = log.child("phy0").child("wlan0");
  queue.run_for(std::chrono::milliseconds(5));
  child.info("up on {}", 2412);
  child.debug("a frame");
  Log().error("nobody hears");
  EXPECT_THAT(sink.lines, testing::ElementsAre("1005 ap/phy0/wlan0: up on 2412"));
}

}  // namespace
}  // namespace airloom
