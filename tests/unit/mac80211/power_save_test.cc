// Power save: an access point's sleeping clients, and a station that sleeps.
#include <gmock/gmock.h>

#include "ieee80211/tim_element.h"
#include "joined_hosts.h"
#include "mac80211/access_point.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::FrameControl;
using ieee80211::FrameView;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr uint16_t kSleep = FrameControl::kPowerManagement;

/// A client that the test plays itself.
class SleeperTest : public JoinedHosts {
 protected:
  void SetUp() override {
    ap.host.set_event_sink(door);
    start_access_point();
    station = &admit(client_address, 3);
    ap.netdev().received.clear();
    air.frames.clear();
  }
  void hear_null(uint16_t flags, std::optional<uint8_t> tid = {}) {
    Octets frame;
    Writer writer(frame);
    writer.le16(static_cast<uint16_t>((tid ? 0x01c8 : 0x0148) | flags)).le16(0).mac(ap.address);
    writer.mac(client_address).mac(ap.address).le16(0);
    if (tid) writer.le16(*tid);
    hear_at_ap(frame);
    run(1us);
  }
  void hear_poll() {
    Octets frame;
    Writer(frame).le16(0x00a4).le16(0xc003).mac(ap.address).mac(client_address);
    hear_at_ap(frame);
    run(1us);
  }
  /// A frame to the client: `mark` is the first octet behind the type, `tos` chooses the TID.
  void send(uint8_t mark, uint8_t tos = 0) {
    Octets ip(30, mark);
    ip[1] = tos;
    ap.netdev().send(ethernet(client_address, ap.address, 0x0800, ip));
  }
  struct Sent {
    int mark;  // -1: a Null frame
    bool more, eosp;
    friend bool operator==(const Sent&, const Sent&) = default;
    friend void PrintTo(const Sent& s, std::ostream* out) {
      *out << "{" << s.mark << ", " << s.more << ", " << s.eosp << "}";
    }
  };
  /// What went to the client since the last call: data and Null frames.
  std::vector<Sent> sent() {
    std::vector<Sent> result;
    for (const FrameBuffer& frame : air.frames) {
      const auto view = *FrameView::of(frame.octets());
      if (!view.fc().is_qos_data() || view.address1() != client_address) continue;
      const int mark = view.fc().is_null() ? -1 : view.body()[8];
      result.push_back({mark, view.fc().more_data(), view.qos().eosp()});
    }
    air.frames.clear();
    return result;
  }
  /// Whether the next beacon names the client.
  bool is_in_tim() {
    air.frames.clear();
    run(tu(100));
    const auto beacons = on_air(Subtype::kBeacon);
    const auto tim =
        ieee80211::find_element<ieee80211::TimElement>(beacons.at(0).body().subspan(12));
    air.frames.clear();
    return tim->has(3);
  }

  const MacAddress client_address{{2, 0, 0, 0, 9, 0}};
  Station* station = nullptr;
  static constexpr uint8_t kVoice = 0xc0;  // DSCP 48: TID 6
};

TEST_F(SleeperTest, PollsFetchOneFrameAtATime) {
  hear_null(kSleep);
  for (uint8_t i = 1; i <= 2; ++i) send(i);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_TRUE(is_in_tim());
  hear_poll();
  EXPECT_THAT(sent(), ElementsAre(Sent{1, true, false}));
  hear_poll();
  EXPECT_THAT(sent(), ElementsAre(Sent{2, false, false}));
  EXPECT_FALSE(is_in_tim());
  hear_poll();
  EXPECT_THAT(sent(), ElementsAre(Sent{-1, false, false}));
}

TEST_F(SleeperTest, APollDuringItsServicePeriodIsIgnored) {
  hear_null(kSleep);
  send(1);
  send(2);
  Octets poll;
  Writer(poll).le16(0x00a4).le16(0xc003).mac(ap.address).mac(client_address);
  hear_at_ap(poll);
  hear_at_ap(poll);  // before the first frame's status
  run(1us);
  EXPECT_THAT(sent(), SizeIs(1));
  EXPECT_FALSE(station->in_service_period);
}

