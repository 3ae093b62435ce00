// What of a radio's capabilities is left when it stands at the other end of a tunnel.
#pragma once

#include "cfg80211/capabilities.h"

namespace airloom::tunnel {

/// Single MPDUs at legacy and HT rates, in 2.4 and 5 GHz: what a monitor interface can be told to
/// send. What has to happen within microseconds (aggregation, beamforming, multi-user) is not
/// offered.
cfg80211::SharedCapabilities reduced(const cfg80211::Capabilities& radio);

}  // namespace airloom::tunnel
