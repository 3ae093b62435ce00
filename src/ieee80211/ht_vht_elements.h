// High and very high throughput: what a station can do (capabilities) and what a BSS does
// (operation). Fields that nobody here reads stay in the bits they came in.
// [802.11-2020 9.4.2.55, 9.4.2.56, 9.4.2.157, 9.4.2.158, 9.4.2.165]
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ieee80211/element.h"

namespace airloom::ieee80211 {

/// Bits of the HT Capability Information. [802.11-2020 Table 9-184]
namespace ht_capability {
constexpr uint16_t kLdpc = 0x0001;
constexpr uint16_t kWidth40 = 0x0002;
constexpr uint16_t kSmPowerSave = 0x000c;  // both bits: SM power save disabled
constexpr uint16_t kGreenfield = 0x0010;
constexpr uint16_t kShortGi20 = 0x0020;
constexpr uint16_t kShortGi40 = 0x0040;
constexpr uint16_t kTxStbc = 0x0080;
constexpr uint16_t kRxStbc = 0x0300;
constexpr uint16_t kMaxAmsdu7935 = 0x0800;
constexpr uint16_t kDsssCck40 = 0x1000;
constexpr uint16_t kFortyIntolerant = 0x4000;
}  // namespace ht_capability

struct HtCapabilitiesElement {
  static constexpr ElementId kId = ElementId::kHtCapabilities;
  static constexpr size_t kLength = 26;
  uint16_t info = 0;
  uint8_t ampdu_parameters = 0;
  std::array<uint8_t, 16> mcs_set{};  // 77 receive bits, highest rate, transmit fields
  uint16_t extended = 0;
  uint32_t beamforming = 0;
  uint8_t antenna_selection = 0;

  static Result<HtCapabilitiesElement> parse(Reader reader);
  void emit(Writer& writer) const;

  bool receives_mcs(uint8_t index) const {
    return index < 77 && (mcs_set[index / 8] >> (index % 8) & 1) != 0;
  }
  /// The longest A-MPDU it takes, in octets.
  uint32_t max_ampdu_length() const { return (1u << (13 + (ampdu_parameters & 3))) - 1; }
  friend bool operator==(const HtCapabilitiesElement&, const HtCapabilitiesElement&) = default;
};

struct HtOperationElement {
  static constexpr ElementId kId = ElementId::kHtOperation;
  static constexpr size_t kLength = 22;
  static constexpr uint8_t kSecondaryOffset = 0x03;  // in octet 0: 0 none, 1 above, 3 below
  static constexpr uint8_t kAnyWidth = 0x04;         // in octet 0
  uint8_t primary_channel = 0;
  std::array<uint8_t, 5> info{};
  std::array<uint8_t, 16> basic_mcs_set{};

  static Result<HtOperationElement> parse(Reader reader);
  void emit(Writer& writer) const;

  uint8_t secondary_offset() const { return info[0] & kSecondaryOffset; }
  /// Octets 1 and 2, whose lowest bits are the protection.
  uint16_t operation_mode() const { return static_cast<uint16_t>(info[1] | info[2] << 8); }
  /// 0 to 3: how much protection legacy stations need. [802.11-2020 Table 9-190]
  uint8_t protection() const { return info[1] & 0x03; }
  friend bool operator==(const HtOperationElement&, const HtOperationElement&) = default;
};

/// Two bits per spatial stream: 0 MCS 0-7, 1 MCS 0-8, 2 MCS 0-9, 3 none.
/// [802.11-2020 9.4.2.157.3]
struct VhtMcsMap {
  uint16_t bits = 0xffff;

  /// The highest MCS with `nss` (1..8) streams, nothing if that many are not supported.
  std::optional<uint8_t> max_mcs(int nss) const;
  /// The number of streams with any MCS.
  int streams() const;
  friend bool operator==(VhtMcsMap, VhtMcsMap) = default;
};

struct VhtCapabilitiesElement {
  static constexpr ElementId kId = ElementId::kVhtCapabilities;
  static constexpr size_t kLength = 12;
  static constexpr uint32_t kMaxMpduLength = 0x00000003;  // 3895, 7991, 11454 octets
  static constexpr uint32_t kWidthSet = 0x0000000c;       // 1: 160; 2: 160 and 80+80
  static constexpr uint32_t kShortGi80 = 0x00000020;
  static constexpr uint32_t kShortGi160 = 0x00000040;
  uint32_t info = 0;
  VhtMcsMap rx_map;
  uint16_t rx_highest = 0;  // Mb/s in 13 bits, and three bits more
  VhtMcsMap tx_map;
  uint16_t tx_highest = 0;

  static Result<VhtCapabilitiesElement> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const VhtCapabilitiesElement&, const VhtCapabilitiesElement&) = default;
};

struct VhtOperationElement {
  static constexpr ElementId kId = ElementId::kVhtOperation;
  static constexpr size_t kLength = 5;
  uint8_t width = 0;  // 0: 20 or 40; 1: 80 and more; 2 and 3: the older 160 and 80+80
  uint8_t center0 = 0;
  uint8_t center1 = 0;
  VhtMcsMap basic_map;

  static Result<VhtOperationElement> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const VhtOperationElement&, const VhtOperationElement&) = default;
};

struct OperatingModeNotificationElement {
  static constexpr ElementId kId = ElementId::kOperatingModeNotification;
  uint8_t mode = 0;

  static Result<OperatingModeNotificationElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(mode); }

  int width_mhz() const { return 20 << (mode & 3); }
  int rx_streams() const { return (mode >> 4 & 7) + 1; }
  /// Whether rx_streams() is about beamformed frames only.
  bool is_beamforming_type() const { return (mode & 0x80) != 0; }
  friend bool operator==(const OperatingModeNotificationElement&,
                         const OperatingModeNotificationElement&) = default;
};

}  // namespace airloom::ieee80211
