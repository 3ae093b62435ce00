// How a station looks in NEW_STATION and DEL_STATION. [nl80211.h nl80211_sta_info]
#pragma once

#include "base/mac_address.h"
#include "cfg80211/types.h"
#include "cfg80211/wdev.h"
#include "netlink/message.h"

namespace airloom::nl80211 {

void put_station(netlink::MessageWriter& writer, const cfg80211::Wdev& wdev, const MacAddress& mac,
                 const cfg80211::StationInfo& info);
/// Transmit queue statistics as a nest of type `attribute`. [nl80211.h nl80211_txq_stats]
void put_tx_queue_stats(netlink::MessageWriter& writer, uint16_t attribute,
                        const cfg80211::TxQueueStats& stats);
/// A bit rate as a nest of type `attribute`. [nl80211.h nl80211_rate_info]
void put_rate(netlink::MessageWriter& writer, uint16_t attribute, const cfg80211::RateInfo& rate);

}  // namespace airloom::nl80211
