// GET_WIPHY against what Linux 6.1 said of the same radio, octet for octet.
#include <fmt/format.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cerrno>

#include "fixture.h"

namespace airloom::nl80211 {
namespace {

using netlink::Attribute;
using netlink::AttributeRange;
using netlink::Message;

/// Blanks an attribute's value in a copy of its message.
void blank(Octets& octets, const Attribute& attribute) {
  std::fill_n(octets.begin() + attribute.offset + 4, attribute.payload.size(), uint8_t{0});
}

/// A message's body without what differs between two runs of one kernel: the generation, and how
/// long ago a channel's DFS state was entered.
Octets comparable(const Message& message) {
  Octets octets(message.octets.begin(), message.octets.end());
  for (const Attribute& top : message.genl_attributes()) {
    if (top.type == NL80211_ATTR_GENERATION) blank(octets, top);
    if (top.type != NL80211_ATTR_WIPHY_BANDS) continue;
    for (const Attribute& band : AttributeRange(top))
      for (const Attribute& list : AttributeRange(band))
        if (list.type == NL80211_BAND_ATTR_FREQS)
          for (const Attribute& channel : AttributeRange(list))
            for (const Attribute& fact : AttributeRange(channel))
              if (fact.type == NL80211_FREQUENCY_ATTR_DFS_TIME) blank(octets, fact);
  }
  octets.erase(octets.begin(), octets.begin() + netlink::kMessageHeaderSize);
  return octets;
}

std::vector<Octets> comparable(const std::vector<Message>& messages) {
  std::vector<Octets> all;
  for (const Message& message : messages) all.push_back(comparable(message));
  return all;
}

std::vector<Message> messages_of(const Octets& datagrams) {
  std::vector<Message> all;
  netlink::MessageReader reader(datagrams);
  while (auto message = reader.next()) all.push_back(*message);
  return all;
}

/// Octets as hex, which a failure can be read from.
std::string octets_hex(const Octets& octets) {
  return fmt::format("{:02x}", fmt::join(octets, ""));
}

/// The domain under which the golden dumps were made: "00" of Debian's regulatory.db, which has a
/// rule for S1G that the kernel's built-in world lacks.
cfg80211::RegulatoryDomain golden_domain() {
  cfg80211::RegulatoryDomain domain = cfg80211::world_domain();
  domain.rules.insert(domain.rules.begin(), {.start_khz = 755'000,
                                             .end_khz = 928'000,
                                             .max_bandwidth_khz = 2'000,
                                             .max_eirp_mbm = 2'000,
                                             .flags = NL80211_RRF_NO_IR});
  return domain;
}

class WiphyTest : public Nl80211Test {
 protected:
  WiphyTest() {
    const auto domain = golden_domain();
    wiphy.set_channels(cfg80211::apply(*capabilities, {.domain = &domain}));
  }
};

TEST_F(WiphyTest, NlctrlListsTheOperationsOfLinux) {
  const Octets expected = golden("newfamily_nl80211.nl");
  ASSERT_FALSE(expected.empty());
  bus.request(client_id, netlink::make_get_family("nl80211", 1));
  const netlink::AttributeTable ours = reply();
  const netlink::AttributeTable theirs(messages_of(expected)[0].genl_attributes());
  for (const uint16_t type : {CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_VERSION, CTRL_ATTR_HDRSIZE,
                              CTRL_ATTR_MAXATTR, CTRL_ATTR_OPS}) {
    ASSERT_TRUE(ours.has(type));
    EXPECT_TRUE(std::ranges::equal(*ours.bytes(type), *theirs.bytes(type))) << type;
  }
  const auto groups = netlink::parse_family(client.messages()[0])->groups;
  const auto their_groups = netlink::parse_family(messages_of(expected)[0])->groups;
  ASSERT_EQ(groups.size(), their_groups.size());
  for (size_t i = 0; i < groups.size(); ++i) EXPECT_EQ(groups[i].first, their_groups[i].first);
}

TEST_F(WiphyTest, SplitDumpHasTheMessagesOfLinux) {
  const Octets expected = golden("get_wiphy_split_dump.nl");
  ASSERT_FALSE(expected.empty());
  ask(std::move(request(NL80211_CMD_GET_WIPHY, NLM_F_DUMP).flag(NL80211_ATTR_SPLIT_WIPHY_DUMP)));
  const auto theirs = comparable(messages_of(expected));
  const auto ours = comparable(client.messages());
  ASSERT_EQ(ours.size(), theirs.size());
  for (size_t i = 0; i < ours.size(); ++i)
    EXPECT_EQ(octets_hex(ours[i]), octets_hex(theirs[i])) << "message " << i;
}

TEST_F(WiphyTest, SingleReplyIsThatOfLinux) {
  const Octets expected = golden("get_wiphy_phy0_nosplit.nl");
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_GET_WIPHY).u32(NL80211_ATTR_WIPHY, 0))).error, 0);
  EXPECT_EQ(octets_hex(comparable(client.messages()[0])),
            octets_hex(comparable(messages_of(expected)[0])));
}

