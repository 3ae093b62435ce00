// Sending as a program asks for it: sendmsg(), sendto(), sendmmsg(), write() and writev() on an
// interposed socket. [netlink(7)] [send(2)]
#pragma once

#include <cstdint>
#include <vector>

#include "interpose/call.h"
#include "interpose/netlink_socket.h"

namespace airloom::interpose {

/// One message as the program hands it over.
struct Outgoing {
  std::vector<RemoteSpan> parts;
  int flags = 0;
  uint64_t name = 0;
  uint64_t name_size = 0;
  uint64_t control = 0;
  uint64_t control_size = 0;
};
/// Reads what sendmsg(), sendto(), write() or writev() gives. @return a positive errno, or 0.
int read_outgoing(const Call& call, Outgoing& out);

/// Does the call, which names `socket`.
/// @param program_end  a copy of the injected socket.
/// @return its value, or a negative errno.
int64_t send(const Call& call, NetlinkSocket& socket, int program_end);

}  // namespace airloom::interpose
