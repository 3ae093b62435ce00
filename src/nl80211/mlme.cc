// AUTHENTICATE, ASSOCIATE, DEAUTHENTICATE and DISASSOCIATE.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/crypto_settings.h"
#include "nl80211/join_options.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {
namespace {

/// The WEP key of a shared key authentication.
Result<void> parse_auth_key(const Context& context, cfg80211::AuthenticateRequest& request) {
  const auto* nest = context.attributes().find(NL80211_ATTR_KEY);
  if (nest == nullptr) return {};
  const auto key = TRY(netlink::validate_and_parse(*nest, kKeyPolicy, context.request.ack));
  request.key = octets_of(key, NL80211_KEY_DATA);
  request.key_index = key.u8(NL80211_KEY_IDX).value_or(0);
  request.key_cipher = key.u32(NL80211_KEY_CIPHER).value_or(0);
  return {};
}

bool carries_auth_data(cfg80211::AuthType type) {
  return type == cfg80211::AuthType::kSae || type == cfg80211::AuthType::kFilsSk ||
         type == cfg80211::AuthType::kFilsSkPfs || type == cfg80211::AuthType::kFilsPk;
}

Result<void> authenticate(Context& context) {
  const auto& attributes = context.attributes();
  const auto mac = attributes.mac(NL80211_ATTR_MAC);
  const auto type = attributes.u32(NL80211_ATTR_AUTH_TYPE);
  if (!mac || !type || !attributes.has(NL80211_ATTR_SSID) ||
      !attributes.has(NL80211_ATTR_WIPHY_FREQ))
    return fail(Errc::kInvalid);
  cfg80211::AuthenticateRequest request;
  TRY(parse_auth_key(context, request));
  if (!cfg80211::is_station(context.wdev().type())) return fail(Errc::kUnsupported);
  std::tie(request.mhz, request.offset_khz) = TRY(parse_bss_channel(context));
  request.bssid = *mac;
  request.ssid = octets_of(attributes, NL80211_ATTR_SSID);
  request.elements = octets_of(attributes, NL80211_ATTR_IE);
  if (*type > static_cast<uint32_t>(cfg80211::AuthType::kFilsPk)) return fail(Errc::kInvalid);
  request.type = static_cast<cfg80211::AuthType>(*type);
  request.auth_data = octets_of(attributes, NL80211_ATTR_AUTH_DATA);
  if (carries_auth_data(request.type) == request.auth_data.empty()) return fail(Errc::kInvalid);
  if (!request.auth_data.empty() && request.auth_data.size() < 4) return fail(Errc::kInvalid);
  request.local_state_change = attributes.has(NL80211_ATTR_LOCAL_STATE_CHANGE);
  // It would change nothing: the kernel agrees and does nothing.
  if (request.local_state_change) return {};
  return cfg80211::authenticate(context.wdev(), std::move(request));
}

template <size_t N>
std::array<uint8_t, N> fixed(const netlink::AttributeTable& attributes, uint16_t type) {
  std::array<uint8_t, N> out{};
  if (const auto octets = attributes.bytes(type); octets && octets->size() >= N)
    std::copy_n(octets->begin(), N, out.begin());
  return out;
}

/// What the options of an association need of each other and of the radio.
Result<void> check_association(const Context& context) {
  const auto& attributes = context.attributes();
  TRY(check_join_options(context));
  if (attributes.has(NL80211_ATTR_FILS_KEK) && !attributes.has(NL80211_ATTR_FILS_NONCES))
    return fail(Errc::kInvalid);
  if (attributes.has(NL80211_ATTR_S1G_CAPABILITY) !=
      attributes.has(NL80211_ATTR_S1G_CAPABILITY_MASK))
    return fail(Errc::kInvalid);
  // Several links: no radio of ours makes them yet.
  if (attributes.has(NL80211_ATTR_MLO_LINK_ID) || attributes.has(NL80211_ATTR_MLO_LINKS))
    return fail(Errc::kInvalid);
  return {};
}

Result<void> associate(Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::Wdev& wdev = context.wdev();
  TRY(cfg80211::check_connection_owner(wdev, context.request.port));
  if (!attributes.has(NL80211_ATTR_SSID)) return fail(Errc::kInvalid);
  if (!cfg80211::is_station(wdev.type())) return fail(Errc::kUnsupported);
  cfg80211::AssociateRequest request;
  request.ssid = octets_of(attributes, NL80211_ATTR_SSID);
  request.elements = octets_of(attributes, NL80211_ATTR_IE);
  request.previous_bssid = attributes.mac(NL80211_ATTR_PREV_BSSID);
  if (const auto mfp = attributes.u32(NL80211_ATTR_USE_MFP)) {
    if (*mfp > NL80211_MFP_REQUIRED) return fail(Errc::kInvalid);
    request.use_mfp = *mfp == NL80211_MFP_REQUIRED;
  }
  request.use_rrm = attributes.has(NL80211_ATTR_USE_RRM);
  request.disable_ht = attributes.has(NL80211_ATTR_DISABLE_HT);
  request.disable_vht = attributes.has(NL80211_ATTR_DISABLE_VHT);
  request.disable_he = attributes.has(NL80211_ATTR_DISABLE_HE);
  request.ht_capability = fixed<26>(attributes, NL80211_ATTR_HT_CAPABILITY);
  request.ht_capability_mask = fixed<26>(attributes, NL80211_ATTR_HT_CAPABILITY_MASK);
  request.vht_capability = fixed<12>(attributes, NL80211_ATTR_VHT_CAPABILITY);
  request.vht_capability_mask = fixed<12>(attributes, NL80211_ATTR_VHT_CAPABILITY_MASK);
  request.fils_kek = octets_of(attributes, NL80211_ATTR_FILS_KEK);
  request.fils_nonces = octets_of(attributes, NL80211_ATTR_FILS_NONCES);
  TRY(check_association(context));
  const auto mac = attributes.mac(NL80211_ATTR_MAC);
  if (!mac) return fail(Errc::kInvalid);
  request.bssid = *mac;
  std::tie(request.mhz, request.offset_khz) = TRY(parse_bss_channel(context));
  request.crypto = TRY(parse_crypto(context));
  request.owner = context.owner();
  return cfg80211::associate(wdev, std::move(request), context.request.port);
}

Result<cfg80211::LeaveRequest> parse_leave(const Context& context) {
  const auto& attributes = context.attributes();
  const cfg80211::Wdev& wdev = context.wdev();
  TRY(cfg80211::check_connection_owner(wdev, context.request.port));
  const auto mac = attributes.mac(NL80211_ATTR_MAC);
  const auto reason = attributes.u16(NL80211_ATTR_REASON_CODE);
  if (!mac || !reason) return fail(Errc::kInvalid);
  if (!cfg80211::is_station(wdev.type())) return fail(Errc::kUnsupported);
  if (*reason == 0) return fail(Errc::kInvalid);
  return cfg80211::LeaveRequest{
      .bssid = *mac,
      .reason = *reason,
      .elements = octets_of(attributes, NL80211_ATTR_IE),
      .local_state_change = attributes.has(NL80211_ATTR_LOCAL_STATE_CHANGE)};
}

Result<void> deauthenticate(Context& context) {
  const auto request = TRY(parse_leave(context));
  return cfg80211::deauthenticate(context.wdev(), request, context.request.port);
}

Result<void> disassociate(Context& context) {
  const auto request = TRY(parse_leave(context));
  return cfg80211::disassociate(context.wdev(), request, context.request.port);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_AUTHENTICATE, .handle = authenticate},
    {.command = NL80211_CMD_ASSOCIATE, .handle = associate},
    {.command = NL80211_CMD_DEAUTHENTICATE, .handle = deauthenticate},
    {.command = NL80211_CMD_DISASSOCIATE, .handle = disassociate},
};

}  // namespace

std::span<const Row> mlme_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
