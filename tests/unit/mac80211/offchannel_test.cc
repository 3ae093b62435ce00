// The radio shared between a BSS and other channels: remain-on-channel, frames elsewhere.
#include "mac80211/offchannel.h"

#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

/// What becomes of frames.
class FrameEvents : public cfg80211::EventSink {
 public:
  std::vector<std::string> lines;
  void frame_tx_status(const cfg80211::Wdev&, uint64_t cookie, cfg80211::Span, bool ack) override {
    lines.push_back(fmt::format("FRAME_TX_STATUS {} {}", cookie, ack ? "acked" : "lost"));
  }
  void frame_wait_cancelled(const cfg80211::Wdev&, uint64_t cookie,
                            const ChannelDefinition& channel) override {
    lines.push_back(fmt::format("FRAME_WAIT_CANCEL {} {}", cookie, channel.primary_mhz));
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }
};

class OffChannelTest : public MlmeHosts {
 protected:
  static constexpr uint32_t kOtherMhz = 2437;
  static ChannelDefinition other() { return ChannelDefinition::from_type(kOtherMhz, kNoHt); }
  static ChannelDefinition home() { return ChannelDefinition::from_type(kMhz, kNoHt); }
  static constexpr auto kNoHt = ieee80211::ChannelType::kNoHt;
  cfg80211::FrameTxRequest frame_on(const ChannelDefinition& channel, uint32_t wait_ms) const {
    cfg80211::FrameTxRequest request{.channel = channel, .wait_ms = wait_ms, .offchannel_ok = true};
    Writer writer(request.frame);
    writer.le16(0x00d0).le16(0).mac(MacAddress::broadcast()).mac(sta.address);
    writer.mac(MacAddress::broadcast()).le16(0).bytes(Octets{4, 9, 0x50, 0x6f, 0x9a, 9});
    return request;
  }
  /// Whether the Null frames on the air said "asleep".
  std::vector<bool> announcements() const {
    std::vector<bool> said;
    for (const auto& null : on_air(Subtype::kQosNull)) said.push_back(null.fc().power_management());
    for (const auto& null : on_air(Subtype::kNull)) said.push_back(null.fc().power_management());
    return said;
  }
};

TEST_F(OffChannelTest, AStationSleepsForItsApMeanwhile) {
  join();
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, other(), 100, 1));
  run(10ms);
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
  EXPECT_THAT(announcements(), ElementsAre(true));
  // What the AP has for it waits, and so does what it sends.
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 2)));
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, Octets(20, 1)));
  run(10ms);
  EXPECT_THAT(sta.netdev().received, IsEmpty());
  EXPECT_THAT(ap.netdev().received, IsEmpty());
  run(100ms);
  EXPECT_EQ(sta.driver.mhz(), kMhz);
  EXPECT_THAT(announcements(), ElementsAre(true, false));
  EXPECT_THAT(sta.netdev().received, SizeIs(1));
  EXPECT_THAT(ap.netdev().received, SizeIs(1));
}

TEST_F(OffChannelTest, TheHomeChannelNeedsNoLeave) {
  join();
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, home(), 100, 1));
  run(10ms);
  EXPECT_THAT(announcements(), IsEmpty());
  EXPECT_TRUE(data_gets_through());
  run(200ms);
  EXPECT_FALSE(sta.stack.offchannel().is_busy());
}

TEST_F(OffChannelTest, AFrameOnTheSameChannelGoesAtOnce) {
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, other(), 500, 1));
  run(10ms);
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, frame_on(other(), 0), 2));
  EXPECT_THAT(on_air(Subtype::kAction), SizeIs(1));
  // One for another channel has to wait.
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, frame_on(home(), 0), 3));
  run(100ms);
  EXPECT_THAT(on_air(Subtype::kAction), SizeIs(1));
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
  run(450ms);
  EXPECT_THAT(on_air(Subtype::kAction), SizeIs(2));
  EXPECT_FALSE(sta.stack.offchannel().is_busy());
}

class FrameWaitTest : public OffChannelTest {
 protected:
  void listen() { sta.host.set_event_sink(frame_events); }
  FrameEvents frame_events;
};

TEST_F(FrameWaitTest, TheRadioStaysForTheAnswer) {
  listen();
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, frame_on(other(), 200), 5));
  run(150ms);
  EXPECT_THAT(on_air(Subtype::kAction), SizeIs(1));
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
  EXPECT_THAT(frame_events.take(), ElementsAre(StartsWith("FRAME_TX_STATUS 5")));
  run(100ms);
  EXPECT_THAT(frame_events.take(), ElementsAre("FRAME_WAIT_CANCEL 5 2437"));
  EXPECT_FALSE(sta.stack.offchannel().is_busy());
  // The wait is over.
  EXPECT_EQ(cfg80211::cancel_frame_wait(*sta.wdev, 5).error().code, Errc::kNotFound);
}

