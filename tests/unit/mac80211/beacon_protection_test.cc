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
  cfg80211::ChannelSwitchRequest move() const {
    cfg80211::ChannelSwitchRequest request;
    request.channel = ChannelDefinition::from_type(kOtherMhz, ieee80211::ChannelType::kHt20);
    request.beacon_after = request.beacon_csa = access_point().beacon;
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
  ASSERT_TRUE(cfg80211::channel_switch(*ap.wdev, move()));
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
  const MacAddress second{{2, 0, 0, 0, 0x11, 0}};
  cfg80211::Wdev* other =
      *ap.wiphy->add_interface({.name = "wlan1", .type = InterfaceType::kAp, .mac = second});
  ASSERT_TRUE(ap.netdevs["wlan1"].up());
  auto request = access_point();
  for (const size_t at : {10, 16})
    std::copy(second.octets.begin(), second.octets.end(),
              request.beacon.head->begin() + static_cast<long>(at));
  ASSERT_TRUE(cfg80211::start_ap(*other, request, kPort));
  protect_beacons(*other, 7, 0x72);
  air.frames.clear();
  run(2s);
  expect_protected(ap.address, {{6, 0x61}}, 19);
  expect_protected(second, {{7, 0x72}}, 19);
}

}  // namespace
}  // namespace airloom::mac80211
