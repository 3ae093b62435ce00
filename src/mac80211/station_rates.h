// What may be sent to a station: what its elements say and this radio can do, on the link's
// channel, under its operating mode and the user's mask. (The kernel's sta_info rates and
// bandwidth, and rate_control_apply_mask.)
#pragma once

#include "mac80211/station.h"

namespace airloom::mac80211 {

/// Computes a station's rates anew and gives them to rate control: after its capabilities, the
/// channel's width, its operating mode or the mask have changed.
void refresh_rates(Station& station);

/// The same for every station of an interface, as its channel has another width.
void refresh_all_rates(Interface& interface);

/// The width in MHz that a station can receive, at most.
int receive_width_mhz(const Station& station);

/// Takes in an Operating Mode Notification's octet, and tells cfg80211 what it changed.
/// [802.11-2020 9.4.1.53]
void apply_operating_mode(Station& station, uint8_t mode);

/// What a station has changed about how it receives. [nl80211.h NL80211_CMD_STA_OPMODE_CHANGED]
struct OperatingModeChange {
  std::optional<uint8_t> smps;  ///< NL80211_SMPS_*
  std::optional<cfg80211::ChannelWidth> width;
  std::optional<uint8_t> streams;
};
/// The station takes no more than `limit_mhz`. Tells of `change` and, if there is one, of the
/// change of width.
void limit_width(Station& station, int limit_mhz, OperatingModeChange change);

}  // namespace airloom::mac80211
