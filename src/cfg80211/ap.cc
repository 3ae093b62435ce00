// Access points: start, beacons, stop, channel switch.
#include <linux/nl80211.h>

#include <bit>

#include "cfg80211/combinations.h"
#include "cfg80211/internal.h"
#include "ieee80211/element.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"

namespace airloom::cfg80211 {

namespace {

constexpr uint16_t kBeaconIntervalMinTu = 10, kBeaconIntervalMaxTu = 10'000;
constexpr size_t kPairwiseCiphersMax = 5;

Error malformed(const char* text, uint16_t attribute) {
  return {Errc::kInvalid, text, attribute};
}

/// The part of a Beacon before the TIM: header, fixed fields, whole elements.
Result<void> check_head(const Octets& head) {
  const Error error = malformed("malformed beacon head", NL80211_ATTR_BEACON_HEAD);
  const auto frame = ieee80211::FrameView::of(head);
  if (!frame || !frame->fc().is_management()) return std::unexpected(error);
  const auto body = ieee80211::BeaconBody::parse(Reader(frame->body()));
  if (!body || !ieee80211::ElementRange(body->elements).is_well_formed())
    return std::unexpected(error);
  return {};
}

Result<void> check_elements(const std::optional<Octets>& elements, uint16_t attribute) {
  if (!elements || ieee80211::ElementRange(*elements).is_well_formed()) return {};
  return std::unexpected(malformed("malformed information elements", attribute));
}

Result<void> check_beacon(const BeaconData& beacon) {
  if (beacon.head) TRY(check_head(*beacon.head));
  TRY(check_elements(beacon.tail, NL80211_ATTR_BEACON_TAIL));
  TRY(check_elements(beacon.beacon_elements, NL80211_ATTR_IE));
  TRY(check_elements(beacon.probe_response_elements, NL80211_ATTR_IE_PROBE_RESP));
  TRY(check_elements(beacon.association_response_elements, NL80211_ATTR_IE_ASSOC_RESP));
  return {};
}

bool is_valid_ap_auth_type(const Capabilities& capabilities, AuthType type) {
  switch (type) {
    case AuthType::kSae:
      return capabilities.has_extended_feature(NL80211_EXT_FEATURE_SAE_OFFLOAD_AP);
    case AuthType::kFilsSk:
    case AuthType::kFilsSkPfs:
    case AuthType::kFilsPk:
      return false;
    case AuthType::kOpenSystem:
    case AuthType::kSharedKey:
    case AuthType::kFt:
    case AuthType::kNetworkEap:
    case AuthType::kAutomatic:
      return true;
  }
  return false;
}

Result<void> check_smps(const Capabilities& capabilities, uint8_t smps) {
  switch (smps) {
    case NL80211_SMPS_OFF:
      return {};
    case NL80211_SMPS_STATIC:
      if (capabilities.features & NL80211_FEATURE_STATIC_SMPS) return {};
      return fail(Errc::kInvalid);
    case NL80211_SMPS_DYNAMIC:
      if (capabilities.features & NL80211_FEATURE_DYNAMIC_SMPS) return {};
      return fail(Errc::kInvalid);
    default:
      return fail(Errc::kInvalid);
  }
}

/// How many MCSs the masks of all streams name.
int count_mcs(const auto& masks) {
  int count = 0;
  for (const auto mask : masks) count += std::popcount(mask);
  return count;
}

/// One rate, of a kind that the radio's beacons may have. [nl80211.h
/// NL80211_EXT_FEATURE_BEACON_RATE_LEGACY]
Result<void> check_beacon_rate(const Capabilities& capabilities,
                               const BitrateMask::PerBand& wanted) {
  const struct {
    int rates;
    unsigned feature;
  } kinds[] = {{std::popcount(wanted.legacy), NL80211_EXT_FEATURE_BEACON_RATE_LEGACY},
               {count_mcs(wanted.ht), NL80211_EXT_FEATURE_BEACON_RATE_HT},
               {count_mcs(wanted.vht), NL80211_EXT_FEATURE_BEACON_RATE_VHT},
               {count_mcs(wanted.he), NL80211_EXT_FEATURE_BEACON_RATE_HE}};
  int all = 0;
  for (const auto& [rates, feature] : kinds) {
    all += rates;
    if (rates != 0 && !capabilities.has_extended_feature(feature)) return fail(Errc::kInvalid);
  }
  return all == 1 ? Result<void>{} : fail(Errc::kInvalid);
}

/// Everything but the channel, in the kernel's order.
Result<void> check_settings(const Wdev& wdev, const StartApRequest& request) {
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  if (!request.beacon.head) return fail(Errc::kInvalid);
  TRY(check_beacon(request.beacon));
  if (request.beacon_interval_tu < kBeaconIntervalMinTu ||
      request.beacon_interval_tu > kBeaconIntervalMaxTu)
    return fail(Errc::kInvalid);
  if (request.ssid.size() > 32) return fail(Errc::kInvalid);
  if (!is_valid_ap_auth_type(capabilities, request.auth_type)) return fail(Errc::kInvalid);
  TRY(check_crypto(wdev.wiphy(), request.crypto, request.owner, kPairwiseCiphersMax));
  if (request.inactivity_timeout_s != 0 &&
      !(capabilities.features & NL80211_FEATURE_INACTIVITY_TIMER))
    return fail(Errc::kUnsupported);
  return {};
}

/// What drivers want to know of the beacon's elements.
void read_capabilities(StartApRequest& request) {
  if (!request.beacon.tail) return;
  using ieee80211::ElementExtensionId;
  using ieee80211::ElementId;
  const auto copy = [](const auto& element, Octets& out) {
    if (element) out.assign(element->body.begin(), element->body.end());
  };
  const Octets& tail = *request.beacon.tail;
  copy(ieee80211::find_element(tail, ElementId::kHtCapabilities), request.ht_capability);
  copy(ieee80211::find_element(tail, ElementId::kVhtCapabilities), request.vht_capability);
  copy(ieee80211::find_element(tail, ElementExtensionId::kHeCapabilities), request.he_capability);
}

/// The channel that was set for the access point, or else for another one of the radio.
std::optional<ChannelDefinition> preset_channel(const Wdev& wdev) {
  if (wdev.preset_channel) return wdev.preset_channel;
  for (const auto& [id, other] : wdev.wiphy().wdevs())
    if (is_ap(other->type()) && other->preset_channel) return other->preset_channel;
  return std::nullopt;
}

}  // namespace

Result<void> may_start_ap(const Wdev& wdev, LinkId link) {
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  const auto it = wdev.links().find(link);
  if (it == wdev.links().end()) return fail(Errc::kNoLink);
  if (it->second.beacon_interval_tu != 0) return fail(Errc::kAlready);
  return {};
}

Result<void> may_set_beacon(const Wdev& wdev, LinkId link) {
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  const auto it = wdev.links().find(link);
  if (it == wdev.links().end()) return fail(Errc::kNoLink);
  if (it->second.beacon_interval_tu == 0) return fail(Errc::kInvalid);
  return {};
}

Result<void> start_ap(Wdev& wdev, StartApRequest request, PortId caller) {
  Wiphy& wiphy = wdev.wiphy();
  TRY(may_start_ap(wdev, request.link));
  TRY(check_settings(wdev, request));
  if (request.channel.primary_mhz == 0) {
    const auto preset = preset_channel(wdev);
    if (!preset) return fail(Errc::kInvalid);
    request.channel = *preset;
  }
  if (auto usable = check_channel(wiphy, request.channel); !usable) return usable;
  if (!may_beacon(wiphy, request.channel)) return fail(Errc::kInvalid);
  if (request.beacon_rate) {
    const auto band = static_cast<size_t>(*ieee80211::band_of(request.channel.primary_mhz));
    TRY(check_beacon_rate(wiphy.capabilities(), request.beacon_rate->bands[band]));
  }
  TRY(check_smps(wiphy.capabilities(), request.smps));
  if (request.pbss && wiphy.capabilities().find_band(Band::k60GHz) == nullptr)
    return fail(Errc::kUnsupported);
  if (wdev.connection_owner() != 0 && request.owner != 0 && wdev.connection_owner() != caller)
    return fail(Errc::kInvalid);
  // mac80211's own, which drivers of this stack share: no spatial multiplexing power save.
  if (request.smps != NL80211_SMPS_OFF) return fail(Errc::kUnsupportedMode);
  CombinationUse use = current_use(wiphy);
  use.new_beacon_interval_tu = request.beacon_interval_tu;
  TRY(check_combinations(wiphy, use));
  read_capabilities(request);

  TRY(wiphy.ops().start_ap(wdev, request));
  Link& link = wdev.link(request.link);
  link.beacon_interval_tu = request.beacon_interval_tu;
  link.dtim_period = request.dtim_period;
  link.channel = request.channel;
  wdev.access_point = {.ssid = request.ssid, .owner = request.owner != 0 ? caller : 0};
  set_control_port(wdev, request.crypto, wdev.access_point->owner);
  wdev.log().info("access point on {}", request.channel.to_string());
  wiphy.host().events().ap_started(wdev, request.link);
  return {};
}

Result<void> set_beacon(Wdev& wdev, const BeaconData& beacon) {
  TRY(may_set_beacon(wdev, 0));
  TRY(check_beacon(beacon));
  if (!beacon.head && !beacon.tail) return fail(Errc::kInvalid);
  return wdev.wiphy().ops().change_beacon(wdev, beacon);
}

Result<void> stop_ap(Wdev& wdev, LinkId id, bool notify) {
  Wiphy& wiphy = wdev.wiphy();
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  const auto it = wdev.links().find(id);
  if (it == wdev.links().end()) return fail(Errc::kNoLink);
  if (it->second.beacon_interval_tu == 0) return fail(Errc::kNotFound);
  auto stopped = wiphy.ops().stop_ap(wdev, id);
  if (stopped) {
    Link& link = wdev.link(id);
    link.beacon_interval_tu = 0;
    link.dtim_period = 0;
    link.channel.reset();
    wdev.access_point.reset();
    wdev.control_port = {};
    (void)wiphy.ops().set_qos_map(wdev, std::nullopt);
    wdev.log().info("access point stopped");
    if (notify) wiphy.host().events().ap_stopped(wdev, id);
  }
  wiphy.dfs_timer.arm(Duration{0});
  wiphy.host().regulatory().restore_if_idle();
  return stopped;
}

void stop_all_aps(Wdev& wdev, bool notify) {
  std::vector<LinkId> ids;
  for (const auto& [id, link] : wdev.links()) ids.push_back(id);
  for (const LinkId id : ids) (void)stop_ap(wdev, id, notify);
}

Result<void> set_bss(Wdev& wdev, const BssParams& params) {
  if ((params.p2p_ctwindow || params.p2p_opp_ps) && wdev.type() != InterfaceType::kP2pGo)
    return fail(Errc::kInvalid);
  const uint32_t features = wdev.wiphy().capabilities().features;
  if (params.p2p_ctwindow.value_or(0) != 0 && !(features & NL80211_FEATURE_P2P_GO_CTWIN))
    return fail(Errc::kInvalid);
  if (params.p2p_opp_ps.value_or(false) && !(features & NL80211_FEATURE_P2P_GO_OPPPS))
    return fail(Errc::kInvalid);
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  return wdev.wiphy().ops().change_bss(wdev, params);
}

namespace {

/// Each countdown must lie within its part of the beacon and read the count.
Result<void> check_countdown(const std::vector<uint16_t>& offsets,
                             const std::optional<Octets>& octets, uint8_t count, size_t max) {
  if (max != 0 && offsets.size() > max) return fail(Errc::kInvalid);
  for (const uint16_t offset : offsets)
    if (!octets || offset >= octets->size() || (*octets)[offset] != count)
      return fail(Errc::kInvalid);
  return {};
}

}  // namespace

Result<void> channel_switch(Wdev& wdev, const ChannelSwitchRequest& request) {
  Wiphy& wiphy = wdev.wiphy();
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  if (!wdev.is_beaconing()) return fail(Errc::kNotConnected);
  TRY(check_beacon(request.beacon_after));
  TRY(check_beacon(request.beacon_csa));
  if (request.counter_offsets_beacon.empty()) return fail(Errc::kInvalid);
  const size_t max = wiphy.capabilities().max_csa_counters;
  TRY(check_countdown(request.counter_offsets_beacon, request.beacon_csa.tail, request.count, max));
  TRY(check_countdown(request.counter_offsets_presp, request.beacon_csa.probe_response,
                      request.count, max));
  TRY(check_channel(wiphy, request.channel));
  if (!may_beacon(wiphy, request.channel)) return fail(Errc::kInvalid);
  ChannelSwitchRequest known = request;
  known.radar_required = radar_widths(wiphy, request.channel) != 0;
  return wiphy.ops().channel_switch(wdev, known);
}

void channel_switch_started(Wdev& wdev, const ChannelDefinition& channel, uint8_t count,
                            bool quiet) {
  wdev.wiphy().host().events().channel_switch_started(wdev, channel, count, quiet);
}

void channel_switched(Wdev& wdev, const ChannelDefinition& channel) {
  Link& link = wdev.link();
  link.channel = channel;
  if (is_station(wdev.type()) && link.current_bss != 0)
    wdev.wiphy().bss_table().move(link.current_bss, channel.primary_mhz,
                                  channel.primary_offset_khz);
  wdev.wiphy().dfs_timer.arm(Duration{0});
  wdev.wiphy().host().events().channel_switched(wdev, channel);
}

void interface_failed(Wdev& wdev) {
  leave(wdev);
}

}  // namespace airloom::cfg80211
