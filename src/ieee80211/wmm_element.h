// Wi-Fi Multimedia's two vendor elements, which share OUI and type and differ in subtype: the
// parameters of an AP's four access categories, and a station's statement that it speaks WMM.
// [WMM 1.2.0 2.2]
#pragma once

#include <array>
#include <cstdint>

#include "ieee80211/element.h"

namespace airloom::ieee80211 {

/// Index of an access category, in the elements' order (which is not one of priority).
enum class AccessCategory : uint8_t { kBestEffort = 0, kBackground = 1, kVideo = 2, kVoice = 3 };

/// Bits of the QoS Info octet. From an AP: parameter set count and U-APSD; from a station:
/// the U-APSD access categories.
namespace qos_info {
constexpr uint8_t kParameterSetCount = 0x0f;
constexpr uint8_t kApUapsd = 0x80;
constexpr uint8_t kStaVoice = 0x01;
constexpr uint8_t kStaVideo = 0x02;
constexpr uint8_t kStaBackground = 0x04;
constexpr uint8_t kStaBestEffort = 0x08;
}  // namespace qos_info

struct WmmInformationElement {
  static constexpr VendorType kVendorType = kVendorMicrosoftWmm;
  static constexpr uint8_t kSubtype = 0;
  uint8_t version = 1;
  uint8_t qos_info = 0;

  static Result<WmmInformationElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(kSubtype).u8(version).u8(qos_info); }
  friend bool operator==(const WmmInformationElement&, const WmmInformationElement&) = default;
};

/// The same record serves the EDCA Parameter Set. [802.11-2020 9.4.2.28]
struct AcParameters {
  uint8_t aifsn = 2;  // 2..15
  bool admission_mandatory = false;
  uint8_t aci = 0;              // which access category it is for
  uint8_t reserved = 0;         // one bit
  uint8_t cw_min_exponent = 4;  // CWmin = 2^n - 1
  uint8_t cw_max_exponent = 10;
  uint16_t txop_limit_32us = 0;

  uint16_t cw_min() const { return static_cast<uint16_t>((1u << cw_min_exponent) - 1); }
  uint16_t cw_max() const { return static_cast<uint16_t>((1u << cw_max_exponent) - 1); }
  friend bool operator==(const AcParameters&, const AcParameters&) = default;
};

struct WmmParameterElement {
  static constexpr VendorType kVendorType = kVendorMicrosoftWmm;
  static constexpr uint8_t kSubtype = 1;
  uint8_t version = 1;
  uint8_t qos_info = 0;
  uint8_t reserved = 0;
  std::array<AcParameters, 4> access_categories;  // by their place; honest senders have aci equal

  static Result<WmmParameterElement> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const WmmParameterElement&, const WmmParameterElement&) = default;
};

}  // namespace airloom::ieee80211
