// The AP's side: beacons and TIM, the station table, the port, power save.
#include "mac80211/access_point.h"

#include <gmock/gmock.h>

#include "cfg80211/driver_events.h"
#include "ieee80211/tim_element.h"
#include "two_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using AccessPointTest = TwoHosts;

TEST_F(AccessPointTest, BeaconsWithAFreshTim) {
  start_access_point();
  run(tu(1000));
  const auto beacons = on_air(Subtype::kBeacon);
  ASSERT_THAT(beacons, SizeIs(10));
  const auto body = ieee80211::BeaconBody::parse(Reader(beacons[0].body()));
  ASSERT_TRUE(body);
  const auto elements = *ieee80211::parse_elements(body->elements);
  std::vector<int> order;
  for (const auto& element : elements) order.push_back(element.id);
  EXPECT_THAT(order, ElementsAre(0, 1, 5, 42));
  for (size_t i = 0; i < beacons.size(); ++i) {
    const auto tim = ieee80211::find_element<ieee80211::TimElement>(beacons[i].body().subspan(12));
    ASSERT_TRUE(tim);
    EXPECT_EQ(tim->dtim_count, (i + 1) % 2);  // the kernel's first beacon is no DTIM
    EXPECT_EQ(tim->dtim_period, 2);
    EXPECT_EQ(tim->bitmap_control, 0);
    EXPECT_EQ(tim->bitmap, Octets{0});
  }
  EXPECT_TRUE(ap.netdev().carrier());
  ASSERT_TRUE(cfg80211::stop_ap(*ap.wdev, 0, false));
  EXPECT_FALSE(ap.netdev().carrier());
  air.frames.clear();
  run(tu(300));
  EXPECT_THAT(air.frames, IsEmpty());
}

TEST_F(AccessPointTest, ANewBeaconIsToldToTheDriverAndOnTheAir) {
  start_access_point();
  ap.driver.link_changes.clear();
  auto changed = access_point().beacon;
  const Octets vendor{221, 3, 1, 2, 3};
  changed.tail->insert(changed.tail->end(), vendor.begin(), vendor.end());
  ASSERT_TRUE(cfg80211::set_beacon(*ap.wdev, changed));
  EXPECT_THAT(ap.driver.link_changes, ElementsAre(kChangedBeacon));
  air.frames.clear();
  run(tu(100));
  const auto beacons = on_air(Subtype::kBeacon);
  ASSERT_THAT(beacons, SizeIs(1));
  const auto end = beacons[0].body().last(vendor.size());
  EXPECT_EQ(Octets(end.begin(), end.end()), vendor);
}

TEST_F(AccessPointTest, SendsWithNoMorePowerThanItsChannelAllows) {
  start_access_point();
  const auto* channel = ap.wiphy->find_channel(kMhz);
  ASSERT_NE(channel, nullptr);
  const int allowed_dbm = channel->max_power_mbm / 100;
  ASSERT_NE(allowed_dbm, LinkConfig{}.tx_power_dbm);  // else this shows nothing
  EXPECT_EQ(ap.interface().link().config.tx_power_dbm, allowed_dbm);
  EXPECT_EQ(*ap.stack.get_tx_power_dbm(*ap.wiphy, *ap.wdev), allowed_dbm);
}

TEST_F(AccessPointTest, BasicRatesAreThoseThatTheBandHas) {
  start_access_point();
  const auto set = [&](const Octets& rates, std::optional<bool> isolate = {}) {
    return cfg80211::set_bss(*ap.wdev, {.ap_isolate = isolate, .basic_rates = rates});
  };
  const auto& basic = ap.interface().link().config.basic_rates_100kbps;
  ASSERT_TRUE(set({0x8b, 0x82, 99}));
  EXPECT_THAT(basic, ElementsAre(10, 55)) << "what is no rate here is passed over";
  // None at all is refused, and nothing else of the request is taken.
  const bool isolates = ap.interface().access_point()->isolate;
  for (const Octets& rates : {Octets{99, 77}, Octets{}})
    EXPECT_EQ(set(rates, !isolates).error().code, Errc::kInvalid);
  EXPECT_THAT(basic, ElementsAre(10, 55));
  EXPECT_EQ(ap.interface().access_point()->isolate, isolates);
}

