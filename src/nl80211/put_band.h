// How a band looks within NEW_WIPHY: its rates and capabilities, and its channels under the
// regulatory domain in force. [nl80211.h nl80211_band_attr, nl80211_frequency_attr]
#pragma once

#include "cfg80211/capabilities.h"
#include "cfg80211/regulatory.h"
#include "netlink/message.h"

namespace airloom::nl80211 {

/// Interface types as flags in a nest. @param types  bits of InterfaceType
void put_interface_types(netlink::MessageWriter& writer, uint16_t attribute, uint32_t types);
/// HT, VHT, HE and EHT capabilities and the legacy rates.
/// @param split  also what old programs' buffers have no room for
void put_band_rates(netlink::MessageWriter& writer, const cfg80211::BandCapability& band,
                    bool split);
/// What stands in one channel's nest. @param dfs_age_ms  since the DFS state was entered
void put_band_channel(netlink::MessageWriter& writer, const cfg80211::ChannelState& channel,
                      bool split, uint32_t dfs_age_ms);

}  // namespace airloom::nl80211
