// Sending as a program asks for it: sendmsg(), sendto(), sendmmsg(), write() and writev() on an
// interposed socket. [netlink(7)] [send(2)]
#pragma once

#include <cstdint>

#include "interpose/call.h"
#include "interpose/netlink_socket.h"

namespace airloom::interpose {

/// Does the call, which names `socket`.
/// @param send_buffer  SO_SNDBUF: no longer datagram is taken.
/// @return its value, or a negative errno.
int64_t send(const Call& call, NetlinkSocket& socket, size_t send_buffer);

}  // namespace airloom::interpose
