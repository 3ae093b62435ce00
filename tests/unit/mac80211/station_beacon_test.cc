// What a station does with its AP's beacons when they are like the one before, and when not.
#include "ieee80211/tim_element.h"
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

TEST_F(StationBeaconTest, ScanResultsHaveTheNewestTimOfBeaconsLikeEachOther) {
  join();
  run(tu(300));
  const auto entry = [this] { return *sta.wiphy->bss_table().entries().front(); };
  const auto tim = [&] {
    const auto elements = entry().beacon_elements;
    return *ieee80211::find_element<ieee80211::TimElement>(elements);
  };
  const cfg80211::Bss before = entry();
  const uint8_t period = tim().dtim_period;
  ASSERT_GT(period, 1);
  for (int i = 0; i < 2 * period; ++i) {
    const uint8_t count = tim().dtim_count;
    run(tu(100));
    EXPECT_EQ(tim().dtim_count, (count + period - 1) % period);
  }
  EXPECT_EQ(entry().last_seen_boottime - before.last_seen_boottime, 2 * period * tu(100));
}

TEST_F(StationBeaconTest, ReportsInFullOnceTheEntryHasChangedOtherwise) {
  join();
  run(tu(300));
  auto& table = sta.wiphy->bss_table();
  const cfg80211::Bss before = *table.entries().front();
  table.move(before.id, 2437, 0);  // and the AP is heard where it was
  run(tu(100));
  ASSERT_EQ(table.entries().size(), 2u);
  EXPECT_EQ(table.entries().back()->mhz, before.mhz);
  EXPECT_EQ(table.entries().back()->beacon_elements.size(), before.beacon_elements.size());
}

}  // namespace
}  // namespace airloom::mac80211
