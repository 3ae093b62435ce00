// What START_AP, ASSOCIATE and CONNECT may say of ciphers, key management and the control port.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

constexpr uint16_t kEthertypePae = 0x888e;
constexpr uint16_t kAkmSuitesDefaultMax = 2;  // [nl80211.h NL80211_MAX_NR_AKM_SUITES]

Result<void> check_control_port(const Capabilities& capabilities, const CryptoSettings& crypto,
                                PortId owner) {
  if (crypto.control_port_ethertype != kEthertypePae && !capabilities.control_port_ethertype)
    return fail(Errc::kInvalid);
  if (!crypto.control_port_over_nl80211) return {};
  if (owner == 0) return fail(Errc::kInvalid, "SOCKET_OWNER not set");
  if (!capabilities.has_extended_feature(NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211))
    return fail(Errc::kUnsupported);
  return {};
}

}  // namespace

bool is_valid_cipher(const Capabilities& capabilities, uint32_t cipher) {
  const auto& suites = capabilities.cipher_suites;
  return std::find(suites.begin(), suites.end(), cipher) != suites.end();
}

Result<void> check_crypto(const Wiphy& wiphy, const CryptoSettings& crypto, PortId owner,
                          size_t pairwise_max) {
  const Capabilities& capabilities = wiphy.capabilities();
  TRY(check_control_port(capabilities, crypto, owner));
  if (crypto.pairwise_ciphers.size() > pairwise_max) return fail(Errc::kInvalid);
  for (const uint32_t cipher : crypto.pairwise_ciphers)
    if (!is_valid_cipher(capabilities, cipher)) return fail(Errc::kInvalid);
  if (crypto.group_cipher != 0 && !is_valid_cipher(capabilities, crypto.group_cipher))
    return fail(Errc::kInvalid);
  constexpr uint32_t kVersions =
      NL80211_WPA_VERSION_1 | NL80211_WPA_VERSION_2 | NL80211_WPA_VERSION_3;
  if ((crypto.wpa_versions & ~kVersions) != 0) return fail(Errc::kInvalid);
  const size_t akm_max = std::max(capabilities.max_akm_suites, kAkmSuitesDefaultMax);
  if (crypto.akm_suites.size() > akm_max) return fail(Errc::kInvalid);
  return {};
}

void set_control_port(Wdev& wdev, const CryptoSettings& crypto, PortId owner) {
  wdev.control_port = {.ethertype = crypto.control_port_ethertype,
                       .over_nl80211 = crypto.control_port_over_nl80211,
                       .no_preauth = crypto.control_port_no_preauth,
                       .no_encrypt = crypto.control_port_no_encrypt,
                       .owner = owner};
}

}  // namespace airloom::cfg80211