TEST_F(SleeperTest, TriggersStartServicePeriodsOfAtMostTheAgreedLength) {
  station->uapsd_acs = kUapsdAll;
  station->max_service_period = 1;  // two frames
  hear_null(kSleep);
  for (uint8_t i = 1; i <= 5; ++i) send(i);
  EXPECT_TRUE(is_in_tim()) << "all are delivery-enabled, so the TIM speaks of all";
  hear_null(kSleep, 0);
  EXPECT_THAT(sent(), ElementsAre(Sent{1, true, false}, Sent{2, true, true}));
  hear_null(kSleep, 0);
  EXPECT_THAT(sent(), ElementsAre(Sent{3, true, false}, Sent{4, true, true}));
  hear_null(kSleep, 0);
  EXPECT_THAT(sent(), ElementsAre(Sent{5, false, true}));
  hear_null(kSleep, 0);
  EXPECT_THAT(sent(), ElementsAre(Sent{-1, false, true}));
}

TEST_F(SleeperTest, EachAccessCategoryHasItsOwnWay) {
  station->uapsd_acs = kUapsd[0];
  hear_null(kSleep);
  send(1, kVoice);
  EXPECT_FALSE(is_in_tim());
  send(2);
  EXPECT_TRUE(is_in_tim());
  hear_null(kSleep, 0);  // best effort triggers nothing
  EXPECT_THAT(sent(), IsEmpty());
  hear_poll();
  EXPECT_THAT(sent(), ElementsAre(Sent{2, false, false}));
  EXPECT_FALSE(is_in_tim());
  hear_null(kSleep, 6);
  EXPECT_THAT(sent(), ElementsAre(Sent{1, false, true}));
}

TEST_F(SleeperTest, VoiceGoesFirst) {
  station->uapsd_acs = kUapsdAll;
  hear_null(kSleep);
  send(1);
  send(2, kVoice);
  send(3, 0x80);
  hear_null(kSleep, 6);
  EXPECT_THAT(sent(),
              ElementsAre(Sent{2, true, false}, Sent{3, true, false}, Sent{1, false, true}));
}

TEST_F(SleeperTest, ANullFrameEndsAPeriodThatManagementWouldEnd) {
  station->uapsd_acs = kUapsdAll;
  hear_null(kSleep);
  Octets action;
  Writer writer(action);
  writer.le16(0x00d0)
      .le16(0)
      .mac(client_address)
      .mac(ap.address)
      .mac(ap.address)
      .le16(0)
      .u8(4)
      .u8(9);
  ap.stack.management_tx_path().send(ap.interface(), action);
  EXPECT_THAT(on_air(Subtype::kAction), IsEmpty());
  hear_null(kSleep, 7);
  const auto actions = on_air(Subtype::kAction);
  ASSERT_THAT(actions, SizeIs(1));
  EXPECT_TRUE(actions[0].fc().more_data());
  EXPECT_THAT(sent(), ElementsAre(Sent{-1, false, true}));
  EXPECT_FALSE(station->in_service_period);
}

TEST_F(SleeperTest, WakingGetsEverythingInOrder) {
  hear_null(kSleep);
  for (uint8_t i = 1; i <= 3; ++i) send(i);
  hear_null(0);
  EXPECT_THAT(sent(),
              ElementsAre(Sent{1, false, false}, Sent{2, false, false}, Sent{3, false, false}));
  EXPECT_EQ(ap.stack.drops().total(), 0u);
}

TEST_F(SleeperTest, WhatItSleptThroughIsKeptAndGoesAgainFirst) {
  send(1);
  const uint16_t sequence = FrameView::of(air.frames.back().octets())->sequence().number();
  hear_null(kSleep);  // before the frame's fate is known
  EXPECT_THAT(sent(), SizeIs(1));
  send(2);
  EXPECT_TRUE(is_in_tim());
  EXPECT_EQ(station->counters.lost_packets, 0u) << "it is not out of reach";
  hear_null(0);
  ASSERT_THAT(air.frames, SizeIs(2));
  EXPECT_EQ(FrameView::of(air.frames[0].octets())->sequence().number(), sequence);
  EXPECT_THAT(sent(), ElementsAre(Sent{1, false, false}, Sent{2, false, false}));
  EXPECT_FALSE(is_in_tim());
}

