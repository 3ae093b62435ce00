// The rates that a request names per band: those of SET_TX_BITRATE_MASK, and of START_AP's beacons.
// [nl80211.h NL80211_ATTR_TX_RATES]
#pragma once

#include "base/result.h"
#include "cfg80211/requests.h"
#include "nl80211/context.h"

namespace airloom::nl80211 {

/// @param all_unless_said  whether what is not named is every rate that the radio has, or none
/// @error kInvalid  a band or rate that the radio has not, or a band that is left no rate
Result<cfg80211::BitrateMask> parse_rates(const Context& context, bool all_unless_said);

}  // namespace airloom::nl80211
