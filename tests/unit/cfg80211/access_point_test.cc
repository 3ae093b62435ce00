// Access points, their stations and keys: order of checks, errors and words of the kernel
// (tests/vectors name no file: the cases are those of a 6.1.192 asked with raw netlink).
#include <gmock/gmock.h>

#include "world.h"

namespace airloom::cfg80211 {
namespace {

class AccessPointMode : public testing::Test {
 protected:
  Errc start(const std::function<void(StartApRequest&)>& spoil) {
    StartApRequest request = world.access_point();
    spoil(request);
    return code_of(start_ap(wdev, request, 7));
  }
  static StationParams station() {
    return {.supported_rates = Octets{2, 4}, .listen_interval = 10, .aid = 1};
  }
  static KeyParams ccmp() { return {.key = Octets(16), .cipher = 0x000fac04}; }
  static KeyParams bip() { return {.key = Octets(16), .cipher = 0x000fac06}; }
  Error key_error(const KeySlot& slot, const KeyParams& params) {
    return error_of(new_key(wdev, slot, params));
  }

  World world;
  Wdev& wdev = world.add(InterfaceType::kAp);
  const MacAddress kPeer{{2, 0, 0, 0, 2, 0}};
};

TEST_F(AccessPointMode, StartsOnceAndStops) {
  ASSERT_TRUE(start_ap(wdev, world.access_point(7), 7));
  EXPECT_EQ(wdev.access_point->owner, 7u);
  EXPECT_EQ(start([](auto&) {}), Errc::kAlready);
  EXPECT_EQ(start([](auto& r) { r.beacon = {}; }), Errc::kAlready);  // before all else
  EXPECT_TRUE(stop_ap(wdev, 0, false));
  EXPECT_EQ(code_of(stop_ap(wdev, 0, false)), Errc::kNotFound);
  EXPECT_EQ(world.events.take(), Lines{});
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"REG_CHANGE 0 1 - phy0"}));
  EXPECT_EQ(world.ops.take(), (Lines{"start_ap wlan0", "stop_ap wlan0", "set_qos_map wlan0"}));
}

TEST_F(AccessPointMode, RefusesWhatTheKernelRefuses) {
  const auto on = [](uint32_t mhz) {
    return [mhz](StartApRequest& r) {
      r.channel = ChannelDefinition::from_type(mhz, ieee80211::ChannelType::kHt20);
    };
  };
  EXPECT_EQ(start([](auto& r) { r.beacon.head.reset(); }), Errc::kInvalid);
  EXPECT_EQ(start([](auto& r) { r.beacon_interval_tu = 9; }), Errc::kInvalid);
  EXPECT_EQ(start([](auto& r) { r.beacon_interval_tu = 10001; }), Errc::kInvalid);
  EXPECT_EQ(start([](auto& r) { r.crypto.group_cipher = 1; }), Errc::kInvalid);
  EXPECT_EQ(start([](auto& r) { r.auth_type = AuthType::kFilsSk; }), Errc::kInvalid);
  EXPECT_EQ(start([](auto& r) { r.inactivity_timeout_s = 5; }), Errc::kUnsupported);
  EXPECT_EQ(start(on(5260)), Errc::kInvalid);  // radar
  EXPECT_EQ(start(on(5180)), Errc::kInvalid);  // no IR
  EXPECT_EQ(start(on(0)), Errc::kInvalid);     // and no preset
  StartApRequest request = world.access_point();
  on(2400)(request);
  EXPECT_EQ(error_of(start_ap(wdev, request, 7)).text, "Channel is disabled");
  request = world.access_point();
  request.crypto.control_port_over_nl80211 = true;
  EXPECT_EQ(error_of(start_ap(wdev, request, 7)).text, "SOCKET_OWNER not set");
  Wdev& station = world.add(InterfaceType::kStation);
  EXPECT_EQ(code_of(start_ap(station, world.access_point(), 7)), Errc::kUnsupported);
  EXPECT_EQ(code_of(stop_ap(station, 0, false)), Errc::kUnsupported);
  EXPECT_EQ(world.ops.take(), Lines{});
}

