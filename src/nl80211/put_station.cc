#include "nl80211/put_station.h"

#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::RateInfo;
using cfg80211::StationInfo;
using netlink::MessageWriter;

void put_u32(MessageWriter& writer, uint16_t type, const std::optional<uint32_t>& value) {
  if (value) writer.u32(type, *value);
}

void put_u64(MessageWriter& writer, uint16_t type, const std::optional<uint64_t>& value) {
  if (value) writer.u64(type, *value, NL80211_STA_INFO_PAD);
}

void put_dbm(MessageWriter& writer, uint16_t type, const std::optional<int8_t>& value) {
  if (value) writer.s8(type, *value);
}

/// Octet counts twice: in 32 bits for programs of old, and whole.
void put_octet_counts(MessageWriter& writer, const StationInfo& info) {
  if (info.rx_bytes) writer.u32(NL80211_STA_INFO_RX_BYTES, static_cast<uint32_t>(*info.rx_bytes));
  if (info.tx_bytes) writer.u32(NL80211_STA_INFO_TX_BYTES, static_cast<uint32_t>(*info.tx_bytes));
  put_u64(writer, NL80211_STA_INFO_RX_BYTES64, info.rx_bytes);
  put_u64(writer, NL80211_STA_INFO_TX_BYTES64, info.tx_bytes);
}

void put_chains(MessageWriter& writer, uint16_t type, const std::vector<int8_t>& chains) {
  if (chains.empty()) return;
  const auto nest = writer.nest(type);
  uint16_t chain = 0;
  for (const int8_t dbm : chains) writer.s8(chain++, dbm);
}

void put_signal_and_rates(MessageWriter& writer, const StationInfo& info) {
  put_dbm(writer, NL80211_STA_INFO_SIGNAL, info.signal_dbm);
  put_dbm(writer, NL80211_STA_INFO_SIGNAL_AVG, info.signal_avg_dbm);
  put_chains(writer, NL80211_STA_INFO_CHAIN_SIGNAL, info.chain_signal_dbm);
  put_chains(writer, NL80211_STA_INFO_CHAIN_SIGNAL_AVG, info.chain_signal_avg_dbm);
  if (info.tx_rate) put_rate(writer, NL80211_STA_INFO_TX_BITRATE, *info.tx_rate);
  if (info.rx_rate) put_rate(writer, NL80211_STA_INFO_RX_BITRATE, *info.rx_rate);
}

void put_packet_counts(MessageWriter& writer, const StationInfo& info) {
  put_u32(writer, NL80211_STA_INFO_RX_PACKETS, info.rx_packets);
  put_u32(writer, NL80211_STA_INFO_TX_PACKETS, info.tx_packets);
  put_u32(writer, NL80211_STA_INFO_TX_RETRIES, info.tx_retries);
  put_u32(writer, NL80211_STA_INFO_TX_FAILED, info.tx_failed);
  put_u32(writer, NL80211_STA_INFO_EXPECTED_THROUGHPUT, info.expected_throughput_kbps);
  put_u32(writer, NL80211_STA_INFO_BEACON_LOSS, info.beacon_loss);
}

void put_bss_params(MessageWriter& writer, const StationInfo::BssParams& bss) {
  const auto nest = writer.nest(NL80211_STA_INFO_BSS_PARAM);
  writer.flag_if(bss.cts_protection, NL80211_STA_BSS_PARAM_CTS_PROT);
  writer.flag_if(bss.short_preamble, NL80211_STA_BSS_PARAM_SHORT_PREAMBLE);
  writer.flag_if(bss.short_slot_time, NL80211_STA_BSS_PARAM_SHORT_SLOT_TIME);
  writer.u8(NL80211_STA_BSS_PARAM_DTIM_PERIOD, bss.dtim_period);
  writer.u16(NL80211_STA_BSS_PARAM_BEACON_INTERVAL, bss.beacon_interval_tu);
}

void put_flags(MessageWriter& writer, const StationInfo& info) {
  if (info.flags_mask == 0) return;
  Octets update;  // struct nl80211_sta_flag_update
  netlink::append(update, info.flags_mask);
  netlink::append(update, info.flags_set);
  writer.bytes(NL80211_STA_INFO_STA_FLAGS, update);
}

