// Several BSSs in one Beacon: the access point sends that of one of them, the transmitted BSSID,
// and Multiple BSSID elements with a profile of each other one, which says what is different
// there. Here the frames are made that those BSSs would have sent. [802.11-2020 11.1.3.8]
#pragma once

#include <vector>

#include "ieee80211/mac_header.h"

namespace airloom::ieee80211 {

/// The Beacons or Probe Responses of the nontransmitted BSSIDs of one, with their own BSSID,
/// capabilities and elements, and elements inherited as the standard says. A profile that breaks
/// its rules makes none.
std::vector<Octets> nontransmitted_frames(const FrameView& frame);

}  // namespace airloom::ieee80211
