// A FullMAC radio as a station of a SoftMAC access point: scan, CONNECT, data, and the ways in
// which a connection ends.
#include "node.h"

namespace airloom::fullmac {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;

/// What only a driver with an MLME of its own reports, too.
class Recorder final : public mac80211::MlmeRecorder {
 public:
  void roamed(const Wdev&, const cfg80211::ConnectResult& result) override {
    events.push_back("ROAM " + result.bssid.to_string());
  }
};

class FullmacStation : public mac80211::MlmeHosts {
 protected:
  FullmacStation() {
    full.host.set_event_sink(events);
    full.bring_up(InterfaceType::kStation);
    events.take();
  }
  ~FullmacStation() override { full.host.clear_event_sink(); }

  void start_ap() {
    ap.host.set_event_sink(door);
    door.client = client(1, /*authorized=*/true);
    ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, access_point(), kPort));
    for (const uint16_t type : {0x00, 0xb0})
      ASSERT_TRUE(cfg80211::register_frame(*ap.wdev, {.port = kPort, .frame_type = type}));
  }
  /// Passively: nobody answers probe requests here.
  void hear_beacons() {
    ASSERT_TRUE(cfg80211::trigger_scan(
        *full.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
    run(milliseconds(500));
  }
  Result<void> connect() {
    return cfg80211::connect(*full.wdev, {.mhz = kMhz, .ssid = kSsid}, kPort);
  }
  void join_full() {
    start_ap();
    hear_beacons();
    ASSERT_TRUE(connect());
    run(milliseconds(1000));
    ASSERT_TRUE(full.wdev->is_connected());
    events.take();
    ap.netdev().received.clear();
  }

  /// Until the firmware has noticed, of which the host sees the carrier alone.
  void lose_access_point() {
    air.loses = [](const auto&) { return true; };
    for (int i = 0; i < 3000 && full.netdev().carrier(); ++i) run(milliseconds(10));
    ASSERT_FALSE(full.netdev().carrier());
    ASSERT_TRUE(full.wdev->is_connected());
  }
  /// The access point has heard other frames before: the Layer-2 Update for its bridge.
  bool data_reaches(mac80211::Node& node) {
    const auto frame = ethernet(node.address, full.address, 0x0800, Octets(20, 1));
    const size_t before = node.netdev().received.size();
    full.netdev().send(frame);
    run(milliseconds(1));
    return node.netdev().received.size() == before + 1 &&
           octets(node.netdev().received.back()) == octets(frame);
  }

  Recorder events;
  FullmacNode full{queue, air, pool, rng, 2};
};

TEST_F(FullmacStation, ScansAndReportsWhatItHeard) {
  start_ap();
  hear_beacons();
  EXPECT_THAT(events.take(), ElementsAre("TRIGGER_SCAN", "NEW_SCAN_RESULTS"));
  const auto* bss = full.wiphy->bss_table().find(kMhz, ap.address, kSsid);
  ASSERT_NE(bss, nullptr);
  EXPECT_EQ(bss->beacon_interval_tu, 100);
  EXPECT_EQ(bss->signal_mbm, -3000);
}

TEST_F(FullmacStation, ConnectsAndCarriesDataBothWays) {
  start_ap();
  hear_beacons();
  ASSERT_TRUE(connect());
  run(milliseconds(1000));
  EXPECT_THAT(events.take(), Contains("CONNECT 0"));
  EXPECT_TRUE(full.wdev->is_connected_to(ap.address));
  EXPECT_NE(full.wdev->link().current_bss, 0u);
  EXPECT_TRUE(full.netdev().carrier());
  EXPECT_TRUE(data_reaches(ap));
  ap.netdev().send(ethernet(full.address, ap.address, 0x0800, Octets(30, 2)));
  run(milliseconds(1));
  ASSERT_EQ(full.netdev().received.size(), 1u);
  EXPECT_EQ(octets(full.netdev().received[0]),
            octets(ethernet(full.address, ap.address, 0x0800, Octets(30, 2))));
}

TEST_F(FullmacStation, KnowsTheStationItTalksTo) {
  join_full();
  const auto info = cfg80211::get_station(*full.wdev, ap.address);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->connected_time_s.has_value());
  const auto first = cfg80211::dump_station(*full.wdev, 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first, ap.address);
  EXPECT_FALSE(cfg80211::dump_station(*full.wdev, 1));
  EXPECT_EQ(full.wiphy->ops().get_channel(*full.wdev, 0)->primary_mhz, kMhz);
}

TEST_F(FullmacStation, TellsWhenThereIsNoSuchNetwork) {
  ASSERT_TRUE(connect());
  run(std::chrono::seconds(5));
  EXPECT_THAT(events.take(), Contains("CONNECT 1"));
  EXPECT_FALSE(full.wdev->is_connected());
  EXPECT_TRUE(connect());  // it may try again
}

TEST_F(FullmacStation, LeavesWhenAsked) {
  join_full();
  ASSERT_TRUE(cfg80211::disconnect(*full.wdev, 3, kPort));
  run(milliseconds(10));
  EXPECT_THAT(events.take(), Contains("DISCONNECT 3"));
  EXPECT_FALSE(full.wdev->is_connected());
  EXPECT_FALSE(full.netdev().carrier());
  EXPECT_FALSE(on_air(mac80211::Subtype::kDeauthentication).empty());
}

