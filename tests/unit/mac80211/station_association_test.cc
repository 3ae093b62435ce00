// What a station asks for when it associates, and what its driver is told before the first beacon.
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

class StationAssociationTest : public MlmeHosts {
 protected:
  /// The access point's beacons and responses have WMM parameters with this QoS Info field.
  void speak_wmm(uint8_t qos_info) {
    ieee80211::WmmParameterElement element{.qos_info = qos_info};
    for (uint8_t aci = 0; aci < 4; ++aci) element.access_categories[aci].aci = aci;
    for (Octets* elements : {&tail, &door.response_elements}) {
      Writer writer(*elements);
      ieee80211::emit_element(writer, element);
    }
  }
  /// The QoS Info field of the Association Request.
  uint8_t asked_for() {
    join();
    const auto view = *ieee80211::FrameView::of(door.request);
    const auto elements = view.body().subspan(4);  // after Capability and Listen Interval
    return ieee80211::find_element<ieee80211::WmmInformationElement>(elements)->qos_info;
  }
};

constexpr uint8_t kKnown = ieee80211::qos_info::kApUapsd | 1;

TEST_F(StationAssociationTest, UapsdIsAskedForAsItIsSet) {
  speak_wmm(kKnown);
  sta.driver.can.uapsd = true;
  sta.interface().uapsd = {.queues = ieee80211::qos_info::kStaVoice, .max_service_period = 2};
  EXPECT_EQ(asked_for(), 0x41);
  EXPECT_EQ(sta_events.uapsd_queues, 0x01);
}

TEST_F(StationAssociationTest, NoQueueByItself) {
  speak_wmm(kKnown);
  sta.driver.can.uapsd = true;
  EXPECT_EQ(asked_for(), 0x60);
  EXPECT_EQ(sta_events.uapsd_queues, 0);
}

TEST_F(StationAssociationTest, NoUapsdWithARadioThatCannot) {
  speak_wmm(kKnown);
  sta.interface().uapsd.queues = 0x0f;
  EXPECT_EQ(asked_for(), 0);
  EXPECT_EQ(sta_events.uapsd_queues, 0);
}

TEST_F(StationAssociationTest, NoUapsdWithAnAccessPointThatCannot) {
  speak_wmm(1);
  sta.driver.can.uapsd = true;
  sta.interface().uapsd.queues = 0x0f;
  EXPECT_EQ(asked_for(), 0);
}

TEST_F(StationAssociationTest, TheDriverIsToldOfTheBssAsAKernelsIs) {
  join();
  const auto told = std::exchange(sta.driver.link_changes, {});
  EXPECT_EQ(told, (std::vector<uint32_t>{
                      kChangedProtection,  // it came up
                      kChangedChannel, kChangedTxPower,
                      kChangedBssid | kChangedBeaconInterval | kChangedBasicRates,
                      // The DTIM period is that of the beacon heard in the scan.
                      kChangedAssociation | kChangedProtection | kChangedBeaconInterval}));
  EXPECT_EQ(sta.driver.link_config.dtim_period, 2);
  EXPECT_EQ(sta.driver.link_config.basic_rates_100kbps, (std::vector<uint16_t>{10, 20, 55, 110}));
  ASSERT_TRUE(cfg80211::disconnect(*sta.wdev, 3, kPort));
  EXPECT_EQ(sta.driver.link_changes,
            (std::vector<uint32_t>{
                kChangedAssociation | kChangedBssid | kChangedProtection | kChangedHtOperation,
                kChangedChannel}));
  EXPECT_FALSE(sta.driver.link_config.associated);
}

}  // namespace
}  // namespace airloom::mac80211
