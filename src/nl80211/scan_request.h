// What TRIGGER_SCAN and START_SCHED_SCAN share: channels, SSIDs and random source addresses.
// [nl80211.h NL80211_ATTR_SCAN_FREQUENCIES, _SCAN_SSIDS, _MAC_MASK]
#pragma once

#include "cfg80211/requests.h"
#include "netlink/attributes.h"

namespace airloom::nl80211 {

void add_channel(cfg80211::ScanRequest& request, uint32_t khz);
/// The channels asked for, in MHz; none: cfg80211 takes all.
/// @error kInvalid  an empty list, or one channel twice
Result<void> parse_frequencies(const netlink::AttributeTable& attributes,
                               cfg80211::ScanRequest& request);
std::vector<Octets> parse_ssids(const netlink::AttributeTable& attributes);
/// The addresses to scan from, if the request's flags ask for random ones.
/// @error kInvalid  half of a mask, or one that lets group addresses be made
Result<void> parse_random_address(const netlink::AttributeTable& attributes,
                                  cfg80211::ScanRequest& request);

}  // namespace airloom::nl80211
