// Scanning, joining and leaving as a station; CONNECT by our own SME.
#include <gmock/gmock.h>

#include "cfg80211/sme.h"
#include "world.h"

namespace airloom::cfg80211 {
namespace {

class StationMode : public testing::Test {
 protected:
  uint32_t holds(BssId id) const {
    const Bss* bss = world.host.find_wiphy(0u)->bss_table().find(id);
    return bss != nullptr ? bss->holds : 99;
  }
  static LeaveRequest leave_ap(uint16_t reason = 3) {
    return {.bssid = kApAddress, .reason = reason};
  }
  AuthenticateRequest authentication() const {
    return {.bssid = kApAddress, .mhz = 2412, .ssid = world.kSsid};
  }

  World world;
  Wdev& wdev = world.add(InterfaceType::kStation);
  const Octets kOpenAuthOk{0, 0, 2, 0, 0, 0};
  const Octets kAssociated{1, 0, 0, 0, 1, 0xc0};
};

TEST_F(StationMode, ScansOnceAtATime) {
  ASSERT_TRUE(trigger_scan(wdev, {.ssids = {{}}}));
  EXPECT_EQ(code_of(trigger_scan(wdev, {})), Errc::kBusy);
  EXPECT_EQ(world.ops.scanned.channels.size(), 7u);  // 5,845 MHz is disabled
  EXPECT_TRUE(world.ops.scanned.channels[3].passive);
  EXPECT_EQ(world.ops.scanned.rates[0], 0xfu);
  scan_done(world.wiphy(), false);
  scan_done(world.wiphy(), false);
  EXPECT_EQ(world.events.take(), (Lines{"TRIGGER_SCAN", "NEW_SCAN_RESULTS"}));
}

TEST_F(StationMode, RefusesScansLikeTheKernel) {
  const auto attempt = [&](ScanRequest request) { return code_of(trigger_scan(wdev, request)); };
  EXPECT_EQ(attempt({.ssids = std::vector<Octets>(5)}), Errc::kInvalid);
  EXPECT_EQ(attempt({.elements = Octets(2001)}), Errc::kInvalid);
  EXPECT_EQ(attempt({.channels = {{.mhz = 2400}}}), Errc::kInvalid);
  EXPECT_EQ(attempt({.channels = {{.mhz = 5845}}}), Errc::kInvalid);
  EXPECT_EQ(attempt({.ssids = {Octets(33)}}), Errc::kInvalid);
  EXPECT_EQ(attempt({.flags = NL80211_SCAN_FLAG_RANDOM_ADDR}), Errc::kUnsupported);
  EXPECT_EQ(code_of(abort_scan(wdev)), Errc::kNotFound);
  world.ops.failures["scan"] = Errc::kBusy;
  EXPECT_EQ(attempt({}), Errc::kBusy);
  EXPECT_FALSE(world.wiphy().scan);
  EXPECT_EQ(world.events.take(), Lines{});
}

TEST_F(StationMode, DownAndAbortEndTheScan) {
  ASSERT_TRUE(trigger_scan(wdev, {}));
  ASSERT_TRUE(abort_scan(wdev));
  ASSERT_TRUE(trigger_scan(wdev, {}));
  world.netdevs["wlan0"].down();
  EXPECT_EQ(world.events.take(),
            (Lines{"TRIGGER_SCAN", "SCAN_ABORTED", "TRIGGER_SCAN", "SCAN_ABORTED"}));
}

TEST_F(StationMode, FlushingScanForgetsWhatItDidNotHear) {
  world.hear("old");
  world.queue.run_for(std::chrono::seconds(1));
  ASSERT_TRUE(trigger_scan(wdev, {.flags = NL80211_SCAN_FLAG_FLUSH}));
  world.queue.run_for(std::chrono::seconds(1));
  world.hear("new");
  scan_done(world.wiphy(), false);
  ASSERT_EQ(world.wiphy().bss_table().entries().size(), 1u);
}

TEST_F(StationMode, AccessPointIsWhereItSaysItIs) {
  Octets frame = World::announcement("net", false, kApAddress);
  const Octets channel_6{3, 1, 6}, channel_9{3, 1, 9};
  Octets says_6 = frame, says_9 = frame;
  says_6.insert(says_6.end(), channel_6.begin(), channel_6.end());
  says_9.insert(says_9.end(), channel_9.begin(), channel_9.end());
  const BssId id = inform_bss(world.wiphy(), {.frame = says_6, .mhz = 2412});
  EXPECT_EQ(world.wiphy().bss_table().find(id)->mhz, 2437u);
  EXPECT_EQ(inform_bss(world.wiphy(), {.frame = says_9, .mhz = 2412}), 0u);  // no such channel
}

TEST_F(StationMode, AuthenticatesOnlyWhatItHeard) {
  EXPECT_EQ(code_of(authenticate(wdev, authentication())), Errc::kNotFound);
  world.hear("net");
  auto request = authentication();
  request.mhz = 5845;
  EXPECT_EQ(code_of(authenticate(wdev, request)), Errc::kInvalid);
  request = authentication();
  request.type = AuthType::kSae;
  EXPECT_EQ(code_of(authenticate(wdev, request)), Errc::kInvalid);  // no data
  request.auth_data = {1, 0, 0, 0};
  EXPECT_TRUE(authenticate(wdev, request));
  EXPECT_TRUE(authenticate(wdev, authentication()));
  EXPECT_EQ(holds(world.ops.bss), 0u);  // only for the call
  rx_mlme_frame(wdev, World::management(0x00b0, kOpenAuthOk));
  EXPECT_EQ(world.events.take(), (Lines{"AUTHENTICATE"}));
  request = authentication();
  request.local_state_change = true;
  request.ssid = {};
  EXPECT_TRUE(authenticate(wdev, request));
  Wdev& ap = world.add(InterfaceType::kAp);
  EXPECT_EQ(code_of(authenticate(ap, authentication())), Errc::kUnsupported);
}

TEST_F(StationMode, JoinsAndLeaves) {
  world.hear("net");
  EXPECT_EQ(code_of(deauthenticate(wdev, leave_ap(0), 0)), Errc::kInvalid);
  ASSERT_TRUE(associate(wdev, world.association(), 0));
  const BssId bss = world.ops.bss;
  EXPECT_EQ(holds(bss), 1u);
  rx_association_response(wdev, {.bss = bss, .frame = World::management(0x0010, kAssociated)});
  EXPECT_EQ(world.events.take(), (Lines{"ASSOCIATE", "CONNECT 0"}));
  EXPECT_EQ(wdev.link().current_bss, bss);
  EXPECT_EQ(code_of(authenticate(wdev, authentication())), Errc::kAlready);
  EXPECT_EQ(code_of(associate(wdev, world.association(), 0)), Errc::kAlready);

  world.ops.take();
  ASSERT_TRUE(deauthenticate(wdev, leave_ap(), 0));
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE", "DISCONNECT 3"}));
  EXPECT_EQ(
      world.ops.take(),
      (Lines{"deauthenticate wlan0", "delete_key 0 wlan0", "delete_key 1 wlan0",
             "delete_key 2 wlan0", "delete_key 3 wlan0", "delete_key 4 wlan0", "delete_key 5 wlan0",
             "delete_key 6 wlan0", "delete_key 7 wlan0", "set_qos_map wlan0"}));
  EXPECT_EQ(holds(bss), 0u);
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"REG_CHANGE 0 1 - phy0"}));
}

