// Scheduled scans of a SoftMAC radio whose driver makes them.
#include <gmock/gmock.h>

#include "two_hosts.h"

namespace airloom::mac80211 {
namespace {

using cfg80211::SchedScanRequest;
using testing::ElementsAre;

class SchedScan : public testing::Test {
 protected:
  SchedScan() {
    driver.set_hw(stack);
    host.set_event_sink(events);
    auto can = std::make_shared<cfg80211::Capabilities>(small_radio());
    can->max_sched_scans = 1;
    can->max_sched_scan_ssids = 2;
    wiphy = &host.add_wiphy({.capabilities = can, .addresses = {kOwn}}, stack);
    wdev = *wiphy->add_interface({.name = "wlan0", .type = InterfaceType::kStation});
    EXPECT_TRUE(netdevs["wlan0"].up());
    events.take();
  }
  ~SchedScan() override { host.clear_event_sink(); }

  Result<void> start() {
    SchedScanRequest request;
    request.scan.ssids = {{'n', 'e', 't'}};
    request.plans = {{.interval_s = 10}};
    return cfg80211::start_sched_scan(*wdev, request);
  }
  /// What the driver hears in a round.
  void hear_beacon() {
    Octets frame;
    Writer writer(frame);
    writer.le16(0x0080).le16(0).mac(MacAddress::broadcast()).mac(kAp).mac(kAp).le16(0);
    writer.le64(0).le16(100).le16(1);
    ieee80211::emit_element(writer, ieee80211::ElementId::kSsid, Octets{'n', 'e', 't'});
    stack.Hw::receive(pool.from(frame), {.mhz = 2412, .signal_dbm = -30});
  }
  bool knows_network() const {
    return wiphy->bss_table().find(2412, kAp, Octets{'n', 'e', 't'}) != nullptr;
  }

  static constexpr MacAddress kOwn{{2, 0, 0, 0, 2, 0}}, kAp{{2, 0, 0, 0, 1, 0}};
  EventQueue queue;
  FramePool pool;
  SeededRng rng{1};
  test::LoopAir air{queue};
  test::LoopDriver driver{air};
  test::MemoryNetdevs netdevs;
  test::EventRecorder events;
  RadioStack stack{{.scheduler = &queue, .rng = &rng, .pool = &pool}, driver, {}};
  cfg80211::Host host{"host", {.scheduler = &queue, .netdevs = &netdevs}, {}};
  cfg80211::Wiphy* wiphy = nullptr;
  cfg80211::Wdev* wdev = nullptr;
};

TEST_F(SchedScan, IsTheDriversWork) {
  driver.has_sched_scan = true;
  hear_beacon();
  EXPECT_FALSE(knows_network()) << "nobody scans";
  ASSERT_TRUE(start());
  EXPECT_EQ(driver.sched_scan.scan.channels.size(), 2u);
  hear_beacon();
  stack.sched_scan_results();
  EXPECT_TRUE(knows_network());
  ASSERT_TRUE(cfg80211::stop_sched_scan(*wiphy, {}, 7));
  stack.sched_scan_results();  // too late
  EXPECT_THAT(events.take(),
              ElementsAre("START_SCHED_SCAN 0", "SCHED_SCAN_RESULTS 0", "SCHED_SCAN_STOPPED 0"));
}

TEST_F(SchedScan, TheDriverMayGiveItUp) {
  driver.has_sched_scan = true;
  ASSERT_TRUE(start());
  stack.sched_scan_stopped();
  stack.sched_scan_stopped();
  EXPECT_THAT(events.take(), ElementsAre("START_SCHED_SCAN 0", "SCHED_SCAN_STOPPED 0"));
  EXPECT_TRUE(start());
}

TEST_F(SchedScan, StopsBeforeTheInterfaceDoes) {
  driver.has_sched_scan = true;
  ASSERT_TRUE(start());
  netdevs["wlan0"].down();
  EXPECT_THAT(driver.calls, testing::Contains("sched_scan_stop"));
  EXPECT_THAT(events.take(), ElementsAre("START_SCHED_SCAN 0", "SCHED_SCAN_STOPPED 0"));
}

TEST_F(SchedScan, ADriverWithoutItRefuses) {
  EXPECT_EQ(start().error().code, Errc::kUnsupported);
  EXPECT_THAT(events.take(), testing::IsEmpty());
}

TEST_F(SchedScan, ProbeRequestsAreTheStacks) {
  driver.has_sched_scan = true;
  ASSERT_TRUE(start());
  const auto& scan = driver.sched_scan.scan;
  const Octets probe = stack.probe_request(1, scan, scan.channels[0], scan.ssids[0]);
  const auto frame = ieee80211::FrameView::of(probe);
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->fc().is(Subtype::kProbeRequest));
  EXPECT_EQ(frame->address2(), kOwn);
  const auto ssid = ieee80211::find_element(frame->body(), ieee80211::ElementId::kSsid);
  ASSERT_TRUE(ssid);
  EXPECT_EQ(Octets(ssid->body.begin(), ssid->body.end()), scan.ssids[0]);
}

}  // namespace
}  // namespace airloom::mac80211
