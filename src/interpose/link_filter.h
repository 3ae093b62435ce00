// What rtnetlink tells of the daemon's TAPs, made to look as if told of Wi-Fi cards: without the
// link info that says "tun". NetworkManager goes by it, and would not take wlan0 for Wi-Fi. Pure.
// [rtnetlink(7)]
#pragma once

#include <span>

#include "bytes/writer.h"

namespace airloom::interpose {

/// The datagram, without IFLA_LINKINFO in messages about TAPs that are made as ours are (without
/// packet information, with virtio headers, not persistent).
Octets without_tap_kind(std::span<const uint8_t> datagram);

}  // namespace airloom::interpose
