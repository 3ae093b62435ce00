// The RSN element: what a BSS offers, or a station chooses, as ciphers and key management; and
// the Management MIC element that BIP appends. Suites are selectors, OUI and type in one number.
// [802.11-2020 9.4.2.24, 9.4.2.54]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "ieee80211/element.h"

namespace airloom::ieee80211 {

/// OUI and type, 00:0f:ac type 4 is 0x000fac04, as nl80211 has them too.
using SuiteSelector = uint32_t;

/// [802.11-2020 Table 9-149]
namespace cipher {
constexpr SuiteSelector kUseGroup = 0x000fac00;
constexpr SuiteSelector kWep40 = 0x000fac01;
constexpr SuiteSelector kTkip = 0x000fac02;
constexpr SuiteSelector kCcmp128 = 0x000fac04;
constexpr SuiteSelector kWep104 = 0x000fac05;
constexpr SuiteSelector kBipCmac128 = 0x000fac06;
constexpr SuiteSelector kNoGroupAddressed = 0x000fac07;
constexpr SuiteSelector kGcmp128 = 0x000fac08;
constexpr SuiteSelector kGcmp256 = 0x000fac09;
constexpr SuiteSelector kCcmp256 = 0x000fac0a;
constexpr SuiteSelector kBipGmac128 = 0x000fac0b;
constexpr SuiteSelector kBipGmac256 = 0x000fac0c;
constexpr SuiteSelector kBipCmac256 = 0x000fac0d;
}  // namespace cipher

/// [802.11-2020 Table 9-151]
namespace akm {
constexpr SuiteSelector kIeee8021x = 0x000fac01;
constexpr SuiteSelector kPsk = 0x000fac02;
constexpr SuiteSelector kFtIeee8021x = 0x000fac03;
constexpr SuiteSelector kFtPsk = 0x000fac04;
constexpr SuiteSelector kIeee8021xSha256 = 0x000fac05;
constexpr SuiteSelector kPskSha256 = 0x000fac06;
constexpr SuiteSelector kTdls = 0x000fac07;
constexpr SuiteSelector kSae = 0x000fac08;
constexpr SuiteSelector kFtSae = 0x000fac09;
constexpr SuiteSelector kSuiteB = 0x000fac0b;
constexpr SuiteSelector kSuiteB192 = 0x000fac0c;
constexpr SuiteSelector kFtIeee8021xSha384 = 0x000fac0d;
constexpr SuiteSelector kFilsSha256 = 0x000fac0e;
constexpr SuiteSelector kFilsSha384 = 0x000fac0f;
constexpr SuiteSelector kOwe = 0x000fac12;
constexpr SuiteSelector kSaeExtendedKey = 0x000fac18;
constexpr SuiteSelector kFtSaeExtendedKey = 0x000fac19;
}  // namespace akm

using Pmkid = std::array<uint8_t, 16>;

/// What the sender left out at the end has the standard's default (CCMP, 802.1X, no capabilities).
struct RsnElement {
  static constexpr ElementId kId = ElementId::kRsn;
  static constexpr uint16_t kPreauthentication = 0x0001;
  static constexpr uint16_t kNoPairwise = 0x0002;
  static constexpr uint16_t kMfpRequired = 0x0040;
  static constexpr uint16_t kMfpCapable = 0x0080;
  static constexpr uint16_t kPeerKey = 0x0200;
  static constexpr uint16_t kExtendedKeyId = 0x2000;
  static constexpr uint16_t kOcvc = 0x4000;

  uint16_t version = 1;
  SuiteSelector group = cipher::kCcmp128;
  std::vector<SuiteSelector> pairwise{cipher::kCcmp128};
  std::vector<SuiteSelector> akms{akm::kIeee8021x};
  uint16_t capabilities = 0;
  std::vector<Pmkid> pmkids;
  std::optional<SuiteSelector> group_management;  // none: BIP-CMAC-128, if PMF is used at all

  /// @error kTruncated   it ends within a field
  /// @error kUnsupported a version but 1
  static Result<RsnElement> parse(Reader reader);
  /// Writes up to the capabilities always, and further as far as there is something to say.
  void emit(Writer& writer) const;
  /// Octets that emit() writes; an element has room for 255.
  size_t body_length() const;

  bool mfp_capable() const { return (capabilities & kMfpCapable) != 0; }
  bool mfp_required() const { return (capabilities & kMfpRequired) != 0; }
  bool offers_pairwise(SuiteSelector suite) const;
  bool offers_akm(SuiteSelector suite) const;
  friend bool operator==(const RsnElement&, const RsnElement&) = default;
};

/// [802.11-2020 9.4.2.54]
struct ManagementMicElement {
  static constexpr ElementId kId = ElementId::kManagementMic;
  /// Whole lengths of the element: header, key id, packet number and MIC.
  static constexpr size_t kLength8 = 18;
  static constexpr size_t kLength16 = 26;

  uint16_t key_id = 0;
  std::array<uint8_t, 6> packet_number{};  // little-endian
  Octets mic;                              // 8 octets (CMAC-128) or 16

  /// @error kMalformed  the MIC is neither 8 nor 16 octets
  static Result<ManagementMicElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.le16(key_id).bytes(packet_number).bytes(mic); }
  friend bool operator==(const ManagementMicElement&, const ManagementMicElement&) = default;
};

}  // namespace airloom::ieee80211
