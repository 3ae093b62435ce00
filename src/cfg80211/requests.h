// What a caller of cfg80211 asks for: one value per request, already parsed, not yet judged
// against the interface's state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "cfg80211/types.h"

namespace airloom::cfg80211 {

/// Channels to scan, and what to say there. [nl80211.h NL80211_CMD_TRIGGER_SCAN]
struct ScanRequest {
  struct Channel {
    uint32_t mhz = 0;
    uint16_t offset_khz = 0;
    Band band = Band::k2GHz;
    bool passive = false;  ///< no-IR or radar: listen only
  };
  std::vector<Channel> channels;
  std::vector<Octets> ssids;  ///< none: passive; an empty one: wildcard
  Octets elements;
  uint32_t flags = 0;                                   ///< NL80211_SCAN_FLAG_* bits
  std::array<uint32_t, ieee80211::kBandCount> rates{};  ///< bit per basic rate; 0: all
  bool no_cck = false;
  std::optional<MacAddress> bssid;
  MacAddress mac, mac_mask;  ///< for random source addresses
  uint16_t duration_tu = 0;
  bool duration_mandatory = false;
  PortId requester = 0;
};

/// Scans that a radio makes by itself, in rounds. [nl80211.h NL80211_CMD_START_SCHED_SCAN]
struct SchedScanRequest {
  static constexpr int32_t kNoThreshold = -300;  ///< [nl80211.h NL80211_SCAN_RSSI_THOLD_OFF]
  /// A network worth telling of; neither SSID nor BSSID: any.
  struct MatchSet {
    Octets ssid;
    std::optional<MacAddress> bssid;
    int32_t rssi_dbm = kNoThreshold;                                          ///< at least
    std::array<std::optional<int32_t>, ieee80211::kBandCount> band_rssi_dbm;  ///< instead of that
  };
  struct Plan {
    uint32_t interval_s = 0;
    uint32_t rounds = 0;  ///< then the next plan; 0: for ever
  };
  struct RssiAdjust {
    uint8_t band = 0;
    int8_t delta_db = 0;
  };
  ScanRequest scan;  ///< each round: channels, SSIDs, elements, flags, source addresses
  std::vector<MatchSet> match_sets;  ///< none: all is worth telling of
  std::vector<Plan> plans;
  uint32_t delay_s = 0;                    ///< before the first round
  std::optional<int8_t> relative_rssi_db;  ///< better than the current BSS by so much
  std::optional<RssiAdjust> rssi_adjust;
  bool multi = false;  ///< beside others; its id is a cookie
  PortId owner = 0;    ///< SOCKET_OWNER, else 0
  uint64_t id = 0;     ///< filled by cfg80211; 0: the only one
};

/// [nl80211.h NL80211_CMD_AUTHENTICATE]
struct AuthenticateRequest {
  MacAddress bssid;
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  Octets ssid;
  AuthType type = AuthType::kOpenSystem;
  Octets elements;
  Octets auth_data;  ///< SAE or FILS: transaction and status onwards
  Octets key;        ///< shared key
  uint8_t key_index = 0;
  uint32_t key_cipher = 0;
  bool local_state_change = false;
  BssId bss = 0;  ///< filled by cfg80211: the scan result that matched, held for the call
};

/// [nl80211.h NL80211_CMD_ASSOCIATE]
struct AssociateRequest {
  MacAddress bssid;
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  Octets ssid;
  Octets elements;
  std::optional<MacAddress> previous_bssid;
  CryptoSettings crypto;
  bool use_mfp = false;
  bool use_rrm = false;
  bool disable_ht = false, disable_vht = false, disable_he = false;
  std::array<uint8_t, 26> ht_capability{}, ht_capability_mask{};
  std::array<uint8_t, 12> vht_capability{}, vht_capability_mask{};
  Octets fils_kek, fils_nonces;
  PortId owner = 0;  ///< SOCKET_OWNER, else 0
  BssId bss = 0;     ///< filled by cfg80211
};

/// DEAUTHENTICATE and DISASSOCIATE.
struct LeaveRequest {
  MacAddress bssid;
  uint16_t reason = 0;
  Octets elements;
  bool local_state_change = false;
};

/// [nl80211.h NL80211_CMD_CONNECT]
struct ConnectRequest {
  std::optional<MacAddress> bssid, bssid_hint;
  std::optional<uint32_t> mhz, mhz_hint;
  Octets ssid;
  AuthType auth_type = AuthType::kAutomatic;
  Octets elements;
  bool privacy = false;
  bool use_mfp = false;
  CryptoSettings crypto;
  Octets key;
  uint8_t key_index = 0;
  std::optional<MacAddress> previous_bssid;
  PortId owner = 0;
};

/// The parts of a beacon; absent means "as before" in SET_BEACON.
struct BeaconData {
  std::optional<Octets> head, tail;
  std::optional<Octets> beacon_elements, probe_response_elements, association_response_elements;
  std::optional<Octets> probe_response;
};

/// SET_TX_BITRATE_MASK per band. [nl80211.h nl80211_tx_rate_attributes]
struct BitrateMask {
  struct PerBand {
    uint32_t legacy = 0xffffffff;
    std::array<uint8_t, 10> ht{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    std::array<uint16_t, 8> vht{0x3ff, 0x3ff, 0x3ff, 0x3ff, 0x3ff, 0x3ff, 0x3ff, 0x3ff};
    std::array<uint16_t, 8> he{0xfff, 0xfff, 0xfff, 0xfff, 0xfff, 0xfff, 0xfff, 0xfff};
    uint8_t gi = 0;
  };
  std::array<PerBand, ieee80211::kBandCount> bands{};
};

/// [nl80211.h NL80211_CMD_START_AP]
struct StartApRequest {
  ChannelDefinition channel;
  BeaconData beacon;
  uint16_t beacon_interval_tu = 0;
  uint8_t dtim_period = 0;
  Octets ssid;
  uint8_t hidden_ssid = 0;  ///< NL80211_HIDDEN_SSID_*
  CryptoSettings crypto;
  bool privacy = false;
  AuthType auth_type = AuthType::kAutomatic;
  uint16_t inactivity_timeout_s = 0;
  uint8_t smps = 0;
  bool external_auth = false;
  bool pbss = false;
  /// Parsed from the beacon's elements by cfg80211.
  Octets ht_capability, vht_capability, he_capability;
  /// One rate of the channel's band, and none of the others.
  std::optional<BitrateMask> beacon_rate;
  PortId owner = 0;
  LinkId link = 0;
};

/// NEW_STATION and SET_STATION. [nl80211.h]
struct StationParams {
  std::optional<Octets> supported_rates;   ///< 500 kb/s units, as in the element
  uint32_t flags_mask = 0, flags_set = 0;  ///< bits 1 << NL80211_STA_FLAG_*
  std::optional<uint16_t> listen_interval, aid, peer_aid;
  std::optional<uint16_t> capability;
  std::optional<Octets> extended_capability, supported_channels, supported_operating_classes;
  std::optional<Octets> ht_capability, vht_capability, he_capability;
  std::optional<uint8_t> uapsd_queues, max_sp;
  std::optional<WdevId> vlan;
  std::optional<uint8_t> plink_action, plink_state;
  std::optional<uint8_t> operating_mode_notification;
  std::optional<uint8_t> support_p2p_ps;
  std::optional<uint16_t> airtime_weight;
};

/// SET_BSS; absent means unchanged.
struct BssParams {
  std::optional<bool> cts_protection, short_preamble, short_slot_time, ap_isolate;
  std::optional<Octets> basic_rates;
  std::optional<uint16_t> ht_operation_mode;
  std::optional<uint8_t> p2p_ctwindow;
  std::optional<bool> p2p_opp_ps;
};

/// One queue's EDCA parameters. [nl80211.h nl80211_txq_attr]
struct TxQueueParams {
  uint8_t ac = 0;  ///< NL80211_AC_*: 0 VO, 1 VI, 2 BE, 3 BK
  uint16_t txop_32us = 0, cw_min = 0, cw_max = 0;
  uint8_t aifs = 0;
};

/// FRAME: a management frame to send.
struct FrameTxRequest {
  std::optional<ChannelDefinition> channel;
  Octets frame;
  uint32_t wait_ms = 0;
  bool offchannel_ok = false;
  bool no_cck = false;
  bool dont_wait_for_ack = false;
  std::vector<uint16_t> csa_offsets;
};

/// CONTROL_PORT_FRAME.
struct ControlPortTxRequest {
  MacAddress destination;
  uint16_t ethertype = 0;
  Octets payload;
  bool no_encrypt = false;
  bool want_status = true;  ///< a cookie is allocated and TX status reported
  std::optional<LinkId> link;
};

struct DeleteStationRequest {
  std::optional<MacAddress> mac;  ///< absent: all
  uint8_t subtype = 0xc;          ///< deauthentication (0xc) or disassociation (0xa)
  uint16_t reason = 2;
};

/// NEW_INTERFACE.
struct NewInterfaceRequest {
  std::string name;
  InterfaceType type = InterfaceType::kUnspecified;
  std::optional<MacAddress> mac;
  std::optional<bool> use_4addr;
  std::optional<MonitorFlags> monitor_flags;
  bool plain_monitor = false;  ///< a monitor whose netdev has 802.11 frames without radiotap
  PortId owner = 0;
  uint32_t name_space = 0;
};

/// SET_INTERFACE.
struct ChangeInterfaceRequest {
  std::optional<InterfaceType> type;
  std::optional<bool> use_4addr;
  std::optional<MonitorFlags> monitor_flags;
  std::optional<Octets> mesh_id;
};

/// SET_WIPHY's settings that are not about a channel.
struct WiphyParams {
  std::optional<uint8_t> retry_short, retry_long, coverage_class;
  std::optional<uint32_t> fragmentation_threshold, rts_threshold;
  std::optional<uint32_t> txq_limit, txq_memory_limit, txq_quantum;
};
/// Takes over what SET_WIPHY names of the limits; 0 leaves one as it is.
void change_limits(TxQueueLimits& limits, const WiphyParams& params);

enum class TxPowerSetting : uint8_t { kAutomatic = 0, kLimited = 1, kFixed = 2 };

/// SET_CQM.
struct CqmRequest {
  std::vector<int32_t> rssi_thresholds_dbm;
  uint32_t rssi_hysteresis_db = 0;
  /// Only from cfg80211 to a driver, in place of several thresholds: tell when the signal leaves
  /// it.
  std::optional<std::pair<int32_t, int32_t>> rssi_range_dbm;
  std::optional<std::array<uint32_t, 3>> tx_errors;  ///< rate %, packets, interval s
};

struct ChannelSwitchRequest {
  ChannelDefinition channel;
  BeaconData beacon_csa, beacon_after;
  std::vector<uint16_t> counter_offsets_beacon, counter_offsets_presp;
  bool radar_required = false;
  bool block_tx = false;
  uint8_t count = 0;
};

}  // namespace airloom::cfg80211
