// Another address for an interface that is up: only while nobody knows the old one.
#include "mac80211/offchannel.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;

class ChangeAddressTest : public MlmeHosts {
 protected:
  static constexpr MacAddress kOther{{2, 0xac, 0, 0, 0, 1}};

  /// What the host hears of it. @return nothing: it took the address
  static std::optional<Errc> change(Node& node) {
    const MacAddress before = node.wdev->address();
    const auto changed = node.netdev().change_address(kOther);
    EXPECT_EQ(node.wdev->address(), changed ? kOther : before);
    EXPECT_EQ(node.interface().address(), changed ? kOther : before);
    if (changed) return std::nullopt;
    return changed.error().code;
  }
};

TEST_F(ChangeAddressTest, AnAssociationGoesOnWithItsAddresses) {
  join();
  EXPECT_EQ(change(sta), Errc::kBusy);
  EXPECT_EQ(change(ap), Errc::kBusy);
  EXPECT_TRUE(sta.wdev->is_connected());
  EXPECT_TRUE(data_gets_through());
}

TEST_F(ChangeAddressTest, AStationThatDoesNothingTakesAnother) {
  EXPECT_EQ(change(sta), std::nullopt);
  sta.address = kOther;
  join();
  EXPECT_NE(ap.stack.stations().find(ap.interface(), kOther), nullptr);
  EXPECT_TRUE(data_gets_through());
}

TEST_F(ChangeAddressTest, NotDuringAScan) {
  ASSERT_TRUE(cfg80211::trigger_scan(
      *sta.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
  EXPECT_EQ(change(sta), Errc::kBusy);
  run(500ms);
  EXPECT_EQ(change(sta), std::nullopt);
}

TEST_F(ChangeAddressTest, NotDuringAStayOffChannel) {
  const auto channel = ChannelDefinition::from_type(2437, ieee80211::ChannelType::kNoHt);
  ASSERT_TRUE(sta.stack.remain_on_channel(*sta.wdev, channel, 100, 1));
  run(10ms);
  EXPECT_EQ(change(sta), Errc::kBusy);
  run(200ms);
  EXPECT_EQ(change(sta), std::nullopt);
}

TEST_F(ChangeAddressTest, NotWhileAStationJoins) {
  start_access_point();
  ASSERT_TRUE(cfg80211::trigger_scan(
      *sta.wdev, {.channels = {{.mhz = kMhz, .band = ieee80211::Band::k2GHz}}}));
  run(500ms);
  ASSERT_TRUE(cfg80211::authenticate(*sta.wdev, {.bssid = ap.address, .mhz = kMhz, .ssid = kSsid}));
  EXPECT_EQ(change(sta), Errc::kBusy);
  run(5s);  // nobody answers
  EXPECT_EQ(change(sta), std::nullopt);
}

TEST_F(ChangeAddressTest, AnAccessPointOnlyWhileDown) {
  EXPECT_EQ(change(ap), Errc::kUnsupported);
  start_access_point();
  EXPECT_EQ(change(ap), Errc::kBusy);
  ap.netdev().down();
  EXPECT_EQ(change(ap), std::nullopt);
}

TEST_F(ChangeAddressTest, AMonitorOnlyWhileDown) {
  ASSERT_TRUE(sta.wiphy->add_interface({.name = "mon0", .type = InterfaceType::kMonitor}));
  auto& monitor = sta.netdevs["mon0"];
  ASSERT_TRUE(monitor.up());
  EXPECT_EQ(monitor.change_address(kOther).error().code, Errc::kBusy);
  monitor.down();
  EXPECT_TRUE(monitor.change_address(kOther));
}

}  // namespace
}  // namespace airloom::mac80211
