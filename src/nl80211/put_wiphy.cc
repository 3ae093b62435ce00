#include "nl80211/put_wiphy.h"

#include <linux/nl80211.h>

#include <algorithm>

#include "base/assert.h"
#include "cfg80211/host.h"
#include "nl80211/put_band.h"
#include "nl80211/put_station.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::BandCapability;
using cfg80211::Capabilities;
using cfg80211::Wiphy;
using netlink::MessageWriter;

constexpr uint8_t kBands = 3;
constexpr uint8_t kLastSection = 16;

void put_scan_limits(MessageWriter& writer, const Wiphy& wiphy) {
  const Capabilities& can = wiphy.capabilities();
  writer.u8(NL80211_ATTR_WIPHY_RETRY_SHORT, wiphy.retry_short);
  writer.u8(NL80211_ATTR_WIPHY_RETRY_LONG, wiphy.retry_long);
  writer.u32(NL80211_ATTR_WIPHY_FRAG_THRESHOLD, wiphy.fragmentation_threshold);
  writer.u32(NL80211_ATTR_WIPHY_RTS_THRESHOLD, wiphy.rts_threshold);
  writer.u8(NL80211_ATTR_WIPHY_COVERAGE_CLASS, wiphy.coverage_class);
  writer.u8(NL80211_ATTR_MAX_NUM_SCAN_SSIDS, can.max_scan_ssids);
  writer.u8(NL80211_ATTR_MAX_NUM_SCHED_SCAN_SSIDS, can.max_sched_scan_ssids);
  writer.u16(NL80211_ATTR_MAX_SCAN_IE_LEN, can.max_scan_elements_len);
  writer.u16(NL80211_ATTR_MAX_SCHED_SCAN_IE_LEN, can.max_sched_scan_elements_len);
  writer.u8(NL80211_ATTR_MAX_MATCH_SETS, can.max_match_sets);
  writer.flag_if(can.ibss_rsn, NL80211_ATTR_SUPPORT_IBSS_RSN);
  writer.flag_if(can.mesh_auth, NL80211_ATTR_SUPPORT_MESH_AUTH);
  writer.flag_if(can.ap_uapsd, NL80211_ATTR_SUPPORT_AP_UAPSD);
  writer.flag_if(can.roam, NL80211_ATTR_ROAM_SUPPORT);
  writer.flag_if(can.tdls, NL80211_ATTR_TDLS_SUPPORT);
  writer.flag_if(can.tdls_external_setup, NL80211_ATTR_TDLS_EXTERNAL_SETUP);
}

/// Cipher and AKM suites lie on the wire as an array of native integers.
Octets suites(const std::vector<uint32_t>& values) {
  Octets octets;
  for (const uint32_t value : values) netlink::append(octets, value);
  return octets;
}

void put_ciphers(MessageWriter& writer, const Wiphy& wiphy) {
  const Capabilities& can = wiphy.capabilities();
  writer.bytes(NL80211_ATTR_CIPHER_SUITES, suites(can.cipher_suites));
  writer.u8(NL80211_ATTR_MAX_NUM_PMKIDS, can.max_pmkids);
  writer.flag_if(can.control_port_ethertype, NL80211_ATTR_CONTROL_PORT_ETHERTYPE);
  writer.u32(NL80211_ATTR_WIPHY_ANTENNA_AVAIL_TX, can.antennas_tx);
  writer.u32(NL80211_ATTR_WIPHY_ANTENNA_AVAIL_RX, can.antennas_rx);
}

uint32_t dfs_age_ms(const Wiphy& wiphy, const cfg80211::ChannelState& channel) {
  const TimePoint since = wiphy.dfs_state_since(channel.mhz);
  return static_cast<uint32_t>(wiphy.scheduler().now().ms() - since.ms());
}

/// One message's worth of section 3.
void put_split_band(MessageWriter& writer, const Wiphy& wiphy, const WiphyPart& part) {
  const auto bands = writer.nest(NL80211_ATTR_WIPHY_BANDS);
  if (!part.band) return;
  const BandCapability& band = wiphy.capabilities().bands[*part.band];
  const auto one = writer.nest(static_cast<uint16_t>(band.band));
  if (!part.channel) {
    put_band_rates(writer, band, true);
    return;
  }
  const auto frequencies = writer.nest(NL80211_BAND_ATTR_FREQS);
  const auto& channels = wiphy.channels().bands[*part.band];
  if (*part.channel >= channels.size()) return;
  const auto channel = writer.nest(static_cast<uint16_t>(*part.channel));
  put_band_channel(writer, channels[*part.channel], true,
                   dfs_age_ms(wiphy, channels[*part.channel]));
}

