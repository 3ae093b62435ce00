// WEP and TKIP between two stacks: what one end sends the other opens, and what is wrong with a
// frame is seen: replay, ICV, Michael, clear text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ieee80211/rsn_element.h"
#include "joined_hosts.h"
#include "mac80211/cipher_suites.h"

namespace airloom::mac80211 {
namespace {

using ieee80211::FrameView;
using testing::IsEmpty;
using testing::SizeIs;
namespace cipher = ieee80211::cipher;

class MicFailures final : public cfg80211::EventSink {
 public:
  struct Failure {
    MacAddress sender;
    bool pairwise;
    uint8_t index;
  };
  std::vector<Failure> failures;
  void michael_mic_failure(const cfg80211::Wdev&, const MacAddress& sender, bool pairwise,
                           uint8_t index, cfg80211::Span) override {
    failures.push_back({sender, pairwise, index});
  }
};

class Rc4Suites : public JoinedHosts {
 protected:
  void authorise() {
    const uint32_t authorized = 1u << NL80211_STA_FLAG_AUTHORIZED;
    const cfg80211::StationParams params{.flags_mask = authorized, .flags_set = authorized};
    ASSERT_TRUE(cfg80211::set_station(*ap.wdev, sta.address, params));
    ASSERT_TRUE(cfg80211::set_station(*sta.wdev, ap.address, params));
    ap.netdev().received.clear();
  }
  /// TKIP's key as either end has it: each sends with the Michael key that the other checks with.
  static cfg80211::KeyParams tkip_key(uint8_t tk, uint8_t tx, uint8_t rx) {
    Octets key(16, tk);
    key.resize(24, tx);
    key.resize(32, rx);
    return {.key = key, .cipher = cipher::kTkip, .mode = 0};
  }
  void set_tkip_keys() {
    const cfg80211::KeySlot to_ap{.index = 0, .pairwise = true, .peer = ap.address};
    const cfg80211::KeySlot to_sta{.index = 0, .pairwise = true, .peer = sta.address};
    ASSERT_TRUE(cfg80211::new_key(*ap.wdev, to_sta, tkip_key(1, 2, 3)));
    ASSERT_TRUE(cfg80211::new_key(*sta.wdev, to_ap, tkip_key(1, 3, 2)));
    ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 1}, tkip_key(4, 5, 6)));
    ASSERT_TRUE(cfg80211::new_key(*sta.wdev, {.index = 1}, tkip_key(4, 6, 5)));
    ASSERT_TRUE(cfg80211::set_default_key(*ap.wdev, 1, false, true));
    authorise();
  }
  void set_wep_keys(size_t size, uint32_t suite) {
    for (Node* node : {&ap, &sta}) {
      ASSERT_TRUE(cfg80211::new_key(*node->wdev, {.index = 2},
                                    {.key = Octets(size, 9), .cipher = suite, .mode = 0}));
      ASSERT_TRUE(cfg80211::set_default_key(*node->wdev, 2, true, true));
    }
    authorise();
  }
  void send_both_ways(const Octets& body) {
    sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, body));
    ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, body));
    ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0800, body));
    run(200ms);  // the DTIM
  }
  void expect_both_ways(const Octets& body) {
    ap.netdev().received.clear();
    sta.netdev().received.clear();
    send_both_ways(body);
    ASSERT_THAT(ap.netdev().received, SizeIs(1));
    EXPECT_EQ(octets(ap.netdev().received[0]),
              octets(ethernet(ap.address, sta.address, 0x0800, body)));
    ASSERT_THAT(sta.netdev().received, SizeIs(2));
    for (const FrameBuffer& frame : sta.netdev().received)
      EXPECT_EQ(Octets(frame.octets().begin() + 14, frame.octets().end()), body);
  }
  Octets last_data_to_ap() {
    for (auto frame = air.frames.rbegin(); frame != air.frames.rend(); ++frame) {
      const auto view = FrameView::of(frame->octets());
      if (view->fc().is_data() && view->address1() == ap.address) return octets(*frame);
    }
    return {};
  }
};

TEST_F(Rc4Suites, TkipCrossesTheAirWholeAndInParts) {
  join(true);
  set_tkip_keys();
  expect_both_ways(Octets(100, 0x45));
  for (Node* node : {&ap, &sta})
    ASSERT_TRUE(cfg80211::set_wiphy_params(*node->wiphy, {.fragmentation_threshold = 256}));
  for (int i = 0; i < 3; ++i) expect_both_ways(Octets(1000, 0x46));
  EXPECT_EQ(ap.stack.drops().total() + sta.stack.drops().total(), 0u);
}

