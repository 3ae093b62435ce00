// setsockopt() and getsockopt() on an interposed socket. What AF_UNIX keeps just as well (buffer
// sizes, timeouts, SO_PASSCRED) is kept in the injected socket itself. [netlink(7)] [socket(7)]
#pragma once

#include "interpose/call.h"
#include "interpose/netlink_socket.h"

namespace airloom::interpose {

/// @param program_end  a copy of the injected socket.
/// @return a positive errno, or 0.
int set_socket_option(const Call& call, NetlinkSocket& socket, int program_end);
int get_socket_option(const Call& call, NetlinkSocket& socket, int program_end);

/// An option of SOL_SOCKET that the injected socket keeps; 0 if it cannot be had.
int kept_option(int program_end, int name);

}  // namespace airloom::interpose
