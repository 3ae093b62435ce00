#include "hwsim/capabilities.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>

namespace airloom::hwsim {

namespace {

using cfg80211::bit;
using cfg80211::Capabilities;
using cfg80211::ChannelWidth;
using cfg80211::InterfaceType;

uint32_t bits_of(std::initializer_list<ChannelWidth> widths) {
  uint32_t bits = 0;
  for (ChannelWidth width : widths) bits |= 1u << static_cast<unsigned>(width);
  return bits;
}

/// [802.11-2020 Table 9-149]
constexpr uint32_t rsn_suite(uint8_t type) {
  return 0x000fac00u | type;
}

const uint32_t kManyTypes = bit(InterfaceType::kStation) | bit(InterfaceType::kAp) |
                            bit(InterfaceType::kMeshPoint) | bit(InterfaceType::kP2pClient) |
                            bit(InterfaceType::kP2pGo);
constexpr uint32_t kManyMax = 2048;

/// How many interfaces of which types a radio of such types carries at once.
std::vector<cfg80211::InterfaceLimit> limits_of(uint32_t types) {
  std::vector<cfg80211::InterfaceLimit> limits;
  if (types & bit(InterfaceType::kAdhoc)) limits.push_back({1, bit(InterfaceType::kAdhoc)});
  if (types & kManyTypes) limits.push_back({kManyMax, types & kManyTypes});
  if (types & bit(InterfaceType::kP2pDevice)) limits.push_back({1, bit(InterfaceType::kP2pDevice)});
  return limits;
}

void set_interfaces(Capabilities& caps, const RadioTraits& traits) {
  caps.software_interface_types = bit(InterfaceType::kMonitor);
  if (traits.interface_types & bit(InterfaceType::kAp))
    caps.software_interface_types |= bit(InterfaceType::kApVlan);
  caps.interface_types = traits.interface_types | caps.software_interface_types;
  using enum ChannelWidth;
  cfg80211::InterfaceCombination combination{.limits = limits_of(traits.interface_types),
                                             .channels = traits.channels};
  for (const auto& limit : combination.limits) combination.max_interfaces += limit.max;
  if (!traits.channel_contexts)
    combination.radar_detect_widths = bits_of({k20NoHt, k20, k40, k80, k160, k5, k10});
  // One interface alone is no combination.
  if (combination.max_interfaces > 1) caps.combinations = {std::move(combination)};
}

/// A radio with channel contexts scans and visits channels by itself, with limits of its own.
void set_channel_contexts(Capabilities& caps) {
  caps.max_scan_ssids = 255;
  caps.max_remain_on_channel_ms = 1000;
  caps.features &= ~uint32_t{NL80211_FEATURE_LOW_PRIORITY_SCAN | NL80211_FEATURE_AP_SCAN};
  for (unsigned feature :
       {NL80211_EXT_FEATURE_SCAN_RANDOM_SN, NL80211_EXT_FEATURE_SCAN_MIN_PREQ_CONTENT})
    caps.extended_features[feature / 8] &= static_cast<uint8_t>(~(1u << feature % 8));
}

void set_extended_feature(Capabilities& caps, unsigned feature) {
  if (caps.extended_features.size() <= feature / 8) caps.extended_features.resize(feature / 8 + 1);
  caps.extended_features[feature / 8] |= static_cast<uint8_t>(1u << feature % 8);
}

void set_beacon_protection(Capabilities& caps, BeaconProtection side) {
  if (side == BeaconProtection::kBothSides)
    set_extended_feature(caps, NL80211_EXT_FEATURE_BEACON_PROTECTION);
  if (side == BeaconProtection::kStation)
    set_extended_feature(caps, NL80211_EXT_FEATURE_BEACON_PROTECTION_CLIENT);
}

void set_features(Capabilities& caps) {
  caps.features = NL80211_FEATURE_SK_TX_STATUS | NL80211_FEATURE_HT_IBSS | NL80211_FEATURE_SAE |
                  NL80211_FEATURE_LOW_PRIORITY_SCAN | NL80211_FEATURE_SCAN_FLUSH |
                  NL80211_FEATURE_AP_SCAN | NL80211_FEATURE_VIF_TXPOWER |
                  NL80211_FEATURE_ADVERTISE_CHAN_LIMITS | NL80211_FEATURE_FULL_AP_CLIENT_STATE |
                  NL80211_FEATURE_USERSPACE_MPM | NL80211_FEATURE_ACTIVE_MONITOR |
                  NL80211_FEATURE_AP_MODE_CHAN_WIDTH_CHANGE | NL80211_FEATURE_STATIC_SMPS |
                  NL80211_FEATURE_DYNAMIC_SMPS | NL80211_FEATURE_MAC_ON_CREATE |
                  NL80211_FEATURE_SCAN_RANDOM_MAC_ADDR;
  for (unsigned feature :
       {NL80211_EXT_FEATURE_VHT_IBSS, NL80211_EXT_FEATURE_RRM,
        NL80211_EXT_FEATURE_BEACON_RATE_LEGACY, NL80211_EXT_FEATURE_FILS_STA,
        NL80211_EXT_FEATURE_CQM_RSSI_LIST, NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211,
        NL80211_EXT_FEATURE_SCAN_RANDOM_SN, NL80211_EXT_FEATURE_SCAN_MIN_PREQ_CONTENT,
        NL80211_EXT_FEATURE_CAN_REPLACE_PTK0, NL80211_EXT_FEATURE_EXT_KEY_ID,
        NL80211_EXT_FEATURE_CONTROL_PORT_NO_PREAUTH, NL80211_EXT_FEATURE_DEL_IBSS_STA,
        NL80211_EXT_FEATURE_MULTICAST_REGISTRATIONS, NL80211_EXT_FEATURE_SCAN_FREQ_KHZ,
        NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211_TX_STATUS,
        NL80211_EXT_FEATURE_POWERED_ADDR_CHANGE})
    set_extended_feature(caps, feature);
  // Extended channel switching, multiple BSSID, operating mode notification. [802.11-2020 9.4.2.26]
  caps.extended_capabilities = {0x04, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x40};
  caps.extended_capabilities_mask = caps.extended_capabilities;
  caps.ibss_rsn = caps.mesh_auth = caps.ap_uapsd = true;
  caps.tdls = caps.tdls_external_setup = true;
  caps.offchannel_tx = caps.supports_5_10_mhz = true;
  caps.reports_obss = caps.control_port_ethertype = true;
}

/// The capability fields that a station may be told to pretend it lacks.
void set_override_masks(Capabilities& caps) {
  std::array<uint8_t, 26>& ht = caps.ht_override_mask.emplace();
  ht = {0xe3, 0x4b, 0x1f};
  std::fill_n(ht.begin() + 3, 10, 0xff);  // any receive MCS
  caps.vht_override_mask = {{0xf0, 0x1f, 0x80, 0x33, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0}};
}

/// The octet of Frame Control with a management subtype, as a bit of the masks.
uint16_t subtype_bits(std::initializer_list<uint8_t> first_octets) {
  uint16_t bits = 0;
  for (uint8_t octet : first_octets) bits |= static_cast<uint16_t>(1u << (octet >> 4));
  return bits;
}

/// What userspace may send, and may register to receive, by interface type.
void set_frame_types(Capabilities& caps) {
  using enum InterfaceType;
  const uint16_t ap = subtype_bits({0x00, 0x20, 0x40, 0xa0, 0xb0, 0xc0, 0xd0});
  const struct {
    InterfaceType type;
    uint16_t receive;
  } rows[] = {
      {kAdhoc, subtype_bits({0x40, 0xb0, 0xc0, 0xd0})},
      {kStation, subtype_bits({0x40, 0xb0, 0xd0})},
      {kAp, ap},
      {kApVlan, ap},
      {kMeshPoint, subtype_bits({0xb0, 0xc0, 0xd0})},
      {kP2pClient, subtype_bits({0x40, 0xd0})},
      {kP2pGo, ap},
      {kP2pDevice, subtype_bits({0x40, 0xd0})},
  };
  for (const auto& row : rows) {
    caps.tx_frame_types[static_cast<size_t>(row.type)] = 0xffff;
    caps.rx_frame_types[static_cast<size_t>(row.type)] = row.receive;
  }
}

void set_commands(Capabilities& caps) {
  caps.supported_commands = {
      NL80211_CMD_NEW_INTERFACE,
      NL80211_CMD_SET_INTERFACE,
      NL80211_CMD_NEW_KEY,
      NL80211_CMD_START_AP,
      NL80211_CMD_NEW_STATION,
      NL80211_CMD_NEW_MPATH,
      NL80211_CMD_SET_MESH_CONFIG,
      NL80211_CMD_SET_BSS,
      NL80211_CMD_AUTHENTICATE,
      NL80211_CMD_ASSOCIATE,
      NL80211_CMD_DEAUTHENTICATE,
      NL80211_CMD_DISASSOCIATE,
      NL80211_CMD_JOIN_IBSS,
      NL80211_CMD_JOIN_MESH,
      NL80211_CMD_REMAIN_ON_CHANNEL,
      NL80211_CMD_SET_TX_BITRATE_MASK,
      NL80211_CMD_FRAME,
      NL80211_CMD_FRAME_WAIT_CANCEL,
      NL80211_CMD_SET_WIPHY_NETNS,
      NL80211_CMD_SET_CHANNEL,
      NL80211_CMD_TDLS_MGMT,
      NL80211_CMD_TDLS_OPER,
      NL80211_CMD_PROBE_CLIENT,
      NL80211_CMD_SET_NOACK_MAP,
      NL80211_CMD_REGISTER_BEACONS,
      NL80211_CMD_START_P2P_DEVICE,
      NL80211_CMD_SET_MCAST_RATE,
      NL80211_CMD_CONNECT,
      NL80211_CMD_DISCONNECT,
      NL80211_CMD_CHANNEL_SWITCH,
      NL80211_CMD_SET_QOS_MAP,
      NL80211_CMD_SET_MULTICAST_TO_UNICAST,
  };
  const cfg80211::VendorId test_vendor{.oui = 0x001374, .subcommand = 1};
  caps.vendor_commands = {test_vendor};
  caps.vendor_events = {test_vendor};
}

}  // namespace

const std::vector<uint32_t>& known_cipher_suites() {
  // WEP-40, WEP-104, TKIP, CCMP-128 and -256, GCMP-128 and -256, BIP-CMAC-128 and -256,
  // BIP-GMAC-128 and -256, in the kernel's order.
  static const std::vector<uint32_t> kSuites{
      rsn_suite(1), rsn_suite(5), rsn_suite(2),  rsn_suite(4),  rsn_suite(10), rsn_suite(8),
      rsn_suite(9), rsn_suite(6), rsn_suite(13), rsn_suite(11), rsn_suite(12)};
  return kSuites;
}

Result<void> check(const RadioTraits& traits) {
  if (limits_of(traits.interface_types).empty()) return fail(Errc::kInvalid);
  return {};
}

cfg80211::SharedCapabilities make_capabilities(const RadioTraits& traits) {
  auto caps = std::make_shared<Capabilities>();
  caps->bands = make_bands();
  caps->cipher_suites = traits.cipher_suites.value_or(known_cipher_suites());
  caps->max_scan_ssids = 4;
  caps->max_scan_elements_len = 2109;
  caps->max_remain_on_channel_ms = 5000;
  caps->max_csa_counters = 2;
  caps->max_akm_suites = 2;
  set_interfaces(*caps, traits);
  set_features(*caps);
  set_beacon_protection(*caps, traits.beacon_protection);
  if (traits.channel_contexts) set_channel_contexts(*caps);
  if (traits.tx_queues)
    for (unsigned feature : {NL80211_EXT_FEATURE_TXQS, NL80211_EXT_FEATURE_AIRTIME_FAIRNESS})
      set_extended_feature(*caps, feature);
  set_override_masks(*caps);
  set_frame_types(*caps);
  set_commands(*caps);
  return caps;
}

std::vector<MacAddress> radio_addresses(uint16_t radio) {
  MacAddress first{{0x02, 0, 0, static_cast<uint8_t>(radio >> 8), static_cast<uint8_t>(radio), 0}};
  MacAddress second = first;
  second.octets[0] |= 0x40;
  return {first, second};
}

std::vector<MacAddress> radio_addresses(const MacAddress& chosen) {
  return {chosen, chosen};
}

}  // namespace airloom::hwsim
