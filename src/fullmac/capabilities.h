// What a FullMAC radio tells of itself, made from what its radio could do under a SoftMAC stack:
// the same channels, rates and ciphers, but the commands and features of a driver with an MLME of
// its own.
#pragma once

#include "cfg80211/capabilities.h"

namespace airloom::fullmac {

/// Make one per kind of radio, and share it.
cfg80211::SharedCapabilities make_capabilities(const cfg80211::Capabilities& radio);

}  // namespace airloom::fullmac