/// The 2.4 and 5 GHz bands at once, as old programs know them.
void put_old_bands(MessageWriter& writer, const Wiphy& wiphy) {
  const auto bands = writer.nest(NL80211_ATTR_WIPHY_BANDS);
  const auto& all = wiphy.capabilities().bands;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].band > cfg80211::Band::k5GHz) continue;
    const auto one = writer.nest(static_cast<uint16_t>(all[i].band));
    put_band_rates(writer, all[i], false);
    const auto frequencies = writer.nest(NL80211_BAND_ATTR_FREQS);
    uint16_t index = 0;
    for (const cfg80211::ChannelState& state : wiphy.channels().bands[i]) {
      const auto channel = writer.nest(index++);
      put_band_channel(writer, state, false, dfs_age_ms(wiphy, state));
    }
  }
}

/// Commands younger than split dumps, which only those hear of.
bool is_young(uint8_t command) {
  constexpr uint8_t kYoung[] = {NL80211_CMD_CRIT_PROTOCOL_START,
                                NL80211_CMD_CRIT_PROTOCOL_STOP,
                                NL80211_CMD_CHANNEL_SWITCH,
                                NL80211_CMD_SET_QOS_MAP,
                                NL80211_CMD_ADD_TX_TS,
                                NL80211_CMD_SET_MULTICAST_TO_UNICAST,
                                NL80211_CMD_UPDATE_CONNECT_PARAMS,
                                NL80211_CMD_UPDATE_FT_IES,
                                NL80211_CMD_SET_SAR_SPECS};
  return std::find(std::begin(kYoung), std::end(kYoung), command) != std::end(kYoung);
}

void put_commands(MessageWriter& writer, const Wiphy& wiphy, bool split) {
  const auto nest = writer.nest(NL80211_ATTR_SUPPORTED_COMMANDS);
  uint16_t index = 0;
  for (const uint8_t command : wiphy.capabilities().supported_commands)
    if (split || !is_young(command)) writer.u32(++index, command);
}

void put_off_channel(MessageWriter& writer, const Wiphy& wiphy) {
  const Capabilities& can = wiphy.capabilities();
  if (can.max_remain_on_channel_ms != 0)
    writer.u32(NL80211_ATTR_MAX_REMAIN_ON_CHANNEL_DURATION, can.max_remain_on_channel_ms);
  writer.flag_if(can.offchannel_tx, NL80211_ATTR_OFFCHANNEL_TX_OK);
}

void put_combination(MessageWriter& writer, const cfg80211::InterfaceCombination& combination,
                     bool split) {
  {
    const auto limits = writer.nest(NL80211_IFACE_COMB_LIMITS);
    uint16_t index = 0;
    for (const cfg80211::InterfaceLimit& limit : combination.limits) {
      const auto one = writer.nest(++index);
      writer.u32(NL80211_IFACE_LIMIT_MAX, limit.max);
      put_interface_types(writer, NL80211_IFACE_LIMIT_TYPES, limit.types);
    }
  }
  writer.flag_if(combination.beacon_interval_match, NL80211_IFACE_COMB_STA_AP_BI_MATCH);
  writer.u32(NL80211_IFACE_COMB_NUM_CHANNELS, combination.channels);
  writer.u32(NL80211_IFACE_COMB_MAXNUM, combination.max_interfaces);
  if (split) {
    writer.u32(NL80211_IFACE_COMB_RADAR_DETECT_WIDTHS, combination.radar_detect_widths);
    writer.u32(NL80211_IFACE_COMB_RADAR_DETECT_REGIONS, combination.radar_detect_regions);
  }
  if (combination.beacon_interval_min_gcd != 0)
    writer.u32(NL80211_IFACE_COMB_BI_MIN_GCD, combination.beacon_interval_min_gcd);
}

