// START_AP, SET_BEACON and STOP_AP (NEW_BEACON, SET_BEACON and DEL_BEACON on the wire), and
// SET_MAC_ACL.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/beacon.h"
#include "nl80211/channel.h"
#include "nl80211/context.h"
#include "nl80211/crypto_settings.h"
#include "nl80211/policies.h"
#include "nl80211/rates.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {
namespace {

cfg80211::LinkId link_of(const Context& context) {
  return context.attributes().u8(NL80211_ATTR_MLO_LINK_ID).value_or(0);
}

/// Spatial reuse, which no radio here does: it is measured and forgotten.
Result<void> check_spatial_reuse(const Context& context) {
  const auto* nest = context.attributes().find(NL80211_ATTR_HE_OBSS_PD);
  if (nest == nullptr) return {};
  const auto given = TRY(netlink::validate_and_parse(*nest, kHeObssPdPolicy, context.request.ack));
  if (!given.has(NL80211_HE_OBSS_PD_ATTR_SR_CTRL)) return fail(Errc::kInvalid);
  const uint8_t least = given.u8(NL80211_HE_OBSS_PD_ATTR_MIN_OFFSET).value_or(0);
  if (least > given.u8(NL80211_HE_OBSS_PD_ATTR_MAX_OFFSET).value_or(0)) return fail(Errc::kInvalid);
  return {};
}

/// A P2P group owner's power save, and what only some radios' access points do.
Result<void> check_features(const Context& context) {
  const auto& attributes = context.attributes();
  const auto& can = context.wiphy().capabilities();
  const bool is_go = context.wdev().type() == cfg80211::InterfaceType::kP2pGo;
  if (const auto window = attributes.u8(NL80211_ATTR_P2P_CTWINDOW))
    if (!is_go || (*window != 0 && !(can.features & NL80211_FEATURE_P2P_GO_CTWIN)))
      return fail(Errc::kInvalid);
  if (const auto opportunistic = attributes.u8(NL80211_ATTR_P2P_OPPPS))
    if (!is_go || (*opportunistic != 0 && !(can.features & NL80211_FEATURE_P2P_GO_OPPPS)))
      return fail(Errc::kInvalid);
  if (attributes.has(NL80211_ATTR_PUNCT_BITMAP) &&
      !can.has_extended_feature(NL80211_EXT_FEATURE_PUNCT))
    return fail(Errc::kInvalid);
  // An access control list is for radios that answer by themselves.
  if (attributes.has(NL80211_ATTR_ACL_POLICY)) return fail(Errc::kUnsupported);
  TRY(check_spatial_reuse(context));
  if (attributes.has(NL80211_ATTR_FILS_DISCOVERY) &&
      !can.has_extended_feature(NL80211_EXT_FEATURE_FILS_DISCOVERY))
    return fail(Errc::kInvalid);
  if (attributes.has(NL80211_ATTR_UNSOL_BCAST_PROBE_RESP) &&
      !can.has_extended_feature(NL80211_EXT_FEATURE_UNSOL_BCAST_PROBE_RESP))
    return fail(Errc::kInvalid);
  // No radio here tells of several BSSs in one beacon.
  if (attributes.has(NL80211_ATTR_MBSSID_CONFIG)) return fail(Errc::kUnsupported);
  return {};
}

Result<void> start_ap(Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::Wdev& wdev = context.wdev();
  cfg80211::StartApRequest request;
  request.link = link_of(context);
  TRY(cfg80211::may_start_ap(wdev, request.link));
  const auto interval = attributes.u32(NL80211_ATTR_BEACON_INTERVAL);
  const auto dtim = attributes.u32(NL80211_ATTR_DTIM_PERIOD);
  if (!interval || !dtim || !attributes.has(NL80211_ATTR_BEACON_HEAD)) return fail(Errc::kInvalid);
  request.beacon = TRY(parse_beacon(attributes, context.request.ack));
  if (*interval < 10 || *interval > 10000) return fail(Errc::kInvalid);
  request.beacon_interval_tu = static_cast<uint16_t>(*interval);
  request.dtim_period = static_cast<uint8_t>(*dtim);
  if (attributes.has(NL80211_ATTR_SSID)) {
    request.ssid = octets_of(attributes, NL80211_ATTR_SSID);
    if (request.ssid.empty()) return fail(Errc::kInvalid);
  }
  request.hidden_ssid = static_cast<uint8_t>(attributes.u32(NL80211_ATTR_HIDDEN_SSID).value_or(0));
  request.privacy = attributes.has(NL80211_ATTR_PRIVACY);
  if (const auto type = attributes.u32(NL80211_ATTR_AUTH_TYPE)) {
    if (*type > static_cast<uint32_t>(cfg80211::AuthType::kAutomatic)) return fail(Errc::kInvalid);
    request.auth_type = static_cast<cfg80211::AuthType>(*type);
  }
  request.crypto = TRY(parse_crypto(context));
  request.inactivity_timeout_s = attributes.u16(NL80211_ATTR_INACTIVITY_TIMEOUT).value_or(0);
  if (attributes.has(NL80211_ATTR_WIPHY_FREQ)) {
    request.channel = TRY(parse_channel(wdev.wiphy(), attributes));
  }
  if (attributes.has(NL80211_ATTR_TX_RATES))
    request.beacon_rate = TRY(parse_rates(context, /*all_unless_said=*/false));
  request.smps = attributes.u8(NL80211_ATTR_SMPS_MODE).value_or(NL80211_SMPS_OFF);
  request.pbss = attributes.has(NL80211_ATTR_PBSS);
  TRY(check_features(context));
  request.external_auth = attributes.has(NL80211_ATTR_EXTERNAL_AUTH_SUPPORT);
  request.owner = context.owner();
  return cfg80211::start_ap(wdev, std::move(request), context.request.port);
}

Result<void> set_beacon(Context& context) {
  TRY(cfg80211::may_set_beacon(context.wdev(), link_of(context)));
  return cfg80211::set_beacon(context.wdev(),
                              TRY(parse_beacon(context.attributes(), context.request.ack)));
}

Result<void> stop_ap(Context& context) {
  return cfg80211::stop_ap(context.wdev(), link_of(context), false);
}

/// No radio of ours keeps a list of stations that it answers or ignores by itself.
Result<void> set_mac_acl(Context& context) {
  cfg80211::Wdev& wdev = context.wdev();
  if (!is_ap(wdev.type())) return fail(Errc::kUnsupported);
  if (!wdev.is_beaconing()) return fail(Errc::kInvalid);
  return fail(Errc::kUnsupported);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_START_AP, .handle = start_ap},
    {.command = NL80211_CMD_SET_BEACON, .handle = set_beacon},
    {.command = NL80211_CMD_STOP_AP, .handle = stop_ap},
    {.command = NL80211_CMD_SET_MAC_ACL, .handle = set_mac_acl},
};

}  // namespace

std::span<const Row> ap_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
