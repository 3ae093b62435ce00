// Controlled delay: says which frames of a flow to drop so that none waits long for long. A flow
// whose queue empties within the interval loses nothing. [RFC 8289]
#pragma once

#include <cstdint>

#include "base/time.h"

namespace airloom::mac80211 {

struct CodelParameters {
  Duration target = std::chrono::milliseconds(20);
  Duration interval = std::chrono::milliseconds(100);
  bool ecn = true;  ///< marks frames whose ends know ECN instead of dropping them
};
/// For those whom few frames take as long as many take others.
constexpr CodelParameters kSlowCodel{std::chrono::milliseconds(50), std::chrono::milliseconds(300),
                                     false};

class Codel {
 public:
  /// Asked of each frame that leaves the queue, before it is sent.
  /// @param waited  how long the frame was in the queue
  /// @param behind  frames that are still behind it
  bool should_drop(Duration waited, size_t behind, TimePoint now,
                   const CodelParameters& parameters = {});

 private:
  bool is_late(Duration waited, size_t behind, TimePoint now, const CodelParameters& parameters);

  TimePoint late_since_;  // plus the interval; zero: the queue is in time
  TimePoint next_drop_;
  uint32_t drops_ = 0, last_drops_ = 0;
  bool dropping_ = false;
};

}  // namespace airloom::mac80211