void put_combinations(MessageWriter& writer, const Wiphy& wiphy, bool split) {
  const Capabilities& can = wiphy.capabilities();
  put_interface_types(writer, NL80211_ATTR_SOFTWARE_IFTYPES, can.software_interface_types);
  const auto all = writer.nest(NL80211_ATTR_INTERFACE_COMBINATIONS);
  uint16_t index = 0;
  for (const auto& combination : can.combinations) {
    const auto one = writer.nest(++index);
    put_combination(writer, combination, split);
  }
}

void put_features(MessageWriter& writer, const Wiphy& wiphy, bool split) {
  const Capabilities& can = wiphy.capabilities();
  if (can.ap_sme) writer.u32(NL80211_ATTR_DEVICE_AP_SME, 0);
  constexpr uint32_t kLimits = NL80211_FEATURE_ADVERTISE_CHAN_LIMITS;  // only a split dump does
  const uint32_t features = split ? can.features | kLimits : can.features & ~kLimits;
  writer.u32(NL80211_ATTR_FEATURE_FLAGS, features);
  if (can.ht_override_mask) writer.bytes(NL80211_ATTR_HT_CAPABILITY_MASK, *can.ht_override_mask);
}

void put_frame_types(MessageWriter& writer, uint16_t attribute,
                     const std::array<uint16_t, cfg80211::kInterfaceTypeCount>& by_type) {
  const auto all = writer.nest(attribute);
  for (uint16_t type = 0; type < by_type.size(); ++type) {
    const auto one = writer.nest(type);
    for (unsigned subtype = 0; subtype < 16; ++subtype)
      if (by_type[type] & (1u << subtype))
        writer.u16(NL80211_ATTR_FRAME_TYPE, static_cast<uint16_t>(subtype << 4));
  }
}

void put_addresses(MessageWriter& writer, const Wiphy& wiphy) {
  writer.mac(NL80211_ATTR_MAC, wiphy.permanent_address());
  if (wiphy.addresses().size() <= 1) return;
  const auto all = writer.flagged_nest(NL80211_ATTR_MAC_ADDRS);
  uint16_t index = 0;
  for (const MacAddress& address : wiphy.addresses()) writer.mac(++index, address);
}

void put_frames_and_addresses(MessageWriter& writer, const Wiphy& wiphy) {
  const Capabilities& can = wiphy.capabilities();
  put_frame_types(writer, NL80211_ATTR_TX_FRAME_TYPES, can.tx_frame_types);
  put_frame_types(writer, NL80211_ATTR_RX_FRAME_TYPES, can.rx_frame_types);
  writer.u32(NL80211_ATTR_MAX_NUM_SCHED_SCAN_PLANS, can.max_sched_scan_plans);
  writer.u32(NL80211_ATTR_MAX_SCAN_PLAN_INTERVAL, can.max_sched_scan_plan_interval);
  writer.u32(NL80211_ATTR_MAX_SCAN_PLAN_ITERATIONS, can.max_sched_scan_plan_iterations);
  if (!can.extended_capabilities.empty()) {
    writer.bytes(NL80211_ATTR_EXT_CAPA, can.extended_capabilities);
    writer.bytes(NL80211_ATTR_EXT_CAPA_MASK, can.extended_capabilities_mask);
  }
  if (can.vht_override_mask) writer.bytes(NL80211_ATTR_VHT_CAPABILITY_MASK, *can.vht_override_mask);
  put_addresses(writer, wiphy);
}

void put_vendor_list(MessageWriter& writer, uint16_t attribute,
                     const std::vector<cfg80211::VendorId>& list) {
  if (list.empty()) return;
  const auto nest = writer.nest(attribute);
  uint16_t index = 0;
  for (const cfg80211::VendorId& id : list) writer.bytes(++index, suites({id.oui, id.subcommand}));
}

void put_extended_features(MessageWriter& writer, const Wiphy& wiphy) {
  const Capabilities& can = wiphy.capabilities();
  if (can.max_csa_counters != 0) writer.u8(NL80211_ATTR_MAX_CSA_COUNTERS, can.max_csa_counters);
  if (can.max_sched_scans != 0) writer.u32(NL80211_ATTR_SCHED_SCAN_MAX_REQS, can.max_sched_scans);
  writer.bytes(NL80211_ATTR_EXT_FEATURES, can.extended_features);
}

