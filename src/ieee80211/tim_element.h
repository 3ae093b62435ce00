// The Traffic Indication Map: which sleeping stations an AP holds frames for.
// The value carries the map as on the air, a slice of the virtual bitmap, so that it round-trips;
// from_aids() builds the shortest slice. [802.11-2020 9.4.2.5]
#pragma once

#include <cstdint>
#include <set>

#include "ieee80211/element.h"

namespace airloom::ieee80211 {

constexpr uint16_t kMaxAid = 2007;

struct TimElement {
  static constexpr ElementId kId = ElementId::kTim;
  uint8_t dtim_count = 0;   // 0: this beacon is a DTIM
  uint8_t dtim_period = 1;  // not 0 on an honest air; parse() takes what comes
  uint8_t bitmap_control = 0;
  Octets bitmap;

  /// The map of these AIDs (1..kMaxAid); `group` says that group frames follow this DTIM.
  static TimElement from_aids(uint8_t dtim_count, uint8_t dtim_period, bool group,
                              const std::set<uint16_t>& aids);

  static Result<TimElement> parse(Reader reader);
  void emit(Writer& writer) const;

  bool group_traffic() const { return (bitmap_control & 1) != 0; }
  /// Whether the AP holds frames for the station with this AID.
  bool has(uint16_t aid) const;
  /// The same of an element's body, for who looks at every beacon.
  static bool has(std::span<const uint8_t> body, uint16_t aid);
  friend bool operator==(const TimElement&, const TimElement&) = default;
};

}  // namespace airloom::ieee80211
