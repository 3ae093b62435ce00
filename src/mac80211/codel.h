// Controlled delay: says which frames of a queue to drop so that none waits long for long. A queue
// that empties within the interval loses nothing. [RFC 8289]
#pragma once

#include <cstdint>

#include "base/time.h"

namespace airloom::mac80211 {

class Codel {
 public:
  /// Asked of each frame that leaves the queue, before it is sent.
  /// @param waited  how long the frame was in the queue
  /// @param behind  frames that are still behind it
  bool should_drop(Duration waited, size_t behind, TimePoint now);

  static constexpr Duration kTarget = std::chrono::milliseconds(20);
  static constexpr Duration kInterval = std::chrono::milliseconds(100);

 private:
  bool is_late(Duration waited, size_t behind, TimePoint now);
  Duration step() const;

  TimePoint late_since_;  // plus the interval; zero: the queue is in time
  TimePoint next_drop_;
  uint32_t drops_ = 0, last_drops_ = 0;
  bool dropping_ = false;
};

}  // namespace airloom::mac80211
