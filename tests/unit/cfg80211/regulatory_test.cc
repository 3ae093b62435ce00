#include "cfg80211/regulatory.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>

#include <fstream>
#include <sstream>

#include "world.h"

namespace airloom::cfg80211 {
namespace {

struct Row {
  uint32_t start_mhz, end_mhz, bandwidth_mhz;
  uint16_t mbm;
  uint8_t flags;  // the database's own bits
};
constexpr uint8_t kNoOfdm = 1, kDfs = 4, kNoIr = 8, kAutoBw = 16;

/// A regulatory.db of some countries: header, countries, then collections with their rules.
Octets database(const std::vector<std::pair<std::string, std::vector<Row>>>& countries) {
  Octets rules, file;
  size_t offset = 8 + 4 * (countries.size() + 1);
  Octets index;
  for (const auto& [name, rows] : countries) {
    const size_t collection = (4 + 2 * rows.size() + 3) / 4 * 4;
    Writer writer(index);
    writer.u8(static_cast<uint8_t>(name[0])).u8(static_cast<uint8_t>(name[1]));
    writer.be16(static_cast<uint16_t>(offset / 4));
    Octets part, bodies;
    Writer(part).u8(3).u8(static_cast<uint8_t>(rows.size())).u8(1).u8(0);
    for (const Row& row : rows) {
      Writer(part).be16(static_cast<uint16_t>((offset + collection + bodies.size()) / 4));
      Writer(bodies).u8(16).u8(row.flags).be16(row.mbm).be32(row.start_mhz * 1000);
      Writer(bodies).be32(row.end_mhz * 1000).be32(row.bandwidth_mhz * 1000);
    }
    part.resize(collection);
    offset += collection + bodies.size();
    rules.insert(rules.end(), part.begin(), part.end());
    rules.insert(rules.end(), bodies.begin(), bodies.end());
  }
  Writer writer(file);
  writer.be32(0x52474442).be32(20).bytes(index).be32(0).bytes(rules);
  return file;
}

/// The world as the golden trace's kernel had it (iw-reg-get.txt).
const std::vector<Row> kTracedWorld{
    {755, 928, 2, 2000, kNoIr},
    {2402, 2472, 40, 2000, 0},
    {2457, 2482, 20, 2000, kNoIr | kAutoBw},
    {2474, 2494, 20, 2000, kNoIr | kNoOfdm},
    {5170, 5250, 80, 2000, kNoIr | kAutoBw},
    {5250, 5330, 80, 2000, kNoIr | kAutoBw | kDfs},
    {5490, 5730, 160, 2000, kNoIr | kDfs},
    {5735, 5835, 80, 2000, kNoIr},
    {57240, 63720, 2160, 0, 0},
};
const std::vector<Row> kOpenCountry{{2402, 2482, 40, 2000, 0}, {5170, 5330, 160, 2300, 0}};

std::string describe(const ChannelState& c) {
  std::ostringstream out;
  const auto flag = [&](bool on, const char* name) {
    if (on) out << ' ' << name;
  };
  flag(c.disabled, "disabled");
  flag(c.no_ir, "no-ir");
  flag(c.radar, "radar");
  flag(c.no_ht40_minus, "no-ht40-");
  flag(c.no_ht40_plus, "no-ht40+");
  flag(c.no_80mhz, "no-80");
  flag(c.no_160mhz, "no-160");
  flag(c.no_20mhz, "no-20");
  flag(c.no_10mhz, "no-10");
  for (const uint8_t mhz : {1, 2, 4, 8, 16})
    flag(c.s1g_width_mhz == mhz, (std::to_string(mhz) + "mhz").c_str());
  flag(c.no_320mhz, "no-320");
  return out.str();
}

TEST(Regulatory, ChannelsAreThoseOfTheGoldenKernel) {
  const auto parsed = RegulatoryDatabase::parse(database({{"00", kTracedWorld}}));
  ASSERT_TRUE(parsed);
  std::ifstream file(std::string(AIRLOOM_VECTORS) + "/linux-6.1/cfg80211/channels.txt");
  ASSERT_TRUE(file);
  Capabilities capabilities;
  std::vector<std::string> golden;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    unsigned band;
    HardwareChannel channel;
    fields >> band >> channel.mhz >> channel.offset_khz;
    if (capabilities.bands.empty() || capabilities.bands.back().band != static_cast<Band>(band))
      capabilities.bands.push_back({.band = static_cast<Band>(band)});
    capabilities.bands.back().channels.push_back(channel);
    golden.push_back(line);
  }
  ASSERT_EQ(golden.size(), 164u);
  const RegulatoryDomain world = *parsed->find({'0', '0'});
  const auto table = apply(capabilities, {.domain = &world});
  size_t i = 0;
  for (size_t b = 0; b < capabilities.bands.size(); ++b) {
    for (const ChannelState& c : table->bands[b]) {
      std::ostringstream line;
      line << static_cast<unsigned>(capabilities.bands[b].band) << ' ' << c.mhz << ' '
           << c.offset_khz << ' ' << c.max_power_mbm << ' ' << c.dfs_cac_ms << describe(c);
      EXPECT_EQ(line.str(), golden[i++]);
    }
  }
}

TEST(Regulatory, BuiltInWorldIsTheDatabasesOnTheUsualBands) {
  const auto parsed = RegulatoryDatabase::parse(database({{"00", kTracedWorld}}));
  const Capabilities radio = simulated_radio();
  const RegulatoryDomain world = *parsed->find({'0', '0'});
  const auto built_in = apply(radio, {.domain = &world_domain()});
  const auto from_file = apply(radio, {.domain = &world});
  for (size_t b = 0; b < radio.bands.size(); ++b)
    for (size_t c = 0; c < radio.bands[b].channels.size(); ++c)
      EXPECT_EQ(describe(built_in->bands[b][c]), describe(from_file->bands[b][c]));
}

TEST(Regulatory, RefusesDamagedDatabases) {
  const Octets good = database({{"00", kTracedWorld}, {"XA", kOpenCountry}});
  ASSERT_TRUE(RegulatoryDatabase::parse(good));
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(RegulatoryDatabase::parse(std::span(good).first(length))) << length;
  for (size_t at = 0; at < good.size(); ++at) {  // must not crash, whatever it says
    Octets bad = good;
    bad[at] ^= 0xff;
    (void)RegulatoryDatabase::parse(bad);
  }
  Octets other_version = good;
  other_version[7] = 21;
  EXPECT_EQ(code_of(RegulatoryDatabase::parse(other_version)), Errc::kUnsupported);
}

TEST(Regulatory, ParsesTheMachinesOwnDatabase) {
  std::ifstream file("/usr/lib/firmware/regulatory.db", std::ios::binary);
  if (!file) GTEST_SKIP() << "wireless-regdb is not installed";
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto parsed = RegulatoryDatabase::parse(Octets(text.begin(), text.end()));
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_TRUE(parsed->find({'D', 'E'}));
  EXPECT_EQ(code_of(parsed->find({'X', 'X'})), Errc::kNotFound);
}

TEST(Regulatory, IntersectionAllowsWhatBothDo) {
  const RegulatoryDomain a{.alpha2 = {'X', 'A'},
                           .dfs_region = 2,
                           .rules = {{2400000, 2480000, 40000, 0, 2000},
                                     {5170000, 5250000, 80000, 0, 2300, NL80211_RRF_AUTO_BW},
                                     {5250000, 5330000, 80000, 0, 2000, NL80211_RRF_AUTO_BW}}};
  const RegulatoryDomain b{.alpha2 = {'X', 'B'},
                           .dfs_region = 1,
                           .rules = {{2402000, 2472000, 40000, 600, 3000},
                                     {5170000, 5330000, 160000, 0, 1700, NL80211_RRF_NO_IR}}};
  const auto both = intersect(a, b);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->alpha2, (std::array<char, 2>{'9', '8'}));
  EXPECT_EQ(both->dfs_region, NL80211_DFS_UNSET);
  ASSERT_EQ(both->rules.size(), 3u);
  EXPECT_EQ(both->rules[0].start_khz, 2402000u);
  EXPECT_EQ(both->rules[0].end_khz, 2472000u);
  EXPECT_EQ(both->rules[0].max_eirp_mbm, 2000u);
  EXPECT_EQ(both->rules[0].max_antenna_gain_mbi, 0u);
  // One of the two has no AUTO_BW: the width is settled, and no wider than the rule.
  EXPECT_EQ(both->rules[1].max_bandwidth_khz, 80000u);
  EXPECT_EQ(both->rules[1].flags, uint32_t{NL80211_RRF_NO_IR});
  EXPECT_EQ(both->rules[2].max_eirp_mbm, 1700u);
  EXPECT_FALSE(intersect(a, {.rules = {{57240000, 63720000, 2160000, 0, 0}}}));
}

