// Protected management frames between airloom's own access point and station, in virtual time: what
// both ends agree on, and what becomes of frames in clear that say that it is over.
// [802.11-2020 11.13, 12.6.3]
#include "ieee80211/bss_elements.h"
#include "sim/checkers.h"
#include "sim/network.h"
#include "sim/outsider.h"
#include "sim/raw_station.h"

namespace airloom::lab {
namespace {

using namespace std::chrono_literals;
using ieee80211::Subtype;
using sme::Pmf;
using sme::Security;
namespace akm = ieee80211::akm;
namespace cipher = ieee80211::cipher;

constexpr Pmf kEach[] = {Pmf::kOff, Pmf::kCapable, Pmf::kRequired};

MacAddress address_of(Network& network, size_t station) {
  return network.station(station).sme()->station()->address();
}
MacAddress address_of_ap(Network& network) {
  return network.ap().sme()->access_point()->address();
}
bool has_mfp(Network& network, SimulatedHost& at, const MacAddress& peer) {
  const uint32_t flags = RawClient(network.simulation, at).station_flags(peer);
  return (flags & sme::flag_bit(NL80211_STA_FLAG_MFP)) != 0;
}

/// Whether a station with `station` joins an access point with `ap`, and whether both then protect
/// management frames.
std::string outcome(Pmf ap, Pmf station) {
  Network network(1);
  network.start_access_point({.pmf = ap});
  network.add_station({.pmf = station});
  if (!network.wait_until_all_are_connected(5s)) return "none";
  EXPECT_EQ(network.count_pings_answered(), 1u);
  const bool at_ap = has_mfp(network, network.ap(), address_of(network, 0));
  const bool at_station = has_mfp(network, network.station(0), address_of_ap(network));
  EXPECT_EQ(at_ap, at_station);
  return at_ap ? "PMF" : "clear";
}

TEST(PmfNegotiation, EveryPairOfSettings) {
  const std::string expected[3][3] = {
      {"clear", "clear", "none"}, {"clear", "PMF", "PMF"}, {"none", "PMF", "PMF"}};
  for (size_t ap = 0; ap < 3; ++ap)
    for (size_t station = 0; station < 3; ++station)
      EXPECT_EQ(outcome(kEach[ap], kEach[station]), expected[ap][station])
          << "access point " << ap << ", station " << station;
}

TEST(PmfNegotiation, StatusCodesForWhoeverAsksAllTheSame) {
  constexpr uint16_t kSuccess = 0, kAkmp = 43, kPolicy = 31, kCipher = 46;
  struct Row {
    Pmf ap;
    ieee80211::RsnElement asked;
    uint16_t status;
  };
  const auto asked = [](uint16_t capabilities, ieee80211::SuiteSelector akm = akm::kPsk,
                        std::optional<ieee80211::SuiteSelector> group_management = {}) {
    return ieee80211::RsnElement{
        .akms = {akm}, .capabilities = capabilities, .group_management = group_management};
  };
  constexpr uint16_t kNone = 0, kCapable = 0x80, kRequired = 0xc0;
  const Row rows[] = {
      {Pmf::kOff, asked(kNone), kSuccess},
      {Pmf::kOff, asked(kCapable), kSuccess},
      {Pmf::kOff, asked(kRequired), kSuccess},
      {Pmf::kCapable, asked(kNone), kSuccess},
      {Pmf::kCapable, asked(kCapable), kSuccess},
      {Pmf::kCapable, asked(kRequired), kSuccess},
      {Pmf::kRequired, asked(kNone), kPolicy},
      {Pmf::kRequired, asked(kCapable), kSuccess},
      {Pmf::kRequired, asked(kRequired), kSuccess},
      {Pmf::kCapable, asked(kCapable, akm::kPsk, cipher::kBipGmac128), kCipher},
      {Pmf::kCapable, asked(kNone, akm::kPsk, cipher::kBipGmac128), kSuccess},
      {Pmf::kRequired, asked(kRequired, akm::kPsk, cipher::kBipCmac128), kSuccess},
      {Pmf::kRequired, asked(kRequired, akm::kPskSha256), kAkmp},
  };
  for (size_t i = 0; i < std::size(rows); ++i) {
    Network network(2);
    network.start_access_point({.pmf = rows[i].ap});
    RawStation station(network.simulation, "raw");
    EXPECT_EQ(station.associate(address_of_ap(network), Network::kSsid, rows[i].asked),
              rows[i].status)
        << "row " << i << "\n"
        << network.log();
  }
}

TEST(Pmf, Sha256AkmIsPreferredAndWorks) {
  Network network(3);
  network.start_access_point({.akms = {akm::kPsk, akm::kPskSha256}, .pmf = Pmf::kRequired});
  network.add_station({.akms = {akm::kPsk, akm::kPskSha256}, .pmf = Pmf::kCapable});
  network.add_station({.akms = {akm::kPsk}, .pmf = Pmf::kCapable});
  network.add_station({.akms = {akm::kPskSha256}, .pmf = Pmf::kRequired});
  ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.count_pings_answered(), 3u);
}

TEST(Pmf, GroupRekeyWithEachCipher) {
  for (const auto bip :
       {cipher::kBipCmac128, cipher::kBipCmac256, cipher::kBipGmac128, cipher::kBipGmac256}) {
    Network network(4);
    AirChecker checker(network.simulation.world());
    network.start_access_point({.pmf = Pmf::kRequired, .group_management = bip});
    network.add_station({.pmf = Pmf::kRequired});
    network.add_station({.pmf = Pmf::kCapable});
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    for (int round = 0; round < 3; ++round) {
      network.ap().sme()->access_point()->rekey_group();
      network.simulation.run_for(1s);
      EXPECT_EQ(network.count_pings_answered(), 2u);
    }
    EXPECT_EQ(checker.faults(), "");
    // The goodbye to everybody is believed, so it verified under the newest key.
    network.ap().sme()->stop();
    EXPECT_TRUE(network.simulation.run_until(
        [&] { return !network.station(0).is_up() && !network.station(1).is_up(); }, 100ms))
        << network.log();
  }
}

/// A network of one station with PMF, and somebody who forges.
class PmfAttack : public testing::Test {
 protected:
  void SetUp() override {
    network.start_access_point({.pmf = Pmf::kRequired});
    network.add_station({.pmf = Pmf::kRequired});
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    ap = address_of_ap(network);
    station = address_of(network, 0);
    ASSERT_EQ(network.count_pings_answered(), 1u);
    network.simulation.run_for(1s);
    from_ap = outsider.heard(Subtype::kAction, ap, station).size();
    from_station = outsider.heard(Subtype::kAction, station, ap).size();
  }
  /// As if the station began anew, or `from` did.
  void forge_join() { forge_join(station); }
  void forge_join(const MacAddress& from, bool reassociation = false) {
    outsider.send(Subtype::kAuthentication, ap, from, ap, {0, 0, 1, 0, 0, 0});
    network.simulation.run_for(10ms);
    Octets body;
    Writer writer(body);
    writer.le16(0x0411).le16(5);
    if (reassociation) writer.mac(ap);
    const Octets ssid = {'o', 'r', 'a', 'c', 'l', 'e'}, rates = {0x82, 0x84, 0x8b, 0x96, 12, 24};
    ieee80211::emit_element(writer, ieee80211::ElementId::kSsid, ssid);
    ieee80211::emit_element(writer, ieee80211::ElementId::kSupportedRates, rates);
    ieee80211::emit_element(writer,
                            ieee80211::RsnElement{.akms = {akm::kPsk}, .capabilities = 0x00c0});
    const auto subtype =
        reassociation ? Subtype::kReassociationRequest : Subtype::kAssociationRequest;
    outsider.send(subtype, ap, from, ap, body);
    network.simulation.run_for(10ms);
  }
  size_t stations_in_kernel() {
    auto& stack = *network.ap().host().all_radios().begin()->second->stack;
    return stack.stations().size();
  }
  std::vector<Octets> answers() {
    return outsider.heard(Subtype::kAssociationResponse, ap, station);
  }
  /// Action frames since the station joined; nothing else makes any by now.
  size_t sa_queries(const MacAddress& from, const MacAddress& to) {
    return outsider.heard(Subtype::kAction, from, to).size() -
           (from == ap ? from_ap : from_station);
  }
  void forge_leave(uint8_t reason) {
    outsider.send(Subtype::kDeauthentication, station, ap, ap, {reason, 0});
  }

