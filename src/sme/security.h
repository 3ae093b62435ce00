// What a protected network is to be, as access point and station are told, and what of it both ends
// of an association then use. Names and numbers are those of hostapd.conf and wpa_supplicant.conf.
// [802.11-2020 12.6.3, 12.6.19]
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bytes/writer.h"
#include "ieee80211/rsn_element.h"
#include "ieee80211/status_code.h"

namespace airloom::sme {

/// Whether management frames are protected: ieee80211w.
enum class Pmf : uint8_t { kOff, kCapable, kRequired };

/// By which method SAE finds the password element: sae_pwe.
enum class SaePwe : uint8_t { kHunting, kHashToElement, kBoth };

struct Security {
  std::array<uint8_t, 32> psk{};  // for the PSK AKMs
  Octets sae_password{};          // for SAE
  SaePwe sae_pwe = SaePwe::kBoth;
  std::vector<uint16_t> sae_groups{19};  // the preferred first
  std::vector<ieee80211::SuiteSelector> akms{ieee80211::akm::kPsk};
  Pmf pmf = Pmf::kOff;
  /// rsn_pairwise of an access point, pairwise of a station; an access point's weakest, its last,
  /// is also the group cipher.
  std::vector<ieee80211::SuiteSelector> pairwise{ieee80211::cipher::kCcmp128};
  /// group_mgmt_cipher: one of BIP's, the access point's choice.
  ieee80211::SuiteSelector group_management = ieee80211::cipher::kBipCmac128;
  bool beacon_protection = false;  // beacon_prot; goes with PMF and a radio that can

  bool has_sae() const { return std::ranges::find(akms, ieee80211::akm::kSae) != akms.end(); }
};

/// The RSN element that an access point offers.
ieee80211::RsnElement offer_rsn(const Security& security);

/// What a station answers to a BSS's RSN element: the best AKM and pairwise cipher that both have,
/// with the BSS's group ciphers.
/// @error kUnsupported  the BSS does not offer that.
Result<ieee80211::RsnElement> choose_rsn(const ieee80211::RsnElement& offered,
                                         const Security& security);

/// Whether an access point takes what a station chose.
/// @param element  the station's RSN element, whole; empty: it sent none.
ieee80211::StatusCode check_rsn(std::span<const uint8_t> element,
                                const ieee80211::RsnElement& offered);

/// The group management cipher of an association; none: it goes without PMF.
std::optional<ieee80211::SuiteSelector> negotiated_pmf(const ieee80211::RsnElement& offered,
                                                       const ieee80211::RsnElement& chosen);

/// Whether a BSS with that RSN extension element (whole; empty: none) takes hash-to-element.
/// [802.11-2020 9.4.2.241]
bool offers_hash_to_element(std::span<const uint8_t> rsnx_element);
/// The RSN extension element of either end; empty: it has nothing to say.
Octets rsnx_element_of(const Security& security);

/// The whole element.
Octets emit_rsn(const ieee80211::RsnElement& rsn);

}  // namespace airloom::sme