TEST(Regulatory, RulesMustSpanTheirBandwidth) {
  EXPECT_FALSE(is_valid({}));
  EXPECT_FALSE(is_valid({.rules = {{2400000, 2400000, 0, 0, 0}}}));
  EXPECT_FALSE(is_valid({.rules = {{2400000, 2420000, 40000, 0, 0}}}));
  EXPECT_FALSE(is_valid({.rules = {{0, 2420000, 20000, 0, 0}}}));
  EXPECT_TRUE(is_valid({.rules = {{2400000, 2420000, 20000, 0, 0}}}));
  EXPECT_FALSE(is_valid({.rules = std::vector<RegulatoryRule>(129, {1, 2, 1, 0, 0})}));
}

const std::vector<Row> kLowPower{{2402, 2462, 40, 1000, 0}, {5170, 5250, 80, 1500, kNoIr}};

class HostRegulatoryTest : public testing::Test {
 protected:
  HostRegulatoryTest() {
    EXPECT_TRUE(world.host.regulatory().domain().rules.size() == kTracedWorld.size());
  }
  HostRegulatory& host() { return world.host.regulatory(); }
  std::string domain() {
    const auto& alpha2 = host().domain().alpha2;
    return {alpha2.begin(), alpha2.end()};
  }
  /// What becomes of hints, and the events of it.
  Lines after(Duration time = {}) {
    world.queue.run_for(time);
    return world.events.take();
  }
  Wiphy& add_radio(const OwnRegulatory& own) {
    Wiphy& wiphy = world.host.add_wiphy({.capabilities = world.capabilities,
                                         .addresses = {{{2, 0, 0, 0, 9, 0}}},
                                         .regulatory = own},
                                        other);
    world.events.take();
    return wiphy;
  }

