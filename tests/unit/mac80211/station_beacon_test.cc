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

TEST_F(StationBeaconTest, FollowsThePreambleThatErpAsksFor) {
  tail = {42, 1, 0};
  join();
  const LinkConfig& config = sta.interface().link().config;
  EXPECT_TRUE(config.short_preamble) << "ERP speaks before the capability field does";
  sta.driver.link_changes.clear();
  show({42, 1, 4});  // Barker preamble mode
  EXPECT_FALSE(config.short_preamble);
  EXPECT_THAT(sta.driver.link_changes, testing::ElementsAre(kChangedProtection));
  show({42, 1, 0});
  EXPECT_TRUE(config.short_preamble);
  show({});
  EXPECT_FALSE(config.short_preamble);
}

TEST_F(StationBeaconTest, FollowsTheHtOperationModeAndTellsTheDriver) {
  const auto elements = [](uint16_t mode) {
    Octets all{42, 1, 4};
    Writer writer(all);
    ieee80211::HtCapabilitiesElement ht{.info = 0x106e};
    ht.mcs_set = {0xff};
    ieee80211::emit_element(writer, ht);
    ieee80211::HtOperationElement operation{.primary_channel = 1};
    operation.info = {0, static_cast<uint8_t>(mode), static_cast<uint8_t>(mode >> 8)};
    ieee80211::emit_element(writer, operation);
    ieee80211::emit_element(writer, ieee80211::WmmParameterElement{});
    return all;
  };
  tail = elements(0x0003);
  Writer response(door.response_elements);
  response.bytes(std::span(tail).subspan(3));
  join();
  const LinkConfig& config = sta.interface().link().config;
  EXPECT_EQ(config.ht_operation_mode, 0x0003);
  for (const uint16_t mode : {0x0117, 0x0013}) {
    sta.driver.link_changes.clear();
    show(elements(mode));
    EXPECT_EQ(sta.driver.link_config.ht_operation_mode, mode);
    EXPECT_THAT(sta.driver.link_changes, testing::ElementsAre(kChangedHtOperation));
  }
  show({42, 1, 4});
  EXPECT_EQ(config.ht_operation_mode, 0x0013) << "nothing said, nothing changed";
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
    const auto elements = entry().beacon->elements;
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
  EXPECT_EQ(table.entries().back()->beacon->elements.size(), before.beacon->elements.size());
}

}  // namespace
}  // namespace airloom::mac80211