TEST_F(FrameWaitTest, CancellingEndsTheWait) {
  join();
  listen();
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, frame_on(other(), 1000), 5));
  run(50ms);
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);
  frame_events.take();
  EXPECT_EQ(cfg80211::cancel_frame_wait(*sta.wdev, 6).error().code, Errc::kNotFound);
  ASSERT_TRUE(cfg80211::cancel_frame_wait(*sta.wdev, 5));
  EXPECT_THAT(frame_events.take(), ElementsAre("FRAME_WAIT_CANCEL 5 2437"));
  EXPECT_EQ(sta.driver.mhz(), kMhz);
  run(10ms);
  EXPECT_TRUE(data_gets_through());
}

TEST_F(FrameWaitTest, AFrameCancelledBeforeItsTurnWasNotSent) {
  listen();
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, home(), 500, 1));
  run(10ms);
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, frame_on(other(), 100), 5));
  run(10ms);
  ASSERT_TRUE(cfg80211::cancel_frame_wait(*sta.wdev, 5));
  EXPECT_THAT(frame_events.take(),
              ElementsAre("FRAME_TX_STATUS 5 lost", "FRAME_WAIT_CANCEL 5 2437"));
  run(1s);
  EXPECT_THAT(on_air(Subtype::kAction), IsEmpty());
}

TEST_F(FrameWaitTest, GoingDownTellsOfFramesThatNeverWent) {
  listen();
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, home(), 500, 1));
  run(10ms);
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, frame_on(other(), 100), 5));
  sta.netdev().down();
  EXPECT_THAT(frame_events.take(),
              ElementsAre("FRAME_TX_STATUS 5 lost", "FRAME_WAIT_CANCEL 5 2437"));
  EXPECT_FALSE(sta.stack.offchannel().is_busy());
}

TEST_F(FrameWaitTest, AFrameWithoutAWaitHasAStayThatEnds) {
  listen();
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, frame_on(other(), 0), 5));
  auto quiet = frame_on(other(), 0);
  quiet.dont_wait_for_ack = true;
  run(200ms);
  EXPECT_THAT(frame_events.take(),
              ElementsAre(StartsWith("FRAME_TX_STATUS 5"), "FRAME_WAIT_CANCEL 5 2437"));
  ASSERT_TRUE(sta.stack.management_tx(*sta.wdev, quiet, 0));
  run(200ms);
  EXPECT_THAT(frame_events.take(), ElementsAre("FRAME_WAIT_CANCEL 4294967295 2437"));
}

TEST_F(FrameWaitTest, OnAnAccessPointsChannelNothingWaits) {
  join();
  ap.host.set_event_sink(frame_events);
  ASSERT_TRUE(ap.stack.management_tx(*ap.wdev, frame_on(home(), 500), 5));
  EXPECT_EQ(cfg80211::cancel_frame_wait(*ap.wdev, 5).error().code, Errc::kNotFound);
  run(1s);
  EXPECT_THAT(frame_events.take(), ElementsAre(StartsWith("FRAME_TX_STATUS 5")));
}

TEST_F(OffChannelTest, CancellingBringsTheRadioHome) {
  join();
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, other(), 1000, 1));
  run(10ms);
  ASSERT_TRUE(sta.stack.cancel_remain_on_channel(*sta.wdev, 1));
  EXPECT_EQ(sta.driver.mhz(), kMhz);
  EXPECT_EQ(sta.stack.cancel_remain_on_channel(*sta.wdev, 1).error().code, Errc::kNotFound);
  // Before the sleep is through there is nothing to come home from.
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, other(), 1000, 2));
  run(1ms);
  ASSERT_TRUE(sta.stack.cancel_remain_on_channel(*sta.wdev, 2));
  run(10ms);
  EXPECT_EQ(sta.driver.mhz(), kMhz);
  EXPECT_TRUE(data_gets_through());
}

TEST_F(OffChannelTest, GoingDownEndsEveryStay) {
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, other(), 1000, 1));
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, home(), 1000, 2));
  run(10ms);
  sta.netdev().down();
  run(10ms);
  EXPECT_FALSE(sta.stack.offchannel().is_busy());
}

TEST_F(OffChannelTest, AnAccessPointIsAwayMeanwhile) {
  start_access_point();
  ASSERT_TRUE(ap.stack.remain_on_channel(*ap.wdev, other(), 300, 1));
  run(10ms);
  air.frames.clear();
  run(280ms);
  EXPECT_THAT(on_air(Subtype::kBeacon), IsEmpty());
  run(200ms);
  EXPECT_FALSE(on_air(Subtype::kBeacon).empty());
}

}  // namespace
}  // namespace airloom::mac80211
