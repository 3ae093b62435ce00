// Whether interfaces may run together: the wiphy's interface combinations against what is in use.
#pragma once

#include <array>
#include <cstdint>

#include "cfg80211/types.h"
#include "cfg80211/wiphy.h"

namespace airloom::cfg80211 {

/// What would be in use: interfaces that run, channels, radar widths, a beacon interval to come.
struct CombinationUse {
  std::array<uint32_t, kInterfaceTypeCount> interfaces{};
  uint32_t channels = 0;
  uint32_t radar_widths = 0;  ///< bits of ChannelWidth
  uint16_t new_beacon_interval_tu = 0;
};

/// Running interfaces of the wiphy and the channels of their links.
CombinationUse current_use(const Wiphy& wiphy);
/// @error kBusy  no combination allows it.
Result<void> check_combinations(const Wiphy& wiphy, const CombinationUse& use);
/// Whether the type exists on this wiphy at all.
bool is_type_allowed(const Wiphy& wiphy, InterfaceType type, bool use_4addr = false);

}  // namespace airloom::cfg80211
