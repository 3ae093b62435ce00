// Stations of an access point (and a station's own AP): what may be said of them, and their events.
#include <linux/nl80211.h>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

constexpr uint32_t flag(unsigned number) {
  return 1u << number;
}
constexpr uint32_t kAuthorized = flag(NL80211_STA_FLAG_AUTHORIZED);
constexpr uint32_t kShortPreamble = flag(NL80211_STA_FLAG_SHORT_PREAMBLE);
constexpr uint32_t kWme = flag(NL80211_STA_FLAG_WME);
constexpr uint32_t kMfp = flag(NL80211_STA_FLAG_MFP);
constexpr uint32_t kAuthenticated = flag(NL80211_STA_FLAG_AUTHENTICATED);
constexpr uint32_t kTdlsPeer = flag(NL80211_STA_FLAG_TDLS_PEER);
constexpr uint32_t kAssociated = flag(NL80211_STA_FLAG_ASSOCIATED);

/// The interface that STA_VLAN names: ours, an AP or a VLAN, and up.
Result<void> check_vlan(const Wiphy& wiphy, const StationParams& params) {
  if (!params.vlan) return {};
  const Wdev* vlan = wiphy.host().find_wdev(*params.vlan);
  if (vlan == nullptr) return fail(Errc::kNoDevice);
  if (&vlan->wiphy() != &wiphy) return fail(Errc::kInvalid);
  if (!is_ap(vlan->type()) && vlan->type() != InterfaceType::kApVlan) return fail(Errc::kInvalid);
  if (!vlan->is_running()) return fail(Errc::kNetDown);
  return {};
}

Result<void> check_common(const Wiphy& wiphy, const StationParams& params) {
  const Capabilities& capabilities = wiphy.capabilities();
  if (params.airtime_weight.value_or(0) != 0 &&
      !capabilities.has_extended_feature(NL80211_EXT_FEATURE_AIRTIME_FAIRNESS))
    return fail(Errc::kUnsupported);
  if (params.supported_channels && params.supported_channels->size() % 2 != 0)
    return fail(Errc::kInvalid);
  constexpr uint8_t kUapsdMask = 0x0f, kMaxSpMask = 0x03;
  if ((params.uapsd_queues.value_or(0) & ~kUapsdMask) || (params.max_sp.value_or(0) & ~kMaxSpMask))
    return fail(Errc::kInvalid);
  return {};
}

Result<void> prepare_for_ap(const Wiphy& wiphy, StationParams& params) {
  const Capabilities& capabilities = wiphy.capabilities();
  if (!capabilities.ap_uapsd || !(params.flags_set & kWme)) {
    params.uapsd_queues.reset();
    params.max_sp.reset();
  }
  if ((params.flags_set & kTdlsPeer) || params.peer_aid) return fail(Errc::kInvalid);
  params.flags_mask &= ~kTdlsPeer;
  constexpr uint32_t kStates = kAuthenticated | kAssociated;
  if (!(capabilities.features & NL80211_FEATURE_FULL_AP_CLIENT_STATE) &&
      (params.flags_mask & kStates))
    return fail(Errc::kInvalid);
  // Who does not know of these flags means a station that is associated already.
  if (!(params.flags_mask & kStates)) {
    params.flags_mask |= kStates;
    params.flags_set |= kStates;
  }
  return check_vlan(wiphy, params);
}

/// A station's only new peers are TDLS peers, set up by userspace.
Result<void> prepare_for_station(const Wiphy& wiphy, StationParams& params) {
  params.uapsd_queues.reset();
  params.max_sp.reset();
  if (params.flags_mask & (kAssociated | kAuthenticated)) return fail(Errc::kInvalid);
  if (!(params.flags_set & kTdlsPeer)) return fail(Errc::kInvalid);
  if (!wiphy.capabilities().tdls || !wiphy.capabilities().tdls_external_setup)
    return fail(Errc::kUnsupported);
  params.flags_mask &= ~kAuthorized;
  return {};
}

}  // namespace

Result<void> new_station(Wdev& wdev, const MacAddress& mac, const StationParams& request) {
  const Wiphy& wiphy = wdev.wiphy();
  StationParams params = request;
  if (!params.listen_interval || !params.supported_rates || (!params.aid && !params.peer_aid))
    return fail(Errc::kInvalid);
  if (!params.support_p2p_ps) params.support_p2p_ps = wdev.type() == InterfaceType::kP2pGo;
  TRY(check_common(wiphy, params));
  params.flags_set &= params.flags_mask;
  if (!(params.flags_set & kWme)) {  // HT and VHT without QoS are ignored, HE is an error
    params.ht_capability.reset();
    params.vht_capability.reset();
    if (params.he_capability) return fail(Errc::kInvalid);
  }
  switch (wdev.type()) {
    case InterfaceType::kAp:
    case InterfaceType::kApVlan:
    case InterfaceType::kP2pGo:
      TRY(prepare_for_ap(wiphy, params));
      break;
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient:
      TRY(prepare_for_station(wiphy, params));
      break;
    default:
      return fail(Errc::kUnsupported);
  }
  return wiphy.ops().add_station(wdev, mac, params);
}

Result<void> set_station(Wdev& wdev, const MacAddress& mac, const StationParams& request) {
  StationParams params = request;
  params.flags_set &= params.flags_mask;
  TRY(check_common(wdev.wiphy(), params));
  TRY(check_vlan(wdev.wiphy(), params));
  switch (wdev.type()) {
    case InterfaceType::kAp:
    case InterfaceType::kApVlan:
    case InterfaceType::kP2pGo:
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient:
    case InterfaceType::kAdhoc:
    case InterfaceType::kMeshPoint:
      break;
    default:
      return fail(Errc::kUnsupported);
  }
  return wdev.wiphy().ops().change_station(wdev, mac, params);
}