TEST_F(SleeperTest, WhatItAskedForAndDidNotAcknowledgeIsNotKept) {
  hear_null(kSleep);
  send(1);
  hear_poll();  // nobody is there to acknowledge
  EXPECT_THAT(sent(), ElementsAre(Sent{1, false, false}));
  EXPECT_FALSE(is_in_tim());
  hear_null(0);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(SleeperTest, AProbeOfItWaitsToo) {
  hear_null(kSleep);
  ASSERT_TRUE(ap.stack.probe_client(*ap.wdev, client_address, 1));
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_TRUE(is_in_tim());
  hear_null(0);
  EXPECT_THAT(sent(), ElementsAre(Sent{-1, false, false}));
}

TEST_F(SleeperTest, GroupFramesFollowTheDtimAndAreNotOvertaken) {
  hear_null(kSleep);
  auto group = [&](uint8_t mark) {
    ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, Octets(28, mark)));
  };
  for (uint8_t i = 1; i <= 2; ++i) group(i);
  hear_null(0);
  group(3);
  EXPECT_THAT(on_air(Subtype::kData), IsEmpty());
  run(tu(200));
  std::vector<std::pair<int, bool>> order;
  for (const FrameView& view : on_air(Subtype::kData))
    order.emplace_back(view.body()[8], view.fc().more_data());
  EXPECT_THAT(order, ElementsAre(std::pair(1, true), std::pair(2, true), std::pair(3, false)));
  group(4);
  EXPECT_THAT(on_air(Subtype::kData), SizeIs(4)) << "all are awake and nothing waits";
}

TEST_F(SleeperTest, NobodyAwaitsGroupFramesBeforeTheFirstIsAuthorised) {
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = client_address}));
  ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, Octets(28)));
  admit(client_address, 3, /*authorized=*/false);
  ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, Octets(28)));
  run(tu(300));
  EXPECT_THAT(on_air(Subtype::kData), IsEmpty());
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxNoAudience), 2u);
}

TEST_F(SleeperTest, KeepsTheNewestOfTooMany) {
  hear_null(kSleep);
  for (int i = 0; i < 70; ++i) send(static_cast<uint8_t>(i));
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxSleepFull), 6u);
  hear_poll();
  EXPECT_THAT(sent(), ElementsAre(Sent{6, true, false}));
}

TEST_F(SleeperTest, WhatIsNotFetchedExpiresAndItsSenderLearnsOfIt) {
  hear_null(kSleep);
  send(1);
  const auto cookie = cfg80211::send_control_port_frame(
      *ap.wdev, {.destination = client_address, .ethertype = 0x888e, .payload = {2, 3, 0, 0}});
  ASSERT_TRUE(cookie);
  run(9s);
  EXPECT_TRUE(is_in_tim());
  run(15s);
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxExpired), 2u);
  EXPECT_THAT(door.control_port_status, ElementsAre(std::pair(*cookie, false)));
  EXPECT_FALSE(is_in_tim());
}

TEST_F(SleeperTest, LeavingASleeperLeavesNothing) {
  hear_null(kSleep);
  send(1);
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = client_address}));
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxPurged), 1u);
  EXPECT_FALSE(ap.interface().access_point()->any_sleeping());
  EXPECT_FALSE(is_in_tim());
}

TEST_F(SleeperTest, SleepsAndWakesAsFramesArriveNotAsTheyAreReordered) {
  station->ht = cfg80211::HtCapability{};
  ieee80211::AddbaRequest request;
  request.parameters = {.immediate = true, .tid = 0, .buffer_size = 64};
  request.starting_sequence = 100;
  Octets frame;
  Writer writer(frame);
  writer.le16(0x00d0).le16(0).mac(ap.address).mac(client_address).mac(ap.address).le16(0);
  request.emit(writer);
  hear_at_ap(frame);
  const Octets ip = msdu(0x0800, Octets(20));
  hear_at_ap(qos_data(client_address, ap.address, 102, ip, kSleep));
  EXPECT_TRUE(station->sleeping);
  hear_at_ap(qos_data(client_address, ap.address, 101, ip, 0));
  EXPECT_FALSE(station->sleeping);
  hear_at_ap(qos_data(client_address, ap.address, 100, ip, 0));
  EXPECT_THAT(ap.netdev().received, SizeIs(3));
  EXPECT_FALSE(station->sleeping) << "the frame that was held says what was";
}

