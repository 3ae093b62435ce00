// WMM's classification: which TID, and so which access category, an Ethernet frame goes to.
// [802.11-2020 10.2.3.2] [WMM 1.2.0 3.3.1]
#pragma once

#include <cstdint>
#include <span>

namespace airloom::mac80211 {

/// 0 VO, 1 VI, 2 BE, 3 BK. TIDs above 7 count as their lower three bits.
uint8_t access_category_of(uint8_t tid);

/// The user priority of an Ethernet frame: that of its VLAN tag unless it is 0, else the upper bits
/// of IP's DSCP or the traffic class of MPLS, tagged or not, else 0. Frames of the control port's
/// EtherType and of media-independent handover go as 7. A QoS Map, if there is one, says what a
/// DSCP means: pairs of exceptions, then eight ranges. [802.11-2020 9.4.2.94]
uint8_t classify(std::span<const uint8_t> ethernet, uint16_t control_port_ethertype,
                 std::span<const uint8_t> qos_map = {});

/// The user priority that a frame goes as where the AP wants admission to some access categories
/// (bit n: the nth) and there is none: the highest below that is open, or background in the end.
/// [802.11-2020 10.23.4.2]
uint8_t downgrade(uint8_t priority, uint8_t mandatory);

}  // namespace airloom::mac80211
