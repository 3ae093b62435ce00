// The keys of a protected network: which algorithms an AKM brings, the PTK and its parts, and the
// group keys. Values only; who sends and installs them is in authenticator.h and supplicant.h.
// [802.11-2020 12.7.1, 12.7.2 Table 12-8]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/writer.h"
#include "crypto/mac.h"
#include "ieee80211/rsn_element.h"

namespace airloom::sme {

using Nonce = std::array<uint8_t, 32>;

enum class KeyMicAlgorithm : uint8_t { kHmacSha1, kAesCmac };

/// How an AKM derives keys and protects EAPOL-Key frames. [802.11-2020 Table 12-8]
struct AkmProfile {
  ieee80211::SuiteSelector akm = ieee80211::akm::kPsk;
  uint8_t descriptor_version = 2;  // Key Descriptor Version; 0: the AKM says it all
  crypto::Hash hash = crypto::Hash::kSha1;
  KeyMicAlgorithm mic = KeyMicAlgorithm::kHmacSha1;

  /// @error kUnsupported  the AKM is none that airloom speaks.
  static Result<AkmProfile> of(ieee80211::SuiteSelector akm);
};

/// Octets of a temporal key; 0 for a suite that airloom does not speak.
size_t temporal_key_size(ieee80211::SuiteSelector cipher);
/// Octets of a key of BIP; 0 for any other suite.
size_t management_key_size(ieee80211::SuiteSelector cipher);

/// The pairwise transient key in its parts.
struct Ptk {
  std::array<uint8_t, 16> kck{};
  std::array<uint8_t, 16> kek{};
  Octets tk;
  friend bool operator==(const Ptk&, const Ptk&) = default;
};

/// What both ends put into the derivation; which address and nonce is whose does not matter.
struct PtkInputs {
  std::span<const uint8_t> pmk;
  MacAddress authenticator;
  MacAddress supplicant;
  Nonce anonce{};
  Nonce snonce{};
};

/// [802.11-2020 12.7.1.3]
Ptk derive_ptk(const AkmProfile& profile, size_t tk_size, const PtkInputs& inputs);

/// The MIC of an EAPOL-Key frame whose MIC field is zero. [802.11-2020 12.7.2 Table 12-8]
std::array<uint8_t, 16> key_frame_mic(const AkmProfile& profile, std::span<const uint8_t> kck,
                                      std::span<const uint8_t> frame);

/// A key of group addressed frames: GTK (id 1 to 3), IGTK (4, 5) or BIGTK (6, 7).
struct GroupKey {
  uint8_t id = 1;
  Octets key;
  std::array<uint8_t, 8> rsc{};  // last packet number sent with it, little-endian
  friend bool operator==(const GroupKey&, const GroupKey&) = default;
};

/// The keys of group addressed frames that one station of a BSS is told.
struct GroupKeys {
  GroupKey gtk;
  std::optional<GroupKey> igtk{};   // with PMF
  std::optional<GroupKey> bigtk{};  // with beacon protection

  /// Those that there are.
  std::vector<const GroupKey*> all() const;
  /// The one of that id; null: none.
  GroupKey* find(uint8_t id);
  friend bool operator==(const GroupKeys&, const GroupKeys&) = default;
};

}  // namespace airloom::sme
