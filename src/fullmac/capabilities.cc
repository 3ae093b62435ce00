#include "fullmac/capabilities.h"

#include <linux/nl80211.h>

#include "fullmac/sched_scan.h"

namespace airloom::fullmac {

using cfg80211::bit;
using cfg80211::Capabilities;
using cfg80211::InterfaceType;

namespace {

void set_interfaces(Capabilities& caps) {
  const uint32_t station = bit(InterfaceType::kStation), ap = bit(InterfaceType::kAp);
  constexpr uint32_t kAccessPoints = 2;
  caps.interface_types = station | ap;
  caps.software_interface_types = 0;
  caps.combinations = {{.limits = {{1, station}, {kAccessPoints, ap}},
                        .max_interfaces = 1 + kAccessPoints,
                        .channels = 1}};
}

void set_extended_feature(Capabilities& caps, unsigned feature) {
  if (caps.extended_features.size() <= feature / 8) caps.extended_features.resize(feature / 8 + 1);
  caps.extended_features[feature / 8] |= static_cast<uint8_t>(1u << feature % 8);
}

/// Of what the firmware's radio can, what it does for the host.
void set_features(Capabilities& caps, const Capabilities& radio) {
  caps.features = NL80211_FEATURE_SK_TX_STATUS | NL80211_FEATURE_SCAN_FLUSH |
                  NL80211_FEATURE_SCAN_RANDOM_MAC_ADDR | NL80211_FEATURE_MAC_ON_CREATE |
                  NL80211_FEATURE_VIF_TXPOWER;
  caps.extended_features.clear();
  for (unsigned feature :
       {NL80211_EXT_FEATURE_CQM_RSSI_LIST, NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211,
        NL80211_EXT_FEATURE_BEACON_PROTECTION, NL80211_EXT_FEATURE_BEACON_PROTECTION_CLIENT,
        NL80211_EXT_FEATURE_CONTROL_PORT_NO_PREAUTH,
        NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211_TX_STATUS}) {
    if (radio.has_extended_feature(feature)) set_extended_feature(caps, feature);
  }
  caps.ibss_rsn = caps.mesh_auth = caps.ap_uapsd = caps.tdls = caps.tdls_external_setup = false;
  caps.roam = true;
  caps.supports_5_10_mhz = caps.reports_obss = false;
  caps.ht_override_mask.reset();
  caps.vht_override_mask.reset();
}

/// The rounds are the firmware's own work: the radio has no part in it but to scan.
void set_sched_scans(Capabilities& caps, const Capabilities& radio) {
  caps.max_sched_scans = kSchedScansMax;
  caps.max_sched_scan_ssids = radio.max_scan_ssids;
  caps.max_sched_scan_elements_len = radio.max_scan_elements_len;
  caps.max_match_sets = 16;
  caps.max_sched_scan_plans = 4;
  caps.max_sched_scan_plan_interval = 65535;
  caps.max_sched_scan_plan_iterations = 254;
  caps.features |= NL80211_FEATURE_SCHED_SCAN_RANDOM_MAC_ADDR;
  set_extended_feature(caps, NL80211_EXT_FEATURE_SCHED_SCAN_BAND_SPECIFIC_RSSI_THOLD);
}

/// Programs send Action frames, and hear those that the firmware does not answer.
void set_frame_types(Capabilities& caps) {
  constexpr uint16_t kProbeRequest = 1u << 4, kAction = 1u << 13;
  caps.tx_frame_types = {};
  caps.rx_frame_types = {};
  for (const InterfaceType type : {InterfaceType::kStation, InterfaceType::kAp}) {
    caps.tx_frame_types[static_cast<size_t>(type)] = 0xffff;
    caps.rx_frame_types[static_cast<size_t>(type)] = kProbeRequest | kAction;
  }
}

}  // namespace

cfg80211::SharedCapabilities make_capabilities(const Capabilities& radio) {
  auto caps = std::make_shared<Capabilities>(radio);
  caps->full_mac = caps->ap_sme = true;
  set_interfaces(*caps);
  set_features(*caps, radio);
  set_sched_scans(*caps, radio);
  set_frame_types(*caps);
  caps->supported_commands = {
      NL80211_CMD_NEW_INTERFACE, NL80211_CMD_SET_INTERFACE,     NL80211_CMD_NEW_KEY,
      NL80211_CMD_START_AP,      NL80211_CMD_SET_BSS,           NL80211_CMD_REMAIN_ON_CHANNEL,
      NL80211_CMD_FRAME,         NL80211_CMD_FRAME_WAIT_CANCEL, NL80211_CMD_SET_WIPHY_NETNS,
      NL80211_CMD_SET_CHANNEL,   NL80211_CMD_START_SCHED_SCAN,  NL80211_CMD_PROBE_CLIENT,
      NL80211_CMD_CONNECT,       NL80211_CMD_DISCONNECT,        NL80211_CMD_CHANNEL_SWITCH,
  };
  caps->vendor_commands.clear();
  caps->vendor_events.clear();
  return caps;
}

}  // namespace airloom::fullmac
