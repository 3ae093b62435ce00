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
  const auto table = apply(*parsed->find({'0', '0'}), capabilities);
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
  const auto built_in = apply(world_domain(), radio);
  const auto from_file = apply(*parsed->find({'0', '0'}), radio);
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

class HostRegulatory : public testing::Test {
 protected:
  RegulatoryDatabase regulatory =
      *RegulatoryDatabase::parse(database({{"00", kTracedWorld}, {"XA", kOpenCountry}}));
  World world{&regulatory};
};

TEST_F(HostRegulatory, UserAsksForACountryAndIdlenessKeepsIt) {
  EXPECT_EQ(code_of(world.host.request_regulatory({'0', '1'})), Errc::kInvalid);
  EXPECT_TRUE(world.host.request_regulatory({'X', 'X'}));  // unknown: nothing happens
  EXPECT_TRUE(world.host.request_regulatory({'X', 'A'}));
  EXPECT_EQ(world.events.take(), Lines{});  // not before the request is answered
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"REG_CHANGE 1 0 XA"}));
  EXPECT_FALSE(world.wiphy().find_channel(5180)->no_ir);
  EXPECT_TRUE(world.host.request_regulatory({'X', 'A'}));
  world.settle();
  EXPECT_EQ(world.events.take(), Lines{});
  world.host.restore_regulatory_if_idle();
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"REG_CHANGE 0 1 - phy0", "REG_CHANGE 1 0 XA"}));
}

TEST_F(HostRegulatory, BeaconHeardLiftsSilenceUntilIdle) {
  world.hear("net", 2412);
  world.hear("radar", 5260);
  world.settle();
  EXPECT_EQ(world.events.take(), Lines{});
  EXPECT_TRUE(world.wiphy().find_channel(5180)->no_ir);
  world.hear("net", 5180);
  world.hear("net", 5180);
  world.settle();
  EXPECT_EQ(world.events.take(), (Lines{"REG_BEACON_HINT phy0 5180"}));
  EXPECT_FALSE(world.wiphy().find_channel(5180)->no_ir);
  world.host.restore_regulatory_if_idle();
  world.settle();
  EXPECT_TRUE(world.wiphy().find_channel(5180)->no_ir);
}

TEST_F(HostRegulatory, EqualRadiosShareOneTable) {
  test::FakeOps other;
  Wiphy& second = world.add_radio(other, {{{2, 0, 0, 0, 2, 0}}});
  EXPECT_EQ(&second.channels(), &world.wiphy().channels());
}

}  // namespace
}  // namespace airloom::cfg80211