  RegulatoryDatabase regulatory = *RegulatoryDatabase::parse(
      database({{"00", kTracedWorld}, {"XA", kOpenCountry}, {"XB", kLowPower}}));
  test::FakeOps other;
  World world{&regulatory};
};

constexpr Duration kAgentTime = std::chrono::milliseconds(3142);

TEST_F(HostRegulatoryTest, UserAsksForACountryAndIdlenessKeepsIt) {
  EXPECT_EQ(code_of(host().hint_user({'0', '1'})), Errc::kInvalid);
  EXPECT_TRUE(host().hint_user({'x', 'a'}));
  EXPECT_EQ(world.events.take(), Lines{});  // not before the request is answered
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 1 0 XA"}));
  EXPECT_FALSE(world.wiphy().find_channel(5180)->no_ir);
  EXPECT_TRUE(host().hint_user({'X', 'A'}));
  EXPECT_EQ(after(), Lines{});
  host().restore_if_idle();
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 0 1 - phy0", "REG_CHANGE 1 0 XA"}));
}

TEST_F(HostRegulatoryTest, BaseStationsAreNotHeeded) {
  EXPECT_TRUE(host().hint_user({'X', 'A'}, /*cellular=*/true));
  EXPECT_EQ(after(), Lines{});
  EXPECT_EQ(domain(), "00");
}

TEST_F(HostRegulatoryTest, AnUnknownCountryIsAskedOfAnAgentAndOthersWait) {
  EXPECT_TRUE(host().hint_user({'X', 'X'}));
  EXPECT_TRUE(host().hint_user({'X', 'A'}));
  EXPECT_EQ(after(), Lines{});
  EXPECT_TRUE(host().awaits({'X', 'X'}));
  EXPECT_EQ(after(kAgentTime), (Lines{"REG_CHANGE 0 1 -", "REG_CHANGE 1 0 XA"}));
}

TEST_F(HostRegulatoryTest, AnAgentAnswers) {
  const RegulatoryDomain known{.alpha2 = {'X', 'X'}, .rules = {{2402000, 2482000, 40000, 0, 900}}};
  EXPECT_EQ(code_of(host().answer(known)), Errc::kInvalid);  // nobody asked
  EXPECT_TRUE(host().hint_user({'X', 'X'}));
  world.settle();
  EXPECT_EQ(code_of(host().answer({.alpha2 = {'X', 'Y'}})), Errc::kInvalid);
  EXPECT_TRUE(host().answer(known));
  EXPECT_EQ(after(kAgentTime), (Lines{"REG_CHANGE 1 0 XX"}));
  EXPECT_EQ(world.wiphy().find_channel(2412)->max_power_mbm, 900);
  host().restore_if_idle();
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 0 1 - phy0", "REG_CHANGE 1 0 XX"}));
}

