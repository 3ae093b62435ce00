// GET_STATION's answer: the fields that the kernel's sta_set_sinfo fills, under its conditions.
#include <linux/nl80211.h>

#include "cfg80211/wiphy.h"
#include "mac80211/radio_stack.h"
#include "mac80211/station_table.h"

namespace airloom::mac80211 {

namespace {

uint32_t flag(nl80211_sta_flags number, bool on) {
  return on ? 1u << number : 0u;
}

void fill_flags(const Station& station, cfg80211::StationInfo& info) {
  info.flags_mask = flag(NL80211_STA_FLAG_AUTHORIZED, true) |
                    flag(NL80211_STA_FLAG_SHORT_PREAMBLE, true) | flag(NL80211_STA_FLAG_WME, true) |
                    flag(NL80211_STA_FLAG_MFP, true) | flag(NL80211_STA_FLAG_AUTHENTICATED, true) |
                    flag(NL80211_STA_FLAG_ASSOCIATED, true) |
                    flag(NL80211_STA_FLAG_TDLS_PEER, true);
  const StationState state = station.state();
  info.flags_set = flag(NL80211_STA_FLAG_AUTHORIZED, state >= StationState::kAuthorized) |
                   flag(NL80211_STA_FLAG_SHORT_PREAMBLE, station.short_preamble) |
                   flag(NL80211_STA_FLAG_WME, station.wme) |
                   flag(NL80211_STA_FLAG_MFP, station.mfp) |
                   flag(NL80211_STA_FLAG_AUTHENTICATED, state >= StationState::kAuthenticated) |
                   flag(NL80211_STA_FLAG_ASSOCIATED, state >= StationState::kAssociated) |
                   flag(NL80211_STA_FLAG_TDLS_PEER, station.tdls_peer);
}

void fill_bss(const Interface& interface, cfg80211::StationInfo& info) {
  cfg80211::StationInfo::BssParams bss;
  if (const auto it = interface.links().find(0); it != interface.links().end()) {
    const LinkConfig& config = it->second.config;
    bss = {.cts_protection = config.cts_protection,
           .short_preamble = config.short_preamble,
           .short_slot_time = config.short_slot,
           .dtim_period = config.dtim_period,
           .beacon_interval_tu = config.beacon_interval_tu};
  }
  info.bss = bss;
}

void fill_counters(const StationCounters& counters, cfg80211::StationInfo& info) {
  info.rx_bytes = counters.rx_bytes;
  info.rx_packets = static_cast<uint32_t>(counters.rx_packets);
  info.tx_bytes = counters.tx_bytes;
  info.tx_packets = static_cast<uint32_t>(counters.tx_packets);
  info.tx_retries = counters.tx_retries;
  info.tx_failed = counters.tx_failed;
  info.rx_dropped_misc = counters.rx_dropped;
  info.signal_dbm = counters.last_signal_dbm.value_or(0);
  info.signal_avg_dbm = counters.signal.dbm().value_or(0);
  info.rx_rate = counters.last_rx_rate;
  info.ack_signal_dbm = counters.last_ack_signal_dbm;
  info.ack_signal_avg_dbm = counters.ack_signal.dbm();
  info.tids.assign(counters.tids.begin(), counters.tids.end());
}

/// Zero where the driver accounts no airtime.
void fill_airtime(const Station& station, cfg80211::StationInfo& info) {
  Duration tx{0}, rx{0};
  for (const Airtime& airtime : station.airtime) {
    tx += airtime.tx;
    rx += airtime.rx;
  }
  info.tx_duration_us = static_cast<uint64_t>(tx / std::chrono::microseconds(1));
  info.rx_duration_us = static_cast<uint64_t>(rx / std::chrono::microseconds(1));
  info.airtime_weight = station.airtime_weight;
}

void fill_queues(const Station& station, cfg80211::StationInfo& info) {
  const auto& can = station.interface().wdev().wiphy().capabilities();
  if (!can.has_extended_feature(NL80211_EXT_FEATURE_TXQS)) return;
  for (const TxQueue& queue : station.queues) info.tids[queue.tid()].queue = queue.stats();
}

/// What a station that was never sent anything would be sent first.
RateInfo lowest_rate(const Station& station) {
  const auto& rates = station.rates.legacy_100kbps;
  return {.legacy_100kbps = rates.empty() ? uint16_t{0} : rates.front()};
}

}  // namespace

cfg80211::StationInfo make_station_info(RadioStack& stack, const Station& station) {
  const TimePoint now = stack.now();
  const StationCounters& counters = station.counters;
  cfg80211::StationInfo info;
  info.generation = station.interface().wdev().station_generation;
  info.inactive_time_ms =
      static_cast<uint32_t>(now.ms() - std::max(counters.last_rx, counters.last_ack).ms());
  info.connected_time_s = static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now - station.connected_at).count());
  info.associated_at_boottime_ns =
      station.associated_at ? static_cast<uint64_t>(station.associated_at->since_epoch.count()) : 0;
  fill_counters(counters, info);
  fill_airtime(station, info);
  fill_queues(station, info);
  info.tx_rate = counters.last_tx_rate.value_or(lowest_rate(station));
  if (station.interface().type() == InterfaceType::kStation) {
    info.beacon_loss = counters.beacon_loss;
    info.rx_beacons = counters.rx_beacons;
    info.beacon_signal_avg_dbm = counters.beacon_signal.dbm().value_or(0);
  }
  if (station.associated_at && counters.tx_packets > 0)  // also of one that is about to go
    if (const uint32_t throughput = station.rate_control().expected_throughput_kbps())
      info.expected_throughput_kbps = throughput;
  fill_flags(station, info);
  fill_bss(station.interface(), info);
  return info;
}

}  // namespace airloom::mac80211
