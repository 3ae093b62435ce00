// The part of the spectrum that a transmission fills or a receiver listens to. Frequencies only:
// bands and channel numbers are ieee80211's.
#pragma once

#include <algorithm>
#include <cstdint>

namespace airloom::medium {

struct Channel {
  uint32_t primary_khz = 0;  ///< the centre of the primary channel
  uint32_t center_khz = 0;   ///< the centre of the whole, or of its first segment
  uint32_t width_khz = 0;    ///< of the whole, or of one segment
  uint32_t center2_khz = 0;  ///< the second segment of 80+80 MHz, else 0

  friend bool operator==(const Channel&, const Channel&) = default;

  /// A channel that is its own primary channel.
  static Channel of(uint32_t center_khz, uint32_t width_khz = 20'000) {
    return {center_khz, center_khz, width_khz, 0};
  }
};

/// Whether energy sent on one channel is felt on the other.
inline bool overlaps(const Channel& a, const Channel& b) {
  const uint32_t reach = (a.width_khz + b.width_khz) / 2;
  auto near = [reach](uint32_t x, uint32_t y) {
    return x != 0 && y != 0 && std::max(x, y) - std::min(x, y) < reach;
  };
  return near(a.center_khz, b.center_khz) || near(a.center_khz, b.center2_khz) ||
         near(a.center2_khz, b.center_khz) || near(a.center2_khz, b.center2_khz);
}

}  // namespace airloom::medium
