// AP VLANs: who they serve, under which key, and what becomes of them with their access point.
#include <gmock/gmock.h>

#include "joined_hosts.h"

namespace airloom::mac80211 {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ApVlanTest : public JoinedHosts {
 protected:
  cfg80211::Wdev& add_vlan(const std::string& name, bool four_address = false) {
    return **ap.wiphy->add_interface(
        {.name = name, .type = InterfaceType::kApVlan, .use_4addr = four_address});
  }
  Result<void> put_on(const cfg80211::Wdev& vlan) {
    return cfg80211::set_station(*ap.wdev, sta.address, {.vlan = vlan.id()});
  }
  FrameBuffer broadcast() { return ethernet(MacAddress::broadcast(), ap.address, 0x0806, payload); }
};

TEST_F(ApVlanTest, GoesUpOnlyBesideItsAccessPoint) {
  join(false);
  cfg80211::Wdev& vlan = add_vlan("vlan1");
  EXPECT_EQ(vlan.address(), ap.address);
  ASSERT_TRUE(ap.netdevs["vlan1"].up());
  EXPECT_TRUE(ap.netdevs["vlan1"].carrier());
  ASSERT_TRUE(put_on(vlan));
  ap.netdev().down();
  EXPECT_FALSE(ap.netdevs["vlan1"].is_up());
  const auto refused = ap.netdevs["vlan1"].up();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kNoLink);
}

TEST_F(ApVlanTest, MayBeMadeBeforeItsAccessPoint) {
  ASSERT_TRUE(sta.wiphy->add_interface({.name = "vlan1", .type = InterfaceType::kApVlan}));
  EXPECT_EQ(sta.netdevs["vlan1"].up().error().code, Errc::kNoLink);
}

TEST_F(ApVlanTest, HasTheFramesOfItsStations) {
  join(false);
  cfg80211::Wdev& vlan = add_vlan("vlan1");
  ASSERT_TRUE(ap.netdevs["vlan1"].up());
  ASSERT_TRUE(put_on(vlan));
  sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, payload));
  run(1ms);
  EXPECT_THAT(ap.netdev().received, IsEmpty());
  ASSERT_THAT(ap.netdevs["vlan1"].received, SizeIs(2));  // the first tells bridges where it is
  // To one station both roads lead; to all, only the VLAN's.
  ap.netdev().send(ethernet(sta.address, ap.address, 0x0800, payload));
  ap.netdevs["vlan1"].send(ethernet(sta.address, ap.address, 0x0800, payload));
  ap.netdev().send(broadcast());
  ap.netdevs["vlan1"].send(broadcast());
  run(1ms);
  EXPECT_THAT(sta.netdev().received, SizeIs(3));
}

TEST_F(ApVlanTest, SendsToAllUnderItsOwnKey) {
  join(/*control_port=*/true);
  cfg80211::Wdev& vlan = add_vlan("vlan1");
  ASSERT_TRUE(ap.netdevs["vlan1"].up());
  set_keys();
  ASSERT_TRUE(cfg80211::new_key(vlan, {.index = 2}, ccmp_key(0x33)));
  ASSERT_TRUE(cfg80211::set_default_key(vlan, 2, false, true));
  ASSERT_TRUE(put_on(vlan));
  ap.netdevs["vlan1"].send(broadcast());
  run(1ms);
  EXPECT_THAT(sta.netdev().received, IsEmpty());  // it has the access point's key, not the VLAN's
  ASSERT_TRUE(cfg80211::new_key(*sta.wdev, {.index = 2}, ccmp_key(0x33)));
  ap.netdevs["vlan1"].send(broadcast());
  run(1ms);
  EXPECT_THAT(sta.netdev().received, SizeIs(1));
}

TEST_F(ApVlanTest, WithFourAddressesServesOneStation) {
  join(false);
  cfg80211::Wdev& vlan = add_vlan("wds1", /*four_address=*/true);
  ASSERT_TRUE(ap.netdevs["wds1"].up());
  ASSERT_TRUE(put_on(vlan));
  const MacAddress second{{2, 0, 0, 0, 9, 0}};
  ASSERT_TRUE(cfg80211::new_station(*ap.wdev, second, client(2, true)));
  const auto refused = cfg80211::set_station(*ap.wdev, second, {.vlan = vlan.id()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kBusy);

  ASSERT_TRUE(sta.wiphy->change_interface(*sta.wdev, {.use_4addr = true}));
  const MacAddress far{{2, 0, 0, 0, 8, 0}}, near{{2, 0, 0, 0, 7, 0}};
  ap.netdevs["wds1"].received.clear();
  sta.netdev().send(ethernet(near, far, 0x0800, payload));
  sta.netdev().send(ethernet(MacAddress::broadcast(), far, 0x0806, payload));
  ap.netdevs["wds1"].send(ethernet(far, near, 0x0800, payload));
  ap.netdevs["wds1"].send(ethernet(MacAddress::broadcast(), near, 0x0806, payload));
  ap.netdev().send(broadcast());  // with three addresses: not for us
  run(1ms);
  ASSERT_THAT(ap.netdevs["wds1"].received, SizeIs(2));
  EXPECT_EQ(octets(ap.netdevs["wds1"].received[0]), octets(ethernet(near, far, 0x0800, payload)));
  ASSERT_THAT(sta.netdev().received, SizeIs(2));
  EXPECT_EQ(octets(sta.netdev().received[0]), octets(ethernet(far, near, 0x0800, payload)));
}

TEST_F(ApVlanTest, GoneTakesItsStationsAlong) {
  join(false);
  cfg80211::Wdev& vlan = add_vlan("vlan1");
  ASSERT_TRUE(ap.netdevs["vlan1"].up());
  ASSERT_TRUE(put_on(vlan));
  ap.wiphy->remove_interface(vlan);
  EXPECT_EQ(ap.stack.stations().find(ap.interface(), sta.address), nullptr);
}

}  // namespace
}  // namespace airloom::mac80211