void put_tx_queues(MessageWriter& writer, const Wiphy& wiphy) {
  if (!wiphy.capabilities().has_extended_feature(NL80211_EXT_FEATURE_TXQS)) return;
  if (const auto stats = wiphy.ops().get_tx_queue_stats(nullptr))
    put_tx_queue_stats(writer, NL80211_ATTR_TXQ_STATS, *stats);
  writer.u32(NL80211_ATTR_TXQ_LIMIT, wiphy.tx_queue_limits.frames);
  writer.u32(NL80211_ATTR_TXQ_MEMORY_LIMIT, wiphy.tx_queue_limits.octets);
  writer.u32(NL80211_ATTR_TXQ_QUANTUM, wiphy.tx_queue_limits.quantum);
}

void put_section(MessageWriter& writer, const Wiphy& wiphy, uint8_t section) {
  const Capabilities& can = wiphy.capabilities();
  switch (section) {
    case 0:
      return put_scan_limits(writer, wiphy);
    case 1:
      return put_ciphers(writer, wiphy);
    case 2:
      return put_interface_types(writer, NL80211_ATTR_SUPPORTED_IFTYPES, can.interface_types);
    case 4:
      return put_commands(writer, wiphy, true);
    case 5:
      return put_off_channel(writer, wiphy);
    case 6:
      return;  // wake-on-WLAN
    case 7:
      return put_combinations(writer, wiphy, true);
    case 8:
      return put_features(writer, wiphy, true);
    case 9:
      return put_frames_and_addresses(writer, wiphy);
    case 10:
      writer.flag_if(can.supports_5_10_mhz, NL80211_ATTR_SUPPORT_5_MHZ);
      writer.flag_if(can.supports_5_10_mhz, NL80211_ATTR_SUPPORT_10_MHZ);
      return;
    case 11:
      put_vendor_list(writer, NL80211_ATTR_VENDOR_DATA, can.vendor_commands);
      put_vendor_list(writer, NL80211_ATTR_VENDOR_EVENTS, can.vendor_events);
      return;
    case 12:
      return put_extended_features(writer, wiphy);
    case 13:
      writer.u32(NL80211_ATTR_BANDS, 0);  // of NAN
      return put_tx_queues(writer, wiphy);
    case 14:
      return;  // peer measurements
    case 15:
      if (!can.akm_suites.empty()) writer.bytes(NL80211_ATTR_AKM_SUITES, suites(can.akm_suites));
      return;
    case kLastSection:
      writer.u16(NL80211_ATTR_MAX_NUM_AKM_SUITES, can.max_akm_suites);
      return;
    default:
      WLAN_ASSERT(false);
  }
}

}  // namespace

std::vector<WiphyPart> wiphy_parts(const Capabilities& capabilities) {
  std::vector<WiphyPart> parts;
  for (uint8_t section = 0; section <= kLastSection; ++section) {
    if (section == kBands) {
      for (size_t band = 0; band < capabilities.bands.size(); ++band) {
        parts.push_back({.section = section, .band = band});
        // One more than there are channels: the kernel finds the end only on the next message.
        for (size_t i = 0; i <= capabilities.bands[band].channels.size(); ++i)
          parts.push_back({.section = section, .band = band, .channel = i});
      }
    }
    parts.push_back({.section = section});
  }
  return parts;
}

void put_wiphy_ids(MessageWriter& writer, const Wiphy& wiphy) {
  writer.u32(NL80211_ATTR_WIPHY, wiphy.index());
  writer.string(NL80211_ATTR_WIPHY_NAME, wiphy.name());
  writer.u32(NL80211_ATTR_GENERATION, wiphy.host().generation());
}

void put_wiphy_part(MessageWriter& writer, const Wiphy& wiphy, const WiphyPart& part) {
  put_wiphy_ids(writer, wiphy);
  if (part.section == kBands)
    put_split_band(writer, wiphy, part);
  else
    put_section(writer, wiphy, part.section);
}

void put_wiphy(MessageWriter& writer, const Wiphy& wiphy) {
  put_wiphy_ids(writer, wiphy);
  for (uint8_t section = 0; section < kBands; ++section) put_section(writer, wiphy, section);
  put_old_bands(writer, wiphy);
  put_commands(writer, wiphy, false);
  put_off_channel(writer, wiphy);
  put_combinations(writer, wiphy, false);
  put_features(writer, wiphy, false);
}

}  // namespace airloom::nl80211