TEST_F(AccessPointMode, HeOperationHasThePartsThatItNames) {
  const auto with = [](uint32_t parameters, size_t octets) {
    return [=](StartApRequest& r) {
      Octets body{36};  // its extension id, three octets of parameters, colour, basic rates
      Writer writer(body);
      writer.u8(static_cast<uint8_t>(parameters)).u8(static_cast<uint8_t>(parameters >> 8));
      writer.u8(static_cast<uint8_t>(parameters >> 16)).u8(1).le16(0xfffc);
      body.resize(body.size() + octets);
      Writer tail(r.beacon.tail.emplace());
      tail.u8(255).u8(static_cast<uint8_t>(body.size())).bytes(body);
    };
  };
  for (const auto& [parameters, octets] :
       {std::pair{0x4000u, 3u}, {0x8000u, 1u}, {0x20000u, 5u}, {0x2c000u, 9u}}) {
    EXPECT_EQ(start(with(parameters, octets - 1)), Errc::kInvalid) << parameters;
    StartApRequest request = world.access_point();
    with(parameters, octets)(request);
    EXPECT_TRUE(start_ap(wdev, request, 7)) << parameters;
    EXPECT_TRUE(stop_ap(wdev, 0, false));
  }
}

TEST_F(AccessPointMode, DrawsNoWrongConclusionFromAnyHead) {
  const Octets good = *world.access_point().beacon.head;
  for (size_t length = 0; length < good.size(); ++length) {
    StartApRequest request = world.access_point();
    request.beacon.head->resize(length);
    if (length == 36) continue;  // a head may end before its first element
    const Error error = error_of(start_ap(wdev, request, 7));
    EXPECT_EQ(error.text, "malformed beacon head") << length;
    EXPECT_EQ(error.where, NL80211_ATTR_BEACON_HEAD);
  }
}

TEST_F(AccessPointMode, SetsBeaconOnlyWhileBeaconing) {
  const Octets head = *world.access_point().beacon.head;
  EXPECT_EQ(code_of(set_beacon(wdev, {.head = head})), Errc::kInvalid);
  ASSERT_TRUE(start_ap(wdev, world.access_point(), 7));
  EXPECT_TRUE(set_beacon(wdev, {.head = head}));
  EXPECT_TRUE(set_beacon(wdev, {.tail = Octets{}}));
  EXPECT_EQ(code_of(set_beacon(wdev, {})), Errc::kInvalid);
  EXPECT_EQ(code_of(set_beacon(wdev, {.probe_response_elements = Octets{}})), Errc::kInvalid);
  EXPECT_EQ(error_of(set_beacon(wdev, {.head = Octets{}})).text, "malformed beacon head");
  EXPECT_EQ(error_of(set_beacon(wdev, {.tail = Octets{1, 9}})).text,
            "malformed information elements");
}

TEST_F(AccessPointMode, UsesThePresetChannel) {
  const auto preset = ChannelDefinition::from_type(2437, ieee80211::ChannelType::kHt20);
  ASSERT_TRUE(set_channel(world.wiphy(), &wdev, preset));
  StartApRequest request = world.access_point();
  request.channel = {};
  ASSERT_TRUE(start_ap(wdev, request, 7));
  EXPECT_EQ(wdev.link().channel, preset);
  EXPECT_EQ(code_of(set_channel(world.wiphy(), &wdev, preset)), Errc::kBusy);
}

TEST_F(AccessPointMode, OwnersDeathStopsItAndTellsOfIt) {
  ASSERT_TRUE(start_ap(wdev, world.access_point(7), 7));
  world.host.on_port_closed(7);
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"STOP_AP", "REG_CHANGE 0 1 - phy0"}));
  EXPECT_EQ(code_of(stop_ap(wdev, 0, false)), Errc::kNotFound);
}

TEST_F(AccessPointMode, GoingDownTellsOfTheStop) {
  ASSERT_TRUE(start_ap(wdev, world.access_point(7), 7));
  world.netdevs["wlan0"].down();
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"STOP_AP", "REG_CHANGE 0 1 - phy0"}));
}

TEST_F(AccessPointMode, NewStationsAreAssociatedUnlessSaidOtherwise) {
  ASSERT_TRUE(new_station(wdev, kPeer, station()));
  constexpr uint32_t kAssociated = 1u << NL80211_STA_FLAG_ASSOCIATED;
  EXPECT_TRUE(world.ops.station.flags_set & kAssociated);
  StationParams params = station();
  params.flags_mask = kAssociated | 1u << NL80211_STA_FLAG_TDLS_PEER;
  ASSERT_TRUE(new_station(wdev, kPeer, params));
  EXPECT_EQ(world.ops.station.flags_mask, kAssociated);
  EXPECT_EQ(world.ops.station.flags_set, 0u);
  params.aid.reset();
  EXPECT_EQ(code_of(new_station(wdev, kPeer, params)), Errc::kInvalid);
  Wdev& other = world.add(InterfaceType::kStation);
  EXPECT_EQ(code_of(new_station(other, kPeer, station())), Errc::kInvalid);
  Wdev& monitor = world.add(InterfaceType::kMonitor, "mon0");
  EXPECT_EQ(code_of(new_station(monitor, kPeer, station())), Errc::kUnsupported);
  EXPECT_EQ(code_of(set_station(monitor, kPeer, {})), Errc::kUnsupported);
  EXPECT_EQ(code_of(delete_station(other, {})), Errc::kInvalid);
  EXPECT_EQ(code_of(delete_station(wdev, {.reason = 0})), Errc::kInvalid);
  EXPECT_EQ(code_of(delete_station(wdev, {.subtype = 8})), Errc::kInvalid);
  EXPECT_TRUE(delete_station(wdev, {}));
}