TEST_F(AccessPointTest, ProtectionPreambleSlotAndHtOperationReachTheDriver) {
  start_access_point();
  const auto set = [&](const cfg80211::BssParams& params) {
    ap.driver.link_changes.clear();
    ASSERT_TRUE(cfg80211::set_bss(*ap.wdev, params));
  };
  const LinkConfig& told = ap.driver.link_config;
  set({.cts_protection = true, .short_preamble = true, .short_slot_time = true});
  EXPECT_THAT(ap.driver.link_changes, ElementsAre(kChangedProtection));
  EXPECT_TRUE(told.cts_protection && told.short_preamble && told.short_slot);
  EXPECT_EQ(told.ht_operation_mode, 0);
  set({.cts_protection = false, .ht_operation_mode = 0x17});
  EXPECT_THAT(ap.driver.link_changes, ElementsAre(kChangedProtection | kChangedHtOperation));
  EXPECT_FALSE(told.cts_protection);
  EXPECT_TRUE(told.short_preamble && told.short_slot) << "not said, not changed";
  EXPECT_EQ(told.ht_operation_mode, 0x17);
  set({.ap_isolate = true});
  EXPECT_THAT(ap.driver.link_changes, ElementsAre(0u));
  EXPECT_EQ(told.ht_operation_mode, 0x17);
}

TEST_F(AccessPointTest, AMaskOfRatesLeavesABasicOne) {
  start_access_point();
  cfg80211::BitrateMask mask;
  const auto set = [&](uint32_t legacy) {
    mask.bands[0].legacy = legacy;
    return ap.stack.set_bitrate_mask(*ap.wdev, std::nullopt, mask);
  };
  EXPECT_EQ(set(0xff).error().code, Errc::kInvalid) << "no basic rates are known yet";
  ASSERT_TRUE(cfg80211::set_bss(*ap.wdev, {.basic_rates = Octets{0x82}}));
  EXPECT_EQ(set(0).error().code, Errc::kInvalid);
  EXPECT_EQ(set(0xf0).error().code, Errc::kInvalid);
  ASSERT_TRUE(set(0x01));
  // Other basic rates undo a mask that leaves none of them.
  ASSERT_TRUE(cfg80211::set_bss(*ap.wdev, {.basic_rates = Octets{0x8c}}));
  EXPECT_EQ(ap.interface().bitrate_mask->bands[0].legacy, 0xffffffffu);
}

TEST_F(AccessPointTest, BeaconsGoAtTheRateThatWasAskedFor) {
  auto request = access_point();
  cfg80211::BitrateMask& rate = request.beacon_rate.emplace();
  for (auto& band : rate.bands) band = {.legacy = 0, .ht = {}, .vht = {}, .he = {}};
  rate.bands[0].legacy = 1 << 2;  // 5.5 Mb/s
  ASSERT_TRUE(cfg80211::start_ap(*ap.wdev, request, kPort));
  const auto sent = [&] {
    const auto beacon = ap.interface().access_point()->next_beacon();
    return beacon->rates[0].rate.legacy_100kbps;
  };
  EXPECT_EQ(sent(), 55);
  const auto among = [&](const Octets& basic) {
    EXPECT_TRUE(cfg80211::set_bss(*ap.wdev, {.basic_rates = basic}));
    return sent();
  };
  EXPECT_EQ(among({2, 11}), 55);
  EXPECT_EQ(among({2, 12, 22}), 110) << "the next basic one in the order of the band";
  EXPECT_EQ(among({2, 4}), 55) << "where none follows, the rate itself";
  ASSERT_TRUE(cfg80211::stop_ap(*ap.wdev, 0, false));
  start_access_point();
  EXPECT_EQ(sent(), 10) << "another access point's";
}

TEST_F(AccessPointTest, SendsAnyManagementFrameForUserspace) {
  start_access_point();
  air.frames.clear();
  ASSERT_TRUE(cfg80211::send_frame(*ap.wdev, {.frame = *access_point().beacon.head}));
  run(1ms);
  EXPECT_THAT(on_air(Subtype::kBeacon), SizeIs(1)) << "also one that it does not make itself";
}

TEST_F(AccessPointTest, WalksStationsThroughTheirStatesInOrder) {
  start_access_point();
  admit(sta.address);
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = sta.address}));
  const std::string name = sta.address.to_string();
  EXPECT_THAT(ap.driver.calls, ElementsAre("add " + name, "state 1 " + name, "state 2 " + name,
                                           "state 3 " + name, "state 2 " + name, "state 1 " + name,
                                           "state 0 " + name, "remove " + name));
  EXPECT_EQ(ap.stack.stations().find(ap.interface(), sta.address), nullptr);
}

