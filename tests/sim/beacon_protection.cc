// Beacon protection between airloom's own access point and station in virtual time: a thousand
// beacons of each BIP cipher verify, through a rekey, and a station believes no others.
// [802.11-2020 11.52, 12.5.4]
#include "ieee80211/bss_elements.h"
#include "ieee80211/management.h"
#include "sim/beacon_checker.h"
#include "sim/network.h"
#include "sim/outsider.h"
#include "sim/raw_station.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using ieee80211::Subtype;
using sme::Pmf;
using sme::Security;
namespace cipher = ieee80211::cipher;

class BeaconProtection : public testing::TestWithParam<ieee80211::SuiteSelector> {
 protected:
  void start(const Security& station = {.pmf = Pmf::kRequired, .beacon_protection = true}) {
    network.start_access_point(
        {.pmf = Pmf::kCapable, .group_management = GetParam(), .beacon_protection = true});
    network.add_station(station);
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    ap = network.ap().sme()->access_point()->address();
  }
  void run_until_verified(size_t count) {
    EXPECT_TRUE(network.simulation.run_until([&] { return checker.count() >= count; }, 120s));
  }

  Network network{1};
  BeaconChecker checker{network.simulation.world(), network.ap().host()};
  MacAddress ap;
};

TEST_P(BeaconProtection, AThousandBeaconsVerifyAndARekeyPasses) {
  start();
  run_until_verified(500);
  network.ap().sme()->access_point()->rekey_group();
  run_until_verified(1000);
  EXPECT_EQ(checker.faults(), "");
  EXPECT_LE(checker.before_keys(), 1u);
  EXPECT_EQ(checker.verified().size(), 2u);  // under both key ids
  // A station that could not verify them would have missed them by now.
  EXPECT_EQ(network.count_in_log("disconnected"), 0u);
  EXPECT_EQ(network.count_pings_answered(), 1u);
}

TEST_P(BeaconProtection, StationBelievesNoBeaconInClear) {
  start();
  RawClient listener(network.simulation, network.station(0));
  Octets body;
  Writer writer(body);
  ieee80211::BeaconBody{.interval_tu = 100, .capability = 0x0411}.emit(writer);
  Outsider(network.simulation.world(), 2412)
      .send(Subtype::kBeacon, MacAddress::broadcast(), ap, ap, body);
  EXPECT_FALSE(listener.next_frame(NL80211_CMD_UNPROT_BEACON).empty());
  EXPECT_TRUE(network.station(0).is_up());
}

TEST_P(BeaconProtection, StationsWithoutItJoinAllTheSame) {
  start({.pmf = Pmf::kOff});
  network.add_station({.pmf = Pmf::kCapable});
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  network.ap().sme()->access_point()->rekey_group();
  network.simulation.run_for(2s);
  EXPECT_EQ(network.count_pings_answered(), 2u);
  EXPECT_EQ(checker.faults(), "");
}

/// Extended capability bit 84, where stations look for it before they join.
TEST(BeaconProtectionBit, IsSetInBeaconsAndProbeResponsesAlike) {
  for (const bool is_on : {true, false}) {
    Network network(2);
    const Outsider listener(network.simulation.world(), 2412);
    network.start_access_point({.pmf = Pmf::kRequired, .beacon_protection = is_on});
    network.add_station({.pmf = Pmf::kRequired});
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    const MacAddress ap = network.ap().sme()->access_point()->address();
    for (const Subtype subtype : {Subtype::kBeacon, Subtype::kProbeResponse}) {
      const Octets frame = listener.last_heard([&](const ieee80211::FrameView& view) {
        return view.fc().is(subtype) && view.address2() == ap;
      });
      ASSERT_FALSE(frame.empty());
      const auto body = ieee80211::BeaconBody::parse(ieee80211::FrameView::of(frame)->body());
      ASSERT_TRUE(body);
      using Capabilities = ieee80211::ExtendedCapabilitiesElement;
      const auto capabilities = ieee80211::find_element<Capabilities>(body->elements);
      EXPECT_EQ(capabilities && capabilities->has(Capabilities::kBeaconProtection), is_on);
    }
  }
}

std::string name_of(const testing::TestParamInfo<ieee80211::SuiteSelector>& info) {
  switch (info.param) {
    case cipher::kBipCmac128:
      return "Cmac128";
    case cipher::kBipCmac256:
      return "Cmac256";
    case cipher::kBipGmac128:
      return "Gmac128";
    default:
      return "Gmac256";
  }
}

INSTANTIATE_TEST_SUITE_P(Each, BeaconProtection,
                         testing::Values(cipher::kBipCmac128, cipher::kBipCmac256,
                                         cipher::kBipGmac128, cipher::kBipGmac256),
                         name_of);

}  // namespace
}  // namespace airloom::lab
