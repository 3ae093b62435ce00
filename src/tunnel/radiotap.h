// Between what the tunnel says of a frame and what a monitor interface does: radiotap.
#pragma once

#include "ieee80211/radiotap.h"
#include "tunnel/frame_info.h"

namespace airloom::tunnel {

/// What goes before a frame to inject it.
ieee80211::RadiotapHeader injection_header(const TxInfo& info);
/// What was before a frame that was heard; its number is left at 0.
RxInfo reception_of(const ieee80211::RadiotapHeader& radiotap);

}  // namespace airloom::tunnel
