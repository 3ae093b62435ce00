// Transmit queues: their limits, what is dropped and counted, and group frames sent to each.
#include <gmock/gmock.h>

#include "mac80211/codel.h"
#include "two_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

TEST(CodelTest, LeavesShortAndPassingQueuesAlone) {
  Codel codel;
  TimePoint now{1s};
  for (int i = 0; i < 1000; ++i, now = now + 1ms) EXPECT_FALSE(codel.should_drop(19ms, 50, now));
  for (int i = 0; i < 1000; ++i, now = now + 1ms) EXPECT_FALSE(codel.should_drop(500ms, 0, now));
  for (int i = 0; i < 99; ++i, now = now + 1ms) EXPECT_FALSE(codel.should_drop(50ms, 50, now));
  EXPECT_FALSE(codel.should_drop(1ms, 50, now));
  for (int i = 0; i < 99; ++i, now = now + 1ms) EXPECT_FALSE(codel.should_drop(50ms, 50, now));
}

TEST(CodelTest, DropsFasterTheLongerAQueueIsLate) {
  Codel codel;
  TimePoint now{1s};
  std::vector<int> drops;
  for (int ms = 0; ms < 1000; ++ms, now = now + 1ms)
    if (codel.should_drop(50ms, 50, now)) drops.push_back(ms);
  ASSERT_GE(drops.size(), 5u);
  EXPECT_EQ(drops[0], 100);
  EXPECT_EQ(drops[1], 200);
  EXPECT_EQ(drops[2], 271);  // 100 ms over the root of two later
  for (size_t i = 2; i < drops.size(); ++i)
    EXPECT_LE(drops[i] - drops[i - 1], drops[i - 1] - drops[i - 2]);
}

class QueuesTest : public TwoHosts {
 protected:
  void SetUp() override {
    start_access_point();
    first = &admit(one, 1);
    second = &admit(two, 2);
    air.frames.clear();
    ap.netdev().received.clear();
  }
  const MacAddress one{{2, 0, 0, 0, 9, 1}}, two{{2, 0, 0, 0, 9, 2}};
  Station *first = nullptr, *second = nullptr;
};

TEST_F(QueuesTest, WhatIsForwardedIsLimitedAtTheLongestQueue) {
  ap.driver.busy = true;
  const Octets ip = msdu(0x0800, Octets(20));
  hear_at_ap(qos_data(two, one, 1, ip));
  for (int i = 0; i < 10000; ++i) hear_at_ap(qos_data(one, two, static_cast<uint16_t>(i), ip));
  EXPECT_EQ(first->queued(), 1u) << "short queues keep what they have";
  EXPECT_LE(first->queued() + second->queued(), 8192u);
  EXPECT_GT(first->queued() + second->queued(), 8192u - 33);
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxQueueFull) + first->queued() + second->queued(), 10001u);
}

TEST_F(QueuesTest, AStandingQueueIsDroppedFromUntilItIsShort) {
  ap.driver.busy = true;
  auto send = [&] { ap.netdev().send(ethernet(one, ap.address, 0x0800, Octets(20))); };
  for (int i = 0; i < 100; ++i) send();
  // One frame leaves every 2 ms: the rest wait for 200 ms.
  for (int i = 0; i < 300 && first->queued() > 0; ++i) {
    run(2ms);
    std::vector<TxFrame> frames;
    ap.stack.dequeue(ap.interface().id(), first->id(), 0, 1, frames);
    if (!frames.empty()) air.frames.clear();
  }
  EXPECT_EQ(first->queued(), 0u);
  const uint64_t dropped = ap.stack.drops().of(Drop::kTxDelay);
  EXPECT_GE(dropped, 1u);
  EXPECT_LE(dropped, 5u);
  EXPECT_EQ(ap.stack.drops().total(), dropped);
}

TEST_F(QueuesTest, GroupFramesGoToEachStationWhereAskedFor) {
  ASSERT_TRUE(ap.stack.set_multicast_to_unicast(*ap.wdev, true));
  const Octets arp(28, 3);
  ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, arp));
  auto sent = on_air(Subtype::kQosData);
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].address1(), one);
  EXPECT_EQ(sent[1].address1(), two);
  EXPECT_THAT(on_air(Subtype::kData), IsEmpty());
  // Not back to the station that it comes from.
  air.frames.clear();
  hear_at_ap(qos_data(one, MacAddress::broadcast(), 7, msdu(0x0806, arp)));
  sent = on_air(Subtype::kQosData);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].address1(), two);
  EXPECT_THAT(ap.netdev().received, SizeIs(1));
  // Other payloads stay what they are.
  ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x88b5, arp));
  EXPECT_THAT(on_air(Subtype::kData), SizeIs(1));
}

TEST_F(QueuesTest, WhatHasNoWayIsCounted) {
  ap.netdev().send(ethernet({{2, 0, 0, 0, 7, 7}}, ap.address, 0x0800, Octets(20)));
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxNoPeer), 1u);
  const MacAddress shut{{2, 0, 0, 0, 9, 3}};
  admit(shut, 3, /*authorized=*/false);
  ap.netdev().send(ethernet(shut, ap.address, 0x0800, Octets(20)));
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxPortShut), 1u);
  ap.netdev().send(pool.from(Octets(9)));
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxMalformed), 1u);
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(20)));
  EXPECT_EQ(sta.stack.drops().of(Drop::kTxNoPeer), 1u) << "not associated";
}

}  // namespace
}  // namespace airloom::mac80211