TEST_F(AccessPointTest, RefusesImpossibleStations) {
  start_access_point();
  EXPECT_FALSE(ap.stack.add_station(*ap.wdev, ap.address, client(1, false)));
  EXPECT_FALSE(ap.stack.add_station(*ap.wdev, MacAddress::broadcast(), client(1, false)));
  admit(sta.address);
  EXPECT_EQ(ap.stack.add_station(*ap.wdev, sta.address, client(1, false)).error().code,
            Errc::kExists);
  // Authorised without being associated is no state at all; nothing must be left of it.
  cfg80211::StationParams params = client(2, true);
  params.flags_set = 1u << NL80211_STA_FLAG_AUTHORIZED;
  const MacAddress other{{2, 0, 0, 0, 9, 0}};
  EXPECT_FALSE(ap.stack.add_station(*ap.wdev, other, params));
  EXPECT_EQ(ap.stack.stations().find(ap.interface(), other), nullptr);
}

TEST_F(AccessPointTest, TellsOfStrangersDataOnly) {
  start_access_point();
  ASSERT_TRUE(cfg80211::register_unexpected_frame(*ap.wdev, kPort));
  hear_at_ap(qos_data(sta.address, ap.address, 1, msdu(0x0800, Octets(20))));
  EXPECT_THAT(ap.events.take(), ElementsAre("UNEXPECTED_FRAME to 7"));
  EXPECT_THAT(ap.netdev().received, IsEmpty());
}

TEST_F(AccessPointTest, UnauthorisedPortPassesEapolAlone) {
  start_access_point();
  admit(sta.address, 1, /*authorized=*/false);
  hear_at_ap(qos_data(sta.address, ap.address, 1, msdu(0x0800, Octets(20))));
  EXPECT_THAT(ap.netdev().received, IsEmpty());
  hear_at_ap(qos_data(sta.address, ap.address, 2, msdu(0x888e, {2, 1, 0, 0})));
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(octets(ap.netdev().received[0]),
            octets(ethernet(ap.address, sta.address, 0x888e, {2, 1, 0, 0})));

  air.frames.clear();
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20)));
  EXPECT_THAT(on_air(Subtype::kQosData), IsEmpty());
  ap.netdev().send(ethernet(sta.address, ap.address, 0x888e, {2, 0, 0, 0}));
  const auto sent = on_air(Subtype::kQosData);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].tid(), 7);
  EXPECT_EQ(sent[0].duration(), 314);  // at 1 Mb/s, as on a real air
}

TEST_F(AccessPointTest, AuthorisedStationIsShownToBridges) {
  start_access_point();
  admit(sta.address);
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(octets(ap.netdev().received[0]),
            octets(ethernet(MacAddress::broadcast(), sta.address, 6, {0, 1, 0xaf, 0x81, 1, 0})));
}

TEST_F(AccessPointTest, ForwardsBetweenStationsUnlessIsolated) {
  start_access_point();
  admit(sta.address, 1);
  const MacAddress other{{2, 0, 0, 0, 9, 0}};
  admit(other, 2);
  ap.netdev().received.clear();
  hear_at_ap(qos_data(sta.address, other, 1, msdu(0x0800, Octets(20))));
  EXPECT_THAT(ap.netdev().received, IsEmpty());
  auto sent = on_air(Subtype::kQosData);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].address1(), other);
  EXPECT_EQ(sent[0].address3(), sta.address);

  hear_at_ap(qos_data(sta.address, MacAddress::broadcast(), 2, msdu(0x0806, Octets(28))));
  EXPECT_THAT(ap.netdev().received, SizeIs(1));  // to the host too
  EXPECT_THAT(on_air(Subtype::kData), SizeIs(1));

  ASSERT_TRUE(cfg80211::set_bss(*ap.wdev, {.ap_isolate = true}));
  hear_at_ap(qos_data(sta.address, other, 3, msdu(0x0800, Octets(20))));
  EXPECT_THAT(on_air(Subtype::kQosData), SizeIs(1));
  EXPECT_THAT(ap.netdev().received, SizeIs(2));
}

