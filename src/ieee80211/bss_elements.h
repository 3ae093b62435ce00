// Small elements of a BSS: its name, rates, country, protection, channel switch and limits.
// Each is the element's body as a value (element.h has the header). [802.11-2020 9.4.2]
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ieee80211/element.h"

namespace airloom::ieee80211 {

/// 0 (the wildcard) to 32 octets, of no particular encoding. [802.11-2020 9.4.2.2]
struct SsidElement {
  static constexpr ElementId kId = ElementId::kSsid;
  static constexpr size_t kMaxLength = 32;
  Octets ssid;

  static Result<SsidElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.bytes(ssid); }
  bool is_wildcard() const { return ssid.empty(); }
  friend bool operator==(const SsidElement&, const SsidElement&) = default;
};

/// A rate octet: 500 kb/s units, the high bit marks it basic (mandatory in the BSS).
/// [802.11-2020 9.4.2.3]
struct RateOctet {
  static constexpr uint8_t kBasic = 0x80;
  // BSS membership selectors: not rates, but "join only if you know this". [Table 9-93]
  static constexpr uint8_t kHtPhy = 127;
  static constexpr uint8_t kVhtPhy = 126;
  static constexpr uint8_t kHePhy = 122;
  static constexpr uint8_t kSaeHashToElementOnly = 123;
};

/// Rates as octets, in the sender's order; more than 8 go into the extended element.
struct SupportedRatesElement {
  static constexpr ElementId kId = ElementId::kSupportedRates;
  Octets rates;

  static Result<SupportedRatesElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.bytes(rates); }
  friend bool operator==(const SupportedRatesElement&, const SupportedRatesElement&) = default;
};

/// [802.11-2020 9.4.2.12]
struct ExtendedSupportedRatesElement {
  static constexpr ElementId kId = ElementId::kExtendedSupportedRates;
  Octets rates;

  static Result<ExtendedSupportedRatesElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.bytes(rates); }
  friend bool operator==(const ExtendedSupportedRatesElement&,
                         const ExtendedSupportedRatesElement&) = default;
};

/// Writes rates as one or both elements: the first eight, then the rest.
void emit_rates(Writer& writer, std::span<const uint8_t> rates);
/// The rate octets of both elements of a frame, in order.
Octets find_rates(std::span<const uint8_t> elements);

/// [802.11-2020 9.4.2.4]
struct DsParameterSetElement {
  static constexpr ElementId kId = ElementId::kDsParameterSet;
  uint8_t channel = 0;

  static Result<DsParameterSetElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(channel); }
  friend bool operator==(const DsParameterSetElement&, const DsParameterSetElement&) = default;
};

/// [802.11-2020 9.4.2.8]
struct CountryElement {
  static constexpr ElementId kId = ElementId::kCountry;
  struct Triplet {
    uint8_t first_channel = 0;  // 201 and above: an operating triplet, whose fields differ
    uint8_t channels = 0;
    uint8_t max_power_dbm = 0;
    friend bool operator==(const Triplet&, const Triplet&) = default;
  };
  std::array<uint8_t, 3> country{};  // two letters and an environment octet
  std::vector<Triplet> triplets;

  /// A padding octet is accepted, and written where the length would be odd.
  static Result<CountryElement> parse(Reader reader);
  void emit(Writer& writer) const;
  friend bool operator==(const CountryElement&, const CountryElement&) = default;
};

/// [802.11-2020 9.4.2.11]
struct ErpElement {
  static constexpr ElementId kId = ElementId::kErp;
  static constexpr uint8_t kNonErpPresent = 0x01;
  static constexpr uint8_t kUseProtection = 0x02;
  static constexpr uint8_t kBarkerPreamble = 0x04;
  uint8_t bits = 0;

  static Result<ErpElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(bits); }
  friend bool operator==(const ErpElement&, const ErpElement&) = default;
};

/// [802.11-2020 9.4.2.13]
struct PowerConstraintElement {
  static constexpr ElementId kId = ElementId::kPowerConstraint;
  uint8_t reduction_db = 0;

  static Result<PowerConstraintElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(reduction_db); }
  friend bool operator==(const PowerConstraintElement&, const PowerConstraintElement&) = default;
};

