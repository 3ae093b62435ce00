// What START_AP and SET_BEACON say of an access point besides its beacon: what of it reaches the
// driver, and what is refused.
#include <cerrno>

#include "fixture.h"

namespace airloom::nl80211 {
namespace {

using netlink::MessageWriter;
using Rates = std::map<uint16_t, Octets>;  // by nl80211_tx_rate_attributes

class AccessPointTest : public Nl80211Test {
 protected:
  AccessPointTest() { bring_up(wdev); }

  MessageWriter with_head(uint8_t command) {
    Octets head(36);  // a Beacon that has no elements yet
    head[0] = 0x80;
    return std::move(request(command, wdev).bytes(NL80211_ATTR_BEACON_HEAD, head));
  }
  MessageWriter start() {
    return std::move(with_head(NL80211_CMD_START_AP)
                         .u32(NL80211_ATTR_BEACON_INTERVAL, 100)
                         .u32(NL80211_ATTR_DTIM_PERIOD, 2)
                         .u32(NL80211_ATTR_WIPHY_FREQ, 2412));
  }
  int start_with_rates(const Rates& rates, uint16_t band = NL80211_BAND_2GHZ) {
    MessageWriter message = start();
    {
      const auto bands = message.nest(NL80211_ATTR_TX_RATES);
      const auto one = message.nest(band);
      for (const auto& [kind, octets] : rates) message.bytes(kind, octets);
    }
    return ask(std::move(message)).error;
  }
  int start_with_spatial_reuse(const std::map<uint16_t, uint8_t>& settings) {
    MessageWriter message = start();
    {
      const auto nest = message.flagged_nest(NL80211_ATTR_HE_OBSS_PD);
      for (const auto& [kind, value] : settings) message.u8(kind, value);
    }
    return ask(std::move(message)).error;
  }
  MessageWriter channel(uint8_t command, uint32_t mhz, uint32_t type) {
    return std::move(request(command, wdev)
                         .u32(NL80211_ATTR_WIPHY_FREQ, mhz)
                         .u32(NL80211_ATTR_WIPHY_CHANNEL_TYPE, type));
  }
  static MessageWriter color(MessageWriter message, uint8_t value) {
    {
      const auto nest = message.flagged_nest(NL80211_ATTR_HE_BSS_COLOR);
      if (value != 0) message.u8(NL80211_HE_BSS_COLOR_ATTR_COLOR, value);
      message.flag(NL80211_HE_BSS_COLOR_ATTR_PARTIAL);
    }
    return message;
  }

