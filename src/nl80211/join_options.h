// What ASSOCIATE and CONNECT say alike: the channel, and what the station is to claim of itself.
// [nl80211.h NL80211_ATTR_WIPHY_FREQ, _HT_CAPABILITY, _VHT_CAPABILITY, _USE_RRM]
#pragma once

#include <utility>

#include "base/result.h"
#include "nl80211/context.h"

namespace airloom::nl80211 {

/// The channel of a join (MHz, kHz), which must be one that may be used.
/// @error kInvalid  none is named, or it is not there or disabled
Result<std::pair<uint32_t, uint16_t>> parse_bss_channel(const Context& context);

/// @error kInvalid  capabilities without a mask, or radio measurement that the radio cannot do
Result<void> check_join_options(const Context& context);

}  // namespace airloom::nl80211
