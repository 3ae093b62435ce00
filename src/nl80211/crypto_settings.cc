#include "nl80211/crypto_settings.h"

#include <linux/nl80211.h>

namespace airloom::nl80211 {
namespace {

/// A list of cipher or AKM suites, each a u32.
Result<std::vector<uint32_t>> parse_suites(const netlink::AttributeTable& attributes,
                                           uint16_t type) {
  std::vector<uint32_t> suites;
  const auto octets = attributes.bytes(type);
  if (!octets) return suites;
  if (octets->size() % sizeof(uint32_t) != 0) return fail(Errc::kInvalid);
  for (size_t i = 0; i < octets->size(); i += sizeof(uint32_t)) {
    uint32_t suite;
    std::memcpy(&suite, octets->data() + i, sizeof suite);
    suites.push_back(suite);
  }
  return suites;
}

/// A PMK or a password is for radios that run the handshake themselves.
Result<void> check_secrets(const Context& context) {
  const auto& can = context.wiphy().capabilities();
  const auto pmk = context.attributes().bytes(NL80211_ATTR_PMK);
  const bool takes_pmk = can.has_extended_feature(NL80211_EXT_FEATURE_4WAY_HANDSHAKE_STA_PSK) ||
                         can.has_extended_feature(NL80211_EXT_FEATURE_4WAY_HANDSHAKE_AP_PSK);
  if (pmk && (pmk->size() != 32 || !takes_pmk)) return fail(Errc::kInvalid);
  const bool takes_password = can.has_extended_feature(NL80211_EXT_FEATURE_SAE_OFFLOAD) ||
                              can.has_extended_feature(NL80211_EXT_FEATURE_SAE_OFFLOAD_AP);
  if (context.attributes().has(NL80211_ATTR_SAE_PASSWORD) && !takes_password)
    return fail(Errc::kInvalid);
  return {};
}

}  // namespace

Octets octets_of(const netlink::AttributeTable& attributes, uint16_t type) {
  const auto octets = attributes.bytes(type);
  return octets ? Octets(octets->begin(), octets->end()) : Octets();
}

Result<cfg80211::CryptoSettings> parse_crypto(const Context& context) {
  const auto& attributes = context.attributes();
  cfg80211::CryptoSettings crypto;
  crypto.control_port = attributes.has(NL80211_ATTR_CONTROL_PORT);
  if (const auto ethertype = attributes.u16(NL80211_ATTR_CONTROL_PORT_ETHERTYPE)) {
    constexpr uint16_t kEapol = 0x888e;
    if (*ethertype != kEapol && !context.wdev().wiphy().capabilities().control_port_ethertype)
      return fail(Errc::kInvalid);
    crypto.control_port_ethertype = *ethertype;
    crypto.control_port_no_encrypt = attributes.has(NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT);
  }
  crypto.control_port_over_nl80211 = attributes.has(NL80211_ATTR_CONTROL_PORT_OVER_NL80211);
  crypto.control_port_no_preauth = attributes.has(NL80211_ATTR_CONTROL_PORT_NO_PREAUTH);
  crypto.wpa_versions = attributes.u32(NL80211_ATTR_WPA_VERSIONS).value_or(0);
  crypto.group_cipher = attributes.u32(NL80211_ATTR_CIPHER_SUITE_GROUP).value_or(0);
  crypto.pairwise_ciphers = TRY(parse_suites(attributes, NL80211_ATTR_CIPHER_SUITES_PAIRWISE));
  crypto.akm_suites = TRY(parse_suites(attributes, NL80211_ATTR_AKM_SUITES));
  TRY(check_secrets(context));
  crypto.psk = octets_of(attributes, NL80211_ATTR_PMK);
  crypto.sae_pwe = attributes.u8(NL80211_ATTR_SAE_PWE).value_or(0);
  return crypto;
}

}  // namespace airloom::nl80211
