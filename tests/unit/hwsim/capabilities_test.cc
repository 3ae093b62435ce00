// Holds the capabilities to what a real kernel reported of mac80211_hwsim.
#include "hwsim/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/nl80211.h>

#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "bytes/reader.h"

namespace airloom::hwsim {
namespace {

using cfg80211::Band;
using cfg80211::BandCapability;
using testing::ElementsAreArray;

using Attributes = std::multimap<uint16_t, Octets>;

Attributes attributes_of(Reader reader) {
  Attributes found;
  while (reader.remaining() >= 4) {
    const uint16_t length = *reader.le16();
    const auto type = static_cast<uint16_t>(*reader.le16() & 0x3fff);
    const auto payload = *reader.take(length - 4);
    found.emplace(type, Octets(payload.begin(), payload.end()));
    (void)reader.skip((4 - length % 4) % 4);
  }
  return found;
}

/// Every attribute of a split wiphy dump, as if it were one message.
Attributes golden_dump() {
  std::ifstream file(AIRLOOM_VECTORS "/linux-6.1/netlink/get_wiphy_split_dump.nl",
                     std::ios::binary);
  const Octets octets{std::istreambuf_iterator<char>(file), {}};
  Attributes all;
  for (Reader reader(octets); reader.remaining() >= 20;) {
    const uint32_t length = *reader.le32();
    Reader message(*reader.take(length - 4));
    const uint16_t type = *message.le16();
    (void)message.skip(14);
    if (type > 16) all.merge(attributes_of(message.rest()));
    (void)reader.skip((4 - length % 4) % 4);
  }
  return all;
}

uint32_t u32(const Octets& octets) {
  uint32_t value = 0;
  for (size_t i = octets.size(); i-- > 0;) value = value << 8 | octets[i];
  return value;
}

class CapabilitiesTest : public testing::Test {
 protected:
  const Octets& value(uint16_t type) const {
    const auto found = golden.find(type);
    if (found == golden.end()) throw std::runtime_error("attribute " + std::to_string(type));
    return found->second;
  }
  uint32_t number(uint16_t type) const { return u32(value(type)); }
  std::vector<uint32_t> numbers(uint16_t type) const {
    std::vector<uint32_t> out;
    for (const auto& [index, octets] : attributes_of(Reader(value(type))))
      out.push_back(u32(octets));
    return out;
  }
  /// Bits of the interface types that a nest of flags lists.
  static uint32_t types_in(const Octets& nest) {
    uint32_t bits = 0;
    for (const auto& [type, flag] : attributes_of(Reader(nest))) bits |= 1u << type;
    return bits;
  }
  Attributes band(Band wanted) const {
    Attributes merged;
    for (auto [at, end] = golden.equal_range(NL80211_ATTR_WIPHY_BANDS); at != end; ++at)
      for (const auto& [index, octets] : attributes_of(Reader(at->second)))
        if (index == static_cast<uint16_t>(wanted)) merged.merge(attributes_of(Reader(octets)));
    return merged;
  }

