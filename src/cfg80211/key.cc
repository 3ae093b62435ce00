// Keys: which index, cipher, length and mode fit, and who may have one now.
#include <linux/nl80211.h>

#include "cfg80211/internal.h"
#include "cfg80211/wep.h"

namespace airloom::cfg80211 {

namespace {

// [802.11-2020 Table 9-149]
enum Cipher : uint32_t {
  kWep40 = 0x000fac01,
  kTkip = 0x000fac02,
  kCcmp128 = 0x000fac04,
  kWep104 = 0x000fac05,
  kBipCmac128 = 0x000fac06,
  kGcmp128 = 0x000fac08,
  kGcmp256 = 0x000fac09,
  kCcmp256 = 0x000fac0a,
  kBipGmac128 = 0x000fac0b,
  kBipGmac256 = 0x000fac0c,
  kBipCmac256 = 0x000fac0d,
};

/// Octets of key, 0 for a cipher we do not know.
size_t key_length(uint32_t cipher) {
  switch (cipher) {
    case kWep40:
      return 5;
    case kWep104:
      return 13;
    case kCcmp128:
    case kGcmp128:
    case kBipCmac128:
    case kBipGmac128:
      return 16;
    case kTkip:
    case kCcmp256:
    case kGcmp256:
    case kBipCmac256:
    case kBipGmac256:
      return 32;
    default:
      return 0;
  }
}

bool has_counter(uint32_t cipher) {
  return cipher != kWep40 && cipher != kWep104;
}

bool is_valid_index(const Capabilities& capabilities, const KeySlot& slot) {
  int max = 5;
  if (capabilities.has_extended_feature(NL80211_EXT_FEATURE_BEACON_PROTECTION) ||
      capabilities.has_extended_feature(NL80211_EXT_FEATURE_BEACON_PROTECTION_CLIENT))
    max = 7;
  if (slot.pairwise) max = 3;
  return slot.index <= max;
}

bool fits_cipher(const Capabilities& capabilities, const KeySlot& slot, const KeyParams& params) {
  const bool extended_id = capabilities.has_extended_feature(NL80211_EXT_FEATURE_EXT_KEY_ID);
  switch (params.cipher) {
    case kTkip:
      return !(slot.pairwise && slot.index != 0) && params.mode == NL80211_KEY_RX_TX;
    case kCcmp128:
    case kCcmp256:
    case kGcmp128:
    case kGcmp256:
      if (params.mode == NL80211_KEY_SET_TX) return false;
      if (params.mode == NL80211_KEY_NO_TX && !slot.pairwise) return false;
      return !slot.pairwise || slot.index <= (extended_id ? 1 : 0);
    case kBipCmac128:
    case kBipCmac256:
    case kBipGmac128:
    case kBipGmac256:
      return !slot.pairwise && slot.index >= 4;
    case kWep40:
    case kWep104:
      return slot.index <= 3;
    default:
      return true;
  }
}

bool is_valid(const Capabilities& capabilities, const KeySlot& slot, const KeyParams& params) {
  if (!is_valid_index(capabilities, slot)) return false;
  if (!slot.pairwise && slot.peer && !capabilities.ibss_rsn) return false;
  if (slot.pairwise && !slot.peer) return false;
  if (!fits_cipher(capabilities, slot, params)) return false;
  const size_t length = key_length(params.cipher);
  if (length != 0 && params.key.size() != length) return false;
  if (!params.sequence.empty() && length != 0 &&
      (!has_counter(params.cipher) || params.sequence.size() != 6))
    return false;
  return is_valid_cipher(capabilities, params.cipher);
}

/// Whether the interface is in a state to have keys.
Result<void> check_allowed(const Wdev& wdev) {
  switch (wdev.type()) {
    case InterfaceType::kAp:
    case InterfaceType::kApVlan:
    case InterfaceType::kP2pGo:
    case InterfaceType::kMeshPoint:
      return {};
    case InterfaceType::kStation:
    case InterfaceType::kP2pClient:
      if (wdev.is_connected()) return {};
      return fail(Errc::kNoLink);
    case InterfaceType::kAdhoc:
      return fail(Errc::kNoLink);
    case InterfaceType::kUnspecified:
    case InterfaceType::kWds:
    case InterfaceType::kMonitor:
    case InterfaceType::kP2pDevice:
    case InterfaceType::kOcb:
    case InterfaceType::kNan:
      return fail(Errc::kInvalid);
  }
  return fail(Errc::kInvalid);
}

/// No interface of ours has several links yet, so none may be named.
Result<void> check_link(const KeySlot& slot) {
  if (!slot.link) return {};
  return fail(Errc::kInvalid, slot.pairwise ? "link ID not allowed for pairwise key"
                                            : "link ID not allowed for non-MLO group key");
}

}  // namespace

Result<void> check_wep_key(const Wiphy& wiphy, uint8_t index, const KeyParams& params) {
  if (!is_valid(wiphy.capabilities(), {.index = index}, params)) return fail(Errc::kInvalid);
  if (params.cipher != kWep40 && params.cipher != kWep104)
    return fail(Errc::kInvalid, "connect key must be WEP");
  return {};
}

Result<void> new_key(Wdev& wdev, const KeySlot& slot, const KeyParams& params) {
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  if (params.key.empty()) return fail(Errc::kInvalid, "no key");
  if (!is_valid(capabilities, slot, params))
    return fail(Errc::kInvalid, "key setting validation failed");
  if (auto allowed = check_allowed(wdev); !allowed)
    return fail(allowed.error().code, "key not allowed");
  TRY(check_link(slot));
  if (auto added = wdev.wiphy().ops().add_key(wdev, slot, params); !added)
    return fail(added.error().code, "key addition failed");
  return {};
}

Result<void> delete_key(Wdev& wdev, const KeySlot& slot) {
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  if (!is_valid_index(capabilities, slot)) return fail(Errc::kInvalid);
  auto allowed = check_allowed(wdev);
  if (!slot.pairwise && slot.peer && !capabilities.ibss_rsn) allowed = fail(Errc::kNotFound);
  TRY(allowed);
  TRY(check_link(slot));
  return wdev.wiphy().ops().delete_key(wdev, slot);
}

Result<KeyReport> get_key(Wdev& wdev, const KeySlot& slot) {
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  const bool bigtk = capabilities.has_extended_feature(NL80211_EXT_FEATURE_BEACON_PROTECTION) ||
                     (is_station(wdev.type()) && capabilities.has_extended_feature(
                                                     NL80211_EXT_FEATURE_BEACON_PROTECTION_CLIENT));
  if ((slot.index == 6 || slot.index == 7) && !bigtk)
    return fail(Errc::kInvalid, "BIGTK not supported");
  if (!slot.pairwise && slot.peer && !capabilities.ibss_rsn) return fail(Errc::kNotFound);
  TRY(check_link(slot));
  return wdev.wiphy().ops().get_key(wdev, slot);
}

Result<void> set_default_key(Wdev& wdev, uint8_t index, bool unicast, bool multicast) {
  if (index > 3) return fail(Errc::kInvalid, "def key idx not 0-3");
  TRY(check_allowed(wdev));
  return wdev.wiphy().ops().set_default_key(wdev, index, unicast, multicast);
}

Result<void> set_default_management_key(Wdev& wdev, uint8_t index) {
  if (index != 4 && index != 5) return fail(Errc::kInvalid, "defmgmt key idx not 4 or 5");
  TRY(check_allowed(wdev));
  return wdev.wiphy().ops().set_default_management_key(wdev, index);
}

Result<void> set_default_beacon_key(Wdev& wdev, uint8_t index) {
  if (index != 6 && index != 7) return fail(Errc::kInvalid, "defbeacon key idx not 6 or 7");
  TRY(check_allowed(wdev));
  return wdev.wiphy().ops().set_default_beacon_key(wdev, index);
}

void michael_mic_failure(Wdev& wdev, const MacAddress& sender, bool pairwise, uint8_t key_index) {
  wdev.wiphy().host().events().michael_mic_failure(wdev, sender, pairwise, key_index, {});
}

}  // namespace airloom::cfg80211