TEST_F(StationMode, AccessPointThrowsUsOut) {
  world.join(wdev);
  rx_mlme_frame(wdev, World::management(0x00c0, {7, 0}));
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE", "DISCONNECT 7 by AP"}));
  rx_mlme_frame(wdev, World::management(0x00c0, {7, 0}));
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE"}));
  for (size_t length = 0; length < 26; ++length)
    rx_mlme_frame(wdev, Span(World::management(0x00c0, {7, 0})).first(length));
  EXPECT_EQ(world.events.take(), Lines{});
}

TEST_F(StationMode, RefusedAssociationReleasesEverything) {
  world.hear("net");
  ASSERT_TRUE(associate(wdev, world.association(7), 7));
  const BssId bss = world.ops.bss;
  rx_association_response(wdev,
                          {.bss = bss, .frame = World::management(0x0010, {1, 0, 17, 0, 0, 0})});
  EXPECT_EQ(world.events.take(), (Lines{"ASSOCIATE", "CONNECT 17"}));
  EXPECT_EQ(holds(bss), 0u);
  EXPECT_EQ(wdev.connection.owner, 0u);
  ASSERT_TRUE(associate(wdev, world.association(), 0));
  association_timed_out(wdev, bss);
  EXPECT_EQ(world.events.take(), (Lines{"ASSOCIATE timed out"}));
  EXPECT_EQ(holds(bss), 0u);
  ASSERT_TRUE(associate(wdev, world.association(), 0));
  rx_association_response(wdev, {.bss = bss, .frame = World::management(0x0010, {1, 0})});
  EXPECT_EQ(world.events.take(), Lines{});  // too short to mean anything
  EXPECT_EQ(holds(bss), 0u);
}

