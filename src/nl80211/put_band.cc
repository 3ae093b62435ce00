#include "nl80211/put_band.h"

#include <linux/nl80211.h>

namespace airloom::nl80211 {

namespace {

using cfg80211::BandCapability;
using cfg80211::ChannelState;
using cfg80211::InterfaceTypeData;
using netlink::MessageWriter;

void put_he(MessageWriter& writer, const InterfaceTypeData& data) {
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_HE_CAP_MAC, data.he_mac);
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_HE_CAP_PHY, data.he_phy);
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_HE_CAP_MCS_SET, data.he_mcs_nss);
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_HE_CAP_PPE, data.he_ppe);
}

void put_eht(MessageWriter& writer, const InterfaceTypeData& data) {
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_MAC, data.eht_mac);
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_PHY, data.eht_phy);
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_MCS_SET, data.eht_mcs_nss);
  writer.bytes(NL80211_BAND_IFTYPE_ATTR_EHT_CAP_PPE, data.eht_ppe);
}

void put_interface_type_data(MessageWriter& writer, const BandCapability& band) {
  if (band.interface_type_data.empty()) return;
  const auto all = writer.nest(NL80211_BAND_ATTR_IFTYPE_DATA);
  uint16_t index = 0;
  for (const InterfaceTypeData& data : band.interface_type_data) {
    const auto one = writer.nest(++index);
    put_interface_types(writer, NL80211_BAND_IFTYPE_ATTR_IFTYPES, data.types);
    put_he(writer, data);
    if (!data.eht_mac.empty()) put_eht(writer, data);
    if (band.band == cfg80211::Band::k6GHz) {
      const uint8_t octets[] = {static_cast<uint8_t>(data.he_6ghz),
                                static_cast<uint8_t>(data.he_6ghz >> 8)};
      writer.bytes(NL80211_BAND_IFTYPE_ATTR_HE_6GHZ_CAPA, octets);
    }
  }
}

void put_legacy_rates(MessageWriter& writer, const BandCapability& band) {
  const auto rates = writer.nest(NL80211_BAND_ATTR_RATES);
  uint16_t index = 0;
  for (const cfg80211::HardwareRate& rate : band.rates) {
    const auto one = writer.nest(index++);
    writer.u32(NL80211_BITRATE_ATTR_RATE, rate.rate_100kbps);
    writer.flag_if(rate.short_preamble, NL80211_BITRATE_ATTR_2GHZ_SHORTPREAMBLE);
  }
}

void put_dfs(MessageWriter& writer, const ChannelState& channel, uint32_t age_ms) {
  writer.u32(NL80211_FREQUENCY_ATTR_DFS_STATE, channel.dfs_state);
  writer.u32(NL80211_FREQUENCY_ATTR_DFS_TIME, age_ms);
  writer.u32(NL80211_FREQUENCY_ATTR_DFS_CAC_TIME, channel.dfs_cac_ms);
}

/// The flag that names an S1G channel's one width; 0 in the other bands.
uint16_t s1g_flag(uint8_t width_mhz) {
  switch (width_mhz) {
    case 1:
      return NL80211_FREQUENCY_ATTR_1MHZ;
    case 2:
      return NL80211_FREQUENCY_ATTR_2MHZ;
    case 4:
      return NL80211_FREQUENCY_ATTR_4MHZ;
    case 8:
      return NL80211_FREQUENCY_ATTR_8MHZ;
    case 16:
      return NL80211_FREQUENCY_ATTR_16MHZ;
    default:
      return 0;
  }
}

void put_width_limits(MessageWriter& writer, const ChannelState& channel) {
  writer.flag_if(channel.no_ht40_minus, NL80211_FREQUENCY_ATTR_NO_HT40_MINUS);
  writer.flag_if(channel.no_ht40_plus, NL80211_FREQUENCY_ATTR_NO_HT40_PLUS);
  writer.flag_if(channel.no_80mhz, NL80211_FREQUENCY_ATTR_NO_80MHZ);
  writer.flag_if(channel.no_160mhz, NL80211_FREQUENCY_ATTR_NO_160MHZ);
  writer.flag_if(channel.indoor_only, NL80211_FREQUENCY_ATTR_INDOOR_ONLY);
  writer.flag_if(channel.ir_concurrent, NL80211_FREQUENCY_ATTR_IR_CONCURRENT);
  writer.flag_if(channel.no_20mhz, NL80211_FREQUENCY_ATTR_NO_20MHZ);
  writer.flag_if(channel.no_10mhz, NL80211_FREQUENCY_ATTR_NO_10MHZ);
  writer.flag_if(channel.no_he, NL80211_FREQUENCY_ATTR_NO_HE);
  if (const uint16_t flag = s1g_flag(channel.s1g_width_mhz)) writer.flag(flag);
  writer.flag_if(channel.no_320mhz, NL80211_FREQUENCY_ATTR_NO_320MHZ);
  writer.flag_if(channel.no_eht, NL80211_FREQUENCY_ATTR_NO_EHT);
}

}  // namespace

void put_interface_types(MessageWriter& writer, uint16_t attribute, uint32_t types) {
  const auto nest = writer.nest(attribute);
  for (uint16_t type = 0; type < 32; ++type) writer.flag_if(types & (1u << type), type);
}

void put_band_rates(MessageWriter& writer, const BandCapability& band, bool split) {
  if (band.ht) {
    writer.bytes(NL80211_BAND_ATTR_HT_MCS_SET, band.ht->mcs);
    writer.u16(NL80211_BAND_ATTR_HT_CAPA, band.ht->info);
    writer.u8(NL80211_BAND_ATTR_HT_AMPDU_FACTOR, band.ht->ampdu_factor);
    writer.u8(NL80211_BAND_ATTR_HT_AMPDU_DENSITY, band.ht->ampdu_density);
  }
  if (band.vht) {
    writer.bytes(NL80211_BAND_ATTR_VHT_MCS_SET, band.vht->mcs);
    writer.u32(NL80211_BAND_ATTR_VHT_CAPA, band.vht->info);
  }
  if (split) put_interface_type_data(writer, band);
  put_legacy_rates(writer, band);
}

void put_band_channel(MessageWriter& writer, const ChannelState& channel, bool split,
                      uint32_t dfs_age_ms) {
  // Old programs must not even see channels that they could not use.
  if (!split && (channel.no_10mhz || channel.no_20mhz || channel.offset_khz != 0)) return;
  writer.u32(NL80211_FREQUENCY_ATTR_FREQ, channel.mhz);
  writer.u32(NL80211_FREQUENCY_ATTR_OFFSET, channel.offset_khz);
  writer.flag_if(channel.disabled, NL80211_FREQUENCY_ATTR_DISABLED);
  writer.flag_if(channel.no_ir, NL80211_FREQUENCY_ATTR_NO_IR);
  writer.flag_if(channel.no_ir, __NL80211_FREQUENCY_ATTR_NO_IBSS);
  writer.flag_if(channel.radar, NL80211_FREQUENCY_ATTR_RADAR);
  if (channel.radar && split) put_dfs(writer, channel, dfs_age_ms);
  if (split) put_width_limits(writer, channel);
  writer.u32(NL80211_FREQUENCY_ATTR_MAX_TX_POWER, static_cast<uint32_t>(channel.max_power_mbm));
}

}  // namespace airloom::nl80211