TEST_F(AccessPointTest, DropsDuplicates) {
  start_access_point();
  Station& station = admit(sta.address);
  ap.netdev().received.clear();
  const Octets ip = msdu(0x0800, Octets(20));
  hear_at_ap(qos_data(sta.address, ap.address, 5, ip));
  hear_at_ap(qos_data(sta.address, ap.address, 5, ip, ieee80211::FrameControl::kRetry));
  EXPECT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(station.counters.rx_duplicates, 1u);
  hear_at_ap(qos_data(sta.address, ap.address, 6, ip, ieee80211::FrameControl::kRetry));
  EXPECT_THAT(ap.netdev().received, SizeIs(2));  // a retry of what was lost before
}

TEST_F(AccessPointTest, HoldsFramesOfSleepersAndSaysSoInTheTim) {
  start_access_point();
  admit(sta.address, 3);
  auto null_frame = [&](uint16_t flags) {
    Octets frame;
    Writer(frame)
        .le16(static_cast<uint16_t>(0x0148 | flags))
        .le16(0)
        .mac(ap.address)
        .mac(sta.address)
        .mac(ap.address)
        .le16(0);
    return frame;
  };
  hear_at_ap(null_frame(ieee80211::FrameControl::kPowerManagement));
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 1)));
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20, 2)));
  ap.netdev().send(ethernet(MacAddress::broadcast(), ap.address, 0x0806, Octets(28)));
  EXPECT_THAT(on_air(Subtype::kQosData), IsEmpty());
  EXPECT_THAT(on_air(Subtype::kData), IsEmpty());
  run(tu(250));
  const auto beacons = on_air(Subtype::kBeacon);
  ASSERT_THAT(beacons, SizeIs(2));
  const auto first = *ieee80211::find_element<ieee80211::TimElement>(beacons[0].body().subspan(12));
  const auto dtim = *ieee80211::find_element<ieee80211::TimElement>(beacons[1].body().subspan(12));
  EXPECT_TRUE(first.has(3));
  EXPECT_FALSE(first.group_traffic());
  EXPECT_TRUE(dtim.group_traffic());
  EXPECT_THAT(on_air(Subtype::kData), SizeIs(1));  // after the DTIM

  Octets poll;  // PS-Poll: AID 3
  Writer(poll).le16(0x00a4).le16(0xc003).mac(ap.address).mac(sta.address);
  hear_at_ap(poll);
  auto sent = on_air(Subtype::kQosData);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(sent[0].fc().more_data());

  hear_at_ap(null_frame(0));
  EXPECT_THAT(on_air(Subtype::kQosData), SizeIs(2));
  air.frames.clear();
  run(tu(100));
  const auto after = on_air(Subtype::kBeacon);
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_FALSE(ieee80211::find_element<ieee80211::TimElement>(after[0].body().subspan(12))->has(3));
}

TEST_F(AccessPointTest, AStationThatGoesTakesItsQueueWithIt) {
  start_access_point();
  admit(sta.address);
  ap.driver.busy = true;
  for (int i = 0; i < 600; ++i)
    ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, Octets(20)));
  EXPECT_FALSE(ap.netdev().is_paused()) << "others could still be served";
  EXPECT_EQ(ap.stack.tx().flows().stats().backlog_frames, 600u);
  ASSERT_TRUE(cfg80211::delete_station(*ap.wdev, {.mac = sta.address}));
  EXPECT_EQ(ap.stack.tx().flows().stats().backlog_frames, 0u);
  EXPECT_EQ(ap.stack.tx().flows().stats().backlog_octets, 0u);
  EXPECT_EQ(ap.stack.drops().of(Drop::kTxPurged), 600u);
}

TEST_F(AccessPointTest, SurvivesEveryPrefixAndFlipOfAFrame) {
  start_access_point();
  admit(sta.address);
  const Octets good = qos_data(sta.address, ap.address, 5, msdu(0x0800, Octets(40)));
  for (size_t size = 0; size <= good.size(); ++size) hear_at_ap(std::span(good).first(size));
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Octets bad = good;
    bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ 1u << bit % 8);
    hear_at_ap(bad);
  }
  SeededRng noise(7);
  for (int i = 0; i < 5000; ++i) {
    Octets frame(noise.below(120));
    noise.fill(frame);
    if (frame.size() > 10) std::copy_n(ap.address.octets.begin(), 6, frame.begin() + 4);
    if (frame.size() > 16) std::copy_n(sta.address.octets.begin(), 6, frame.begin() + 10);
    hear_at_ap(frame);
  }
  run(100ms);
}

}  // namespace
}  // namespace airloom::mac80211
