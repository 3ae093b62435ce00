#include "mac80211/airtime.h"

#include <algorithm>

#include "ieee80211/rates.h"

namespace airloom::mac80211 {

namespace {

using std::chrono::microseconds;

constexpr microseconds kSifs2GHz{10}, kSifs{16};
constexpr microseconds kDsssPreamble{144 + 48};  // and header; half of it where it is short
constexpr microseconds kOfdmPreamble{20};
constexpr microseconds kMcsPreamble{20}, kPerStream{4};  // one more training field per stream

microseconds overhead(const RateInfo& rate, bool short_preamble) {
  if (rate.kind != RateInfo::Kind::kLegacy)
    return kMcsPreamble + kSifs + kPerStream * std::max<int>(rate.nss, 1);
  if (!ieee80211::is_dsss_rate(rate.legacy_100kbps)) return kOfdmPreamble + kSifs;
  return kSifs2GHz + (short_preamble ? kDsssPreamble / 2 : kDsssPreamble);
}

}  // namespace

Duration frame_airtime(size_t octets, const RateInfo& rate, bool short_preamble) {
  const uint32_t bitrate = std::max<uint32_t>(cfg80211::bitrate_100kbps(rate), 10);
  return overhead(rate, short_preamble) + microseconds(octets * 8 * 10 / bitrate);
}

Duration chain_airtime(size_t octets, const RateChain& tried) {
  Duration sum{0};
  for (const RateAttempt& attempt : tried) {
    if (attempt.tries == 0) break;
    sum += frame_airtime(octets, attempt.rate, attempt.short_preamble) * attempt.tries;
  }
  return sum;
}

}  // namespace airloom::mac80211