Result<void> delete_station(Wdev& wdev, const DeleteStationRequest& request) {
  constexpr uint8_t kDisassociation = 0xa, kDeauthentication = 0xc;
  const InterfaceType type = wdev.type();
  if (!is_ap(type) && type != InterfaceType::kApVlan && type != InterfaceType::kMeshPoint)
    return fail(Errc::kInvalid);
  if (request.subtype != kDisassociation && request.subtype != kDeauthentication)
    return fail(Errc::kInvalid);
  if (request.reason == 0) return fail(Errc::kInvalid);
  return wdev.wiphy().ops().delete_station(wdev, request);
}

Result<StationInfo> get_station(Wdev& wdev, const MacAddress& mac) {
  return wdev.wiphy().ops().get_station(wdev, mac);
}

Result<std::pair<MacAddress, StationInfo>> dump_station(Wdev& wdev, size_t index) {
  return wdev.wiphy().ops().dump_station(wdev, index);
}

Result<uint64_t> probe_client(Wdev& wdev, const MacAddress& mac) {
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  Wiphy& wiphy = wdev.wiphy();
  const uint64_t cookie = wiphy.next_cookie();
  if (auto probed = wiphy.ops().probe_client(wdev, mac, cookie); !probed) {
    wiphy.return_cookie(cookie);
    return std::unexpected(probed.error());
  }
  return cookie;
}

namespace {

bool is_tdls(StationKind kind) {
  return kind == StationKind::kTdlsSetup || kind == StationKind::kTdlsActive;
}

bool is_mesh(StationKind kind) {
  return kind == StationKind::kMeshUser || kind == StationKind::kMeshKernel;
}

bool is_ap_client(StationKind kind) {
  return kind == StationKind::kApClient || kind == StationKind::kApClientUnassociated;
}

/// What may be said of new stations only.
bool has_unchangeable(const StationParams& params) {
  return params.uapsd_queues || params.max_sp || params.capability || params.supported_rates ||
         params.extended_capability || params.ht_capability || params.vht_capability ||
         params.he_capability;
}

Result<void> check_flags(const Wiphy& wiphy, StationParams& params, StationKind kind) {
  const uint32_t mask = params.flags_mask;
  switch (kind) {
    case StationKind::kApClient:
    case StationKind::kApClientUnassociated: {
      constexpr uint32_t kStates = kAuthenticated | kAssociated;
      if (mask & ~(kAuthorized | kStates | kShortPreamble | kWme | kMfp))
        return fail(Errc::kInvalid);
      const bool full = wiphy.capabilities().features & NL80211_FEATURE_FULL_AP_CLIENT_STATE;
      if (!full && (mask & kStates)) return fail(Errc::kInvalid);
      return {};
    }
    case StationKind::kApOfStation:
    case StationKind::kIbss:
      if (mask & ~kAuthorized) return fail(Errc::kInvalid);
      return {};
    case StationKind::kTdlsSetup:
      if (mask & ~(kAuthorized | kWme)) return fail(Errc::kInvalid);
      if ((params.flags_set & kAuthorized) && !params.supported_rates) return fail(Errc::kInvalid);
      return {};
    case StationKind::kTdlsActive:
      return fail(Errc::kInvalid);
    case StationKind::kMeshUser:
    case StationKind::kMeshKernel:
      if (mask & ~(kAuthenticated | kMfp | kAuthorized)) return fail(Errc::kInvalid);
      if (kind == StationKind::kMeshKernel && params.plink_state) return fail(Errc::kInvalid);
      return {};
  }
  return {};
}

}  // namespace

Result<void> check_station_change(const Wiphy& wiphy, StationParams& params, StationKind kind) {
  const bool unassociated = kind == StationKind::kApClientUnassociated;
  if (!unassociated && (params.listen_interval || params.support_p2p_ps))
    return fail(Errc::kInvalid);
  if (params.aid && !(params.flags_set & kTdlsPeer) && !unassociated) return fail(Errc::kInvalid);
  if (is_tdls(kind) != ((params.flags_set & kTdlsPeer) != 0)) return fail(Errc::kInvalid);
  if (!is_mesh(kind) && (params.plink_action.value_or(0) != 0 || params.plink_state))
    return fail(Errc::kInvalid);
  params.flags_mask &= ~kTdlsPeer;  // hostapd always names it, and it cannot change
  if (!unassociated && kind != StationKind::kTdlsSetup && has_unchangeable(params))
    return fail(Errc::kInvalid);
  if (!is_ap_client(kind) && params.vlan) return fail(Errc::kInvalid);
  TRY(check_flags(wiphy, params, kind));
  if (!unassociated && kind != StationKind::kTdlsSetup) params.operating_mode_notification.reset();
  return {};
}

void station_added(Wdev& wdev, const MacAddress& mac, const StationInfo& info) {
  wdev.wiphy().host().events().station_added(wdev, mac, info);
}

void station_removed(Wdev& wdev, const MacAddress& mac, const StationInfo& info) {
  wdev.wiphy().host().events().station_removed(wdev, mac, info);
}

void station_opmode_changed(Wdev& wdev, const MacAddress& mac, std::optional<uint8_t> smps,
                            std::optional<ChannelWidth> width, std::optional<uint8_t> rx_nss) {
  wdev.wiphy().host().events().station_opmode_changed(wdev, mac, smps, width, rx_nss);
}

void client_probed(Wdev& wdev, const MacAddress& mac, uint64_t cookie, bool ack,
                   std::optional<int8_t> ack_signal_dbm) {
  wdev.wiphy().host().events().client_probed(wdev, mac, cookie, ack, ack_signal_dbm);
}

}  // namespace airloom::cfg80211
