// The parts of a beacon, which START_AP, SET_BEACON and CHANNEL_SWITCH share.
// [nl80211.h NL80211_ATTR_BEACON_HEAD, _BEACON_TAIL, _IE, _IE_PROBE_RESP, _IE_ASSOC_RESP,
// _PROBE_RESP]
#pragma once

#include "base/result.h"
#include "cfg80211/requests.h"
#include "netlink/attributes.h"

namespace airloom::nl80211 {

/// @error kInvalid  an empty head, or neither head nor tail
/// @error kUnsupported  it is to answer timing measurements
Result<cfg80211::BeaconData> parse_beacon(const netlink::AttributeTable& attributes);

}  // namespace airloom::nl80211
