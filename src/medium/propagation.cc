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

FrameBuffer with_bit_errors(const FrameBuffer& frame, Rng& rng) {
  constexpr unsigned kErrors = 3;  // an odd number: they cannot make up for one another
  FrameBuffer damaged = frame.copy();
  const std::span<uint8_t> octets = damaged.writable();
  for (unsigned i = 0; i < kErrors && !octets.empty(); ++i)
    octets[rng.below(octets.size())] ^= static_cast<uint8_t>(1u << rng.below(8));
  return damaged;
}

Duration LossyPropagation::airtime(size_t octets, const Rate& rate) const {
  return frame_airtime(octets, rate);
}

std::optional<int> LossyPropagation::decode(const Transmission& transmission, ReceiverId) {
  if (rng_.below(100) < loss_percent_) return std::nullopt;
  return transmission.power_dbm - IdealPropagation::kPathLossDb;
}

std::optional<Damaged> LossyPropagation::damage(const Transmission& transmission, ReceiverId) {
  return Damaged{with_bit_errors(transmission.frame, rng_),
                 transmission.power_dbm - IdealPropagation::kPathLossDb};
}

}  // namespace airloom::medium
