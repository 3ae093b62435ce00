// What a radio can do: one immutable value that equal radios share (decision 12). Field by field
// it is what GET_WIPHY reports of hardware; what changes at run time lives in Wiphy.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cfg80211/types.h"

namespace airloom::cfg80211 {

/// A channel the hardware has; regulatory state is not here.
struct HardwareChannel {
  uint32_t mhz = 0;
  uint16_t offset_khz = 0;
  int max_power_dbm = 0;  ///< 0: what the regulatory domain allows
  int max_antenna_gain_dbi = 0;
};

struct HardwareRate {
  uint16_t rate_100kbps = 0;
  bool short_preamble = false;
};

struct HtCapability {
  uint16_t info = 0;
  uint8_t ampdu_factor = 0;
  uint8_t ampdu_density = 0;
  std::array<uint8_t, 16> mcs{};
};

struct VhtCapability {
  uint32_t info = 0;
  std::array<uint8_t, 8> mcs{};
};

/// HE (and EHT) capabilities for some interface types; fields as they stand in the elements.
struct InterfaceTypeData {
  uint32_t types = 0;  ///< bits of InterfaceType
  std::array<uint8_t, 6> he_mac{};
  std::array<uint8_t, 11> he_phy{};
  Octets he_mcs_nss;  ///< 4, 8 or 12 octets on the air; as hardware keeps them: 12
  Octets he_ppe;
  uint16_t he_6ghz = 0;
  Octets eht_mac, eht_phy, eht_mcs_nss, eht_ppe;  ///< empty: no EHT
};

struct BandCapability {
  Band band = Band::k2GHz;
  std::vector<HardwareChannel> channels;
  std::vector<HardwareRate> rates;
  std::optional<HtCapability> ht;
  std::optional<VhtCapability> vht;
  std::vector<InterfaceTypeData> interface_type_data;
};

struct InterfaceLimit {
  uint32_t max = 0;
  uint32_t types = 0;  ///< bits of InterfaceType
};
struct InterfaceCombination {
  std::vector<InterfaceLimit> limits;
  uint32_t max_interfaces = 0;
  uint32_t channels = 1;
  bool beacon_interval_match = false;
  uint32_t radar_detect_widths = 0;   ///< bits of ChannelWidth
  uint32_t radar_detect_regions = 0;  ///< bits of nl80211_dfs_regions
  uint32_t beacon_interval_min_gcd = 0;
};

struct VendorId {
  uint32_t oui = 0;
  uint32_t subcommand = 0;
};

struct Capabilities {
  std::vector<BandCapability> bands;  ///< in the order of Band
  std::vector<uint32_t> cipher_suites;
  std::vector<uint32_t> akm_suites;
  uint32_t interface_types = 0;           ///< bits of InterfaceType
  uint32_t software_interface_types = 0;  ///< always possible, outside the combinations
  std::vector<InterfaceCombination> combinations;
  uint8_t max_scan_ssids = 4;
  uint16_t max_scan_elements_len = 0;
  uint32_t max_sched_scans = 0;  ///< at once; 0: none at all
  uint8_t max_sched_scan_ssids = 0;
  uint16_t max_sched_scan_elements_len = 0;
  uint8_t max_match_sets = 0;
  uint32_t max_sched_scan_plans = 1;
  uint32_t max_sched_scan_plan_interval = 0xffffffff;
  uint32_t max_sched_scan_plan_iterations = 0;
  uint32_t max_remain_on_channel_ms = 0;
  uint8_t max_pmkids = 0;
  uint8_t max_csa_counters = 0;
  uint16_t max_akm_suites = 0;
  uint32_t antennas_tx = 0, antennas_rx = 0;
  uint32_t features = 0;         ///< NL80211_FEATURE_* bits
  Octets extended_features;      ///< bit set of NL80211_EXT_FEATURE_*
  Octets extended_capabilities;  ///< element body
  Octets extended_capabilities_mask;
  std::optional<std::array<uint8_t, 26>> ht_override_mask;
  std::optional<std::array<uint8_t, 12>> vht_override_mask;
  bool ibss_rsn = false, mesh_auth = false, ap_uapsd = false, tdls = false,
       tdls_external_setup = false, offchannel_tx = false, supports_5_10_mhz = false, roam = false,
       control_port_ethertype = false, reports_obss = false;
  /// Frame subtypes (bit n: Frame Control subtype n << 4) per interface type.
  std::array<uint16_t, kInterfaceTypeCount> tx_frame_types{};
  std::array<uint16_t, kInterfaceTypeCount> rx_frame_types{};
  std::vector<VendorId> vendor_commands;
  std::vector<VendorId> vendor_events;
  /// Commands of the SUPPORTED_COMMANDS attribute, in the kernel's order, as NL80211_CMD_*.
  std::vector<uint8_t> supported_commands;
  bool full_mac = false;  ///< the driver has its own SME: CONNECT instead of AUTHENTICATE
  bool ap_sme = false;    ///< as an access point it authenticates and associates stations itself

  const BandCapability* find_band(Band band) const;
  bool has_extended_feature(unsigned feature) const;
};

using SharedCapabilities = std::shared_ptr<const Capabilities>;

}  // namespace airloom::cfg80211
