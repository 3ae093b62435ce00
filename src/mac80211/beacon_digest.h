// What a beacon says, in two words: whether two beacons of an AP differ in more than what is new in
// each. A thousand stations may hear the same beacon, so the first to ask leaves the answer with
// the frame. It is no MIC: who can forge beacons can forge digests too.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/frame_buffer.h"
#include "ieee80211/management.h"

namespace airloom::mac80211 {

struct BeaconDigest {
  uint64_t rest = 0;  ///< of all but Timestamp and TIM, and of the TIM's place and size
  uint64_t tim = 0;
  uint32_t tim_at = 0;    ///< octets of elements before the TIM
  uint32_t tim_size = 0;  ///< with its header; 0: there is none
};

/// @param body  of this frame.
BeaconDigest digest_of(const FrameBuffer& frame, const ieee80211::BeaconBody& body);

}  // namespace airloom::mac80211
