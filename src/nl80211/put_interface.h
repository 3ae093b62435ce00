// How an interface looks in NEW_INTERFACE, SET_INTERFACE and DEL_INTERFACE messages.
#pragma once

#include "cfg80211/wdev.h"
#include "netlink/message.h"

namespace airloom::nl80211 {

/// WIPHY, IFINDEX (with a netdev) and WDEV, with which most events begin.
void put_wdev_ids(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev);
/// All that is told about an interface, in the kernel's order.
void put_interface(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev);

}  // namespace airloom::nl80211