TEST_F(StationMode, OwnerAloneMaySpeak) {
  world.join(wdev, 7);
  EXPECT_EQ(code_of(associate(wdev, world.association(), 8)), Errc::kPermission);
  EXPECT_EQ(code_of(deauthenticate(wdev, leave_ap(), 8)), Errc::kPermission);
  EXPECT_EQ(code_of(disassociate(wdev, leave_ap(), 8)), Errc::kPermission);
  EXPECT_EQ(code_of(disconnect(wdev, 3, 8)), Errc::kPermission);
  EXPECT_EQ(code_of(connect(wdev, {.ssid = world.kSsid}, 8)), Errc::kAlready);
  EXPECT_TRUE(disconnect(wdev, 3, 7));
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE", "DISCONNECT 3"}));
}

TEST_F(StationMode, OwnersDeathLeaves) {
  world.join(wdev, 7);
  world.host.on_port_closed(7);
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE", "DISCONNECT 3"}));
  world.settle();
  world.events.take();
  ASSERT_TRUE(associate(wdev, world.association(7), 7));
  world.host.on_port_closed(7);
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE"}));  // not connected yet: no DISCONNECT
}

TEST_F(StationMode, ControlPortNeedsAnOwner) {
  world.hear("net");
  auto request = world.association();
  request.crypto.control_port_over_nl80211 = true;
  const Error error = error_of(associate(wdev, request, 7));
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_EQ(error.text, "SOCKET_OWNER not set");
  request.owner = 7;
  EXPECT_TRUE(associate(wdev, request, 7));
  EXPECT_TRUE(wdev.control_port.over_nl80211);
  request.crypto.group_cipher = 0x000fac99;
  EXPECT_EQ(code_of(associate(wdev, request, 7)), Errc::kInvalid);
}

TEST_F(StationMode, GoingDownLeaves) {
  world.join(wdev);
  world.netdevs["wlan0"].down();
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE", "DISCONNECT 3"}));
  EXPECT_EQ(world.ops.calls.front(), "deauthenticate wlan0");
  EXPECT_EQ(world.ops.calls.back(), "stop wlan0");
}

