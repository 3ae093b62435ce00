#include "hwsim/outside_rates.h"

#include <algorithm>
#include <span>

namespace airloom::hwsim {

namespace {

// [mac80211_hwsim.h enum hwsim_tx_rate_flags]
constexpr uint16_t kRts = 1u << 0;
constexpr uint16_t kShortPreamble = 1u << 2;
constexpr uint16_t kMcs = 1u << 3;
constexpr uint16_t k40Mhz = 1u << 5;
constexpr uint16_t kShortGi = 1u << 7;
constexpr uint16_t kVhtMcs = 1u << 8;
constexpr uint16_t k80Mhz = 1u << 9;
constexpr uint16_t k160Mhz = 1u << 10;

/// The radio's legacy rates in 100 kb/s; 5 and 6 GHz have no DSSS.
std::span<const uint16_t> legacy_rates(uint32_t mhz) {
  static constexpr uint16_t kRates[] = {10, 20, 55, 110, 60, 90, 120, 180, 240, 360, 480, 540};
  constexpr uint32_t k5GhzBeginsMhz = 3000;
  constexpr size_t kDsssRates = 4;
  const std::span<const uint16_t> all(kRates);
  return mhz < k5GhzBeginsMhz ? all : all.subspan(kDsssRates);
}

uint16_t width_flag(int width_mhz) {
  return width_mhz == 40 ? k40Mhz : width_mhz == 80 ? k80Mhz : width_mhz == 160 ? k160Mhz : 0;
}

}  // namespace

OutsideRate to_outside(const mac80211::RateAttempt& attempt, uint32_t mhz) {
  using Kind = cfg80211::RateInfo::Kind;
  const cfg80211::RateInfo& rate = attempt.rate;
  OutsideRate out{.tries = attempt.tries, .flags = width_flag(rate.width_mhz)};
  if (attempt.rts) out.flags |= kRts;
  if (attempt.short_preamble) out.flags |= kShortPreamble;
  if (rate.short_gi) out.flags |= kShortGi;
  switch (rate.kind) {
    case Kind::kLegacy: {
      const auto rates = legacy_rates(mhz);
      const auto found = std::find(rates.begin(), rates.end(), rate.legacy_100kbps);
      out.index = found == rates.end() ? int8_t{0} : static_cast<int8_t>(found - rates.begin());
      break;
    }
    case Kind::kHt:
      out.index = static_cast<int8_t>(rate.mcs);
      out.flags |= kMcs;
      break;
    case Kind::kVht:
    case Kind::kHe:  // mac80211 has no numbers for these: their drivers choose rates themselves
    case Kind::kEht:
      out.index = static_cast<int8_t>((rate.nss - 1) << 4 | (rate.mcs & 0xf));
      out.flags |= kVhtMcs;
      break;
  }
  return out;
}

std::optional<cfg80211::RateInfo> from_outside(uint32_t index, uint32_t mhz) {
  const auto rates = legacy_rates(mhz);
  if (index >= rates.size()) return std::nullopt;
  return cfg80211::RateInfo{.legacy_100kbps = rates[index]};
}

}  // namespace airloom::hwsim
