// Admission control: a station keeps out of the access categories that its AP admits nobody to, and
// follows the parameters of the beacon. [802.11-2020 10.23.4.2]
#include "mac80211/classify.h"
#include "mlme_hosts.h"

namespace airloom::mac80211 {
namespace {

using namespace std::chrono_literals;

TEST(Admission, DowngradesToTheNextOpenCategory) {
  EXPECT_EQ(downgrade(6, 0), 6);
  EXPECT_EQ(downgrade(6, 0b0001), 5);  // VO to VI
  EXPECT_EQ(downgrade(7, 0b0011), 3);  // to BE
  EXPECT_EQ(downgrade(5, 0b0010), 3);
  EXPECT_EQ(downgrade(0, 0b0100), 2);
  EXPECT_EQ(downgrade(7, 0b1111), 2);  // background in the end, whatever the AP says
  EXPECT_EQ(downgrade(1, 0b1111), 1);
}

class AdmissionTest : public MlmeHosts {
 protected:
  static ieee80211::WmmParameterElement parameters(uint8_t count, bool voice_mandatory) {
    ieee80211::WmmParameterElement element{.qos_info = count};
    for (uint8_t aci = 0; aci < 4; ++aci) element.access_categories[aci].aci = aci;
    element.access_categories[3].admission_mandatory = voice_mandatory;
    element.access_categories[3].txop_limit_32us = count;
    return element;
  }
  AdmissionTest() {
    Writer writer(tail);
    ieee80211::emit_element(writer, parameters(1, true));
    Writer response(door.response_elements);
    ieee80211::emit_element(response, parameters(1, true));
  }
  /// The AP's beacons have these from now on.
  void show(const ieee80211::WmmParameterElement& element) {
    Octets elements{42, 1, 4};
    Writer writer(elements);
    ieee80211::emit_element(writer, element);
    ASSERT_TRUE(ap.stack.change_beacon(*ap.wdev, {.tail = elements}));
    run(300ms);
  }
  uint8_t tid_of_voice() {
    Octets packet(20, 0);
    packet[0] = 0x45;
    packet[1] = 46 << 2;
    packet[1] |= 0xc0;  // precedence 7
    sta.netdev().send(ethernet(ap.address, sta.address, 0x0800, packet));
    run(1ms);
    const auto sent = on_air(Subtype::kQosData);
    return sent.empty() ? 0xff : sent.back().tid();
  }
};

TEST_F(AdmissionTest, VoiceGoesAsVideoUntilTheBeaconAdmitsIt) {
  join();
  EXPECT_EQ(tid_of_voice(), 5);
  EXPECT_EQ(sta.interface().link().edca[0].txop_32us, 1);
  show(parameters(2, false));
  EXPECT_EQ(sta.interface().link().edca[0].txop_32us, 2);
  EXPECT_EQ(tid_of_voice(), 7);
}

TEST_F(AdmissionTest, ParametersReachTheQueuesAsTheApGivesThem) {
  join();
  auto given = parameters(3, false);
  given.access_categories[3] = {
      .aifsn = 3, .aci = 3, .cw_min_exponent = 2, .cw_max_exponent = 5, .txop_limit_32us = 60};
  given.access_categories[1] = {
      .aifsn = 1, .aci = 1, .cw_min_exponent = 6, .cw_max_exponent = 9, .txop_limit_32us = 0};
  show(given);
  const auto& edca = sta.interface().link().edca;
  EXPECT_EQ(edca[0].aifs, 3);
  EXPECT_EQ(edca[0].cw_min, 3);
  EXPECT_EQ(edca[0].cw_max, 31);
  EXPECT_EQ(edca[0].txop_32us, 60);
  EXPECT_EQ(edca[3].aifs, 2) << "less than two slots nobody may wait";
  EXPECT_EQ(edca[3].cw_min, 63);
  EXPECT_EQ(edca[3].cw_max, 511);
}

TEST_F(AdmissionTest, ParametersThatNobodyCanUseChangeNothing) {
  join();
  const uint16_t before = sta.interface().link().edca[0].txop_32us;
  auto inverted = parameters(3, false);
  inverted.access_categories[2].cw_min_exponent = 11;  // above the maximum
  auto no_window = parameters(4, false);
  no_window.access_categories[2].cw_min_exponent = 0;
  auto one_twice = parameters(5, false);
  one_twice.access_categories[2].aci = 1;
  auto of_another_version = parameters(6, false);
  of_another_version.version = 2;
  for (const auto& bad : {inverted, no_window, one_twice, of_another_version}) {
    show(bad);
    EXPECT_EQ(sta.interface().link().edca[0].txop_32us, before);
  }
  show(parameters(7, false));
  EXPECT_EQ(sta.interface().link().edca[0].txop_32us, 7);
}

}  // namespace
}  // namespace airloom::mac80211
