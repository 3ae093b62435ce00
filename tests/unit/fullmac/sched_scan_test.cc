// The firmware's scheduled scans: rounds as the plans say, what of them the host hears, and what
// goes first.
#include "node.h"

namespace airloom::fullmac {
namespace {

using cfg80211::SchedScanRequest;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class FullmacSchedScan : public mac80211::MlmeHosts {
 protected:
  FullmacSchedScan() {
    full.host.set_event_sink(events);
    full.bring_up(InterfaceType::kStation);
    events.take();
  }
  ~FullmacSchedScan() override { full.host.clear_event_sink(); }

  /// Passively: nobody answers probe requests here. A round takes 0.2 s.
  static SchedScanRequest every(uint32_t interval_s) {
    SchedScanRequest request;
    request.scan.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}};
    request.plans = {{.interval_s = interval_s}};
    return request;
  }
  void start(const SchedScanRequest& request) {
    ASSERT_TRUE(cfg80211::start_sched_scan(*full.wdev, request));
    events.take();
  }
  /// How often the host hears of results while so much time passes.
  size_t results_within(Duration time) {
    run(time);
    return std::ranges::count(events.take(), "SCHED_SCAN_RESULTS 0");
  }

  mac80211::MlmeRecorder events;
  FullmacNode full{queue, air, pool, rng, 2};
};

TEST_F(FullmacSchedScan, FindsANetworkWhenItAppears) {
  start(every(10));
  EXPECT_EQ(results_within(seconds(15)), 0u);
  start_access_point();
  EXPECT_EQ(results_within(seconds(10)), 1u);
  EXPECT_NE(full.wiphy->bss_table().find(kMhz, ap.address, kSsid), nullptr);
  EXPECT_EQ(results_within(seconds(100)), 10u);
  ASSERT_TRUE(cfg80211::stop_sched_scan(*full.wiphy, {}, kPort));
  EXPECT_THAT(events.take(), ElementsAre("SCHED_SCAN_STOPPED 0"));
  EXPECT_EQ(results_within(seconds(100)), 0u);
}

TEST_F(FullmacSchedScan, TellsOfWhatMatchesOnly) {
  start_access_point();
  const auto tells = [&](auto change) {
    SchedScanRequest request = every(10);
    change(request.match_sets.emplace_back());
    start(request);
    const size_t told = results_within(seconds(5));
    EXPECT_TRUE(cfg80211::stop_sched_scan(*full.wiphy, {}, kPort));
    events.take();
    return told != 0;
  };
  using Set = SchedScanRequest::MatchSet;
  EXPECT_TRUE(tells([&](Set& set) { set.ssid = kSsid; }));
  EXPECT_FALSE(tells([&](Set& set) { set.ssid = {'x'}; }));
  EXPECT_TRUE(tells([&](Set& set) { set.bssid = ap.address; }));
  EXPECT_FALSE(tells([&](Set& set) { set.bssid = full.address; }));
  EXPECT_TRUE(tells([&](Set& set) { set.rssi_dbm = -30; }));
  EXPECT_FALSE(tells([&](Set& set) { set.rssi_dbm = -29; }));
  EXPECT_FALSE(tells([&](Set& set) { set.band_rssi_dbm[0] = -20; }));
  EXPECT_TRUE(tells([&](Set& set) { set.band_rssi_dbm[1] = -20; }));  // of another band
}

TEST_F(FullmacSchedScan, WaitsAndGoesFromPlanToPlan) {
  start_access_point();
  SchedScanRequest request = every(100);
  request.delay_s = 20;
  request.plans.insert(request.plans.begin(), {.interval_s = 2, .rounds = 3});
  start(request);
  EXPECT_EQ(results_within(seconds(20)), 0u);
  EXPECT_EQ(results_within(seconds(5)), 3u);    // at 20, 22, 24
  EXPECT_EQ(results_within(seconds(2)), 1u);    // the second plan's first, at 26
  EXPECT_EQ(results_within(seconds(98)), 0u);   // up to 125
  EXPECT_EQ(results_within(seconds(102)), 2u);  // at 126 and 226
}

TEST_F(FullmacSchedScan, TwoRunBesideEachOther) {
  start_access_point();
  SchedScanRequest request = every(10);
  request.multi = true;
  ASSERT_TRUE(cfg80211::start_sched_scan(*full.wdev, request));
  ASSERT_TRUE(cfg80211::start_sched_scan(*full.wdev, request));
  run(seconds(9));
  EXPECT_THAT(events.take(), ElementsAre("START_SCHED_SCAN 1", "START_SCHED_SCAN 2",
                                         "SCHED_SCAN_RESULTS 1", "SCHED_SCAN_RESULTS 2"));
  EXPECT_FALSE(cfg80211::start_sched_scan(*full.wdev, request));
  ASSERT_TRUE(cfg80211::stop_sched_scan(*full.wiphy, 1, kPort));
  run(seconds(10));
  EXPECT_THAT(events.take(), ElementsAre("SCHED_SCAN_STOPPED 1", "SCHED_SCAN_RESULTS 2"));
}

TEST_F(FullmacSchedScan, WhatTheHostAsksForGoesFirst) {
  start_access_point();
  start(every(10));
  run(milliseconds(50));  // in the midst of a round
  ASSERT_TRUE(cfg80211::trigger_scan(
      *full.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
  run(milliseconds(500));
  EXPECT_THAT(events.take(), ElementsAre("TRIGGER_SCAN", "NEW_SCAN_RESULTS"));
  EXPECT_EQ(results_within(seconds(2)), 1u);  // the round is made again
}

TEST_F(FullmacSchedScan, ConnectingInTheMidstOfARoundWorks) {
  ap.host.set_event_sink(door);
  door.client = client(1, /*authorized=*/true);
  start_access_point();
  for (const uint16_t type : {0x00, 0xb0})
    ASSERT_TRUE(cfg80211::register_frame(*ap.wdev, {.port = kPort, .frame_type = type}));
  start(every(1));
  run(milliseconds(1050));
  ASSERT_TRUE(cfg80211::connect(*full.wdev, {.mhz = kMhz, .ssid = kSsid}, kPort));
  run(seconds(2));
  EXPECT_THAT(events.take(), Contains("CONNECT 0"));
  EXPECT_TRUE(full.wdev->is_connected());
  EXPECT_GE(results_within(seconds(5)), 4u);
}

TEST_F(FullmacSchedScan, EndsWithItsInterface) {
  start_access_point();
  start(every(1));
  run(milliseconds(50));
  full.netdev().down();
  EXPECT_THAT(events.take(), ElementsAre("SCHED_SCAN_STOPPED 0"));
  run(seconds(5));
  ASSERT_TRUE(full.netdev().up());
  EXPECT_EQ(results_within(seconds(5)), 0u);
  start(every(1));
  EXPECT_GE(results_within(seconds(5)), 4u);
}

TEST_F(FullmacSchedScan, TheWiphySaysWhatItCan) {
  const auto& can = full.wiphy->capabilities();
  EXPECT_EQ(can.max_sched_scans, 2u);
  EXPECT_THAT(can.supported_commands, Contains(NL80211_CMD_START_SCHED_SCAN));
}

}  // namespace
}  // namespace airloom::fullmac
