// How cfg80211's values lie in a message, member by member (codec.h). Where a value has a member
// that only the host knows (who asked, which scan result), it does not travel.
#pragma once

#include "base/result.h"
#include "cfg80211/event_sink.h"
#include "cfg80211/ops.h"
#include "cfg80211/requests.h"
#include "cfg80211/types.h"
#include "fullmac/codec.h"

namespace airloom::fullmac {

template <>
inline constexpr Errc kLast<Errc> = Errc::kNoSpace;
template <>
inline constexpr ieee80211::Band kLast<ieee80211::Band> = ieee80211::Band::kLc;
template <>
inline constexpr ieee80211::ChannelWidth kLast<ieee80211::ChannelWidth> =
    ieee80211::ChannelWidth::k320;
template <>
inline constexpr cfg80211::InterfaceType kLast<cfg80211::InterfaceType> =
    cfg80211::InterfaceType::kNan;
template <>
inline constexpr cfg80211::AuthType kLast<cfg80211::AuthType> = cfg80211::AuthType::kAutomatic;
template <>
inline constexpr cfg80211::TxPowerSetting kLast<cfg80211::TxPowerSetting> =
    cfg80211::TxPowerSetting::kFixed;
template <>
inline constexpr cfg80211::RateInfo::Kind kLast<cfg80211::RateInfo::Kind> =
    cfg80211::RateInfo::Kind::kEht;

}  // namespace airloom::fullmac

// Found by the codec where the types live.

namespace airloom::ieee80211 {

template <typename A, fullmac::Is<ChannelDefinition> V>
void fields(A& a, V& v) {
  a(v.primary_mhz, v.primary_offset_khz, v.width, v.center1_mhz, v.center1_offset_khz,
    v.center2_mhz);
}

}  // namespace airloom::ieee80211

