// Whether the AP is still there, how well it is heard, and which of its frames arrive.
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ConnectionMonitorTest : public MlmeHosts {
 protected:
  void lose_beacons() {
    air.loses = [](const auto& view) { return view.fc().is_beacon(); };
  }
  void lose_everything() {
    air.loses = [](const auto&) { return true; };
  }
  /// A beacon of the AP, received with this signal.
  void hear_beacon(int8_t dbm) {
    Octets frame = *access_point().beacon.head;
    Writer(frame).bytes(Octets{5, 4, 0, 2, 0, 0});
    sta.stack.receive(pool.from(frame), {.mhz = kMhz, .signal_dbm = dbm});
  }
};

TEST_F(ConnectionMonitorTest, BeaconLossIsToldAndTheApIsProbed) {
  join();
  lose_beacons();
  run(tu(750));
  EXPECT_THAT(sta_events.take(), ElementsAre("CQM beacon loss"));
  EXPECT_THAT(on_air(Subtype::kNull), SizeIs(1));
  EXPECT_TRUE(sta.wdev->is_connected());  // it has acknowledged the probe
  run(tu(700));
  EXPECT_THAT(sta_events.take(), ElementsAre("CQM beacon loss"));
  EXPECT_EQ(sta.stack.get_station(*sta.wdev, ap.address)->beacon_loss, 2u);
}

TEST_F(ConnectionMonitorTest, AnApThatIsGoneIsLeftAfterTwoProbes) {
  join();
  lose_everything();
  run(tu(720));
  EXPECT_FALSE(sta.wdev->is_connected());
  EXPECT_THAT(on_air(Subtype::kNull), SizeIs(2));
  const auto events = sta_events.take();
  ASSERT_THAT(events, SizeIs(testing::Ge(3u)));
  EXPECT_THAT(std::vector(events.begin(), events.begin() + 3),
              ElementsAre("CQM beacon loss", "DEAUTHENTICATE", "DISCONNECT 4"));
}

TEST_F(ConnectionMonitorTest, SignalThresholdsMakeRanges) {
  join();
  ASSERT_TRUE(cfg80211::set_cqm(*sta.wdev,
                                {.rssi_thresholds_dbm = {-80, -60, -40}, .rssi_hysteresis_db = 2}));
  lose_everything();  // only what we make up
  for (int i = 0; i < 60; ++i) hear_beacon(-70);
  auto events = sta_events.take();
  EXPECT_THAT(events, Contains(testing::StartsWith("CQM low")));
  for (int i = 0; i < 60; ++i) hear_beacon(-71);
  EXPECT_THAT(sta_events.take(), IsEmpty());
  for (int i = 0; i < 60; ++i) hear_beacon(-50);
  EXPECT_THAT(sta_events.take(), ElementsAre(testing::StartsWith("CQM high")));
  // Falling thresholds are refused, and the list ends with an empty one.
  EXPECT_FALSE(cfg80211::set_cqm(*sta.wdev, {.rssi_thresholds_dbm = {-40, -60}}));
  ASSERT_TRUE(cfg80211::set_cqm(*sta.wdev, {.rssi_thresholds_dbm = {0}}));
  for (int i = 0; i < 60; ++i) hear_beacon(-90);
  EXPECT_THAT(sta_events.take(), IsEmpty());
}

TEST_F(ConnectionMonitorTest, TransmitErrorsAreNotWatched) {
  join();
  const auto set = cfg80211::set_cqm(*sta.wdev, {.tx_errors = {{10, 100, 1}}});
  EXPECT_EQ(set.error().code, Errc::kUnsupported);
}

TEST_F(ConnectionMonitorTest, FiftyLostFramesInARowAreTold) {
  join();
  air.loses = [](const auto& view) { return view.fc().is_data(); };
  run(1100ms);
  door.take();
  for (int i = 0; i < 49; ++i) {
    ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 2)));
    run(1ms);
  }
  EXPECT_THAT(door.take(), IsEmpty());
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 2)));
  run(1ms);
  EXPECT_THAT(door.take(), ElementsAre("CQM packet loss 50"));
}

TEST_F(ConnectionMonitorTest, AClientIsProbed) {
  join();
  ASSERT_TRUE(cfg80211::probe_client(*ap.wdev, sta.address));
  run(1ms);
  EXPECT_THAT(door.take(), ElementsAre("PROBE_CLIENT true 0"));
  lose_everything();
  ASSERT_TRUE(cfg80211::probe_client(*ap.wdev, sta.address));
  run(1ms);
  EXPECT_THAT(door.take(), ElementsAre("PROBE_CLIENT false 0"));
}

}  // namespace
}  // namespace airloom::mac80211
