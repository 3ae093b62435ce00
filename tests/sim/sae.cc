// SAE between airloom's own access point and stations in virtual time: each method and group, what
// happens when they differ, wrong passwords, the cache, crowds and floods.
// [802.11-2020 12.4]
#include "sim/beacon_checker.h"
#include "sim/checkers.h"
#include "sim/network.h"
#include "sim/outsider.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using ieee80211::Subtype;
using sme::Pmf;
using sme::SaePwe;
using sme::Security;
namespace akm = ieee80211::akm;

Security sae(SaePwe pwe = SaePwe::kBoth, std::vector<uint16_t> groups = {19}) {
  return {.sae_pwe = pwe,
          .sae_groups = std::move(groups),
          .akms = {akm::kSae},
          .pmf = Pmf::kRequired,
          .beacon_protection = true};
}

/// The status codes of the Authentication frames of a network, in their order.
std::vector<uint16_t> authentication_statuses(const Outsider& outsider, const MacAddress& from,
                                              const MacAddress& to) {
  std::vector<uint16_t> found;
  for (const Octets& frame : outsider.heard(Subtype::kAuthentication, from, to))
    found.push_back(static_cast<uint16_t>(frame[28] | frame[29] << 8));
  return found;
}

class SaeNetwork : public Network {
 public:
  explicit SaeNetwork(uint64_t seed) : Network(seed) {}
  MacAddress ap_address() { return ap().sme()->access_point()->address(); }
  MacAddress station_address(size_t index) { return station(index).sme()->station()->address(); }
  std::vector<uint16_t> ap_statuses() {
    return authentication_statuses(outsider, ap_address(), station_address(0));
  }
  std::vector<uint16_t> station_statuses() {
    return authentication_statuses(outsider, station_address(0), ap_address());
  }
  Outsider outsider{simulation.world(), 2412};
};

constexpr uint16_t kSuccess = 0, kFailed = 15, kGroup = 77, kHashToElement = 126;

TEST(Sae, EveryPairOfMethods) {
  // The status code of both commits; none: they do not get together.
  constexpr std::optional<uint16_t> kHunts = kSuccess, kHashes = kHashToElement, kNone;
  const std::optional<uint16_t> expected[3][3] = {
      {kHunts, kNone, kHunts}, {kNone, kHashes, kHashes}, {kHunts, kHashes, kHashes}};
  for (size_t ap = 0; ap < 3; ++ap) {
    for (size_t station = 0; station < 3; ++station) {
      SaeNetwork network(1);
      AirChecker checker(network.simulation.world());
      BeaconChecker beacons(network.simulation.world(), network.ap().host());
      network.start_access_point(sae(static_cast<SaePwe>(ap)));
      network.add_station(sae(static_cast<SaePwe>(station)));
      const bool joined = network.wait_until_all_are_connected(5s);
      const auto& wanted = expected[ap][station];
      ASSERT_EQ(joined, wanted.has_value()) << ap << " " << station << "\n" << network.log();
      EXPECT_EQ(checker.faults() + beacons.faults(), "");
      if (!joined) continue;
      EXPECT_EQ(network.count_pings_answered(), 1u);
      EXPECT_EQ(network.ap_statuses(), (std::vector<uint16_t>{*wanted, kSuccess}));
      EXPECT_EQ(network.station_statuses(), (std::vector<uint16_t>{*wanted, kSuccess}));
    }
  }
}

TEST(Sae, EveryGroupByBothMethods) {
  for (const uint16_t group : {19, 20, 21}) {
    for (const SaePwe pwe : {SaePwe::kHunting, SaePwe::kHashToElement}) {
      SaeNetwork network(group);
      network.start_access_point(sae(pwe, {group}));
      network.add_station(sae(pwe, {group}));
      ASSERT_TRUE(network.wait_until_all_are_connected()) << group << "\n" << network.log();
      EXPECT_EQ(network.count_pings_answered(), 1u);
    }
  }
}

TEST(Sae, GroupsAreTriedInTurnAndTheRefusedOnesTold) {
  for (const SaePwe pwe : {SaePwe::kHunting, SaePwe::kHashToElement}) {
    SaeNetwork network(2);
    network.start_access_point(sae(pwe, {19}));
    network.add_station(sae(pwe, {21, 20, 19}));
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    const uint16_t commit = pwe == SaePwe::kHunting ? kSuccess : kHashToElement;
    EXPECT_EQ(network.ap_statuses(), (std::vector<uint16_t>{kGroup, kGroup, commit, kSuccess}));
    EXPECT_EQ(network.count_pings_answered(), 1u);
  }
}

TEST(Sae, NoGroupInCommonIsNoConnection) {
  SaeNetwork network(3);
  network.start_access_point(sae(SaePwe::kBoth, {19}));
  network.add_station(sae(SaePwe::kBoth, {20}));
  EXPECT_FALSE(network.wait_until_all_are_connected(3s));
}

