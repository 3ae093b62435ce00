// Puts frames for one peer and TID together as an A-MSDU, for drivers that want that.
// [802.11-2020 9.3.2.2, 10.11]
#pragma once

#include "base/fifo.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

/// The longest A-MSDU that the peer takes on a TID, in octets; 0: none.
size_t amsdu_limit(const Station& station, uint8_t tid);

/// As many of `queue`'s first frames behind `first` as fit; `first` as it is if none does.
QueuedFrame gather_amsdu(FramePool& pool, const Station& station, QueuedFrame first,
                         Fifo<QueuedFrame>& queue);

}  // namespace airloom::mac80211
