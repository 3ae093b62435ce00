// AP VLANs: interfaces beside an access point's, with its address, that serve some of its stations
// as if apart: a netdev and group keys of their own. One with four addresses serves a single
// station and whatever network lies behind it (hostapd's wds_sta). The BSS is the access point's:
// the driver knows nothing of VLANs. (The kernel's NL80211_IFTYPE_AP_VLAN.)
#pragma once

#include <vector>

#include "base/result.h"

namespace airloom::mac80211 {

class Interface;

/// The access point's interface that a VLAN belongs to: up, and with its address.
/// @error kNoLink  there is none
Result<Interface*> find_bss_of_vlan(const Interface& vlan);
/// The VLANs of an access point that are up.
std::vector<Interface*> vlans_of(const Interface& access_point);
/// Takes the VLANs of an access point down, before it goes itself.
void close_vlans_of(const Interface& access_point);

}  // namespace airloom::mac80211
