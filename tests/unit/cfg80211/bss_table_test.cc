#include "cfg80211/bss_table.h"

#include <gmock/gmock.h>

#include "world.h"

namespace airloom::cfg80211 {
namespace {

class BssTableTest : public testing::Test {
 protected:
  BssId hear(const std::string& ssid, bool response = false, uint32_t mhz = 2412,
             MacAddress bssid = kApAddress) {
    const Octets frame = World::announcement(ssid, response, bssid);
    return table.inform({.frame = frame, .mhz = mhz, .signal_mbm = -3000});
  }
  EventQueue queue;
  BssTable table{queue};
};

TEST_F(BssTableTest, CombinesBeaconAndProbeResponse) {
  const BssId id = hear("net");
  EXPECT_EQ(hear("net", true), id);
  EXPECT_NE(hear("other"), id);
  EXPECT_NE(hear("net", false, 2437), id);
  const Bss* bss = table.find(id);
  EXPECT_TRUE(bss->beacon);
  EXPECT_TRUE(bss->probe_response);
  EXPECT_TRUE(bss->from_probe_response);
  EXPECT_EQ(table.generation(), 4u);
  EXPECT_EQ(table.entries().size(), 3u);
}

TEST_F(BssTableTest, TakesABeaconInAgainUntilItsEntryChanges) {
  const BssId id = hear("net");
  const auto echo = table.echo_of(id);
  ASSERT_TRUE(echo);
  const BssObservation again{.mhz = 2412, .signal_mbm = -5000, .boottime = Duration(7)};
  const Octets newer{'N'};
  queue.run_for(std::chrono::seconds(1));
  ASSERT_TRUE(table.inform_again(*echo, again, {.offset = 2, .octets = newer, .tsf_us = 99}));
  const Bss& bss = *table.find(id);
  EXPECT_EQ(bss.ssid(), (Octets{'N', 'e', 't'}));
  EXPECT_EQ(bss.beacon->tsf_us, 99u);
  EXPECT_EQ(bss.signal_mbm, -5000);
  EXPECT_EQ(bss.last_seen, queue.now());
  EXPECT_EQ(bss.last_seen_boottime, Duration(7));
  EXPECT_EQ(table.generation(), 2u);
  EXPECT_TRUE(table.inform_again(*echo, again, {}));
  EXPECT_FALSE(table.inform_again(*echo, {.mhz = 2437}, {}));
  EXPECT_FALSE(table.inform_again(*echo, again, {.offset = 1000, .octets = newer}));

  hear("Net");  // another report of the same entry
  EXPECT_FALSE(table.inform_again(*echo, again, {}));
  EXPECT_FALSE(table.inform_again({.bss = 77, .contents = 1}, again, {}));
}

TEST_F(BssTableTest, NoEchoStandsForWhatMayMeanAnotherThingNextTime) {
  const BssId id = hear("net");
  const auto echo = table.echo_of(id);
  table.forget_echoes();
  EXPECT_FALSE(table.inform_again(*echo, {.mhz = 2412}, {}));
  EXPECT_FALSE(table.echo_of(id));
  hear("net");
  const auto moved = table.echo_of(id);
  table.move(id, 2437, 0);
  EXPECT_FALSE(table.inform_again(*moved, {.mhz = 2437}, {}));
  EXPECT_FALSE(table.echo_of(hear("net", true)));
  EXPECT_FALSE(table.echo_of(hear("")));  // hidden: others may show its beacon
  EXPECT_FALSE(table.echo_of(0));
}

TEST_F(BssTableTest, FindsByEachCriterion) {
  const BssId id = hear("net");
  const Octets ssid{'n', 'e', 't'}, wrong{'n', 'e', 'x'};
  EXPECT_EQ(table.find(2412, kApAddress, Span(ssid))->id, id);
  EXPECT_EQ(table.find({}, {}, Span(ssid))->id, id);
  EXPECT_EQ(table.find(2437, {}, {}), nullptr);
  EXPECT_EQ(table.find({}, kOwnAddress, {}), nullptr);
  EXPECT_EQ(table.find({}, {}, Span(wrong)), nullptr);
  EXPECT_EQ(table.find({}, {}, {}, {.privacy = true}), nullptr);
  EXPECT_NE(table.find({}, {}, {}, {.ess_only = true, .privacy = false}), nullptr);
}

TEST_F(BssTableTest, HiddenBeaconServesItsProbeResponses) {
  const BssId early = hear("net", true);
  const BssId hidden = hear("");
  const BssId late = hear("more", true);
  EXPECT_EQ(table.find(early)->hidden_beacon, hidden);
  EXPECT_EQ(table.find(late)->hidden_beacon, hidden);
  EXPECT_EQ(table.find(early)->beacon->elements, table.find(hidden)->beacon->elements);
  EXPECT_EQ(hear("net"), 0u);  // a beacon that shows what it hides is not believed
  table.unlink(hidden);
  EXPECT_NE(table.find(hidden), nullptr);  // it has members
  queue.run_for(BssTable::kLifetime + std::chrono::seconds(1));
  table.expire();
  EXPECT_TRUE(table.entries().empty());
}

TEST_F(BssTableTest, SsidOfZerosHidesOneOfItsLength) {
  const BssId hidden = hear(std::string(3, '\0'));
  EXPECT_EQ(table.find(hear("net", true))->hidden_beacon, hidden);
  EXPECT_EQ(table.find(hear("longer", true))->hidden_beacon, 0u);
}

TEST_F(BssTableTest, ExpiresUnlessHeld) {
  const BssId held = hear("held"), loose = hear("loose");
  table.hold(held);
  queue.run_for(BssTable::kLifetime + std::chrono::milliseconds(1));
  const Octets name{'l', 'o', 'o', 's', 'e'};
  EXPECT_EQ(table.find({}, {}, Span(name)), nullptr);  // not forgotten yet, but no match
  EXPECT_NE(table.find(loose), nullptr);
  table.expire();
  EXPECT_EQ(table.find(loose), nullptr);
  EXPECT_NE(table.find(held), nullptr);
  table.release(held);
  table.release(held);
  table.expire();
  EXPECT_EQ(table.find(held), nullptr);
}

TEST_F(BssTableTest, IsBoundedAndKeepsWhatIsHeld) {
  const BssId held = hear("held");
  table.hold(held);
  for (size_t i = 0; i < 2 * BssTable::kEntriesMax; ++i) {
    queue.run_for(std::chrono::milliseconds(1));
    EXPECT_NE(hear("net" + std::to_string(i)), 0u);
  }
  EXPECT_EQ(table.entries().size(), BssTable::kEntriesMax);
  EXPECT_NE(table.find(held), nullptr);
}

TEST_F(BssTableTest, RefusesWhatIsNoAnnouncement) {
  const Octets good = World::announcement("net", false, kApAddress);
  for (size_t length = 0; length < 36; ++length)
    EXPECT_EQ(table.inform({.frame = Span(good).first(length), .mhz = 2412}), 0u);
  Octets other = good;
  other[0] = 0x40;
  EXPECT_EQ(table.inform({.frame = other, .mhz = 2412}), 0u);
  for (size_t length = 36; length <= good.size(); ++length)  // cut elements stay octets
    EXPECT_NE(table.inform({.frame = Span(good).first(length), .mhz = 2412}), 0u);
}

TEST_F(BssTableTest, WeakNeighbourChannelKeepsTheSignal) {
  const BssId id = hear("net");
  const Octets frame = World::announcement("net", false, kApAddress);
  table.inform({.frame = frame, .mhz = 2412, .signal_mbm = -9000, .signal_valid = false});
  EXPECT_EQ(table.find(id)->signal_mbm, -3000);
}

TEST(InformBss, AMultipleBssidElementNamesMoreBsss) {
  constexpr uint8_t kMultipleBssidBit = 22;
  World world;
  Capabilities can_read = simulated_radio();
  set_bit(can_read.extended_capabilities, kMultipleBssidBit);
  world.capabilities = std::make_shared<const Capabilities>(can_read);
  test::FakeOps ops;
  Wiphy& reader = world.add_radio(ops, {{{2, 0, 0, 0, 2, 0}}});
  Octets frame = World::announcement("first", false, kApAddress);
  Writer writer(frame);
  // Of two BSSIDs, the other: its capability, its SSID, its index.
  writer.bytes(Octets{71, 16, 1, 0, 13, 83, 2, 0x11, 0, 0, 4, 'm', 'o', 'r', 'e', 85, 1, 1});
  const auto found = [&](Wiphy& wiphy) {
    EXPECT_NE(inform_bss(wiphy, {.frame = frame, .mhz = 2412, .signal_mbm = -4000}), 0u);
    return wiphy.bss_table().entries().size();
  };
  EXPECT_EQ(found(world.wiphy()), 1u) << "it does not say that it reads such elements";
  EXPECT_EQ(found(reader), 2u);
  EXPECT_EQ(found(reader), 2u) << "heard again it is the same";
  const Octets kMore{'m', 'o', 'r', 'e'};
  MacAddress other = kApAddress;
  other.octets[5] = 1;
  const Bss* bss = reader.bss_table().find(2412, other, Span(kMore));
  ASSERT_NE(bss, nullptr);
  EXPECT_EQ(bss->capability, 0x0011);
  EXPECT_EQ(bss->beacon_interval_tu, 100);
  EXPECT_EQ(bss->signal_mbm, -4000);
  EXPECT_EQ(bss->beacon->tsf_us, 1000u);
}

}  // namespace
}  // namespace airloom::cfg80211
