// How a scan result looks in NEW_SCAN_RESULTS. [nl80211.h nl80211_bss]
#pragma once

#include "cfg80211/bss_table.h"
#include "cfg80211/wdev.h"
#include "netlink/message.h"

namespace airloom::nl80211 {

void put_bss(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev, const cfg80211::Bss& bss);

}  // namespace airloom::nl80211
