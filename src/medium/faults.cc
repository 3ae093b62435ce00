#include "medium/faults.h"

namespace airloom::medium {

bool FaultyPropagation::happens(unsigned thousandths) {
  return thousandths != 0 && rng_.below(1000) < thousandths;
}

Duration FaultyPropagation::some(Duration limit) {
  return Duration(1 + static_cast<int64_t>(rng_.below(static_cast<uint64_t>(limit.count()))));
}

Duration FaultyPropagation::airtime(size_t octets, const Rate& rate) const {
  return frame_airtime(octets, rate);
}

std::optional<int> FaultyPropagation::decode(const Transmission& transmission, ReceiverId) {
  if (happens(faults.loss)) return std::nullopt;
  return transmission.power_dbm - IdealPropagation::kPathLossDb;
}

std::optional<Damaged> FaultyPropagation::damage(const Transmission& transmission, ReceiverId) {
  return Damaged{with_bit_errors(transmission.frame, rng_),
                 transmission.power_dbm - IdealPropagation::kPathLossDb};
}

Fate FaultyPropagation::fate(const Transmission&, ReceiverId) {
  Fate fate;
  if (happens(faults.delay)) fate.delay = some(faults.delay_max);
  fate.doubled = happens(faults.duplication);
  if (happens(faults.replay)) fate.again_after = some(faults.replay_max);
  return fate;
}

}  // namespace airloom::medium