TEST_F(StationMode, ConnectGoesThroughScanAuthenticationAssociation) {
  ASSERT_TRUE(connect(wdev, {.ssid = world.kSsid, .owner = 7}, 7));
  EXPECT_EQ(world.events.take(), (Lines{"TRIGGER_SCAN"}));
  world.hear("net");
  scan_done(world.wiphy(), false);
  world.settle();
  rx_mlme_frame(wdev, World::management(0x00b0, kOpenAuthOk));
  world.settle();
  EXPECT_EQ(world.ops.take(), (Lines{"scan wlan0", "authenticate wlan0", "associate wlan0"}));
  rx_association_response(wdev,
                          {.bss = world.ops.bss, .frame = World::management(0x0010, kAssociated)});
  EXPECT_EQ(world.events.take(),
            (Lines{"NEW_SCAN_RESULTS", "AUTHENTICATE", "ASSOCIATE", "CONNECT 0"}));
  EXPECT_EQ(wdev.connection.owner, 7u);
  EXPECT_EQ(code_of(connect(wdev, {.ssid = world.kSsid}, 7)), Errc::kAlready);
  EXPECT_EQ(code_of(connect(wdev, {.ssid = {'x'}}, 7)), Errc::kAlready);
  ASSERT_TRUE(disconnect(wdev, 3, 7));
  EXPECT_EQ(world.events.take(), (Lines{"DEAUTHENTICATE", "DISCONNECT 3"}));
  EXPECT_EQ(wdev.sme, nullptr);
}

TEST_F(StationMode, ForgedBeaconsAreToldOncePerTenSecondsAndAccessPoint) {
  const auto forged = [&] {
    rx_unprotected_mlme_frame(wdev, World::announcement("net", false, kApAddress));
    return world.events.take();
  };
  const Lines told{"UNPROT_BEACON"}, silence;
  world.hear("net");
  ASSERT_TRUE(connect(wdev, {.ssid = world.kSsid}, 0));
  rx_mlme_frame(wdev, World::management(0x00b0, kOpenAuthOk));
  world.settle();
  rx_association_response(wdev,
                          {.bss = world.ops.bss, .frame = World::management(0x0010, kAssociated)});
  ASSERT_TRUE(wdev.is_connected());
  world.events.take();
  EXPECT_EQ(forged(), told);
  EXPECT_EQ(forged(), silence);
  world.queue.run_for(std::chrono::milliseconds(9999));
  EXPECT_EQ(forged(), silence);
  world.queue.run_for(std::chrono::milliseconds(1));
  EXPECT_EQ(forged(), told);
  EXPECT_EQ(forged(), silence);

  const MacAddress next{{2, 0, 0, 0, 5, 0}};
  world.hear("net", 2437, false, next);
  roamed(wdev, {.bssid = next});
  ASSERT_TRUE(wdev.is_connected_to(next));
  EXPECT_EQ(forged(), told);
  EXPECT_EQ(forged(), silence);
  connect_result(wdev, {.bssid = kApAddress}, 0);
  EXPECT_EQ(world.events.take(), Lines{"CONNECT 0"});
  EXPECT_EQ(forged(), told);
  EXPECT_EQ(forged(), silence);
}

TEST_F(StationMode, ConnectFailsWhenNothingIsThere) {
  ASSERT_TRUE(connect(wdev, {.ssid = world.kSsid}, 0));
  scan_done(world.wiphy(), false);
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"TRIGGER_SCAN", "NEW_SCAN_RESULTS", "CONNECT 1"}));
  EXPECT_EQ(wdev.sme, nullptr);
  EXPECT_TRUE(wdev.connection.ssid.empty());
}

TEST_F(StationMode, ConnectHearsOfTimeouts) {
  world.hear("net");
  ASSERT_TRUE(connect(wdev, {.ssid = world.kSsid}, 0));
  authentication_timed_out(wdev, kApAddress);
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"AUTHENTICATE timed out", "CONNECT 1"}));
  world.ops.failures["authenticate"] = Errc::kBusy;  // somebody else's association runs
  EXPECT_EQ(code_of(connect(wdev, {.ssid = world.kSsid}, 0)), Errc::kBusy);
  EXPECT_EQ(wdev.sme, nullptr);
}

TEST_F(StationMode, InterfaceDiesWhileConnecting) {
  world.hear("net");
  ASSERT_TRUE(connect(wdev, {.ssid = world.kSsid}, 0));
  rx_mlme_frame(wdev, World::management(0x00b0, kOpenAuthOk));
  world.wiphy().remove_interface(wdev);  // its next step is due
  world.settle();
}

}  // namespace
}  // namespace airloom::cfg80211