void put_tids(MessageWriter& writer, const StationInfo& info) {
  if (info.tids.empty()) return;
  const auto all = writer.nest(NL80211_STA_INFO_TID_STATS);
  uint16_t tid = 0;
  for (const cfg80211::TidStats& stats : info.tids) {
    const auto one = writer.nest(++tid);
    writer.u64(NL80211_TID_STATS_RX_MSDU, stats.rx_msdu, NL80211_TID_STATS_PAD);
    writer.u64(NL80211_TID_STATS_TX_MSDU, stats.tx_msdu, NL80211_TID_STATS_PAD);
    writer.u64(NL80211_TID_STATS_TX_MSDU_RETRIES, stats.tx_msdu_retries, NL80211_TID_STATS_PAD);
    writer.u64(NL80211_TID_STATS_TX_MSDU_FAILED, stats.tx_msdu_failed, NL80211_TID_STATS_PAD);
    if (stats.queue) put_tx_queue_stats(writer, NL80211_TID_STATS_TXQ_STATS, *stats.queue);
  }
}

void put_beacons_and_acks(MessageWriter& writer, const cfg80211::Wdev& wdev,
                          const StationInfo& info) {
  if (info.t_offset_us)
    writer.u64(NL80211_STA_INFO_T_OFFSET, static_cast<uint64_t>(*info.t_offset_us),
               NL80211_STA_INFO_PAD);
  put_u64(writer, NL80211_STA_INFO_RX_DROP_MISC, info.rx_dropped_misc);
  put_u64(writer, NL80211_STA_INFO_BEACON_RX, info.rx_beacons);
  put_dbm(writer, NL80211_STA_INFO_BEACON_SIGNAL_AVG, info.beacon_signal_avg_dbm);
  put_u32(writer, NL80211_STA_INFO_FCS_ERROR_COUNT, info.fcs_errors);
  if (wdev.wiphy().capabilities().has_extended_feature(NL80211_EXT_FEATURE_ACK_SIGNAL_SUPPORT)) {
    put_dbm(writer, NL80211_STA_INFO_ACK_SIGNAL, info.ack_signal_dbm);
    put_dbm(writer, NL80211_STA_INFO_ACK_SIGNAL_AVG, info.ack_signal_avg_dbm);
  }
}

void put_info(MessageWriter& writer, const cfg80211::Wdev& wdev, const StationInfo& info) {
  const auto nest = writer.nest(NL80211_ATTR_STA_INFO);
  put_u32(writer, NL80211_STA_INFO_CONNECTED_TIME, info.connected_time_s);
  put_u32(writer, NL80211_STA_INFO_INACTIVE_TIME, info.inactive_time_ms);
  put_u64(writer, NL80211_STA_INFO_ASSOC_AT_BOOTTIME, info.associated_at_boottime_ns);
  put_octet_counts(writer, info);
  put_u64(writer, NL80211_STA_INFO_RX_DURATION, info.rx_duration_us);
  put_u64(writer, NL80211_STA_INFO_TX_DURATION, info.tx_duration_us);
  const bool fair =
      wdev.wiphy().capabilities().has_extended_feature(NL80211_EXT_FEATURE_AIRTIME_FAIRNESS);
  if (fair && info.airtime_weight)
    writer.u16(NL80211_STA_INFO_AIRTIME_WEIGHT, *info.airtime_weight);
  put_signal_and_rates(writer, info);
  put_packet_counts(writer, info);
  if (info.bss) put_bss_params(writer, *info.bss);
  put_flags(writer, info);
  put_beacons_and_acks(writer, wdev, info);
  put_tids(writer, info);
}

/// The flag that names a width; 20 MHz needs none.
uint16_t width_flag(int width_mhz) {
  switch (width_mhz) {
    case 5:
      return NL80211_RATE_INFO_5_MHZ_WIDTH;
    case 10:
      return NL80211_RATE_INFO_10_MHZ_WIDTH;
    case 40:
      return NL80211_RATE_INFO_40_MHZ_WIDTH;
    case 80:
      return NL80211_RATE_INFO_80_MHZ_WIDTH;
    case 160:
      return NL80211_RATE_INFO_160_MHZ_WIDTH;
    case 320:
      return NL80211_RATE_INFO_320_MHZ_WIDTH;
    default:
      return 0;
  }
}

