// A station whose radio leaves the channel tells its AP that it sleeps, so that the AP keeps its
// frames, and afterwards that it is awake. [802.11-2020 11.2.3]
#pragma once

#include "base/time.h"

namespace airloom::mac80211 {

class RadioStack;

/// Null frames from every associated station of the radio; true if there are any.
bool announce_sleep(RadioStack& stack, bool sleeping);

/// How long to wait before leaving, for the announcements to be acknowledged.
constexpr Duration kSleepFlushTime = std::chrono::milliseconds(2);

}  // namespace airloom::mac80211
