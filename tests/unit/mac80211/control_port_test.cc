// The roads of EAPOL and pre-authentication: over nl80211 to the port's owner, or by the netdev.
#include <gmock/gmock.h>

#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr uint16_t kEapol = 0x888e, kPreauthentication = 0x88c7;

class ControlPortTest : public JoinedHosts {
 protected:
  uint64_t send(cfg80211::Wdev& from, const MacAddress& to, uint16_t ethertype,
                bool no_encrypt = false) {
    const auto cookie = cfg80211::send_control_port_frame(from, {.destination = to,
                                                                 .ethertype = ethertype,
                                                                 .payload = {2, 3, 0, 0},
                                                                 .no_encrypt = no_encrypt});
    EXPECT_TRUE(cookie);
    run(1ms);
    return cookie.value_or(0);
  }
};

TEST_F(ControlPortTest, EachFrameSaysWhetherItIsEncrypted) {
  join(/*control_port=*/true);
  set_keys();
  send(*sta.wdev, ap.address, kEapol, /*no_encrypt=*/true);
  EXPECT_FALSE(on_air(Subtype::kData).back().fc().is_protected());
  send(*sta.wdev, ap.address, kEapol);
  EXPECT_TRUE(on_air(Subtype::kData).back().fc().is_protected());
  EXPECT_THAT(door.control_port, ElementsAre(std::pair(kEapol, true), std::pair(kEapol, false)));
}

TEST_F(ControlPortTest, PreauthenticationTakesTheSameRoad) {
  join(true);
  set_keys();
  // The kernel gives a cookie and a transmit status to frames of the port's own type alone.
  EXPECT_EQ(send(*sta.wdev, ap.address, kPreauthentication), 0u);
  EXPECT_THAT(door.control_port, ElementsAre(std::pair(kPreauthentication, false)));
  EXPECT_THAT(sta_door.control_port_status, IsEmpty());
  EXPECT_THAT(ap.netdev().received, IsEmpty());
  // An owner who does not want it (NO_PREAUTH) leaves it to the netdev.
  ap.interface().control_port.no_preauth = true;
  send(*sta.wdev, ap.address, kPreauthentication);
  EXPECT_THAT(door.control_port, SizeIs(1));
  ASSERT_THAT(ap.netdev().received, SizeIs(1));
  EXPECT_EQ(octets(ap.netdev().received[0]),
            octets(ethernet(ap.address, sta.address, kPreauthentication, {2, 3, 0, 0})));
}

TEST_F(ControlPortTest, TheStatusHasTheAirsAck) {
  join(true);
  set_keys();
  const uint64_t heard = send(*ap.wdev, sta.address, kEapol);
  sta.netdev().down();  // nobody acknowledges any more
  const uint64_t lost = send(*ap.wdev, sta.address, kEapol);
  run(100ms);
  EXPECT_THAT(door.control_port_status,
              ElementsAre(std::pair(heard, true), std::pair(lost, false)));
}

// The kernel tells of such a frame too, with cookie 0; whoever does not wait hears nothing here.
TEST_F(ControlPortTest, WhoDoesNotWaitHasNoStatus) {
  join(true);
  const auto cookie = cfg80211::send_control_port_frame(*ap.wdev, {.destination = sta.address,
                                                                   .ethertype = kEapol,
                                                                   .payload = {2, 3, 0, 0},
                                                                   .want_status = false});
  ASSERT_TRUE(cookie);
  EXPECT_EQ(*cookie, 0u);
  run(100ms);
  EXPECT_THAT(sta_door.control_port, ElementsAre(std::pair(kEapol, true)));
  EXPECT_THAT(door.control_port_status, IsEmpty());
}

TEST_F(ControlPortTest, OfAVlansStationItIsTheAccessPoints) {
  join(true);
  cfg80211::Wdev& vlan =
      **ap.wiphy->add_interface({.name = "vlan1", .type = InterfaceType::kApVlan});
  ASSERT_TRUE(ap.netdevs["vlan1"].up());
  ASSERT_TRUE(cfg80211::set_station(*ap.wdev, sta.address, {.vlan = vlan.id()}));
  ap.netdevs["vlan1"].received.clear();
  send(*sta.wdev, ap.address, kEapol);
  EXPECT_THAT(door.control_port, ElementsAre(std::pair(kEapol, true)));
  EXPECT_THAT(ap.netdevs["vlan1"].received, IsEmpty());
  send(*ap.wdev, sta.address, kEapol);
  EXPECT_THAT(sta_door.control_port, ElementsAre(std::pair(kEapol, true)));
  const auto by_vlan = cfg80211::send_control_port_frame(
      vlan, {.destination = sta.address, .ethertype = kEapol, .payload = {2, 3, 0, 0}});
  ASSERT_FALSE(by_vlan);
  EXPECT_EQ(by_vlan.error().code, Errc::kUnsupported);
}

// Where nobody asked for it over nl80211, EAPOL to the PAE group address comes as if to us.
TEST_F(ControlPortTest, ByTheNetdevGroupAddressesBecomeOurs) {
  join(/*control_port=*/false);
  const MacAddress pae_group{{0x01, 0x80, 0xc2, 0, 0, 3}};
  sta.netdev().send(ethernet(pae_group, sta.address, kEapol, payload));
  sta.netdev().send(ethernet(ap.address, sta.address, kEapol, payload));
  run(1ms);
  EXPECT_THAT(door.control_port, IsEmpty());
  ASSERT_THAT(ap.netdev().received, SizeIs(2));
  for (const auto& frame : ap.netdev().received)
    EXPECT_EQ(octets(frame), octets(ethernet(ap.address, sta.address, kEapol, payload)));
}

}  // namespace
}  // namespace airloom::mac80211
