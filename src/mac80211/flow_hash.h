// Which flow an Ethernet frame is of: addresses, protocol and ports of IPv4 and IPv6, behind VLAN
// tags too; of anything else the MAC addresses and the type. Frames of one flow never hash apart,
// so fragments of IP go without their ports. Keyed, so that nobody outside can aim at a bucket.
#pragma once

#include <cstdint>
#include <span>

namespace airloom::mac80211 {

/// @param ethernet  a whole frame, header first; may be cut short anywhere.
uint64_t flow_hash(std::span<const uint8_t> ethernet, uint64_t key);

}  // namespace airloom::mac80211
