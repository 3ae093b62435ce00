// Small values that cfg80211, its drivers and nl80211 share. Numeric values equal nl80211's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "base/time.h"
#include "bytes/writer.h"
#include "ieee80211/channel.h"
#include "ieee80211/rates.h"

namespace airloom::cfg80211 {

using ieee80211::Band;
using ieee80211::ChannelDefinition;
using ieee80211::ChannelWidth;

/// [nl80211.h nl80211_iftype]
enum class InterfaceType : uint8_t {
  kUnspecified = 0,
  kAdhoc = 1,
  kStation = 2,
  kAp = 3,
  kApVlan = 4,
  kWds = 5,
  kMonitor = 6,
  kMeshPoint = 7,
  kP2pClient = 8,
  kP2pGo = 9,
  kP2pDevice = 10,
  kOcb = 11,
  kNan = 12,
};
constexpr size_t kInterfaceTypeCount = 13;
const char* to_string(InterfaceType type);
inline uint32_t bit(InterfaceType type) {
  return 1u << static_cast<unsigned>(type);
}
inline bool is_ap(InterfaceType t) {
  return t == InterfaceType::kAp || t == InterfaceType::kP2pGo;
}
inline bool is_station(InterfaceType t) {
  return t == InterfaceType::kStation || t == InterfaceType::kP2pClient;
}
/// P2P device and NAN interfaces have no netdev.
inline bool has_netdev(InterfaceType t) {
  return t != InterfaceType::kP2pDevice && t != InterfaceType::kNan;
}

using PortId = uint32_t;  ///< A netlink port id; 0: nobody.
using WdevId = uint64_t;  ///< Wiphy index in the upper 32 bits, a count from 1 in the lower.
using LinkId = uint8_t;   ///< 0 to 14; link 0 is the only one of a non-MLO interface.
using BssId = uint64_t;   ///< A scan result in a BssTable; 0: none.

/// [nl80211.h nl80211_auth_type]
enum class AuthType : uint8_t {
  kOpenSystem = 0,
  kSharedKey = 1,
  kFt = 2,
  kNetworkEap = 3,
  kSae = 4,
  kFilsSk = 5,
  kFilsSkPfs = 6,
  kFilsPk = 7,
  kAutomatic = 8,
};

/// Monitor flags as bits 1 << NL80211_MNTR_FLAG_*.
using MonitorFlags = uint32_t;
namespace monitor_flag {
constexpr MonitorFlags kFcsFail = 1u << 1;     ///< frames with bit errors too
constexpr MonitorFlags kControl = 1u << 3;     ///< control frames too
constexpr MonitorFlags kOtherBss = 1u << 4;    ///< frames to whomever
constexpr MonitorFlags kCookFrames = 1u << 5;  ///< only what no other interface took
constexpr MonitorFlags kActive = 1u << 6;      ///< frames to its address are acknowledged
constexpr MonitorFlags kDefault = kControl | kOtherBss;
}  // namespace monitor_flag

/// A bit rate. [cfg80211 rate_info]
struct RateInfo {
  enum class Kind : uint8_t { kLegacy, kHt, kVht, kHe, kEht };
  Kind kind = Kind::kLegacy;
  uint16_t legacy_100kbps = 0;
  uint8_t mcs = 0;
  uint8_t nss = 1;
  int width_mhz = 20;
  bool short_gi = false;
  uint8_t he_gi = 0;
  uint8_t he_dcm = 0;

