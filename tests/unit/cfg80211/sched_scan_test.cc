// Scheduled scans: what is refused, whose they are, and what ends them.
#include <gmock/gmock.h>

#include "world.h"

namespace airloom::cfg80211 {
namespace {

using testing::IsEmpty;

class SchedScans : public testing::Test {
 protected:
  SchedScans() {
    Capabilities can = simulated_radio();
    can.max_sched_scans = 2;
    can.max_sched_scan_ssids = 3;
    can.max_sched_scan_elements_len = 100;
    can.max_match_sets = 2;
    can.max_sched_scan_plans = 2;
    can.max_sched_scan_plan_interval = 60;
    can.max_sched_scan_plan_iterations = 10;
    world.capabilities = std::make_shared<Capabilities>(std::move(can));
    wiphy = &world.add_radio(ops, {{{2, 0, 0, 0, 7, 0}}});
    wdev = &add("sta0", InterfaceType::kStation);
  }
  Wdev& add(const std::string& name, InterfaceType type) {
    Wdev& added = **wiphy->add_interface({.name = name, .type = type});
    EXPECT_TRUE(world.netdevs[name].up());
    world.events.take();
    ops.take();
    return added;
  }
  static SchedScanRequest every_10_s(PortId owner = 0, bool multi = false) {
    SchedScanRequest request;
    request.plans = {{.interval_s = 10}};
    request.owner = owner;
    request.multi = multi;
    return request;
  }
  /// Of a request that differs from a good one as `change` says.
  template <typename Change>
  Errc refusal(Change change) {
    SchedScanRequest request = every_10_s();
    change(request);
    return code_of(start_sched_scan(*wdev, std::move(request)));
  }

  test::FakeOps ops;  // outlives the host
  World world;
  Wiphy* wiphy = nullptr;
  Wdev* wdev = nullptr;
};

TEST_F(SchedScans, NeedARadioThatMakesThem) {
  Wdev& other = world.add(InterfaceType::kStation);
  EXPECT_EQ(code_of(start_sched_scan(other, every_10_s())), Errc::kUnsupported);
  EXPECT_EQ(code_of(stop_sched_scan(world.wiphy(), {}, 7)), Errc::kUnsupported);
}

TEST_F(SchedScans, AreToldAndStopped) {
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s()));
  EXPECT_EQ(ops.take(), (Lines{"start_sched_scan sta0"}));
  EXPECT_EQ(ops.scheduled.scan.channels.size(), 7u) << "all that are enabled";
  sched_scan_results(*wiphy, 0);
  EXPECT_EQ(code_of(start_sched_scan(*wdev, every_10_s())), Errc::kInProgress);
  ASSERT_TRUE(stop_sched_scan(*wiphy, {}, 7));
  EXPECT_EQ(ops.take(), (Lines{"stop_sched_scan sta0"}));
  EXPECT_EQ(world.events.take(),
            (Lines{"START_SCHED_SCAN 0", "SCHED_SCAN_RESULTS 0", "SCHED_SCAN_STOPPED 0"}));
  EXPECT_EQ(code_of(stop_sched_scan(*wiphy, {}, 7)), Errc::kNotFound);
  sched_scan_results(*wiphy, 0);  // too late
  EXPECT_THAT(world.events.take(), IsEmpty());
}

TEST_F(SchedScans, KeepToWhatTheRadioCan) {
  using Request = SchedScanRequest;
  EXPECT_EQ(refusal([](Request& r) { r.scan.ssids.resize(4); }), Errc::kInvalid);
  EXPECT_EQ(refusal([](Request& r) { r.scan.ssids = {Octets(33)}; }), Errc::kInvalid);
  EXPECT_EQ(refusal([](Request& r) { r.scan.elements.resize(101); }), Errc::kInvalid);
  EXPECT_EQ(refusal([](Request& r) { r.scan.channels = {{.mhz = 2413}}; }), Errc::kInvalid);
  EXPECT_EQ(refusal([](Request& r) { r.match_sets.resize(3); }), Errc::kInvalid);
  EXPECT_EQ(refusal([](Request& r) { r.match_sets.emplace_back().band_rssi_dbm[0] = -60; }),
            Errc::kUnsupported);
  EXPECT_EQ(refusal([](Request& r) { r.relative_rssi_db = 5; }), Errc::kInvalid);
  EXPECT_EQ(refusal([](Request& r) { r.rssi_adjust = Request::RssiAdjust{}; }), Errc::kInvalid);
  EXPECT_EQ(refusal([](Request& r) { r.scan.flags = NL80211_SCAN_FLAG_RANDOM_ADDR; }),
            Errc::kUnsupported);
  EXPECT_EQ(refusal([](Request& r) { r.scan.flags = NL80211_SCAN_FLAG_LOW_PRIORITY; }),
            Errc::kUnsupported);
  EXPECT_THAT(world.events.take(), IsEmpty());
  EXPECT_THAT(ops.take(), IsEmpty());
}

TEST_F(SchedScans, HavePlansOfWhichTheLastOneOnlyNeverEnds) {
  const auto with = [&](std::vector<SchedScanRequest::Plan> plans) {
    return refusal([&](SchedScanRequest& request) { request.plans = std::move(plans); });
  };
  EXPECT_EQ(with({}), Errc::kInvalid);
  EXPECT_EQ(with({{0, 0}}), Errc::kInvalid);
  EXPECT_EQ(with({{61, 0}}), Errc::kInvalid);
  EXPECT_EQ(with({{10, 2}}), Errc::kInvalid) << "the last one ends";
  EXPECT_EQ(with({{10, 0}, {10, 0}}), Errc::kInvalid) << "the first one does not";
  EXPECT_EQ(with({{10, 11}, {10, 0}}), Errc::kInvalid);
  EXPECT_EQ(with({{10, 1}, {20, 1}, {60, 0}}), Errc::kInvalid) << "too many";
  auto good = every_10_s();
  good.plans = {{10, 10}, {60, 0}};
  EXPECT_TRUE(start_sched_scan(*wdev, good));
}

