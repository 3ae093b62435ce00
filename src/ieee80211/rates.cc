#include "ieee80211/rates.h"

#include <optional>

namespace airloom::ieee80211 {
namespace {

/// Coded bits per subcarrier times code rate, in twelfths, by MCS. [802.11ax-2021 27.5]
constexpr std::array<uint32_t, 12> kTwelfths = {6, 12, 18, 24, 36, 48, 54, 60, 72, 80, 90, 100};

/// Data subcarriers of HT and VHT. [802.11-2020 Table 19-6, Table 21-5]
std::optional<uint32_t> data_subcarriers(uint16_t width_mhz) {
  switch (width_mhz) {
    case 20:
      return 52;
    case 40:
      return 108;
    case 80:
      return 234;
    case 160:
      return 468;
    default:
      return std::nullopt;
  }
}

/// One stream with the long guard interval: a symbol is 4 us. The kernel rounds here, to 100 kb/s,
/// and scales afterwards. [net/wireless/util.c cfg80211_calculate_bitrate_vht]
uint32_t stream_bps(uint32_t subcarriers, uint8_t mcs) {
  return (subcarriers * kTwelfths[mcs] * 10 + 24) / 48 * 100'000;
}

uint32_t with_guard_interval(uint32_t bps, bool short_gi) {
  if (short_gi) bps = bps / 9 * 10;
  return (bps + 50'000) / 100'000;
}

uint32_t ht_bitrate(const Rate& rate) {
  if (rate.mcs > 31) return 0;  // 32 and unequal modulation are not computed by the kernel either
  const uint32_t subcarriers = rate.width_mhz == 40 ? 108 : 52;
  const uint32_t streams = rate.mcs / 8 + 1;
  return with_guard_interval(stream_bps(subcarriers, rate.mcs % 8) * streams, rate.short_gi);
}

uint32_t vht_bitrate(const Rate& rate) {
  const auto subcarriers = data_subcarriers(rate.width_mhz);
  if (!subcarriers || rate.mcs >= kTwelfths.size() || rate.nss < 1 || rate.nss > 8) return 0;
  return with_guard_interval(stream_bps(*subcarriers, rate.mcs) * rate.nss, rate.short_gi);
}

/// Eight streams at MCS 11 in 10 b/s, by guard interval. These are the kernel's figures, which are
/// a little off the formula's. [net/wireless/util.c cfg80211_calculate_bitrate_he]
std::optional<std::array<uint32_t, 3>> he_base(uint16_t width_mhz) {
  switch (width_mhz) {
    case 20:
      return {{114'711'111, 108'333'333, 97'500'000}};
    case 40:
      return {{229'411'111, 216'666'666, 195'000'000}};
    case 80:
      return {{480'388'888, 453'700'000, 408'333'333}};
    case 160:
      return {{960'777'777, 907'400'000, 816'666'666}};
    case 320:  // EHT's
      return {{1'921'555'552, 1'814'800'000, 1'633'333'332}};
    default:
      return std::nullopt;
  }
}

uint32_t he_bitrate(const Rate& rate) {
  constexpr uint64_t kScale = 6144;  // the divisor of MCS 11
  constexpr std::array<uint32_t, 14> kDivisors = {102399, 51201, 34134, 25599, 17067, 12801, 11377,
                                                  10239,  8532,  7680,  6828,  6144,  5690,  5120};
  const auto base = he_base(rate.width_mhz);
  const auto gi = static_cast<size_t>(rate.he_gi);
  if (!base || gi > 2 || rate.mcs >= kDivisors.size() || rate.nss < 1 || rate.nss > 8) return 0;
  uint64_t bps10 = (*base)[gi] * kScale / kDivisors[rate.mcs] * rate.nss / 8;
  if (rate.he_dcm) bps10 /= 2;
  return static_cast<uint32_t>(bps10 / 10'000);
}

}  // namespace

uint32_t bitrate_100kbps(const Rate& rate) {
  switch (rate.kind) {
    case RateKind::kLegacy:
      return rate.legacy_100kbps;
    case RateKind::kHt:
      return ht_bitrate(rate);
    case RateKind::kVht:
      return vht_bitrate(rate);
    case RateKind::kHe:
      return he_bitrate(rate);
  }
  return 0;
}

uint32_t legacy_duration_us(size_t octets, uint16_t rate_100kbps, bool is_2ghz,
                            bool short_preamble) {
  if (rate_100kbps < kDsssRates[0]) return 0;
  const auto bits = static_cast<uint32_t>(8 * octets);
  if (is_2ghz && is_dsss_rate(rate_100kbps)) {
    const uint32_t preamble = short_preamble && rate_100kbps > 10 ? 96 : 192;
    return preamble + (bits * 10 + rate_100kbps - 1) / rate_100kbps;
  }
  const uint32_t bits_per_symbol = rate_100kbps * 4 / 10;
  const uint32_t symbols = (16 + bits + 6 + bits_per_symbol - 1) / bits_per_symbol;
  return 20 + 4 * symbols + (is_2ghz ? 6 : 0);
}

}  // namespace airloom::ieee80211
