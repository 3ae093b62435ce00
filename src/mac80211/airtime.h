// How long a frame holds the channel, as mac80211 estimates it from its rate and length: preamble,
// octets and the gap before the answer. [802.11-2020 15.2, 17.3, 19.3, 21.3]
#pragma once

#include "base/time.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

/// @param octets  of the MPDU with its FCS
Duration frame_airtime(size_t octets, const RateInfo& rate, bool short_preamble = false);

/// All tries of a chain.
Duration chain_airtime(size_t octets, const RateChain& tried);

}  // namespace airloom::mac80211
