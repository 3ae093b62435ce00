// What some hardware does by itself, while the host sleeps or looks away, and what some drivers'
// own SMEs want to be told: WoWLAN, coalescing, PMK caches, key renewal, critical
// protocols, external authentication, NAN, SAR, time stamps, measurements. Radios here have none of
// it, as Linux's simulator has none; each command makes the checks that the kernel makes before it
// finds that out, in the kernel's order.
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/policies.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

/// The kernel looks first whether the radio can do it at all.
Result<void> no_radio_can(Context&) {
  return fail(Errc::kUnsupported);
}

/// A PMKSA is named by its AP's address, or (FILS) by SSID and cache identifier.
Result<void> check_pmksa(const Context& context, bool adds) {
  const auto& attributes = context.attributes();
  if (!attributes.has(NL80211_ATTR_PMKID)) return fail(Errc::kInvalid);
  const bool by_cache_id = attributes.has(NL80211_ATTR_SSID) &&
                           attributes.has(NL80211_ATTR_FILS_CACHE_ID) &&
                           (!adds || attributes.has(NL80211_ATTR_PMK));
  if (!attributes.has(NL80211_ATTR_MAC) && !by_cache_id) return fail(Errc::kInvalid);
  return {};
}

Result<void> set_pmksa(Context& context) {
  TRY(check_pmksa(context, true));
  return fail(Errc::kUnsupported);
}

Result<void> delete_pmksa(Context& context) {
  TRY(check_pmksa(context, false));
  return fail(Errc::kUnsupported);
}

Result<void> set_rekey_offload(Context& context) {
  const netlink::Attribute* nest = context.attributes().find(NL80211_ATTR_REKEY_DATA);
  if (!nest) return fail(Errc::kInvalid);
  const auto given = TRY(netlink::validate_and_parse(*nest, kRekeyPolicy, context.request.ack));
  const auto kek = given.bytes(NL80211_REKEY_DATA_KEK);
  const auto kck = given.bytes(NL80211_REKEY_DATA_KCK);
  if (!given.has(NL80211_REKEY_DATA_REPLAY_CTR) || !kek || !kck) return fail(Errc::kInvalid);
  if (kek->size() != NL80211_KEK_LEN || kck->size() != NL80211_KCK_LEN) return fail(Errc::kRange);
  if (!context.wdev().is_connected()) return fail(Errc::kNotConnected);
  return fail(Errc::kUnsupported);
}

Result<void> set_fils_aad(Context& context) {
  const auto& attributes = context.attributes();
  if (!attributes.has(NL80211_ATTR_MAC) || !attributes.has(NL80211_ATTR_FILS_KEK) ||
      !attributes.has(NL80211_ATTR_FILS_NONCES))
    return fail(Errc::kInvalid);
  return fail(Errc::kUnsupported);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_GET_WOWLAN, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_WOWLAN, .handle = no_radio_can},
    {.command = NL80211_CMD_GET_COALESCE, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_COALESCE, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_PMKSA, .handle = set_pmksa},
    {.command = NL80211_CMD_DEL_PMKSA, .handle = delete_pmksa},
    {.command = NL80211_CMD_FLUSH_PMKSA, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_PMK, .handle = no_radio_can},
    {.command = NL80211_CMD_DEL_PMK, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_REKEY_OFFLOAD, .handle = set_rekey_offload},
    {.command = NL80211_CMD_UPDATE_CONNECT_PARAMS, .handle = no_radio_can},
    {.command = NL80211_CMD_UPDATE_FT_IES, .handle = no_radio_can},
    {.command = NL80211_CMD_UPDATE_OWE_INFO, .handle = no_radio_can},
    {.command = NL80211_CMD_EXTERNAL_AUTH, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_FILS_AAD, .handle = set_fils_aad},
    {.command = NL80211_CMD_CRIT_PROTOCOL_START, .handle = no_radio_can},
    {.command = NL80211_CMD_CRIT_PROTOCOL_STOP, .handle = no_radio_can},
    {.command = NL80211_CMD_START_NAN, .handle = no_radio_can},
    {.command = NL80211_CMD_STOP_NAN, .handle = no_radio_can},
    {.command = NL80211_CMD_ADD_NAN_FUNCTION, .handle = no_radio_can},
    {.command = NL80211_CMD_DEL_NAN_FUNCTION, .handle = no_radio_can},
    {.command = NL80211_CMD_CHANGE_NAN_CONFIG, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_SAR_SPECS, .handle = no_radio_can},
    {.command = NL80211_CMD_SET_HW_TIMESTAMP, .handle = no_radio_can},
    {.command = NL80211_CMD_PEER_MEASUREMENT_START, .handle = no_radio_can},
    {.command = NL80211_CMD_GET_FTM_RESPONDER_STATS, .handle = no_radio_can},
};

}  // namespace

std::span<const Row> offload_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
