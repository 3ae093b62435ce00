// Bit rates: the legacy ones as numbers in 100 kb/s, the others from MCS, streams, width and guard
// interval. The arithmetic follows the kernel's, rounding included, because programs print it.
// [802.11-2020 15.2.3.3, 17.3.2.3, 19.5, 21.5] [802.11ax-2021 27.5]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace airloom::ieee80211 {

/// 1, 2, 5.5 and 11 Mb/s, 2.4 GHz only.
inline constexpr std::array<uint16_t, 4> kDsssRates = {10, 20, 55, 110};
inline constexpr std::array<uint16_t, 8> kOfdmRates = {60, 90, 120, 180, 240, 360, 480, 540};

constexpr bool is_dsss_rate(uint32_t rate_100kbps) {
  return rate_100kbps == 10 || rate_100kbps == 20 || rate_100kbps == 55 || rate_100kbps == 110;
}
/// A legacy rate in the units of 500 kb/s that elements and radiotap use.
constexpr uint8_t to_500kbps(uint16_t rate_100kbps) {
  return static_cast<uint8_t>(rate_100kbps / 5);
}
/// Back, without the basic-rate bit.
constexpr uint16_t from_500kbps(uint8_t octet) {
  return static_cast<uint16_t>((octet & 0x7f) * 5);
}

enum class RateKind : uint8_t { kLegacy, kHt, kVht, kHe };
/// In the numbering of nl80211 too.
enum class HeGuardInterval : uint8_t { k0_8us = 0, k1_6us = 1, k3_2us = 2 };

struct Rate {
  RateKind kind = RateKind::kLegacy;
  uint16_t legacy_100kbps = 0;
  uint8_t mcs = 0;  // HT: 0..31, which includes the streams; else 0..11, HE ..13
  uint8_t nss = 1;  // VHT and HE: 1..8
  uint16_t width_mhz = 20;
  bool short_gi = false;  // HT and VHT: 400 ns
  HeGuardInterval he_gi = HeGuardInterval::k0_8us;
  bool he_dcm = false;

  friend bool operator==(const Rate&, const Rate&) = default;
};

/// 0 if there is no such rate.
uint32_t bitrate_100kbps(const Rate& rate);

/// Microseconds on the air of a legacy transmission of `octets` (FCS included), preamble and all.
/// `short_preamble` matters to DSSS above 1 Mb/s; 2.4 GHz OFDM adds its signal extension.
/// [802.11-2020 16.2.3.4, 17.4.3, 18.5.3]
uint32_t legacy_duration_us(size_t octets, uint16_t rate_100kbps, bool is_2ghz,
                            bool short_preamble);

}  // namespace airloom::ieee80211
