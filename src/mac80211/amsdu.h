// Puts frames for one peer and TID together as an A-MSDU, for drivers that want that.
// [802.11-2020 9.3.2.2, 10.11]
#pragma once

#include "mac80211/flow_queues.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

/// The longest A-MSDU that the peer takes on a TID, in octets; 0: none.
size_t amsdu_limit(const Station& station, uint8_t tid);

/// `first`, just popped from `queue`, with as many of the same flow behind it as fit; `first` as it
/// is if none does.
QueuedFrame gather_amsdu(FramePool& pool, FlowQueues& flows, TxQueue& queue, QueuedFrame first);

}  // namespace airloom::mac80211