  Network network{5};
  Outsider outsider{network.simulation.world(), 2412};
  MacAddress ap, station;
  size_t from_ap = 0, from_station = 0;
};

TEST_F(PmfAttack, ForgedAssociationIsPutOffAndTheStationAsked) {
  const size_t before = answers().size();
  forge_join();
  ASSERT_EQ(answers().size(), before + 1);
  const Octets answer = answers().back();
  const auto view = *ieee80211::FrameView::of(answer);
  const auto body = ieee80211::AssociationResponseBody::parse(view.body());
  EXPECT_EQ(body->status, 30);
  const auto comeback = ieee80211::find_element<ieee80211::TimeoutIntervalElement>(body->elements);
  ASSERT_TRUE(comeback);
  EXPECT_EQ(comeback->type, ieee80211::TimeoutIntervalElement::kAssociationComeback);
  EXPECT_EQ(comeback->value, 1000u);
  network.simulation.run_for(3s);
  EXPECT_EQ(sa_queries(ap, station), 1u);  // the first was answered
  EXPECT_EQ(sa_queries(station, ap), 1u);
  EXPECT_TRUE(network.all_are_connected());
  EXPECT_EQ(network.count_pings_answered(), 1u) << network.log();
}

/// Whoever keeps asking in the station's name gets one query a second out of the access point, and
/// never the association.
TEST_F(PmfAttack, AFloodOfForgedAssociationsInTheStationsName) {
  const TimePoint began = network.simulation.queue().now();
  for (int i = 0; i < 250; ++i) forge_join(station, i % 2 == 1);
  const auto seconds = static_cast<size_t>((network.simulation.queue().now() - began) / tu(1000));
  ASSERT_GE(seconds, 4u);
  const size_t queries = sa_queries(ap, station);
  EXPECT_GE(queries, seconds);
  EXPECT_LE(queries, seconds + 1);
  EXPECT_EQ(sa_queries(station, ap), queries) << "each was answered";
  for (const Subtype subtype : {Subtype::kAssociationResponse, Subtype::kReassociationResponse}) {
    const auto put_off = outsider.heard(subtype, ap, station);
    EXPECT_GE(put_off.size(), 125u);
    EXPECT_EQ(put_off.back()[26], 30);
  }
  EXPECT_EQ(stations_in_kernel(), 1u);
  EXPECT_EQ(network.count_in_log("disconnected"), 0u);
  EXPECT_TRUE(network.all_are_connected());
  EXPECT_EQ(network.count_pings_answered(), 1u) << network.log();
}

/// Nobody is asked for those who were never here; what they leave behind goes when they do not go
/// on, and the next genuine station finds room.
TEST_F(PmfAttack, AFloodOfForgedAssociationsOfManyStations) {
  for (int i = 0; i < 200; ++i)
    forge_join(MacAddress{{2, 6, 6, 6, 6, static_cast<uint8_t>(i)}}, i % 2 == 1);
  for (uint8_t i = 0; i < 50; ++i)  // and some who only authenticate
    outsider.send(Subtype::kAuthentication, ap, MacAddress{{2, 6, 6, 6, 7, i}}, ap,
                  {0, 0, 1, 0, 0, 0});
  network.simulation.run_for(100ms);
  EXPECT_EQ(stations_in_kernel(), 251u);
  EXPECT_EQ(sa_queries(ap, station), 0u);
  EXPECT_TRUE(network.simulation.run_until([this] { return stations_in_kernel() == 1; }, 15s))
      << stations_in_kernel();
  EXPECT_EQ(network.count_in_log("disconnected"), 0u);
  network.add_station({.pmf = Pmf::kRequired});
  EXPECT_TRUE(network.wait_until_all_are_connected()) << network.log();
  EXPECT_EQ(network.count_pings_answered(), 2u);
}

TEST_F(PmfAttack, StationThatIsGoneMayComeBackAfterTheQueryTimedOut) {
  set_out_of_reach(network.simulation, network.station(0));
  forge_join();
  ASSERT_FALSE(answers().empty());
  EXPECT_EQ(answers().back()[26], 30);
  network.simulation.run_for(1100ms);
  EXPECT_EQ(sa_queries(ap, station), 5u);
  forge_join();
  EXPECT_EQ(answers().back()[26], 0);
}

TEST_F(PmfAttack, GoodbyeInClearMakesTheStationAsk) {
  forge_leave(7);
  network.simulation.run_for(100ms);
  EXPECT_EQ(sa_queries(station, ap), 1u);
  EXPECT_EQ(network.count_in_log("disconnected"), 0u);
  forge_leave(6);  // asked already within ten seconds
  forge_leave(3);  // nothing that an access point would have to say in clear
  network.simulation.run_for(3s);
  EXPECT_EQ(sa_queries(station, ap), 1u);
  EXPECT_EQ(network.count_pings_answered(), 1u) << network.log();
}

TEST_F(PmfAttack, StationLeavesAnAccessPointThatHasForgottenIt) {
  const auto forgotten = RawClient(network.simulation, network.ap())
                             .ask(NL80211_CMD_DEL_STATION, [&](netlink::MessageWriter& w) {
                               w.mac(NL80211_ATTR_MAC, station);
                             });
  ASSERT_TRUE(forgotten);
  network.simulation.run_for(100ms);
  EXPECT_TRUE(network.station(0).is_up());
  EXPECT_EQ(network.count_pings_answered(), 0u);  // which the access point answers in clear
  network.simulation.run_for(100ms);
  EXPECT_EQ(network.count_in_log("disconnected, reason 2"), 1u) << network.log();
  EXPECT_EQ(sa_queries(station, ap), 5u);
  EXPECT_TRUE(network.wait_until_all_are_connected()) << network.log();
}

}  // namespace
}  // namespace airloom::lab
