// Receiving as a program asks for it: where its buffers lie, and a datagram put into them as the
// kernel's netlink would. [netlink(7)] [recv(2)]
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "interpose/call.h"
#include "interpose/netlink_rules.h"
#include "interpose/netlink_socket.h"

namespace airloom::interpose {

/// One recvmsg(), recvfrom(), read() or readv().
struct ReceiveTarget {
  std::vector<RemoteSpan> parts;
  int flags = 0;
  uint64_t name = 0;       ///< where the sender's address goes; 0: nowhere
  uint64_t name_size = 0;  ///< where the room for it is told, and its size goes
  uint64_t header = 0;     ///< the msghdr, of recvmsg() only
  uint64_t control = 0;
  uint64_t control_room = 0;
};

/// Reads iovecs out of the caller's memory. @return a positive errno, or 0.
int read_parts(const Call& call, uint64_t address, uint64_t count, std::vector<RemoteSpan>& out);
int read_target_of_recvmsg(const Call& call, uint64_t header, int flags, ReceiveTarget& out);
int read_target(const Call& call, ReceiveTarget& out);

/// Tells where a datagram came from, if the program wants to know. @return a positive errno, or 0
int write_name(const Call& call, const ReceiveTarget& target, const sockaddr_nl& sender);
/// Control messages that have no place are left out, as the kernel does.
/// @return false: the header cannot be written to
bool write_header(const Call& call, const ReceiveTarget& target, std::span<const uint8_t> control,
                  int flags);

/// Serves what waits on the socket: an error, or the oldest datagram (MSG_PEEK leaves it).
/// @return the system call's value, or a negative errno; none if nothing waits.
std::optional<int64_t> receive(const Call& call, NetlinkSocket& socket,
                               const ReceiveTarget& target);

}  // namespace airloom::interpose