/// A station that sleeps, and its access point.
class DozeTest : public JoinedHosts {
 protected:
  void SetUp() override {
    join(false);
    sta.driver.calls.clear();
    run(tu(100));  // hears a beacon
    ASSERT_TRUE(cfg80211::set_power_save(*sta.wdev, true));
  }
  std::vector<FrameView> nulls() const {
    std::vector<FrameView> found;
    for (const FrameBuffer& frame : air.frames)
      if (const auto view = *FrameView::of(frame.octets());
          view.fc().is_data() && view.fc().is_null())
        found.push_back(view);
    return found;
  }
};

TEST_F(DozeTest, SleepsAfterATimeWithoutTraffic) {
  run(99ms);
  EXPECT_THAT(nulls(), IsEmpty());
  run(2ms);
  ASSERT_THAT(nulls(), SizeIs(1));
  EXPECT_TRUE(nulls()[0].fc().power_management());
  EXPECT_THAT(sta.driver.calls, ElementsAre("power save"));
  EXPECT_TRUE(station_at_ap().sleeping);
}

TEST_F(DozeTest, TheTimWakesIt) {
  run(101ms);
  air.frames.clear();
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
  EXPECT_THAT(sta.netdev().received, IsEmpty());
  run(tu(101));
  ASSERT_THAT(nulls(), SizeIs(1));
  EXPECT_FALSE(nulls()[0].fc().power_management());
  EXPECT_THAT(sta.netdev().received, SizeIs(1));
  EXPECT_THAT(sta.driver.calls, ElementsAre("power save", "awake"));
  run(150ms);
  EXPECT_TRUE(station_at_ap().sleeping) << "and sleeps again";
}

TEST_F(DozeTest, AFrameToSendWakesIt) {
  run(101ms);
  air.frames.clear();
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  run(1ms);
  EXPECT_THAT(nulls(), IsEmpty());
  EXPECT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_FALSE(station_at_ap().sleeping);
  EXPECT_FALSE(sta.interface().power_save().is_dozing());
  for (int i = 0; i < 10; ++i) {
    run(50ms);
    sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  }
  EXPECT_THAT(nulls(), IsEmpty()) << "busy stations stay awake";
}

TEST_F(DozeTest, DoesNotSleepUnlessTheAccessPointKnows) {
  air.loses = [](const FrameView& view) { return view.fc().is_null(); };
  run(105ms);
  EXPECT_FALSE(sta.interface().power_save().is_dozing());
  air.loses = [](const FrameView&) { return false; };
  run(10ms);
  EXPECT_TRUE(sta.interface().power_save().is_dozing());
  EXPECT_TRUE(station_at_ap().sleeping);
}

TEST_F(DozeTest, SwitchedOffItWakesAndFetchesWhatWaits) {
  run(101ms);
  ASSERT_TRUE(cfg80211::set_power_save(*sta.wdev, false));
  EXPECT_THAT(sta.driver.calls, ElementsAre("power save", "awake"));
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
  run(tu(101));
  EXPECT_THAT(sta.netdev().received, SizeIs(1));
  run(1s);
  EXPECT_FALSE(station_at_ap().sleeping);
}

TEST_F(DozeTest, AProbeOfTheAccessPointIsSentAwakeAndSleepFollows) {
  run(101ms);
  ASSERT_TRUE(station_at_ap().sleeping);
  air.frames.clear();
  air.loses = [](const FrameView& view) { return view.fc().is_beacon(); };
  run(tu(705));
  ASSERT_THAT(nulls(), Not(IsEmpty()));
  EXPECT_FALSE(nulls()[0].fc().power_management());
  EXPECT_FALSE(sta.interface().power_save().is_dozing());
  EXPECT_FALSE(station_at_ap().sleeping);
  run(105ms);
  ASSERT_THAT(nulls(), SizeIs(2));
  EXPECT_TRUE(nulls()[1].fc().power_management());
  EXPECT_TRUE(sta.interface().power_save().is_dozing());
  EXPECT_TRUE(station_at_ap().sleeping) << "both believe the same";
}

TEST_F(DozeTest, EndsWithTheAssociation) {
  run(101ms);
  ASSERT_TRUE(cfg80211::deauthenticate(*sta.wdev, {.bssid = ap.address, .reason = 3}, kPort));
  EXPECT_FALSE(sta.interface().power_save().is_dozing());
  air.frames.clear();
  run(1s);
  EXPECT_THAT(nulls(), IsEmpty());
}

}  // namespace
}  // namespace airloom::mac80211