TEST_F(HostRegulatoryTest, AnAgentThatContradictsItselfLeavesTheWorld) {
  EXPECT_TRUE(host().hint_user({'X', 'X'}));
  world.settle();
  EXPECT_EQ(code_of(host().answer({.alpha2 = {'X', 'X'}})), Errc::kInvalid);
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 0 1 -"}));
  EXPECT_EQ(domain(), "00");
}

TEST_F(HostRegulatoryTest, ADriverNamesTheCountryAndAUserOverrulesIt) {
  Wiphy& radio = add_radio({});
  host().hint_driver(radio, {'X', 'A'});
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 2 0 XA phy1"}));
  EXPECT_EQ(radio.own_regulatory.domain->alpha2, (std::array<char, 2>{'X', 'A'}));
  EXPECT_FALSE(world.wiphy().own_regulatory.domain);
  EXPECT_TRUE(host().hint_user({'X', 'B'}));
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 1 0 XB"}));
  EXPECT_TRUE(radio.find_channel(2467)->disabled);
}

TEST_F(HostRegulatoryTest, TwoDriversMeet) {
  Wiphy& radio = add_radio({});
  host().hint_driver(world.wiphy(), {'X', 'A'});
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 2 0 XA phy0"}));
  host().hint_driver(radio, {'X', 'B'});
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 2 3 - phy1"}));
  EXPECT_EQ(domain(), "98");
  EXPECT_FALSE(world.wiphy().find_channel(2467)->disabled);  // each follows its own
  EXPECT_TRUE(radio.find_channel(2467)->disabled);
  EXPECT_TRUE(host().hint_user({'X', 'A'}));  // not any more
  EXPECT_EQ(after(), Lines{});
  Wiphy& third = add_radio({});
  host().hint_driver(third, {'X', 'B'});  // agrees with nobody: 98 is not XB
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 2 3 - phy2"}));
}

TEST_F(HostRegulatoryTest, AgreeingDriversAreTold) {
  Wiphy& radio = add_radio({});
  host().hint_driver(world.wiphy(), {'X', 'A'});
  host().hint_driver(radio, {'X', 'A'});
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 2 0 XA phy0", "REG_CHANGE 2 0 XA phy1"}));
  EXPECT_TRUE(radio.own_regulatory.domain);
}

TEST_F(HostRegulatoryTest, AStrictRadioIsBoundByItsOwn) {
  Wiphy& radio = add_radio({.strict = true});
  EXPECT_TRUE(radio.find_channel(5180)->no_ir);  // as everywhere in the world
  host().hint_driver(radio, {'X', 'B'});
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 2 0 XB phy1"}));
  EXPECT_TRUE(host().hint_user({'X', 'A'}));
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 1 0 XA"}));
  EXPECT_FALSE(world.wiphy().find_channel(2467)->disabled);
  EXPECT_TRUE(radio.find_channel(2467)->disabled);  // never was for this radio
  EXPECT_TRUE(radio.find_channel(5180)->no_ir);
  EXPECT_EQ(radio.find_channel(5180)->max_power_mbm, 1500);
  EXPECT_EQ(world.wiphy().find_channel(5180)->max_power_mbm, 2300);
}

TEST_F(HostRegulatoryTest, AStrictRadioThatComesLaterWaitsForItsOwn) {
  EXPECT_TRUE(host().hint_user({'X', 'B'}));
  after();
  Wiphy& radio = add_radio({.strict = true});
  EXPECT_FALSE(radio.find_channel(2467)->disabled);
  host().hint_driver(radio, {'X', 'A'});
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 2 3 - phy1"}));
  EXPECT_EQ(domain(), "98");
}

TEST_F(HostRegulatoryTest, ACustomRadioKeepsItsOwnUntilACountryIsKnown) {
  OwnRegulatory own;
  own.set_custom({.alpha2 = {'9', '9'}, .rules = {{2402000, 2482000, 40000, 0, 1200}}});
  Wiphy& radio = add_radio(own);
  EXPECT_TRUE(radio.find_channel(5180)->disabled);
  EXPECT_EQ(radio.find_channel(2467)->max_power_mbm, 1200);
  EXPECT_TRUE(host().hint_user({'X', 'A'}));
  after();
  EXPECT_TRUE(radio.find_channel(5180)->disabled);
  EXPECT_EQ(radio.find_channel(2467)->max_power_mbm, 1200);
  EXPECT_TRUE(host().hint_user({'X', 'B'}));
  after();
  EXPECT_TRUE(radio.find_channel(2467)->disabled);
  EXPECT_TRUE(host().hint_user({'0', '0'}));
  host().restore_if_idle();
  after();
  EXPECT_FALSE(radio.find_channel(2467)->disabled);
}

