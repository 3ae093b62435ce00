// How a wiphy looks in NEW_WIPHY: in one message for old programs, in some 190 small ones for
// those that ask for a split dump. [nl80211.h NL80211_ATTR_SPLIT_WIPHY_DUMP]
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cfg80211/wiphy.h"
#include "netlink/message.h"

namespace airloom::nl80211 {

/// One message of a split dump. Sections are numbered as the kernel's; section 3 (the bands) takes
/// many messages: per band its rates, then each channel, then an empty list.
struct WiphyPart {
  uint8_t section = 0;
  std::optional<size_t> band;     // index into Capabilities::bands
  std::optional<size_t> channel;  // absent: the band's rates; past the last: an empty list
};

/// What a split dump of such a wiphy consists of.
std::vector<WiphyPart> wiphy_parts(const cfg80211::Capabilities& capabilities);
/// One part, with the identification that begins each message.
void put_wiphy_part(netlink::MessageWriter& writer, const cfg80211::Wiphy& wiphy,
                    const WiphyPart& part);
/// All that fits the one message of old, in replies and in NEW_WIPHY events.
void put_wiphy(netlink::MessageWriter& writer, const cfg80211::Wiphy& wiphy);
/// WIPHY, WIPHY_NAME and GENERATION alone, as in DEL_WIPHY.
void put_wiphy_ids(netlink::MessageWriter& writer, const cfg80211::Wiphy& wiphy);

}  // namespace airloom::nl80211
