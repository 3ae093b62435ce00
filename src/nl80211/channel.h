// Channel definitions on the wire: reading and writing the attributes that name one.
// [nl80211.h NL80211_ATTR_WIPHY_FREQ, _CHANNEL_WIDTH, _CENTER_FREQ1, _WIPHY_CHANNEL_TYPE]
#pragma once

#include "base/result.h"
#include "cfg80211/types.h"
#include "cfg80211/wiphy.h"
#include "netlink/attributes.h"
#include "netlink/message.h"

namespace airloom::nl80211 {

/// Reads a channel definition that the wiphy can use now.
/// @error kInvalid  no WIPHY_FREQ, a channel that is disabled, or parts that do not fit
Result<cfg80211::ChannelDefinition> parse_channel(const cfg80211::Wiphy& wiphy,
                                                  const netlink::AttributeTable& attributes);

void put_channel(netlink::MessageWriter& writer, const cfg80211::ChannelDefinition& channel);

}  // namespace airloom::nl80211
