// Beacon protection on the access point's side: every beacon has its Management MIC element, and
// packet numbers rise, whatever happens to the beacon. [802.11-2020 11.52, 12.5.4]
#include <map>

#include "ieee80211/rsn_element.h"
#include "mac80211/cipher_suites.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

class BeaconProtectionTest : public MlmeHosts {
 protected:
  static constexpr uint32_t kOtherMhz = 2437;
  static constexpr MacAddress kSecond{{2, 0, 0, 0, 0x11, 0}};

  static cfg80211::KeyParams bigtk(uint8_t octet) {
    return {.key = Octets(16, octet), .cipher = ieee80211::cipher::kBipCmac128};
  }
  static void protect_beacons(cfg80211::Wdev& wdev, uint8_t index, uint8_t octet) {
    ASSERT_TRUE(cfg80211::new_key(wdev, {.index = index}, bigtk(octet)));
    ASSERT_TRUE(cfg80211::set_default_beacon_key(wdev, index));
  }
  void protect_both_ends(uint8_t index, uint8_t octet) {
    ASSERT_TRUE(cfg80211::new_key(*sta.wdev, {.index = index}, bigtk(octet)));
    protect_beacons(*ap.wdev, index, octet);
  }
  cfg80211::StartApRequest bss(const MacAddress& bssid) const {
    auto request = access_point();
    for (const size_t at : {10, 16})
      std::copy(bssid.octets.begin(), bssid.octets.end(),
                request.beacon.head->begin() + static_cast<long>(at));
    return request;
  }
  /// Another BSS on the access point's radio.
  cfg80211::Wdev* start_second() {
    auto added =
        ap.wiphy->add_interface({.name = "wlan1", .type = InterfaceType::kAp, .mac = kSecond});
    EXPECT_TRUE(added && ap.netdevs["wlan1"].up());
    EXPECT_TRUE(cfg80211::start_ap(**added, bss(kSecond), kPort));
    return *added;
  }
  cfg80211::ChannelSwitchRequest move(const MacAddress& bssid) const {
    cfg80211::ChannelSwitchRequest request;
    request.channel = ChannelDefinition::from_type(kOtherMhz, ieee80211::ChannelType::kHt20);
    request.beacon_after = request.beacon_csa = bss(bssid).beacon;
    request.beacon_csa.tail->insert(request.beacon_csa.tail->end(), {37, 3, 0, 6, 4});
    request.counter_offsets_beacon = {static_cast<uint16_t>(request.beacon_csa.tail->size() - 1)};
    request.count = 4;
    return request;
  }
  /// Beacons of a BSS since the last call: each has its element at its end, numbers rise under each
  /// key, and the MIC holds under the key of that octet.
  void expect_protected(const MacAddress& bssid, std::map<uint8_t, uint8_t> octet_of_key,
                        size_t at_least) {
    size_t count = 0;
    for (const auto& view : on_air(Subtype::kBeacon)) {
      if (view.bssid() != bssid) continue;
      ++count;
      const auto id = management_mic_key_id(view);
      ASSERT_TRUE(id && octet_of_key.contains(static_cast<uint8_t>(*id)));
      const auto index = static_cast<uint8_t>(*id);
      auto& key = keys_[{bssid, index}];  // its counter makes what does not rise a replay
      if (!key) key = std::move(*Key::create(index, false, bigtk(octet_of_key[index])));
      EXPECT_EQ(check_management_mic(*key, view), Opened::kOk) << "beacon " << count;
    }
    EXPECT_GE(count, at_least);
  }

 private:
  std::map<std::pair<MacAddress, uint8_t>, std::unique_ptr<Key>> keys_;
};

TEST_F(BeaconProtectionTest, NumbersRiseThroughNewBeaconsASwitchAndARekey) {
  join();
  protect_both_ends(6, 0x61);
  run(500ms);
  auto longer = access_point().beacon;
  longer.tail->insert(longer.tail->end(), {221, 3, 1, 2, 3});
  ASSERT_TRUE(cfg80211::set_beacon(*ap.wdev, longer));
  run(500ms);
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move(ap.address)));
  run(1s);
  EXPECT_EQ(ap.driver.mhz(), kOtherMhz);
  EXPECT_EQ(sta.driver.mhz(), kOtherMhz);  // its beacons were believed
  expect_protected(ap.address, {{6, 0x61}}, 18);
  air.frames.clear();
  protect_both_ends(7, 0x71);
  run(500ms);
  protect_both_ends(6, 0x62);
  EXPECT_EQ(sta.stack.drops().of(Drop::kRxReplay) + sta.stack.drops().of(Drop::kRxBadMic), 0u);
  expect_protected(ap.address, {{7, 0x71}}, 4);
  EXPECT_TRUE(sta.wdev->is_connected());
}

TEST_F(BeaconProtectionTest, EachBssOfARadioHasItsOwnKeyAndNumbers) {
  join();
  protect_beacons(*ap.wdev, 6, 0x61);
  protect_beacons(*start_second(), 7, 0x72);
  air.frames.clear();
  run(2s);
  expect_protected(ap.address, {{6, 0x61}}, 19);
  expect_protected(kSecond, {{7, 0x72}}, 19);
}

/// What one BSS goes through does not touch the other's.
TEST_F(BeaconProtectionTest, NumbersOfEachBssRiseThroughWhatHappensToOne) {
  join();
  protect_beacons(*ap.wdev, 6, 0x61);
  cfg80211::Wdev& other = *start_second();
  protect_beacons(other, 7, 0x72);
  const auto expect_both = [&](std::pair<uint8_t, uint8_t> first,
                               std::pair<uint8_t, uint8_t> then) {
    air.frames.clear();
    run(1s);
    expect_protected(ap.address, {first}, 9);
    expect_protected(kSecond, {then}, 9);
  };
  expect_both({6, 0x61}, {7, 0x72});
  auto longer = bss(kSecond).beacon;
  longer.tail->insert(longer.tail->end(), {221, 3, 1, 2, 3});
  ASSERT_TRUE(cfg80211::set_beacon(other, longer));
  expect_both({6, 0x61}, {7, 0x72});
  protect_beacons(*ap.wdev, 7, 0x71);
  expect_both({7, 0x71}, {7, 0x72});
  // The radio goes with both, after the later countdown.
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move(ap.address)));
  run(200ms);
  ASSERT_TRUE(cfg80211::channel_switch(other, move(kSecond)));
  expect_both({7, 0x71}, {7, 0x72});
  EXPECT_EQ(ap.driver.mhz(), kOtherMhz);
  protect_beacons(other, 6, 0x62);
  expect_both({7, 0x71}, {6, 0x62});
  ASSERT_TRUE(cfg80211::new_key(*ap.wdev, {.index = 7}, bigtk(0x71)));  // again, and again in use
  expect_both({7, 0x71}, {6, 0x62});
}

}  // namespace
}  // namespace airloom::mac80211