TEST_F(FullmacStation, HearsThatTheAccessPointSendsItAway) {
  join_full();
  cfg80211::FrameTxRequest farewell;
  Writer writer(farewell.frame);
  writer.le16(0x00c0).le16(0).mac(full.address).mac(ap.address).mac(ap.address).le16(0).le16(5);
  ASSERT_TRUE(cfg80211::send_frame(*ap.wdev, farewell));
  run(milliseconds(10));
  EXPECT_THAT(events.take(), Contains("DISCONNECT 5 by AP"));
}

TEST_F(FullmacStation, NoticesThatTheAccessPointIsGone) {
  join_full();
  air.loses = [](const auto&) { return true; };
  run(std::chrono::seconds(30));
  EXPECT_THAT(events.take(), Contains(testing::StartsWith("DISCONNECT")));
}

TEST_F(FullmacStation, MovesToAnotherAccessPointOfTheNetwork) {
  join_full();
  mac80211::Node second(queue, air, pool, rng, 3);
  mac80211::Doorkeeper second_door;
  second_door.client = door.client;
  second.host.set_event_sink(second_door);
  second.bring_up(InterfaceType::kAp);
  auto request = access_point();
  for (const size_t at : {10, 16})
    std::copy_n(second.address.octets.begin(), 6, request.beacon.head->begin() + at);
  ASSERT_TRUE(cfg80211::start_ap(*second.wdev, request, kPort));
  for (const uint16_t type : {0x00, 0xb0})
    ASSERT_TRUE(cfg80211::register_frame(*second.wdev, {.port = kPort, .frame_type = type}));
  hear_beacons();
  air.loses = [&](const ieee80211::FrameView& frame) {
    return frame.address1() == ap.address ||
           (frame.has_address2() && frame.address2() == ap.address);
  };
  run(std::chrono::seconds(30));
  EXPECT_THAT(events.take(), Contains("ROAM " + second.address.to_string()));
  EXPECT_TRUE(full.wdev->is_connected_to(second.address));
  EXPECT_TRUE(data_reaches(second));
  second.host.clear_event_sink();
}

TEST_F(FullmacStation, LeavesWhileItsFirmwareLooksForAnotherAccessPoint) {
  join_full();
  lose_access_point();
  ASSERT_TRUE(cfg80211::disconnect(*full.wdev, 3, kPort));
  run(milliseconds(10));
  EXPECT_THAT(events.take(), Contains("DISCONNECT 3"));
  EXPECT_FALSE(full.wdev->is_connected());
  run(std::chrono::seconds(30));
  EXPECT_THAT(events.take(), testing::Not(Contains(testing::StartsWith("DISCONNECT"))));
  EXPECT_TRUE(connect());
}

TEST_F(FullmacStation, GoesDownWhileItsFirmwareLooksForAnotherAccessPoint) {
  join_full();
  lose_access_point();
  full.netdev().down();
  run(std::chrono::seconds(30));
  EXPECT_THAT(events.take(), Contains("DISCONNECT 3"));
  EXPECT_FALSE(full.wdev->is_connected());
  ASSERT_TRUE(full.netdev().up());
  EXPECT_TRUE(connect());
}

TEST_F(FullmacStation, DoesNotDoASoftMacDriversWork) {
  join_full();
  EXPECT_EQ(cfg80211::authenticate(*full.wdev, {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid})
                .error()
                .code,
            Errc::kUnsupported);
  EXPECT_EQ(
      cfg80211::deauthenticate(*full.wdev, {.bssid = ap.address, .reason = 3}, 0).error().code,
      Errc::kUnsupported);
}

TEST_F(FullmacStation, GoesDownWhileConnected) {
  join_full();
  full.netdev().down();
  run(milliseconds(10));
  EXPECT_FALSE(full.wdev->is_connected());
  EXPECT_THAT(events.take(), Contains("DISCONNECT 3"));
  EXPECT_EQ(on_air(mac80211::Subtype::kDeauthentication).size(), 1u);
  // hostapd's part, when it hears that
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = full.address}));
  ASSERT_TRUE(full.netdev().up());
  ASSERT_TRUE(connect());
  run(milliseconds(1000));
  EXPECT_TRUE(full.wdev->is_connected());
  EXPECT_TRUE(data_reaches(ap));
}

/// The firmware's queues lose what is too much for them, as a radio's own do; nothing is held up.
TEST_F(FullmacStation, KeepsAQueueOfWhatItCannotSendAndGoesOn) {
  join_full();
  constexpr size_t kTooMany = 20'000;
  full.radio.busy = true;
  for (size_t sent = 0; sent < kTooMany; ++sent) {
    full.netdev().send(ethernet(ap.address, full.address, 0x0800, Octets(20, 1)));
    run({});
    ASSERT_FALSE(full.netdev().is_paused());
  }
  full.radio.busy = false;
  full.netdev().send(ethernet(ap.address, full.address, 0x0800, Octets(20, 1)));
  run(std::chrono::seconds(1));
  EXPECT_GT(ap.netdev().received.size(), 100u);
  EXPECT_LT(ap.netdev().received.size(), kTooMany);
  EXPECT_TRUE(data_reaches(ap));
}

}  // namespace
}  // namespace airloom::fullmac