void put_modulation(MessageWriter& writer, const RateInfo& rate) {
  switch (rate.kind) {
    case RateInfo::Kind::kLegacy:
      return;
    case RateInfo::Kind::kHt:
      writer.u8(NL80211_RATE_INFO_MCS, rate.mcs);
      writer.flag_if(rate.short_gi, NL80211_RATE_INFO_SHORT_GI);
      return;
    case RateInfo::Kind::kVht:
      writer.u8(NL80211_RATE_INFO_VHT_MCS, rate.mcs).u8(NL80211_RATE_INFO_VHT_NSS, rate.nss);
      writer.flag_if(rate.short_gi, NL80211_RATE_INFO_SHORT_GI);
      return;
    case RateInfo::Kind::kHe:
      writer.u8(NL80211_RATE_INFO_HE_MCS, rate.mcs).u8(NL80211_RATE_INFO_HE_NSS, rate.nss);
      writer.u8(NL80211_RATE_INFO_HE_GI, rate.he_gi).u8(NL80211_RATE_INFO_HE_DCM, rate.he_dcm);
      return;
    case RateInfo::Kind::kEht:
      writer.u8(NL80211_RATE_INFO_EHT_MCS, rate.mcs).u8(NL80211_RATE_INFO_EHT_NSS, rate.nss);
      writer.u8(NL80211_RATE_INFO_EHT_GI, rate.he_gi);
      return;
  }
}

}  // namespace

void put_tx_queue_stats(MessageWriter& writer, uint16_t attribute,
                        const cfg80211::TxQueueStats& stats) {
  const auto nest = writer.nest(attribute);
  put_u32(writer, NL80211_TXQ_STATS_BACKLOG_BYTES, stats.backlog_octets);
  put_u32(writer, NL80211_TXQ_STATS_BACKLOG_PACKETS, stats.backlog_frames);
  put_u32(writer, NL80211_TXQ_STATS_FLOWS, stats.flows);
  put_u32(writer, NL80211_TXQ_STATS_DROPS, stats.drops);
  put_u32(writer, NL80211_TXQ_STATS_ECN_MARKS, stats.ecn_marks);
  put_u32(writer, NL80211_TXQ_STATS_OVERLIMIT, stats.over_limit);
  put_u32(writer, NL80211_TXQ_STATS_OVERMEMORY, stats.over_memory);
  put_u32(writer, NL80211_TXQ_STATS_COLLISIONS, stats.collisions);
  put_u32(writer, NL80211_TXQ_STATS_TX_BYTES, stats.tx_octets);
  put_u32(writer, NL80211_TXQ_STATS_TX_PACKETS, stats.tx_frames);
  put_u32(writer, NL80211_TXQ_STATS_MAX_FLOWS, stats.max_flows);
}

void put_rate(MessageWriter& writer, uint16_t attribute, const RateInfo& rate) {
  const auto nest = writer.nest(attribute);
  const uint32_t bitrate = bitrate_100kbps(rate);
  if (bitrate > 0) writer.u32(NL80211_RATE_INFO_BITRATE32, bitrate);
  if (bitrate > 0 && bitrate <= UINT16_MAX)
    writer.u16(NL80211_RATE_INFO_BITRATE, static_cast<uint16_t>(bitrate));
  if (const uint16_t flag = width_flag(rate.width_mhz)) writer.flag(flag);
  put_modulation(writer, rate);
}

void put_station(MessageWriter& writer, const cfg80211::Wdev& wdev, const MacAddress& mac,
                 const StationInfo& info) {
  writer.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  writer.mac(NL80211_ATTR_MAC, mac);
  writer.u32(NL80211_ATTR_GENERATION, info.generation);
  put_info(writer, wdev, info);
  if (!info.association_elements.empty()) writer.bytes(NL80211_ATTR_IE, info.association_elements);
}

}  // namespace airloom::nl80211
