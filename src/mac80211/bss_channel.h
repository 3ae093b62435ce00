// The channel that an access point's elements describe: of a BSS to join, from its HT, VHT and HE
// Operation, and of a BSS that is about to move, from its channel switch announcement. Both are
// narrowed to what the radio can follow.
// [802.11-2020 9.4.2.18, 9.4.2.52, 9.4.2.56, 9.4.2.158, 11.8.8; 802.11ax-2021 9.4.2.249]
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "cfg80211/wiphy.h"
#include "ieee80211/channel.h"

namespace airloom::mac80211 {

/// What of a BSS's operation the station takes part in.
struct PhyModes {
  bool ht = false, vht = false, he = false;
};

/// A BSS's channel and the modes in which it may be joined there.
struct BssChannel {
  ieee80211::ChannelDefinition channel;
  PhyModes modes;
};

/// The channel on which a station joins a BSS with these elements.
/// @param wanted  modes that the station would use at all; the result has no others.
BssChannel bss_channel(const cfg80211::Wiphy& wiphy, uint32_t primary_mhz,
                       std::span<const uint8_t> elements, PhyModes wanted);

/// A channel switch announcement as a station reads it.
struct SwitchAnnouncement {
  ieee80211::ChannelDefinition channel;
  uint8_t count = 0;  ///< beacons until the switch; 0 or 1: before the next one
  bool quiet = false;
};

/// The announcement in `elements`; nothing if there is none.
/// @param current_mhz  where the BSS is, for announcements that name no band.
/// @error kInvalid  one that cannot be followed: no such channel, or elements that disagree.
Result<std::optional<SwitchAnnouncement>> switch_announcement(const cfg80211::Wiphy& wiphy,
                                                              uint32_t current_mhz,
                                                              std::span<const uint8_t> elements,
                                                              PhyModes modes);

/// The same channel at the next smaller width; 20 MHz loses HT, and then stays.
ieee80211::ChannelDefinition narrower(const ieee80211::ChannelDefinition& channel);

}  // namespace airloom::mac80211