TEST_F(HostRegulatoryTest, AUserMeetsWhatAnAccessPointSays) {
  host().hint_country(world.wiphy(), {'X', 'A'});
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 3 0 XA phy0"}));
  host().hint_country(world.wiphy(), {'X', 'B'});  // one access point is heeded
  EXPECT_EQ(after(), Lines{});
  EXPECT_TRUE(host().hint_user({'X', 'B'}));
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 1 3 -"}));
  EXPECT_EQ(domain(), "98");
  EXPECT_TRUE(host().hint_user({'X', 'A'}));  // they have met: nothing moves it any more
  EXPECT_EQ(after(), Lines{});
  host().restore_if_idle();
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 0 1 - phy0", "REG_CHANGE 1 0 XB"}));
}

TEST_F(HostRegulatoryTest, AnAccessPointThatKnowsOneBandLeavesTheOthersAlone) {
  RegulatoryDatabase low = *RegulatoryDatabase::parse(
      database({{"00", kTracedWorld}, {"XL", {{2402, 2482, 40, 2000, 0}}}}));
  World narrow{&low};
  narrow.host.regulatory().hint_country(narrow.wiphy(), {'X', 'L'});
  narrow.settle();
  EXPECT_FALSE(narrow.wiphy().find_channel(5180)->disabled);
  EXPECT_TRUE(narrow.wiphy().find_channel(5180)->no_ir);
}

TEST_F(HostRegulatoryTest, AReloadedDatabaseIsAskedAgain) {
  host().reload();
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 0 1 -"}));
  EXPECT_TRUE(host().hint_user({'X', 'A'}));
  after();
  host().reload();
  EXPECT_EQ(after(), (Lines{"REG_CHANGE 0 1 -", "REG_CHANGE 1 0 XA"}));
}

TEST_F(HostRegulatoryTest, AfterAMinuteNobodyIsOnAForbiddenChannel) {
  Wdev& wdev = world.add(InterfaceType::kAp);
  auto request = world.access_point();
  request.channel = ChannelDefinition::from_type(2467, ieee80211::ChannelType::kHt20);
  EXPECT_TRUE(host().hint_user({'X', 'A'}));
  after();
  EXPECT_TRUE(start_ap(wdev, request, 0));
  EXPECT_TRUE(host().hint_user({'X', 'B'}));
  after(std::chrono::seconds(59));
  EXPECT_TRUE(wdev.is_beaconing());
  const Lines told = after(std::chrono::seconds(1));
  EXPECT_FALSE(wdev.is_beaconing());
  EXPECT_THAT(told, testing::Contains("STOP_AP"));
}

TEST_F(HostRegulatoryTest, BeaconHeardLiftsSilenceUntilIdle) {
  world.hear("net", 2412);
  world.hear("radar", 5260);
  EXPECT_EQ(after(), Lines{});
  EXPECT_TRUE(world.wiphy().find_channel(5180)->no_ir);
  world.hear("net", 5180);
  world.hear("net", 5180);
  EXPECT_EQ(after(), (Lines{"REG_BEACON_HINT phy0 5180"}));
  EXPECT_FALSE(world.wiphy().find_channel(5180)->no_ir);
  host().restore_if_idle();
  world.settle();
  EXPECT_TRUE(world.wiphy().find_channel(5180)->no_ir);
}

TEST_F(HostRegulatoryTest, WhatIsKnownOfRadarSurvivesABeaconAndReachesNewRadios) {
  world.wiphy().set_dfs_state(5260, NL80211_DFS_UNAVAILABLE, world.queue.now());
  world.hear("net", 5180);
  world.settle();
  EXPECT_EQ(world.wiphy().find_channel(5260)->dfs_state, NL80211_DFS_UNAVAILABLE);
  EXPECT_EQ(add_radio({}).find_channel(5260)->dfs_state, NL80211_DFS_UNAVAILABLE);
}

TEST_F(HostRegulatoryTest, EqualRadiosShareOneTable) {
  Wiphy& second = world.add_radio(other, {{{2, 0, 0, 0, 2, 0}}});
  EXPECT_EQ(&second.channels(), &world.wiphy().channels());
}

}  // namespace
}  // namespace airloom::cfg80211