  cfg80211::Wdev& wdev = add_interface("ap0", cfg80211::InterfaceType::kAp);
};

TEST_F(AccessPointTest, BeaconsHaveOneLegacyRate) {
  for (const Rates& wrong :
       {Rates{}, Rates{{NL80211_TXRATE_LEGACY, {}}}, Rates{{NL80211_TXRATE_LEGACY, {2, 4}}},  // two
        Rates{{NL80211_TXRATE_LEGACY, {3}}},  // none that there is
        Rates{{NL80211_TXRATE_HT, {0}}},      // of a kind that they lack
        Rates{{NL80211_TXRATE_LEGACY, {4}}, {NL80211_TXRATE_HT, {0}}}})
    EXPECT_EQ(start_with_rates(wrong), EINVAL) << wrong.size();
  EXPECT_EQ(start_with_rates({{NL80211_TXRATE_LEGACY, {12}}}, NL80211_BAND_5GHZ), EINVAL)
      << "of another band";
  EXPECT_FALSE(ops.was_asked("start_ap"));
  EXPECT_EQ(start_with_rates({{NL80211_TXRATE_LEGACY, {11}}}), 0);
  ASSERT_TRUE(ops.access_point.beacon_rate);
  EXPECT_EQ(ops.access_point.beacon_rate->bands[NL80211_BAND_2GHZ].legacy, 0b100u);
  EXPECT_EQ(ops.access_point.beacon_rate->bands[NL80211_BAND_5GHZ].legacy, 0u);
}

TEST_F(AccessPointTest, SpatialReuseSaysHowAndWithinWhat) {
  EXPECT_EQ(start_with_spatial_reuse({{NL80211_HE_OBSS_PD_ATTR_MAX_OFFSET, 5}}), EINVAL);
  EXPECT_EQ(start_with_spatial_reuse({{NL80211_HE_OBSS_PD_ATTR_SR_CTRL, 0},
                                      {NL80211_HE_OBSS_PD_ATTR_MIN_OFFSET, 6},
                                      {NL80211_HE_OBSS_PD_ATTR_MAX_OFFSET, 5}}),
            EINVAL);
  EXPECT_FALSE(ops.was_asked("start_ap"));
  EXPECT_EQ(start_with_spatial_reuse({{NL80211_HE_OBSS_PD_ATTR_SR_CTRL, 0}}), 0);
}

TEST_F(AccessPointTest, AColorIsNamedWithEachBeacon) {
  EXPECT_EQ(ask(color(start(), 0)).error, EINVAL);
  EXPECT_EQ(ask(color(start(), 64)).error, ERANGE);
  EXPECT_EQ(ask(color(start(), 63)).error, 0);
  EXPECT_EQ(ask(color(with_head(NL80211_CMD_SET_BEACON), 0)).error, EINVAL);
  EXPECT_FALSE(ops.was_asked("change_beacon"));
  EXPECT_EQ(ask(color(with_head(NL80211_CMD_SET_BEACON), 1)).error, 0);
}

TEST_F(AccessPointTest, NothingStandsForOtherBsssOrLeavesHolesInItsChannel) {
  const auto nested = [&](uint16_t attribute) {
    MessageWriter message = start();
    {
      const auto nest = message.flagged_nest(attribute);
      message.u8(NL80211_MBSSID_CONFIG_ATTR_INDEX, 0);
    }
    return ask(std::move(message)).error;
  };
  EXPECT_EQ(nested(NL80211_ATTR_MBSSID_CONFIG), EOPNOTSUPP);
  EXPECT_EQ(nested(NL80211_ATTR_MBSSID_ELEMS), EINVAL);
  EXPECT_EQ(ask(std::move(start().u32(NL80211_ATTR_PUNCT_BITMAP, 0))).error, EINVAL);
  EXPECT_FALSE(ops.was_asked("start_ap"));
}

TEST_F(AccessPointTest, OnlyItsWidthChangesWhileItBeacons) {
  using ieee80211::ChannelType;
  const auto ht20 = cfg80211::ChannelDefinition::from_type(2412, ChannelType::kHt20);
  const auto ht40 = cfg80211::ChannelDefinition::from_type(2412, ChannelType::kHt40Plus);
  ASSERT_EQ(ask(start()).error, 0);
  for (const uint8_t command : {NL80211_CMD_SET_CHANNEL, NL80211_CMD_SET_WIPHY}) {
    EXPECT_EQ(ask(channel(command, 2412, NL80211_CHAN_HT20)).error, 0);
    EXPECT_EQ(wdev.link().channel, ht20);
    EXPECT_EQ(ask(channel(command, 2412, NL80211_CHAN_HT40PLUS)).error, 0);
    EXPECT_EQ(ops.changed_width, ht40);
    EXPECT_EQ(wdev.link().channel, ht40);
  }
  ops.calls.clear();
  EXPECT_EQ(ask(channel(NL80211_CMD_SET_CHANNEL, 2437, NL80211_CHAN_HT20)).error, EBUSY);
  EXPECT_EQ(ask(channel(NL80211_CMD_SET_CHANNEL, 2412, NL80211_CHAN_HT40MINUS)).error, EINVAL)
      << "no channel there";
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_SET_CHANNEL, wdev)
                              .u32(NL80211_ATTR_WIPHY_FREQ, 2412)
                              .u32(NL80211_ATTR_CHANNEL_WIDTH, NL80211_CHAN_WIDTH_10)
                              .u32(NL80211_ATTR_CENTER_FREQ1, 2412)))
                .error,
            EINVAL);
  EXPECT_FALSE(ops.was_asked("set_ap_channel_width"));
  ops.failures["set_ap_channel_width"] = Errc::kBusy;
  EXPECT_EQ(ask(channel(NL80211_CMD_SET_CHANNEL, 2412, NL80211_CHAN_HT20)).error, EBUSY);
  EXPECT_EQ(wdev.link().channel, ht40);
}

TEST_F(AccessPointTest, StationsHaveTheInterfacesPower) {
  constexpr MacAddress kPeer{{2, 0, 0, 0, 1, 0}};
  const auto change = [&](bool power) {
    MessageWriter message = request(NL80211_CMD_SET_STATION, wdev);
    message.mac(NL80211_ATTR_MAC, kPeer);
    if (power) message.u8(NL80211_ATTR_STA_TX_POWER_SETTING, NL80211_TX_POWER_AUTOMATIC);
    return ask(std::move(message)).error;
  };
  EXPECT_EQ(change(true), EOPNOTSUPP);
  EXPECT_EQ(change(false), 0);
}

TEST_F(AccessPointTest, MonitorsFollowNoGroupsOfMultiUserMimo) {
  const Octets groups(24);
  for (const auto& [type, error] :
       {std::pair{NL80211_IFTYPE_AP, EINVAL}, std::pair{NL80211_IFTYPE_MONITOR, EOPNOTSUPP}}) {
    MessageWriter message = request(NL80211_CMD_NEW_INTERFACE);
    message.u32(NL80211_ATTR_WIPHY, wiphy.index()).string(NL80211_ATTR_IFNAME, "new");
    message.u32(NL80211_ATTR_IFTYPE, type).bytes(NL80211_ATTR_MU_MIMO_GROUP_DATA, groups);
    EXPECT_EQ(ask(std::move(message)).error, error);
  }
  const MacAddress follow{{2, 0, 0, 0, 1, 0}};
  EXPECT_EQ(ask(std::move(request(NL80211_CMD_SET_INTERFACE, wdev)
                              .mac(NL80211_ATTR_MU_MIMO_FOLLOW_MAC_ADDR, follow)))
                .error,
            EINVAL);
}

}  // namespace
}  // namespace airloom::nl80211