TEST_F(SchedScans, RunBesideEachOtherOnlyIfAllAskForIt) {
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s(0, true)));
  EXPECT_EQ(code_of(start_sched_scan(*wdev, every_10_s())), Errc::kInProgress);
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s(0, true)));
  EXPECT_EQ(code_of(start_sched_scan(*wdev, every_10_s(0, true))), Errc::kNoSpace);
  EXPECT_EQ(world.events.take(), (Lines{"START_SCHED_SCAN 1", "START_SCHED_SCAN 2"}));
  EXPECT_EQ(code_of(stop_sched_scan(*wiphy, {}, 7)), Errc::kNotFound) << "which of them?";
  EXPECT_EQ(code_of(stop_sched_scan(*wiphy, 3, 7)), Errc::kNotFound);
  ASSERT_TRUE(stop_sched_scan(*wiphy, 1, 7));
  sched_scan_stopped(*wiphy, 2);  // the radio gives it up
  EXPECT_EQ(ops.take(),
            (Lines{"start_sched_scan sta0", "start_sched_scan sta0", "stop_sched_scan sta0"}));
  EXPECT_EQ(world.events.take(), (Lines{"SCHED_SCAN_STOPPED 1", "SCHED_SCAN_STOPPED 2"}));
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s()));
  EXPECT_EQ(code_of(start_sched_scan(*wdev, every_10_s(0, true))), Errc::kInProgress);
}

TEST_F(SchedScans, EndWithTheirOwner) {
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s(7, true)));
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s(8, true)));
  world.events.take();
  world.host.on_port_closed(9);
  EXPECT_THAT(world.events.take(), IsEmpty());
  world.host.on_port_closed(7);
  EXPECT_EQ(world.events.take(), (Lines{"SCHED_SCAN_STOPPED 1"}));
  world.host.on_port_closed(8);
  EXPECT_EQ(world.events.take(), (Lines{"SCHED_SCAN_STOPPED 2"}));
}

TEST_F(SchedScans, AreTheirOwnersToStop) {
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s(7)));
  EXPECT_EQ(code_of(stop_sched_scan(*wiphy, {}, 8)), Errc::kNotFound);
  EXPECT_TRUE(stop_sched_scan(*wiphy, {}, 7));
}

TEST_F(SchedScans, EndWhenTheInterfaceGoesDownOrAway) {
  Wdev& ap = add("ap0", InterfaceType::kAp);
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s(0, true)));
  ASSERT_TRUE(start_sched_scan(ap, every_10_s(0, true)));
  world.events.take();
  ops.take();
  world.netdevs["sta0"].down();
  EXPECT_EQ(world.events.take(), (Lines{"SCHED_SCAN_STOPPED 1"}));
  EXPECT_EQ(ops.take().front(), "stop_sched_scan sta0") << "ahead of stop";
  wiphy->remove_interface(ap);
  EXPECT_EQ(world.events.take(), (Lines{"SCHED_SCAN_STOPPED 2", "DEL_INTERFACE ap0"}));
}

TEST_F(SchedScans, EndWithoutTheDriversConsentToo) {
  ops.failures["stop_sched_scan"] = Errc::kBusy;
  ASSERT_TRUE(start_sched_scan(*wdev, every_10_s()));
  EXPECT_EQ(code_of(stop_sched_scan(*wiphy, {}, 7)), Errc::kBusy);
  EXPECT_EQ(wiphy->sched_scans.size(), 1u);
  world.netdevs["sta0"].down();
  EXPECT_THAT(wiphy->sched_scans, IsEmpty());
  EXPECT_EQ(world.events.take(), (Lines{"START_SCHED_SCAN 0", "SCHED_SCAN_STOPPED 0"}));
}

TEST_F(SchedScans, DoNotBeginIfTheDriverRefuses) {
  ops.failures["start_sched_scan"] = Errc::kBusy;
  EXPECT_EQ(code_of(start_sched_scan(*wdev, every_10_s())), Errc::kBusy);
  EXPECT_THAT(wiphy->sched_scans, IsEmpty());
  EXPECT_THAT(world.events.take(), IsEmpty());
}

TEST_F(SchedScans, ForgetOlderResultsIfAskedTo) {
  const auto hear = [&](const MacAddress& bssid) {
    inform_bss(*wiphy, {.frame = World::announcement("net", false, bssid), .mhz = 2412});
    world.queue.run_for(std::chrono::seconds(1));
  };
  hear(kApAddress);
  SchedScanRequest request = every_10_s();
  request.scan.flags = NL80211_SCAN_FLAG_FLUSH;
  ASSERT_TRUE(start_sched_scan(*wdev, request));
  hear({{2, 0, 0, 0, 0, 9}});
  EXPECT_EQ(wiphy->bss_table().entries().size(), 2u);
  sched_scan_results(*wiphy, 0);
  EXPECT_EQ(wiphy->bss_table().entries().size(), 1u);
}

}  // namespace
}  // namespace airloom::cfg80211