TEST_F(WiphyTest, DumpsAreNarrowedByAttributes) {
  host.add_wiphy({.capabilities = capabilities, .addresses = hwsim::radio_addresses(1)}, other_ops);
  ask(request(NL80211_CMD_GET_WIPHY, NLM_F_DUMP));
  EXPECT_EQ(client.messages().size(), 3u);
  ask(std::move(request(NL80211_CMD_GET_WIPHY, NLM_F_DUMP).u32(NL80211_ATTR_WIPHY, 1)));
  ASSERT_EQ(client.messages().size(), 2u);
  EXPECT_EQ(reply().u32(NL80211_ATTR_WIPHY), 1u);
  const auto outcome =
      ask(std::move(request(NL80211_CMD_GET_WIPHY, NLM_F_DUMP).u32(NL80211_ATTR_IFINDEX, 99)));
  EXPECT_TRUE(outcome.dump_done);
  EXPECT_EQ(outcome.error, ENODEV);
  ask(std::move(request(NL80211_CMD_GET_WIPHY, NLM_F_DUMP).flag(NL80211_ATTR_SPLIT_WIPHY_DUMP)));
  EXPECT_EQ(client.messages().size(), 2 * 189u + 1);
}

TEST_F(WiphyTest, AddressingErrorsAreTheKernels) {
  EXPECT_EQ(ask(request(NL80211_CMD_GET_WIPHY)).error, EINVAL);
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_GET_WIPHY).u32(NL80211_ATTR_WIPHY, 9))).error,
            ENODEV);
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_GET_WIPHY).u32(NL80211_ATTR_IFINDEX, 9))).error,
            ENODEV);
}

TEST_F(WiphyTest, ProtocolFeaturesOfferTheSplitDump) {
  EXPECT_EQ(ask(request(NL80211_CMD_GET_PROTOCOL_FEATURES)).error, 0);
  EXPECT_EQ(reply().u32(NL80211_ATTR_PROTOCOL_FEATURES), 1u);
}

TEST_F(WiphyTest, SettingsReachTheDriverAndChannelsAreJudged) {
  auto to_wiphy = [&] {
    return std::move(request(NL80211_CMD_SET_WIPHY).u32(NL80211_ATTR_WIPHY, 0));
  };
  EXPECT_EQ(ask(std::move(to_wiphy().u32(NL80211_ATTR_WIPHY_RTS_THRESHOLD, 500))).error, 0);
  EXPECT_TRUE(ops.was_asked("set_wiphy_params"));
  EXPECT_EQ(ask(std::move(to_wiphy().u32(NL80211_ATTR_WIPHY_FRAG_THRESHOLD, 100))).error, EINVAL);
  auto outcome = ask(std::move(to_wiphy()
                                   .u32(NL80211_ATTR_WIPHY_FREQ, 2412)
                                   .u32(NL80211_ATTR_CHANNEL_WIDTH, NL80211_CHAN_WIDTH_40)
                                   .u32(NL80211_ATTR_CENTER_FREQ1, 2437)));
  EXPECT_EQ(outcome.error, EINVAL);
  EXPECT_EQ(outcome.text, "invalid channel definition");
  outcome = ask(std::move(to_wiphy().u32(NL80211_ATTR_WIPHY_FREQ, 2400)));
  EXPECT_EQ(outcome.text, "Channel is disabled");
  EXPECT_EQ(outcome.bad_offset, 28u);
}

TEST_F(WiphyTest, WhatIsNotServedSaysSo) {
  cfg80211::Wdev& wdev = add_interface("wlan0");
  bring_up(wdev);
  const auto outcome = ask(request(NL80211_CMD_JOIN_OCB, wdev));
  EXPECT_EQ(outcome.error, EOPNOTSUPP);
  EXPECT_EQ(outcome.text, "airloom does not do NL80211_CMD_JOIN_OCB yet");
  EXPECT_EQ(ask(request(250)).error, EOPNOTSUPP);
}

TEST_F(WiphyTest, RegulatoryDomainIsTold) {
  EXPECT_EQ(ask(request(NL80211_CMD_GET_REG)).error, 0);
  EXPECT_EQ(reply().string(NL80211_ATTR_REG_ALPHA2), "00");
  EXPECT_TRUE(reply().has(NL80211_ATTR_REG_RULES));
  EXPECT_EQ(ask(request(NL80211_CMD_GET_REG, NLM_F_DUMP)).error, 0);
  EXPECT_EQ(client.messages().size(), 2u);
  EXPECT_EQ(ask(request(NL80211_CMD_REQ_SET_REG)).error, EINVAL);
}

}  // namespace
}  // namespace airloom::nl80211