TEST_F(AccessPointMode, ChangesMustFitTheStation) {
  const auto change = [&](StationParams params, StationKind kind) {
    return check_station_change(world.wiphy(), params, kind).has_value();
  };
  EXPECT_TRUE(change(station(), StationKind::kApClientUnassociated));
  EXPECT_FALSE(change(station(), StationKind::kApClient));
  StationParams authorize{.flags_mask = 1u << NL80211_STA_FLAG_AUTHORIZED};
  EXPECT_TRUE(change(authorize, StationKind::kApClient));
  EXPECT_TRUE(change(authorize, StationKind::kApOfStation));
  authorize.flags_mask |= 1u << NL80211_STA_FLAG_WME;
  EXPECT_FALSE(change(authorize, StationKind::kApOfStation));
  EXPECT_FALSE(change({.plink_state = 1}, StationKind::kApClient));
}

TEST_F(AccessPointMode, KeysAnswerInTheKernelsWords) {
  const KeySlot group{.index = 1}, igtk{.index = 4};
  const KeySlot pairwise{.index = 0, .pairwise = true, .peer = kPeer};
  const KeySlot pairwise_2{.index = 2, .pairwise = true, .peer = kPeer};
  const std::string invalid = "key setting validation failed";
  EXPECT_TRUE(new_key(wdev, group, ccmp()));
  EXPECT_TRUE(new_key(wdev, pairwise, ccmp()));
  EXPECT_TRUE(new_key(wdev, igtk, bip()));
  EXPECT_TRUE(new_key(wdev, {.index = 5}, ccmp()));
  EXPECT_EQ(key_error(group, {.cipher = 0x000fac04}).text, "no key");
  EXPECT_EQ(key_error(group, bip()).text, invalid);
  EXPECT_EQ(key_error({.index = 4, .pairwise = true, .peer = kPeer}, bip()).text, invalid);
  EXPECT_EQ(key_error(pairwise_2, ccmp()).text, invalid);
  EXPECT_EQ(key_error(igtk, {.key = Octets(15), .cipher = 0x000fac06}).text, invalid);
  EXPECT_EQ(key_error(igtk, {.key = Octets(16), .sequence = Octets(5), .cipher = 0x000fac06}).text,
            invalid);
  EXPECT_EQ(key_error({.index = 4}, {.key = Octets(5), .cipher = 0x000fac01}).text, invalid);
  EXPECT_EQ(key_error(group, {.key = Octets(16), .cipher = 0x000fac99}).text, invalid);
  EXPECT_EQ(key_error({.index = 1, .link = 0}, ccmp()).text,
            "link ID not allowed for non-MLO group key");
  world.ops.failures["add_key"] = Errc::kUnsupported;
  const Error error = key_error(group, ccmp());
  EXPECT_EQ(error.code, Errc::kUnsupported);
  EXPECT_EQ(error.text, "key addition failed");
  EXPECT_EQ(error_of(set_default_key(wdev, 4, true, true)).text, "def key idx not 0-3");
  EXPECT_EQ(error_of(set_default_management_key(wdev, 6)).text, "defmgmt key idx not 4 or 5");
  EXPECT_EQ(error_of(set_default_beacon_key(wdev, 4)).text, "defbeacon key idx not 6 or 7");
}

TEST_F(AccessPointMode, StationHasKeysOnlyWhileConnected) {
  Wdev& station = world.add(InterfaceType::kStation);
  const Error error = error_of(new_key(station, {.index = 1}, ccmp()));
  EXPECT_EQ(error.code, Errc::kNoLink);
  EXPECT_EQ(error.text, "key not allowed");
  EXPECT_EQ(code_of(delete_key(station, {.index = 1})), Errc::kNoLink);
  EXPECT_EQ(code_of(set_default_key(station, 1, true, true)), Errc::kNoLink);
  Wdev& monitor = world.add(InterfaceType::kMonitor, "mon0");
  EXPECT_EQ(code_of(delete_key(monitor, {.index = 1})), Errc::kInvalid);
}

}  // namespace
}  // namespace airloom::cfg80211