  friend bool operator==(const RateInfo&, const RateInfo&) = default;
};
/// The rate in 100 kb/s, as the kernel computes it.
uint32_t bitrate_100kbps(const RateInfo& rate);
/// The same rate as captures and radios have it; EHT, which they do not know, becomes HE.
ieee80211::Rate to_rate(const RateInfo& rate);
RateInfo to_rate_info(const ieee80211::Rate& rate);

/// A key as NEW_KEY hands it down. Cipher suites are 0xOOUUIITT as on the air, big-endian
/// (0x000fac04 is CCMP-128).
struct KeyParams {
  Octets key;
  Octets sequence;  ///< RX counter, 6 octets little-endian, or empty
  uint32_t cipher = 0;
  uint8_t mode = 0;  ///< NL80211_KEY_RX_TX, _NO_TX, _SET_TX
  uint16_t vlan_id = 0;
};

/// Which key: index 0-7, and a pairwise key's peer.
struct KeySlot {
  uint8_t index = 0;
  bool pairwise = false;
  std::optional<MacAddress> peer;
  std::optional<LinkId> link;
};

/// What GET_KEY reports: the last transmitted packet number, little-endian, and the cipher.
struct KeyReport {
  std::array<uint8_t, 6> sequence{};
  uint32_t cipher = 0;
};

/// WPA settings of ASSOCIATE, CONNECT and START_AP. [nl80211.h NL80211_ATTR_WPA_VERSIONS ...]
struct CryptoSettings {
  uint32_t wpa_versions = 0;
  uint32_t group_cipher = 0;
  std::vector<uint32_t> pairwise_ciphers;
  std::vector<uint32_t> akm_suites;
  bool control_port = false;
  uint16_t control_port_ethertype = 0x888e;
  bool control_port_no_encrypt = false;
  bool control_port_over_nl80211 = false;
  bool control_port_no_preauth = false;
  Octets psk;
  uint8_t sae_pwe = 0;
};

/// How much a radio's transmit queues may hold together, and what a flow may send at a turn.
struct TxQueueLimits {
  uint32_t frames = 8192;
  uint32_t octets = 16 << 20;
  uint32_t quantum = 300;  ///< octets
};

/// What a transmit queue, or all of a radio, holds and has done with frames; absent optionals are
/// not reported. [nl80211.h nl80211_txq_stats]
struct TxQueueStats {
  std::optional<uint32_t> backlog_octets, backlog_frames;
  std::optional<uint32_t> flows, drops, ecn_marks, over_limit, over_memory, collisions;
  std::optional<uint32_t> tx_octets, tx_frames, max_flows;
};

/// Per-station counters and state, filled by the driver; absent optionals are not reported.
/// [nl80211.h nl80211_sta_info]
struct TidStats {
  uint64_t rx_msdu = 0, tx_msdu = 0, tx_msdu_retries = 0, tx_msdu_failed = 0;
  std::optional<TxQueueStats> queue{};
};
struct StationInfo {
  uint32_t generation = 0;
  std::optional<uint32_t> connected_time_s;
  std::optional<uint32_t> inactive_time_ms;
  std::optional<uint64_t> associated_at_boottime_ns;
  std::optional<uint64_t> rx_bytes, tx_bytes;
  std::optional<uint64_t> rx_duration_us, tx_duration_us;
  std::optional<int8_t> signal_dbm, signal_avg_dbm;
  std::vector<int8_t> chain_signal_dbm, chain_signal_avg_dbm;
  std::optional<RateInfo> tx_rate, rx_rate;
  std::optional<uint32_t> rx_packets, tx_packets, tx_retries, tx_failed, beacon_loss;
  std::optional<uint32_t> expected_throughput_kbps;
  std::optional<uint64_t> rx_dropped_misc, rx_beacons;
  std::optional<int8_t> beacon_signal_avg_dbm;
  std::optional<uint16_t> airtime_weight;
  std::optional<int8_t> ack_signal_dbm, ack_signal_avg_dbm;
  std::optional<uint32_t> fcs_errors;
  struct BssParams {
    bool cts_protection = false, short_preamble = false, short_slot_time = false;
    uint8_t dtim_period = 0;
    uint16_t beacon_interval_tu = 0;
  };
  std::optional<BssParams> bss;
  /// NL80211_STA_FLAG_* as bits (1 << flag): which are known, and which are set.
  uint32_t flags_mask = 0, flags_set = 0;
  std::optional<int64_t> t_offset_us;
  std::vector<TidStats> tids;  ///< 17: TIDs 0-15 and non-QoS; empty if unknown
  Octets association_elements;
};

/// One channel's survey. [nl80211.h nl80211_survey_info]
struct SurveyInfo {
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  bool in_use = false;
  std::optional<int8_t> noise_dbm;
  std::optional<uint64_t> time_ms, time_busy_ms, time_ext_busy_ms, time_rx_ms, time_tx_ms,
      time_scan_ms, time_bss_rx_ms;
};

}  // namespace airloom::cfg80211
