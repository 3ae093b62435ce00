// airloom's own access point and twenty stations in virtual time: scan, WPA2 handshake, ping.

#include "sim/checkers.h"
#include "sim/network.h"

namespace airloom::lab {
namespace {

constexpr size_t kStations = 20;

/// The whole story of twenty stations, as its event log.
std::string story_of(uint64_t seed) {
  Network network(seed);
  network.start_access_point();
  for (size_t i = 0; i < kStations; ++i) network.add_station();
  EXPECT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.count_pings_answered(), kStations);
  return network.log();
}

TEST(Wpa2TwentyStations, ConnectAndPing) {
  Network network(1);
  network.start_access_point();
  for (size_t i = 0; i < kStations; ++i) network.add_station();
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.ap().sme()->access_point()->station_count(), kStations);
  EXPECT_EQ(network.count_pings_answered(), kStations) << network.log();
}

TEST(Wpa2TwentyStations, StationsReachEachOtherThroughTheAccessPoint) {
  Network network(2);
  network.start_access_point();
  network.add_station();
  network.add_station();
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_TRUE(network.simulation.ping(network.station(0), Network::address_of(1))) << network.log();
  EXPECT_TRUE(network.simulation.ping(network.station(1), Network::address_of(0))) << network.log();
}

TEST(Wpa2TwentyStations, NoDataFrameCrossesTheAirInTheClear) {
  Network network(3);
  network.start_access_point();
  network.add_station();
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  const size_t clear = network.count_in_log("QoS Data,") - network.count_in_log("QoS Data, prot");
  EXPECT_EQ(network.count_pings_answered(), 1u);
  EXPECT_EQ(network.count_in_log("QoS Data,") - network.count_in_log("QoS Data, prot"), clear)
      << network.log();
  EXPECT_GE(network.count_in_log("Data, protected"), 2u);
}

TEST(Wpa2TwentyStations, EqualSeedsGiveEqualLogsAndAnotherSeedAnother) {
  const std::string first = story_of(7);
  EXPECT_EQ(first, story_of(7));
  EXPECT_NE(first, story_of(8));
}

/// With every pairwise cipher, which is the group's too; the checker opens what is sent with the
/// keys of that cipher alone.
TEST(PairwiseCiphers, EachConnectsAndPings) {
  namespace cipher = ieee80211::cipher;
  for (const auto suite :
       {cipher::kCcmp128, cipher::kCcmp256, cipher::kGcmp128, cipher::kGcmp256}) {
    Network network(8);
    AirChecker air(network.simulation.world());
    network.start_access_point({.pairwise = {suite}});
    network.add_station(sme::Security{.pairwise = {cipher::kGcmp256, cipher::kCcmp256, suite}});
    network.add_station(sme::Security{.pairwise = {suite}});
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    EXPECT_EQ(network.count_pings_answered(), 2u) << network.log();
    EXPECT_TRUE(network.simulation.ping(network.station(0), Network::address_of(1)));
    EXPECT_EQ(air.faults(), "");
    EXPECT_GE(air.protected_frames(), 6u);
    const MacAddress ap = network.ap().wlan0().address();
    for (const MacAddress& peer :
         {network.station(0).wlan0().address(), network.station(1).wlan0().address()})
      EXPECT_EQ(air.keys().find(ap, peer, 0)->cipher, suite);
    EXPECT_EQ(air.keys().of(ap, MacAddress::broadcast()).back().cipher, suite);
  }
}

TEST(PairwiseCiphers, TheBestThatBothHaveOrNone) {
  namespace cipher = ieee80211::cipher;
  Network network(9);
  AirChecker air(network.simulation.world());
  network.start_access_point({.pairwise = {cipher::kGcmp256, cipher::kCcmp128}});
  network.add_station(sme::Security{.pairwise = {cipher::kCcmp128, cipher::kGcmp256}});
  network.add_station();
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  const MacAddress ap = network.ap().wlan0().address();
  const auto cipher_of = [&](size_t station) {
    return air.keys().find(ap, network.station(station).wlan0().address(), 0)->cipher;
  };
  EXPECT_EQ(cipher_of(0), cipher::kGcmp256);
  EXPECT_EQ(cipher_of(1), cipher::kCcmp128);
  EXPECT_EQ(network.count_pings_answered(), 2u);
  const SimulatedHost& stranger =
      network.add_station(sme::Security{.pairwise = {cipher::kCcmp256}});
  network.simulation.run_for(std::chrono::seconds(20));
  EXPECT_FALSE(stranger.is_up());
}

TEST(OpenNetwork, ConnectsAndPings) {
  Network network(4, "");
  network.start_access_point();
  for (int i = 0; i < 3; ++i) network.add_station();
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.count_pings_answered(), 3u) << network.log();
  EXPECT_EQ(network.count_in_log("protected"), 0u);
}

TEST(WrongPassphrase, IsReportedAndNothingPasses) {
  Network network(5);
  network.start_access_point();
  auto& station = network.add_station("incorrecthorse");
  EXPECT_TRUE(network.simulation.run_until(
      [&] { return network.count_in_log("the passphrase seems to be wrong") > 0; },
      std::chrono::seconds(60)))
      << network.log();
  EXPECT_FALSE(station.is_up());
  EXPECT_EQ(network.count_pings_answered(), 0u);
}

TEST(AccessPointRestart, StationsComeBack) {
  Network network(6);
  network.start_access_point();
  for (int i = 0; i < 3; ++i) network.add_station();
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();

  network.ap().sme()->stop();
  EXPECT_TRUE(network.simulation.run_until(
      [&] {
        return !network.station(0).is_up() && !network.station(1).is_up() &&
               !network.station(2).is_up();
      },
      std::chrono::seconds(10)))
      << network.log();

  network.ap().sme()->start();
  ASSERT_TRUE(network.wait_until_all_are_connected(std::chrono::seconds(60))) << network.log();
  EXPECT_EQ(network.count_pings_answered(), 3u) << network.log();
}

TEST(AccessPointVanishes, StationsNoticeTheMissingBeaconsAndComeBack) {
  Network network(9);
  network.start_access_point();
  network.add_station();
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();

  ASSERT_TRUE(network.ap().wlan0().set_up(false));
  EXPECT_TRUE(network.simulation.run_until([&] { return !network.station(0).is_up(); },
                                           std::chrono::seconds(30)))
      << network.log();

  network.start_access_point();
  ASSERT_TRUE(network.wait_until_all_are_connected(std::chrono::seconds(60))) << network.log();
  EXPECT_EQ(network.count_pings_answered(), 1u) << network.log();
}

}  // namespace
}  // namespace airloom::lab