TEST_F(Rc4Suites, TkipRefusesReplaysClearTextAndFlippedBits) {
  join(true);
  set_tkip_keys();
  expect_both_ways(Octets(100, 0x45));
  Octets frame = last_data_to_ap();
  frame[22] = static_cast<uint8_t>(frame[22] + 0x10);  // another sequence number
  ap.netdev().received.clear();
  hear_at_ap(frame);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxReplay), 1u);
  const size_t header = FrameView::of(frame)->header_length();
  frame[header + 4] = 1;  // a packet number that is new
  hear_at_ap(frame);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxBadMic), 1u) << "the ICV";
  hear_at_ap(qos_data(sta.address, ap.address, 99, msdu(0x0800, Octets(30))));
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxClearData), 1u);
  EXPECT_THAT(ap.netdev().received, IsEmpty());
}

TEST_F(Rc4Suites, MichaelIsCheckedAndItsFailuresAreTold) {
  join(true);
  set_tkip_keys();
  MicFailures told;
  sta.host.set_event_sink(told);
  // An AP whose Michael keys are others.
  const cfg80211::KeySlot to_sta{.index = 0, .pairwise = true, .peer = sta.address};
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, to_sta, tkip_key(1, 7, 3)));
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 1}, tkip_key(4, 7, 6)));
  ASSERT_TRUE(cfg80211::set_default_key(*ap.wdev, 1, false, true));
  send_both_ways(Octets(100, 0x45));
  EXPECT_THAT(sta.netdev().received, IsEmpty());
  ASSERT_THAT(told.failures, SizeIs(2));
  for (const auto& failure : told.failures) {
    EXPECT_EQ(failure.sender, ap.address);
    EXPECT_EQ(failure.index, failure.pairwise ? 0 : 1);
  }
  EXPECT_NE(told.failures[0].pairwise, told.failures[1].pairwise);
  EXPECT_EQ(sta.stack.drops().of(Drop::kRxBadMic), 2u);
  sta.host.set_event_sink(sta_door);
}

/// Whoever overhears a frame can say it again at a priority whose counter is behind: the ICV holds.
/// (Beck and Tews, WiSec 2009)
TEST_F(Rc4Suites, AFrameAtAnotherPriorityFailsMichael) {
  join(true);
  make_ht();
  set_tkip_keys();
  expect_both_ways(Octets(100, 0x45));
  MicFailures told;
  ap.host.set_event_sink(told);
  Octets frame = last_data_to_ap();
  ASSERT_TRUE(FrameView::of(frame)->fc().is_qos_data());
  frame[24] = 5;
  ap.netdev().received.clear();
  hear_at_ap(frame);
  ASSERT_THAT(told.failures, SizeIs(1));
  EXPECT_EQ(told.failures[0].sender, sta.address);
  EXPECT_TRUE(told.failures[0].pairwise);
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxBadMic), 1u);
  EXPECT_THAT(ap.netdev().received, IsEmpty());
  ap.host.set_event_sink(door);
}

TEST_F(Rc4Suites, KeysInstalledAgainDoNotBeginAgain) {
  join(true);
  set_tkip_keys();
  expect_both_ways(Octets(100, 0x45));
  const cfg80211::KeySlot to_ap{.index = 0, .pairwise = true, .peer = ap.address};
  const auto before = cfg80211::get_key(*sta.wdev, to_ap)->sequence;
  ASSERT_TRUE(cfg80211::new_key(*sta.wdev, to_ap, tkip_key(1, 3, 2)));
  EXPECT_EQ(cfg80211::get_key(*sta.wdev, to_ap)->sequence, before);
  expect_both_ways(Octets(100, 0x45));
  EXPECT_FALSE(cfg80211::new_key(*sta.wdev, to_ap, ccmp_key(1))) << "another cipher";
}

TEST_F(Rc4Suites, WepWithEitherKeySize) {
  join(true);
  set_wep_keys(5, cipher::kWep40);
  for (int i = 0; i < 300; ++i) expect_both_ways(Octets(30, static_cast<uint8_t>(i)));
  EXPECT_EQ(ap.stack.drops().total() + sta.stack.drops().total(), 0u);
  hear_at_ap(qos_data(sta.address, ap.address, 99, msdu(0x0800, Octets(30))));
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxClearData), 1u);
}

TEST_F(Rc4Suites, WepUnderAnotherKeyIsRefused) {
  join(true);
  set_wep_keys(13, cipher::kWep104);
  expect_both_ways(Octets(30, 1));
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 2},
                                {.key = Octets(13, 8), .cipher = cipher::kWep104, .mode = 0}));
  ASSERT_TRUE(cfg80211::set_default_key(*ap.wdev, 2, true, true));
  ap.netdev().received.clear();
  sta.netdev().received.clear();
  send_both_ways(Octets(30, 1));
  EXPECT_THAT(ap.netdev().received, IsEmpty());
  EXPECT_THAT(sta.netdev().received, IsEmpty());
  EXPECT_EQ(ap.stack.drops().of(Drop::kRxBadMic), 1u);
  EXPECT_EQ(sta.stack.drops().of(Drop::kRxBadMic), 2u);
}

}  // namespace
}  // namespace airloom::mac80211
