// CONNECT and DISCONNECT: joining by the stack's own SME, or the hardware's.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/crypto_settings.h"
#include "nl80211/join_options.h"
#include "nl80211/key_request.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

bool names_fils_identity(const netlink::AttributeTable& attributes) {
  return attributes.has(NL80211_ATTR_FILS_ERP_USERNAME) ||
         attributes.has(NL80211_ATTR_FILS_ERP_REALM) ||
         attributes.has(NL80211_ATTR_FILS_ERP_NEXT_SEQ_NUM) ||
         attributes.has(NL80211_ATTR_FILS_ERP_RRK);
}

/// What only some hardware takes over, and what it must come with.
Result<void> check_offloads(const Context& context, const cfg80211::ConnectRequest& request) {
  const auto& attributes = context.attributes();
  const auto& can = context.wiphy().capabilities();
  if (attributes.has(NL80211_ATTR_PBSS)) return fail(Errc::kUnsupported);  // that is 60 GHz
  if (attributes.has(NL80211_ATTR_BSS_SELECT))
    return fail(request.bssid ? Errc::kInvalid : Errc::kUnsupported);
  if (names_fils_identity(attributes) &&
      !can.has_extended_feature(NL80211_EXT_FEATURE_FILS_SK_OFFLOAD))
    return fail(Errc::kInvalid);
  if (attributes.has(NL80211_ATTR_EXTERNAL_AUTH_SUPPORT) &&
      !attributes.has(NL80211_ATTR_SOCKET_OWNER))
    return fail(Errc::kInvalid, "external auth requires connection ownership");
  return {};
}

Result<void> parse_channel_hint(const Context& context, cfg80211::ConnectRequest& request) {
  if (context.attributes().has(NL80211_ATTR_WIPHY_FREQ)) {
    request.mhz = TRY(parse_bss_channel(context)).first;
    return {};
  }
  request.mhz_hint = context.attributes().u32(NL80211_ATTR_WIPHY_FREQ_HINT);
  if (!request.mhz_hint) return {};
  const auto* channel = context.wiphy().find_channel(*request.mhz_hint);
  if (channel == nullptr || channel->disabled) return fail(Errc::kInvalid);
  return {};
}

/// Management frame protection may be left to the access point only where the radio's SME can.
Result<void> parse_mfp(const Context& context, cfg80211::ConnectRequest& request) {
  const auto mfp = context.attributes().u32(NL80211_ATTR_USE_MFP);
  if (!mfp) return {};
  if (*mfp == NL80211_MFP_OPTIONAL &&
      !context.wiphy().capabilities().has_extended_feature(NL80211_EXT_FEATURE_MFP_OPTIONAL))
    return fail(Errc::kUnsupported);
  request.use_mfp = *mfp == NL80211_MFP_REQUIRED;
  return {};
}

Result<void> connect(Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::ConnectRequest request;
  request.ssid = octets_of(attributes, NL80211_ATTR_SSID);
  if (request.ssid.empty()) return fail(Errc::kInvalid);
  if (const auto type = attributes.u32(NL80211_ATTR_AUTH_TYPE)) {
    if (*type > static_cast<uint32_t>(cfg80211::AuthType::kAutomatic)) return fail(Errc::kInvalid);
    request.auth_type = static_cast<cfg80211::AuthType>(*type);
  }
  request.privacy = attributes.has(NL80211_ATTR_PRIVACY);
  if (attributes.has(NL80211_ATTR_WANT_1X_4WAY_HS) &&
      !context.wiphy().capabilities().has_extended_feature(
          NL80211_EXT_FEATURE_4WAY_HANDSHAKE_STA_1X))
    return fail(Errc::kInvalid);
  request.crypto = TRY(parse_crypto(context));
  if (!cfg80211::is_station(context.wdev().type())) return fail(Errc::kUnsupported);
  request.bssid = attributes.mac(NL80211_ATTR_MAC);
  if (!request.bssid) request.bssid_hint = attributes.mac(NL80211_ATTR_MAC_HINT);
  request.elements = octets_of(attributes, NL80211_ATTR_IE);
  TRY(parse_mfp(context, request));
  request.previous_bssid = attributes.mac(NL80211_ATTR_PREV_BSSID);
  TRY(parse_channel_hint(context, request));
  std::optional<cfg80211::WepKeys> wep_keys;
  if (request.privacy) wep_keys = TRY(parse_wep_keys(context));
  TRY(check_join_options(context));
  TRY(check_offloads(context, request));
  request.owner = context.owner();
  if (wep_keys)
    return cfg80211::connect_with_wep(context.wdev(), std::move(request), std::move(*wep_keys),
                                      context.request.port);
  return cfg80211::connect(context.wdev(), std::move(request), context.request.port);
}

Result<void> disconnect(Context& context) {
  cfg80211::Wdev& wdev = context.wdev();
  TRY(cfg80211::check_connection_owner(wdev, context.request.port));
  const uint16_t reason = context.attributes()
                              .u16(NL80211_ATTR_REASON_CODE)
                              .value_or(3);  // deauthenticated because leaving
  if (reason == 0) return fail(Errc::kInvalid);
  if (!cfg80211::is_station(wdev.type())) return fail(Errc::kUnsupported);
  return cfg80211::disconnect(wdev, reason, context.request.port);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_CONNECT, .handle = connect},
    {.command = NL80211_CMD_DISCONNECT, .handle = disconnect},
};

}  // namespace

std::span<const Row> connect_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
