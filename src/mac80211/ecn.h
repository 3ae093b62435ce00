// Explicit congestion notification: a frame whose ends know it is marked in place of being dropped.
// [RFC 3168 5]
#pragma once

#include "bytes/frame_buffer.h"

namespace airloom::mac80211 {

/// Marks the IP packet in an Ethernet frame.
/// @return false  its ends do not know ECN, or it is no IP packet: the frame is as it was.
bool mark_congestion(FrameBuffer& ethernet);

}  // namespace airloom::mac80211