/// [802.11-2020 9.4.2.18]
struct ChannelSwitchAnnouncementElement {
  static constexpr ElementId kId = ElementId::kChannelSwitchAnnouncement;
  uint8_t mode = 0;  // 1: transmit nothing until the switch
  uint8_t new_channel = 0;
  uint8_t count = 0;  // beacons until the switch; 0 or 1: before the next one

  static Result<ChannelSwitchAnnouncementElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(mode).u8(new_channel).u8(count); }
  friend bool operator==(const ChannelSwitchAnnouncementElement&,
                         const ChannelSwitchAnnouncementElement&) = default;
};

/// [802.11-2020 9.4.2.52]
struct ExtendedChannelSwitchElement {
  static constexpr ElementId kId = ElementId::kExtendedChannelSwitchAnnouncement;
  uint8_t mode = 0;
  uint8_t operating_class = 0;
  uint8_t new_channel = 0;
  uint8_t count = 0;

  static Result<ExtendedChannelSwitchElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(mode).u8(operating_class).u8(new_channel).u8(count); }
  friend bool operator==(const ExtendedChannelSwitchElement&,
                         const ExtendedChannelSwitchElement&) = default;
};

/// [802.11-2020 9.4.2.19]
struct SecondaryChannelOffsetElement {
  static constexpr ElementId kId = ElementId::kSecondaryChannelOffset;
  uint8_t offset = 0;  // 0: none, 1: above, 3: below

  static Result<SecondaryChannelOffsetElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(offset); }
  friend bool operator==(const SecondaryChannelOffsetElement&,
                         const SecondaryChannelOffsetElement&) = default;
};

/// [802.11-2020 9.4.2.160]
struct WideBandwidthChannelSwitchElement {
  static constexpr ElementId kId = ElementId::kWideBandwidthChannelSwitch;
  uint8_t width = 0;
  uint8_t center0 = 0;
  uint8_t center1 = 0;

  static Result<WideBandwidthChannelSwitchElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(width).u8(center0).u8(center1); }
  friend bool operator==(const WideBandwidthChannelSwitchElement&,
                         const WideBandwidthChannelSwitchElement&) = default;
};

/// Bits counted from 0, of any length. [802.11-2020 9.4.2.26]
struct ExtendedCapabilitiesElement {
  static constexpr ElementId kId = ElementId::kExtendedCapabilities;
  static constexpr size_t kExtendedChannelSwitching = 2;
  static constexpr size_t kBssTransition = 19;
  static constexpr size_t kMultipleBssid = 22;
  static constexpr size_t kOperatingModeNotification = 62;
  static constexpr size_t kBeaconProtection = 84;
  Octets octets;

  static Result<ExtendedCapabilitiesElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.bytes(octets); }
  bool has(size_t bit) const {
    return bit / 8 < octets.size() && (octets[bit / 8] >> (bit % 8) & 1) != 0;
  }
  /// Sets a bit below 2040, growing the field as far as it needs.
  void set(size_t bit);
  friend bool operator==(const ExtendedCapabilitiesElement&,
                         const ExtendedCapabilitiesElement&) = default;
};

/// [802.11-2020 9.4.2.78]
struct BssMaxIdlePeriodElement {
  static constexpr ElementId kId = ElementId::kBssMaxIdlePeriod;
  static constexpr uint8_t kProtectedKeepAlive = 0x01;
  uint16_t period_1000_tu = 0;
  uint8_t options = 0;

  static Result<BssMaxIdlePeriodElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.le16(period_1000_tu).u8(options); }
  friend bool operator==(const BssMaxIdlePeriodElement&, const BssMaxIdlePeriodElement&) = default;
};

/// [802.11-2020 9.4.2.48]
struct TimeoutIntervalElement {
  static constexpr ElementId kId = ElementId::kTimeoutInterval;
  static constexpr uint8_t kReassociationDeadline = 1;
  static constexpr uint8_t kKeyLifetime = 2;          // seconds
  static constexpr uint8_t kAssociationComeback = 3;  // TU
  uint8_t type = 0;
  uint32_t value = 0;

  static Result<TimeoutIntervalElement> parse(Reader reader);
  void emit(Writer& writer) const { writer.u8(type).le32(value); }
  friend bool operator==(const TimeoutIntervalElement&, const TimeoutIntervalElement&) = default;
};

}  // namespace airloom::ieee80211
