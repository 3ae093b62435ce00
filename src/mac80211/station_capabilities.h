// HT, VHT and HE capabilities: what a station says of itself when it joins a BSS, and what it, or
// an AP, learns of its peer. [802.11-2020 9.4.2.55, 9.4.2.157; 802.11ax-2021 9.4.2.248]
#pragma once

#include <optional>
#include <span>

#include "cfg80211/bss_table.h"
#include "cfg80211/capabilities.h"
#include "cfg80211/requests.h"
#include "mac80211/bss_channel.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

/// What stands in an Association Request; absent: the element does not.
struct OwnCapabilities {
  std::optional<cfg80211::HtCapability> ht;
  std::optional<cfg80211::VhtCapability> vht;
  bool he = false;
};

/// The radio's capabilities in `modes`, without what the request or the channel takes away, and
/// without what would only confuse an AP that cannot do it.
OwnCapabilities own_capabilities(const Interface& interface, PhyModes modes,
                                 const cfg80211::AssociateRequest& request,
                                 const cfg80211::Bss& bss);

/// Takes in a peer's elements, of those modes only.
void learn_capabilities(Station& station, std::span<const uint8_t> elements, PhyModes modes);
/// The same from element bodies, as NEW_STATION and SET_STATION bring them.
/// @error kInvalid  a body that is none
Result<void> learn_capabilities(Station& station, const cfg80211::StationParams& params);

}  // namespace airloom::mac80211
