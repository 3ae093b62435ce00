// rfkill's switches: what blocking does, and what watchers hear.
#include "cfg80211/rfkill.h"

#include <gmock/gmock.h>

#include "world.h"

namespace airloom::cfg80211 {
namespace {

struct Watcher final : RfkillWatcher {
  Lines lines;
  void on_rfkill(const RfkillSwitch& which, RfkillChange change) override {
    lines.push_back(fmt::format("{} {} {} {}", static_cast<int>(change), which.index, which.wiphy,
                                which.blocked ? "blocked" : "free"));
  }
  Lines take() { return std::exchange(lines, {}); }
};

class RfkillTest : public testing::Test {
 protected:
  RfkillTest() { rfkill.add_watcher(watcher); }
  ~RfkillTest() override { rfkill.remove_watcher(watcher); }

  World world;
  Wiphy& wiphy = world.wiphy();
  Rfkill& rfkill = wiphy.host().rfkill();
  Watcher watcher;
};

TEST_F(RfkillTest, BlockingTakesDownBeforeItIsTold) {
  Wdev& wdev = world.add(InterfaceType::kStation, "wlan0");
  ASSERT_TRUE(wdev.is_running());
  rfkill.block(0, true);
  EXPECT_FALSE(wdev.is_running());
  EXPECT_TRUE(rfkill.is_blocked(wiphy));
  EXPECT_EQ(watcher.take(), (Lines{"2 0 phy0 blocked"}));
  EXPECT_EQ(world.netdevs["wlan0"].up().error().code, Errc::kRadioBlocked);
  rfkill.block(0, true);
  EXPECT_EQ(watcher.take(), Lines{}) << "nothing has changed";
  rfkill.block(0, false);
  EXPECT_EQ(watcher.take(), (Lines{"2 0 phy0 free"}));
  EXPECT_TRUE(world.netdevs["wlan0"].up());
  rfkill.block(9, true);
  EXPECT_EQ(watcher.take(), Lines{});
}

TEST_F(RfkillTest, APeerToPeerDeviceStopsToo) {
  Wdev& device = **wiphy.add_interface({.name = "", .type = InterfaceType::kP2pDevice});
  ASSERT_TRUE(start_p2p_device(device));
  rfkill.block_all(true);
  EXPECT_FALSE(device.is_running());
  EXPECT_EQ(start_p2p_device(device).error().code, Errc::kRadioBlocked);
}

TEST_F(RfkillTest, ABlockOfAllHoldsForLaterRadios) {
  rfkill.block_all(true);
  watcher.take();
  Wiphy& later = wiphy.host().add_wiphy(
      {.capabilities = wiphy.shared_capabilities(), .addresses = {kApAddress}}, world.ops);
  EXPECT_TRUE(rfkill.is_blocked(later));
  EXPECT_EQ(watcher.take(), (Lines{"0 1 phy1 free", "2 1 phy1 blocked"}));
  wiphy.host().remove_wiphy(later);
  EXPECT_EQ(watcher.take(), (Lines{"1 1 phy1 blocked"}));
  EXPECT_EQ(rfkill.switches().size(), 1u);
}

}  // namespace
}  // namespace airloom::cfg80211