  const Attributes golden = golden_dump();
  const cfg80211::SharedCapabilities shared = make_capabilities();
  const cfg80211::Capabilities& caps = *shared;
};

TEST_F(CapabilitiesTest, LimitsAndFlags) {
  EXPECT_EQ(caps.max_scan_ssids, number(NL80211_ATTR_MAX_NUM_SCAN_SSIDS));
  EXPECT_EQ(caps.max_scan_elements_len, number(NL80211_ATTR_MAX_SCAN_IE_LEN));
  EXPECT_EQ(caps.max_sched_scan_ssids, number(NL80211_ATTR_MAX_NUM_SCHED_SCAN_SSIDS));
  EXPECT_EQ(caps.max_sched_scan_elements_len, number(NL80211_ATTR_MAX_SCHED_SCAN_IE_LEN));
  EXPECT_EQ(caps.max_match_sets, number(NL80211_ATTR_MAX_MATCH_SETS));
  EXPECT_EQ(caps.max_sched_scan_plans, number(NL80211_ATTR_MAX_NUM_SCHED_SCAN_PLANS));
  EXPECT_EQ(caps.max_sched_scan_plan_interval, number(NL80211_ATTR_MAX_SCAN_PLAN_INTERVAL));
  EXPECT_EQ(caps.max_sched_scan_plan_iterations, number(NL80211_ATTR_MAX_SCAN_PLAN_ITERATIONS));
  EXPECT_EQ(caps.max_remain_on_channel_ms, number(NL80211_ATTR_MAX_REMAIN_ON_CHANNEL_DURATION));
  EXPECT_EQ(caps.max_pmkids, number(NL80211_ATTR_MAX_NUM_PMKIDS));
  EXPECT_EQ(caps.max_csa_counters, number(NL80211_ATTR_MAX_CSA_COUNTERS));
  EXPECT_EQ(caps.max_akm_suites, number(NL80211_ATTR_MAX_NUM_AKM_SUITES));
  EXPECT_EQ(caps.antennas_tx, number(NL80211_ATTR_WIPHY_ANTENNA_AVAIL_TX));
  EXPECT_EQ(caps.antennas_rx, number(NL80211_ATTR_WIPHY_ANTENNA_AVAIL_RX));
  EXPECT_EQ(caps.features, number(NL80211_ATTR_FEATURE_FLAGS));
  EXPECT_EQ(caps.extended_features, value(NL80211_ATTR_EXT_FEATURES));
  EXPECT_EQ(caps.extended_capabilities, value(NL80211_ATTR_EXT_CAPA));
  EXPECT_EQ(caps.extended_capabilities_mask, value(NL80211_ATTR_EXT_CAPA_MASK));
  EXPECT_THAT(*caps.ht_override_mask, ElementsAreArray(value(NL80211_ATTR_HT_CAPABILITY_MASK)));
  EXPECT_THAT(*caps.vht_override_mask, ElementsAreArray(value(NL80211_ATTR_VHT_CAPABILITY_MASK)));
  const std::pair<bool, uint16_t> flags[] = {
      {caps.ibss_rsn, NL80211_ATTR_SUPPORT_IBSS_RSN},
      {caps.mesh_auth, NL80211_ATTR_SUPPORT_MESH_AUTH},
      {caps.ap_uapsd, NL80211_ATTR_SUPPORT_AP_UAPSD},
      {caps.roam, NL80211_ATTR_ROAM_SUPPORT},
      {caps.tdls, NL80211_ATTR_TDLS_SUPPORT},
      {caps.tdls_external_setup, NL80211_ATTR_TDLS_EXTERNAL_SETUP},
      {caps.control_port_ethertype, NL80211_ATTR_CONTROL_PORT_ETHERTYPE},
      {caps.offchannel_tx, NL80211_ATTR_OFFCHANNEL_TX_OK},
      {caps.supports_5_10_mhz, NL80211_ATTR_SUPPORT_5_MHZ},
  };
  for (const auto& [have, attribute] : flags)
    EXPECT_EQ(have, golden.contains(attribute)) << attribute;
  EXPECT_EQ(caps.supported_commands.size(), numbers(NL80211_ATTR_SUPPORTED_COMMANDS).size());
  EXPECT_THAT(caps.supported_commands, ElementsAreArray(numbers(NL80211_ATTR_SUPPORTED_COMMANDS)));
  std::vector<uint32_t> ciphers;
  for (Reader reader(value(NL80211_ATTR_CIPHER_SUITES)); !reader.at_end();)
    ciphers.push_back(*reader.le32());
  EXPECT_EQ(caps.cipher_suites, ciphers);
  ASSERT_EQ(caps.vendor_commands.size(), 1u);
  EXPECT_EQ(caps.vendor_commands[0].oui, 0x001374u);
}

TEST_F(CapabilitiesTest, InterfaceTypesAndCombinations) {
  EXPECT_EQ(caps.interface_types, types_in(value(NL80211_ATTR_SUPPORTED_IFTYPES)));
  EXPECT_EQ(caps.software_interface_types, types_in(value(NL80211_ATTR_SOFTWARE_IFTYPES)));
  const auto combinations = attributes_of(Reader(value(NL80211_ATTR_INTERFACE_COMBINATIONS)));
  ASSERT_EQ(combinations.size(), caps.combinations.size());
  const auto combination = attributes_of(Reader(combinations.begin()->second));
  const auto limits = attributes_of(Reader(combination.find(NL80211_IFACE_COMB_LIMITS)->second));
  const cfg80211::InterfaceCombination& ours = caps.combinations[0];
  ASSERT_EQ(limits.size(), ours.limits.size());
  size_t i = 0;
  for (const auto& [index, nest] : limits) {
    const auto limit = attributes_of(Reader(nest));
    EXPECT_EQ(ours.limits[i].max, u32(limit.find(NL80211_IFACE_LIMIT_MAX)->second));
    EXPECT_EQ(ours.limits[i].types, types_in(limit.find(NL80211_IFACE_LIMIT_TYPES)->second));
    ++i;
  }
  EXPECT_EQ(ours.max_interfaces, u32(combination.find(NL80211_IFACE_COMB_MAXNUM)->second));
  EXPECT_EQ(ours.channels, u32(combination.find(NL80211_IFACE_COMB_NUM_CHANNELS)->second));
  EXPECT_EQ(ours.radar_detect_widths,
            u32(combination.find(NL80211_IFACE_COMB_RADAR_DETECT_WIDTHS)->second));
  EXPECT_EQ(ours.radar_detect_regions,
            u32(combination.find(NL80211_IFACE_COMB_RADAR_DETECT_REGIONS)->second));
}

TEST_F(CapabilitiesTest, FrameTypes) {
  const std::pair<const std::array<uint16_t, cfg80211::kInterfaceTypeCount>*, uint16_t> masks[] = {
      {&caps.tx_frame_types, NL80211_ATTR_TX_FRAME_TYPES},
      {&caps.rx_frame_types, NL80211_ATTR_RX_FRAME_TYPES}};
  for (const auto& [ours, attribute] : masks)
    for (const auto& [type, nest] : attributes_of(Reader(value(attribute)))) {
      uint16_t mask = 0;
      for (const auto& [attr, octets] : attributes_of(Reader(nest)))
        mask |= static_cast<uint16_t>(1u << (octets[0] >> 4));
      EXPECT_EQ(ours->at(type), mask) << attribute << " of type " << type;
    }
}

TEST_F(CapabilitiesTest, Bands) {
  for (Band wanted : {Band::k2GHz, Band::k5GHz, Band::k60GHz, Band::k6GHz, Band::kS1GHz}) {
    SCOPED_TRACE(static_cast<int>(wanted));
    const Attributes theirs = band(wanted);
    const BandCapability* ours = nullptr;
    for (const BandCapability& candidate : caps.bands)
      if (candidate.band == wanted) ours = &candidate;
    ASSERT_EQ(ours != nullptr, !theirs.empty());
    if (!ours) continue;

    std::vector<std::pair<uint32_t, uint32_t>> channels, our_channels;
    for (auto [at, end] = theirs.equal_range(NL80211_BAND_ATTR_FREQS); at != end; ++at)
      for (const auto& [index, nest] : attributes_of(Reader(at->second))) {
        const auto channel = attributes_of(Reader(nest));
        channels.emplace_back(u32(channel.find(NL80211_FREQUENCY_ATTR_FREQ)->second),
                              u32(channel.find(NL80211_FREQUENCY_ATTR_OFFSET)->second));
      }
    for (const auto& channel : ours->channels)
      our_channels.emplace_back(channel.mhz, channel.offset_khz);
    EXPECT_EQ(our_channels, channels);

    std::vector<std::pair<uint32_t, bool>> rates, our_rates;
    const auto nest = theirs.find(NL80211_BAND_ATTR_RATES);
    if (nest != theirs.end())
      for (const auto& [index, octets] : attributes_of(Reader(nest->second))) {
        const auto rate = attributes_of(Reader(octets));
        rates.emplace_back(u32(rate.find(NL80211_BITRATE_ATTR_RATE)->second),
                           rate.contains(NL80211_BITRATE_ATTR_2GHZ_SHORTPREAMBLE));
      }
    for (const auto& rate : ours->rates)
      our_rates.emplace_back(rate.rate_100kbps, rate.short_preamble);
    EXPECT_EQ(our_rates, rates);
  }
}

TEST_F(CapabilitiesTest, HtVhtHeEht) {
  for (const BandCapability& ours : caps.bands) {
    SCOPED_TRACE(static_cast<int>(ours.band));
    const Attributes theirs = band(ours.band);
    auto octets = [&](uint16_t type) {
      const auto found = theirs.find(type);
      return found == theirs.end() ? Octets{} : found->second;
    };
    ASSERT_EQ(ours.ht.has_value(), theirs.contains(NL80211_BAND_ATTR_HT_CAPA));
    if (ours.ht) {
      EXPECT_EQ(ours.ht->info, u32(octets(NL80211_BAND_ATTR_HT_CAPA)));
      EXPECT_EQ(ours.ht->ampdu_factor, u32(octets(NL80211_BAND_ATTR_HT_AMPDU_FACTOR)));
      EXPECT_EQ(ours.ht->ampdu_density, u32(octets(NL80211_BAND_ATTR_HT_AMPDU_DENSITY)));
      EXPECT_THAT(ours.ht->mcs, ElementsAreArray(octets(NL80211_BAND_ATTR_HT_MCS_SET)));
    }
    ASSERT_EQ(ours.vht.has_value(), theirs.contains(NL80211_BAND_ATTR_VHT_CAPA));
    if (ours.vht) {
      EXPECT_EQ(ours.vht->info, u32(octets(NL80211_BAND_ATTR_VHT_CAPA)));
      EXPECT_THAT(ours.vht->mcs, ElementsAreArray(octets(NL80211_BAND_ATTR_VHT_MCS_SET)));
    }
    const auto per_type = attributes_of(Reader(octets(NL80211_BAND_ATTR_IFTYPE_DATA)));
    ASSERT_EQ(per_type.size(), ours.interface_type_data.size());
    size_t i = 0;
    for (const auto& [index, nest] : per_type) {
      SCOPED_TRACE(i);
      const Attributes data = attributes_of(Reader(nest));
      const cfg80211::InterfaceTypeData& mine = ours.interface_type_data[i++];
      auto field = [&](uint16_t type) {
        const auto found = data.find(type);
        return found == data.end() ? Octets{} : found->second;
      };
      EXPECT_EQ(mine.types, types_in(field(NL80211_BAND_IFTYPE_ATTR_IFTYPES)));
      EXPECT_THAT(mine.he_mac, ElementsAreArray(field(NL80211_BAND_IFTYPE_ATTR_HE_CAP_MAC)));
      EXPECT_THAT(mine.he_phy, ElementsAreArray(field(NL80211_BAND_IFTYPE_ATTR_HE_CAP_PHY)));
      EXPECT_EQ(mine.he_mcs_nss, field(NL80211_BAND_IFTYPE_ATTR_HE_CAP_MCS_SET));
      EXPECT_EQ(mine.he_ppe, field(NL80211_BAND_IFTYPE_ATTR_HE_CAP_PPE));
      EXPECT_EQ(mine.he_6ghz, u32(field(NL80211_BAND_IFTYPE_ATTR_HE_6GHZ_CAPA)));
      EXPECT_EQ(mine.eht_mac, field(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_MAC));
      EXPECT_EQ(mine.eht_phy, field(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_PHY));
      EXPECT_EQ(mine.eht_mcs_nss, field(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_MCS_SET));
      EXPECT_EQ(mine.eht_ppe, field(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_PPE));
    }
  }
}

TEST(RadioTraits, DecideWhatARadioCan) {
  using cfg80211::InterfaceType;
  RadioTraits traits{.interface_types = cfg80211::bit(InterfaceType::kAdhoc),
                     .cipher_suites = std::vector<uint32_t>{0x000fac04}};
  ASSERT_TRUE(check(traits));
  auto caps = make_capabilities(traits);
  EXPECT_TRUE(caps->combinations.empty());  // one interface is no combination
  EXPECT_EQ(caps->software_interface_types, cfg80211::bit(InterfaceType::kMonitor));
  EXPECT_EQ(caps->cipher_suites, std::vector<uint32_t>{0x000fac04});

  traits = {.channel_contexts = true};
  caps = make_capabilities(traits);
  EXPECT_EQ(caps->max_scan_ssids, 255);
  EXPECT_EQ(caps->max_remain_on_channel_ms, 1000u);
  EXPECT_EQ(caps->combinations[0].radar_detect_widths, 0u);
  EXPECT_FALSE(caps->has_extended_feature(NL80211_EXT_FEATURE_SCAN_RANDOM_SN));

  EXPECT_TRUE(check({.channels = 2, .channel_contexts = true}));
  EXPECT_FALSE(check({.interface_types = cfg80211::bit(InterfaceType::kOcb)}));
}

TEST_F(CapabilitiesTest, Addresses) {
  const auto addresses = radio_addresses(0x0102);
  ASSERT_EQ(addresses.size(), 2u);
  EXPECT_EQ(addresses[0].to_string(), "02:00:00:01:02:00");
  EXPECT_EQ(addresses[1].to_string(), "42:00:00:01:02:00");
  EXPECT_THAT(radio_addresses(0)[0].octets, ElementsAreArray(value(NL80211_ATTR_MAC)));
}

}  // namespace
}  // namespace airloom::hwsim
