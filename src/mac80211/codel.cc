#include "mac80211/codel.h"

#include <cmath>

namespace airloom::mac80211 {

/// Whether frames have waited beyond the target for a whole interval.
bool Codel::is_late(Duration waited, size_t behind, TimePoint now,
                    const CodelParameters& parameters) {
  if (waited < parameters.target || behind == 0) {
    late_since_ = {};
    return false;
  }
  if (late_since_ == TimePoint{}) {
    late_since_ = now + parameters.interval;
    return false;
  }
  return now >= late_since_;
}

namespace {

/// Drops come the faster the longer the queue stays late.
Duration step(Duration interval, uint32_t drops) {
  return Duration(static_cast<int64_t>(static_cast<double>(interval.count()) /
                                       std::sqrt(static_cast<double>(drops))));
}

}  // namespace

bool Codel::should_drop(Duration waited, size_t behind, TimePoint now,
                        const CodelParameters& parameters) {
  if (!is_late(waited, behind, now, parameters)) {
    dropping_ = false;
    return false;
  }
  if (dropping_) {
    if (now < next_drop_) return false;
    ++drops_;
    next_drop_ = next_drop_ + step(parameters.interval, drops_);
    return true;
  }
  dropping_ = true;
  // Soon after the last time it goes on at about the rate that helped then.
  const uint32_t recent = drops_ - last_drops_;
  drops_ = recent > 1 && now - next_drop_ < 16 * parameters.interval ? recent : 1;
  last_drops_ = drops_;
  next_drop_ = now + step(parameters.interval, drops_);
  return true;
}

}  // namespace airloom::mac80211
