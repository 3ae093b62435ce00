// The sockets of this process that are the daemon's: which descriptor stands for which, and what
// of their state every process that shares them keeps a copy of.
#pragma once

#include <sys/socket.h>

#include "interpose/netlink_rules.h"

namespace airloom::preload {

struct Socket {
  uint32_t copies;  ///< descriptors of this process that stand for it; 0: this entry is free
  uint64_t cookie;
  interpose::SocketKind kind;
  int type;      ///< SOCK_RAW or SOCK_DGRAM
  int protocol;  ///< as given to socket()
  interpose::OptionSet options;
  uint32_t receive_size;
  bool receive_size_told;
  uint32_t receive_buffer;  ///< SO_RCVBUF
  uint32_t burst;           ///< octets, about, received since there was nothing to receive
  bool dumping;             ///< a dump was asked for; its end has not been seen
  interpose::NetlinkAddress connected;  ///< where datagrams without an address go

  bool is_packet() const { return kind == interpose::SocketKind::kPacket; }
};

/// The socket that a descriptor stands for; null: none of ours.
Socket* find(int fd);

/// As socket(), of the daemon. @return the descriptor, or -1 with errno set.
int open_socket(interpose::SocketKind kind, int type, int protocol);
/// A descriptor now stands for the same as another: dup() and the like.
void note_copy(int from, int to);
/// A descriptor is about to be closed: it stands for nothing from now on. @return what it stood for
Socket* forget(int fd);
/// It was not closed after all.
void restore(int fd, Socket* socket);
/// After forget() and the closing. Where that was this process' last descriptor of the socket, the
/// daemon gets to know before this returns: what hung on it may be released.
void release(Socket* socket);
/// Both, for all descriptors in [low, high], which have been closed.
void release_range(unsigned low, unsigned high);

}  // namespace airloom::preload
