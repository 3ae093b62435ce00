// What a station does with its AP's beacons when they are like the one before, and when not.
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

class StationBeaconTest : public MlmeHosts {
 protected:
  void show(Octets elements) {
    ASSERT_TRUE(ap.stack.change_beacon(*ap.wdev, {.tail = std::move(elements)}));
    run(tu(300));
  }
  bool protects() { return sta.interface().link().config.cts_protection; }
};

TEST_F(StationBeaconTest, FollowsEachChangeAndTheWayBack) {
  join();
  run(tu(300));  // beacons like each other
  EXPECT_FALSE(protects());
  for (int i = 0; i < 3; ++i) {
    show({42, 1, 6});
    EXPECT_TRUE(protects());
    show({42, 1, 4});
    EXPECT_FALSE(protects());
  }
}

TEST_F(StationBeaconTest, CountsAndKeepsBeaconsThatSayNothingNew) {
  join();
  const auto heard = [this] { return *sta.stack.get_station(*sta.wdev, ap.address)->rx_beacons; };
  const auto last_seen = [this] { return sta.wiphy->bss_table().entries().front()->last_seen; };
  const uint64_t beacons = heard();
  const TimePoint seen = last_seen();
  run(tu(500));
  EXPECT_EQ(heard(), beacons + 5);
  EXPECT_EQ(last_seen(), seen + tu(500));
  EXPECT_TRUE(sta.wdev->is_connected());
}

}  // namespace
}  // namespace airloom::mac80211
