#include "medium/propagation.h"

#include <algorithm>

namespace airloom::medium {

namespace {
constexpr std::chrono::microseconds kPreamble{20};  // [802.11-2020 17.3.3]
constexpr size_t kFcsOctets = 4;
}  // namespace

Duration frame_airtime(size_t octets, const Rate& rate) {
  const uint64_t bits = (octets + kFcsOctets) * 8;
  return kPreamble + Duration(bits * 1'000'000 / std::max<uint32_t>(rate.kbps, 1));
}

Duration LossyPropagation::airtime(size_t octets, const Rate& rate) const {
  return frame_airtime(octets, rate);
}

std::optional<int> LossyPropagation::decode(const Transmission& transmission, ReceiverId) {
  if (rng_.below(100) < loss_percent_) return std::nullopt;
  return transmission.power_dbm - IdealPropagation::kPathLossDb;
}

}  // namespace airloom::medium