TEST(Sae, WrongPasswordIsToldAtBothEnds) {
  SaeNetwork network(4);
  network.start_access_point(sae());
  network.add_station("incorrecthorse", sae());
  EXPECT_TRUE(network.simulation.run_until(
      [&] { return network.count_in_log("the passphrase seems to be wrong") > 0; }, 5s))
      << network.log();
  EXPECT_EQ(network.ap_statuses(), (std::vector<uint16_t>{kHashToElement, kFailed}));
  EXPECT_FALSE(network.station(0).is_up());
}

TEST(Sae, TransitionTakesStationsOfBothKinds) {
  SaeNetwork network(5);
  network.start_access_point({.akms = {akm::kPsk, akm::kSae}, .pmf = Pmf::kCapable});
  network.add_station(Security{.akms = {akm::kPsk}});
  network.add_station({.akms = {akm::kSae, akm::kPsk}, .pmf = Pmf::kCapable});
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.station_statuses(), (std::vector<uint16_t>{kSuccess}));  // open
  EXPECT_EQ(network.count_pings_answered(), 2u);
  EXPECT_EQ(
      authentication_statuses(network.outsider, network.ap_address(), network.station_address(1)),
      (std::vector<uint16_t>{kHashToElement, kSuccess}));
}

TEST(Sae, SecondAssociationGoesByTheCache) {
  SaeNetwork network(6);
  network.start_access_point(sae());
  network.add_station(sae());
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  const size_t before = network.station_statuses().size();
  ASSERT_TRUE(network.ap().sme()->access_point()->deauthenticate(
      network.station_address(0), ieee80211::ReasonCode::kUnspecified));
  ASSERT_TRUE(network.simulation.run_until([&] { return !network.station(0).is_up(); }, 1s));
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.station_statuses().size(), before + 1);  // one open Authentication
  EXPECT_EQ(network.count_pings_answered(), 1u);

  // An access point that has forgotten says so, and the next attempt is a whole one.
  network.start_access_point(sae());
  ASSERT_TRUE(network.simulation.run_until([&] { return !network.station(0).is_up(); }, 5s));
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.station_statuses().back(), kSuccess);
  EXPECT_EQ(network.station_statuses().size(), before + 1 + 1 + 2);
  EXPECT_EQ(network.count_pings_answered(), 1u);
}

TEST(Sae, TwentyStationsAtOnce) {
  for (const SaePwe pwe : {SaePwe::kHunting, SaePwe::kHashToElement}) {
    SaeNetwork network(7);
    AirChecker checker(network.simulation.world());
    network.start_access_point(sae(pwe));
    for (int i = 0; i < 20; ++i) network.add_station(sae(pwe));
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    EXPECT_EQ(network.count_pings_answered(), 20u);
    EXPECT_EQ(checker.faults(), "");
  }
}

TEST(Sae, FloodOfCommitsKeepsNobodyOut) {
  constexpr uint16_t kToken = 76;
  SaeNetwork network(8);
  network.start_access_point(sae(SaePwe::kHunting));
  // Commits of stations that are not there: each is a group, and octets that are a valid commit.
  sme::SaePassword password({'x'}, {'x'}, {19});
  const auto flood = [&](uint8_t number) {
    SeededRng rng(number);
    const MacAddress from{{2, 0, 0, 0xee, 0, number}};
    const auto exchange =
        *sme::SaeExchange::begin(password, rng, from, network.ap_address(), {.group = 19});
    Octets body = {3, 0, 1, 0, 0, 0};
    const Octets commit = exchange.commit();
    body.insert(body.end(), commit.begin(), commit.end());
    network.outsider.send(Subtype::kAuthentication, network.ap_address(), from,
                          network.ap_address(), body);
    network.simulation.run_for(10ms);
    return authentication_statuses(network.outsider, network.ap_address(), from);
  };
  for (uint8_t i = 0; i < 5; ++i) EXPECT_EQ(flood(i).back(), kSuccess);
  for (uint8_t i = 5; i < 20; ++i) EXPECT_EQ(flood(i).back(), kToken);
  network.add_station(sae(SaePwe::kHunting));
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.ap_statuses().front(), kToken);
  EXPECT_EQ(network.count_pings_answered(), 1u);
  network.simulation.run_for(6s);
  EXPECT_EQ(flood(20).back(), kSuccess);  // those that went no further are forgotten
}

TEST(Sae, EqualSeedsGiveEqualLogs) {
  const auto story = [](uint64_t seed) {
    SaeNetwork network(seed);
    network.start_access_point(sae());
    for (int i = 0; i < 3; ++i) network.add_station(sae());
    EXPECT_TRUE(network.wait_until_all_are_connected()) << network.log();
    return network.log();
  };
  const std::string first = story(9);
  EXPECT_EQ(first, story(9));
  EXPECT_NE(first, story(10));
}

}  // namespace
}  // namespace airloom::lab
