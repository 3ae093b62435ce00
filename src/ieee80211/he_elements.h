// High efficiency (802.11ax): capabilities and operation. Bodies whose layout depends on bits
// within are kept as octets, with the parts that rates need picked out.
// [802.11ax-2021 9.4.2.248, 9.4.2.249]
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ieee80211/element.h"

namespace airloom::ieee80211 {

/// Two bits per spatial stream: 0 MCS 0-7, 1 MCS 0-9, 2 MCS 0-11, 3 none.
struct HeMcsMap {
  uint16_t bits = 0xffff;

  /// The highest MCS with `nss` (1..8) streams, nothing if that many are not supported.
  std::optional<uint8_t> max_mcs(int nss) const;
  int streams() const;
  friend bool operator==(HeMcsMap, HeMcsMap) = default;
};

struct HeMcsPair {
  HeMcsMap rx;
  HeMcsMap tx;
  friend bool operator==(HeMcsPair, HeMcsPair) = default;
};

struct HeCapabilitiesElement {
  static constexpr ElementExtensionId kExtensionId = ElementExtensionId::kHeCapabilities;
  // Bits of the first octet of `phy`. [802.11ax-2021 9.4.2.248.3]
  static constexpr uint8_t kWidth40In2GHz = 0x02;
  static constexpr uint8_t kWidth40And80In5GHz = 0x04;
  static constexpr uint8_t kWidth160 = 0x08;
  static constexpr uint8_t kWidth80Plus80 = 0x10;

  std::array<uint8_t, 6> mac{};
  std::array<uint8_t, 11> phy{};
  HeMcsPair up_to_80;
  std::optional<HeMcsPair> at_160;  // there exactly if phy says so
  std::optional<HeMcsPair> at_80_plus_80;
  Octets ppe_thresholds;  // uninterpreted

  static Result<HeCapabilitiesElement> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const HeCapabilitiesElement&, const HeCapabilitiesElement&) = default;
};

struct HeOperationElement {
  static constexpr ElementExtensionId kExtensionId = ElementExtensionId::kHeOperation;
  std::array<uint8_t, 3> parameters{};
  uint8_t bss_color = 0;  // with its two flag bits
  HeMcsMap basic_map;
  Octets rest;  // VHT Operation Information, co-hosted BSSID indicator, 6 GHz information

  uint8_t color() const { return bss_color & 0x3f; }
  static Result<HeOperationElement> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const HeOperationElement&, const HeOperationElement&) = default;
};

}  // namespace airloom::ieee80211