namespace airloom::cfg80211 {

using fullmac::Is;

template <typename A, Is<KeySlot> V>
void fields(A& a, V& v) {
  a(v.index, v.pairwise, v.peer, v.link);
}
template <typename A, Is<KeyParams> V>
void fields(A& a, V& v) {
  a(v.key, v.sequence, v.cipher, v.mode, v.vlan_id);
}
template <typename A, Is<KeyReport> V>
void fields(A& a, V& v) {
  a(v.sequence, v.cipher);
}
template <typename A, Is<CryptoSettings> V>
void fields(A& a, V& v) {
  a(v.wpa_versions, v.group_cipher, v.pairwise_ciphers, v.akm_suites, v.control_port,
    v.control_port_ethertype, v.control_port_no_encrypt, v.control_port_over_nl80211,
    v.control_port_no_preauth, v.psk, v.sae_pwe);
}
template <typename A, Is<RateInfo> V>
void fields(A& a, V& v) {
  a(v.kind, v.legacy_100kbps, v.mcs, v.nss, v.width_mhz, v.short_gi, v.he_gi, v.he_dcm);
}
template <typename A, Is<TidStats> V>
void fields(A& a, V& v) {
  a(v.rx_msdu, v.tx_msdu, v.tx_msdu_retries, v.tx_msdu_failed);
}
template <typename A, Is<StationInfo::BssParams> V>
void fields(A& a, V& v) {
  a(v.cts_protection, v.short_preamble, v.short_slot_time, v.dtim_period, v.beacon_interval_tu);
}
template <typename A, Is<StationInfo> V>
void fields(A& a, V& v) {
  a(v.connected_time_s, v.inactive_time_ms, v.associated_at_boottime_ns, v.rx_bytes, v.tx_bytes,
    v.rx_duration_us, v.tx_duration_us, v.signal_dbm, v.signal_avg_dbm, v.chain_signal_dbm,
    v.chain_signal_avg_dbm, v.tx_rate, v.rx_rate, v.rx_packets, v.tx_packets, v.tx_retries,
    v.tx_failed, v.beacon_loss, v.expected_throughput_kbps, v.rx_dropped_misc, v.rx_beacons,
    v.beacon_signal_avg_dbm, v.airtime_weight, v.ack_signal_dbm, v.ack_signal_avg_dbm, v.fcs_errors,
    v.bss, v.flags_mask, v.flags_set, v.t_offset_us, v.tids, v.association_elements);
}
template <typename A, Is<SurveyInfo> V>
void fields(A& a, V& v) {
  a(v.mhz, v.offset_khz, v.in_use, v.noise_dbm, v.time_ms, v.time_busy_ms, v.time_ext_busy_ms,
    v.time_rx_ms, v.time_tx_ms, v.time_scan_ms, v.time_bss_rx_ms);
}
template <typename A, Is<ScanRequest::Channel> V>
void fields(A& a, V& v) {
  a(v.mhz, v.offset_khz, v.band, v.passive);
}
template <typename A, Is<ScanRequest> V>
void fields(A& a, V& v) {
  a(v.channels, v.ssids, v.elements, v.flags, v.rates, v.no_cck, v.bssid, v.mac, v.mac_mask,
    v.duration_tu, v.duration_mandatory);
}
template <typename A, Is<SchedScanRequest::MatchSet> V>
void fields(A& a, V& v) {
  a(v.ssid, v.bssid, v.rssi_dbm, v.band_rssi_dbm);
}
template <typename A, Is<SchedScanRequest::Plan> V>
void fields(A& a, V& v) {
  a(v.interval_s, v.rounds);
}
template <typename A, Is<SchedScanRequest::RssiAdjust> V>
void fields(A& a, V& v) {
  a(v.band, v.delta_db);
}
template <typename A, Is<SchedScanRequest> V>
void fields(A& a, V& v) {
  a(v.scan, v.match_sets, v.plans, v.delay_s, v.relative_rssi_db, v.rssi_adjust, v.id);
}
template <typename A, Is<ConnectRequest> V>
void fields(A& a, V& v) {
  a(v.bssid, v.bssid_hint, v.mhz, v.mhz_hint, v.ssid, v.auth_type, v.elements, v.privacy, v.use_mfp,
    v.crypto, v.key, v.key_index, v.previous_bssid);
}
template <typename A, Is<ConnectResult> V>
void fields(A& a, V& v) {
  a(v.bssid, v.status, v.timed_out, v.timeout_reason, v.request_elements, v.response_elements);
}
template <typename A, Is<BeaconData> V>
void fields(A& a, V& v) {
  a(v.head, v.tail, v.beacon_elements, v.probe_response_elements, v.association_response_elements,
    v.probe_response);
}
template <typename A, Is<StartApRequest> V>
void fields(A& a, V& v) {
  a(v.channel, v.beacon, v.beacon_interval_tu, v.dtim_period, v.ssid, v.hidden_ssid, v.crypto,
    v.privacy, v.auth_type, v.inactivity_timeout_s, v.smps, v.external_auth, v.pbss, v.link);
}
template <typename A, Is<StationParams> V>
void fields(A& a, V& v) {
  a(v.supported_rates, v.flags_mask, v.flags_set, v.listen_interval, v.aid, v.peer_aid,
    v.capability, v.extended_capability, v.supported_channels, v.supported_operating_classes,
    v.ht_capability, v.vht_capability, v.he_capability, v.uapsd_queues, v.max_sp,
    v.operating_mode_notification, v.support_p2p_ps, v.airtime_weight);
}
template <typename A, Is<BssParams> V>
void fields(A& a, V& v) {
  a(v.cts_protection, v.short_preamble, v.short_slot_time, v.ap_isolate, v.basic_rates,
    v.ht_operation_mode);
}
template <typename A, Is<TxQueueParams> V>
void fields(A& a, V& v) {
  a(v.ac, v.txop_32us, v.cw_min, v.cw_max, v.aifs);
}
template <typename A, Is<FrameTxRequest> V>
void fields(A& a, V& v) {
  a(v.channel, v.frame, v.wait_ms, v.offchannel_ok, v.no_cck, v.dont_wait_for_ack, v.csa_offsets);
}
template <typename A, Is<ControlPortTxRequest> V>
void fields(A& a, V& v) {
  a(v.destination, v.ethertype, v.payload, v.no_encrypt, v.want_status);
}
template <typename A, Is<DeleteStationRequest> V>
void fields(A& a, V& v) {
  a(v.mac, v.subtype, v.reason);
}
template <typename A, Is<WiphyParams> V>
void fields(A& a, V& v) {
  a(v.retry_short, v.retry_long, v.coverage_class, v.fragmentation_threshold, v.rts_threshold);
}
template <typename A, Is<CqmRequest> V>
void fields(A& a, V& v) {
  a(v.rssi_thresholds_dbm, v.rssi_hysteresis_db, v.rssi_range_dbm, v.tx_errors);
}
template <typename A, Is<ChannelSwitchRequest> V>
void fields(A& a, V& v) {
  a(v.channel, v.beacon_csa, v.beacon_after, v.counter_offsets_beacon, v.counter_offsets_presp,
    v.radar_required, v.block_tx, v.count);
}
template <typename A, Is<ManagementFrameInterest> V>
void fields(A& a, V& v) {
  a(v.unicast_subtypes, v.multicast_subtypes);
}

}  // namespace airloom::cfg80211
