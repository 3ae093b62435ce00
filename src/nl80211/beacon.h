// The parts of a beacon, which START_AP, SET_BEACON and CHANNEL_SWITCH share.
// [nl80211.h NL80211_ATTR_BEACON_HEAD, _BEACON_TAIL, _IE, _IE_PROBE_RESP, _IE_ASSOC_RESP,
// _PROBE_RESP, _HE_BSS_COLOR, _MBSSID_ELEMS]
#pragma once

#include "base/result.h"
#include "cfg80211/requests.h"
#include "netlink/attributes.h"
#include "netlink/ext_ack.h"

namespace airloom::nl80211 {

/// @error kInvalid  an empty head, neither head nor tail, a BSS colour that is none, or profiles of
/// other BSSs, which no radio here sends
/// @error kUnsupported  it is to answer timing measurements
Result<cfg80211::BeaconData> parse_beacon(const netlink::AttributeTable& attributes,
                                          netlink::ExtAck& ack);

}  // namespace airloom::nl80211
