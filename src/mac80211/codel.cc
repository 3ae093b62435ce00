#include "mac80211/codel.h"

#include <cmath>

namespace airloom::mac80211 {

/// Whether frames have waited beyond the target for a whole interval.
bool Codel::is_late(Duration waited, size_t behind, TimePoint now) {
  if (waited < kTarget || behind == 0) {
    late_since_ = {};
    return false;
  }
  if (late_since_ == TimePoint{}) {
    late_since_ = now + kInterval;
    return false;
  }
  return now >= late_since_;
}

/// Drops come the faster the longer the queue stays late.
Duration Codel::step() const {
  const double interval = static_cast<double>(kInterval.count());
  return Duration(static_cast<int64_t>(interval / std::sqrt(static_cast<double>(drops_))));
}

bool Codel::should_drop(Duration waited, size_t behind, TimePoint now) {
  if (!is_late(waited, behind, now)) {
    dropping_ = false;
    return false;
  }
  if (dropping_) {
    if (now < next_drop_) return false;
    ++drops_;
    next_drop_ = next_drop_ + step();
    return true;
  }
  dropping_ = true;
  // Soon after the last time it goes on at about the rate that helped then.
  const uint32_t recent = drops_ - last_drops_;
  drops_ = recent > 1 && now - next_drop_ < 16 * kInterval ? recent : 1;
  last_drops_ = drops_;
  next_drop_ = now + step();
  return true;
}

}  // namespace airloom::mac80211
