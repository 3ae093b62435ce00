// The process' road to the daemon: one connection, opened when it is first needed (a child of
// fork() opens its own), on which questions about sockets are asked one at a time, and a pipe that
// the answers come through. [interpose/protocol.h Channel]
#pragma once

#include <sys/uio.h>

#include "interpose/wire.h"

namespace airloom::preload {

/// What `airloom run` has put into the environment.
struct Settings {
  bool active = false;
  uint32_t participant = 0;
  bool emulated = false;    ///< interfaces are the daemon's alone
  char daemon_path[108]{};  ///< of the daemon's socket
  char sysfs[256]{};        ///< where emulated: what stands for /sys
};
extern const Settings& settings;

struct Answer {
  int error = 0;  ///< a positive errno; ECONNREFUSED where the daemon has gone
  uint32_t value = 0;
  size_t extra = 0;  ///< octets that came with it
};

/// Asks, and waits for the answer.
/// @param parts  the message; parts[0] begins with its WireHeader, which is filled in here
/// @param into, room  where octets that come with the answer go
Answer ask(uint64_t socket, interpose::MessageType type, iovec* parts, size_t count,
           void* into = nullptr, size_t room = 0);

/// The same for a body that is one struct.
template <typename Body>
Answer ask(uint64_t socket, interpose::MessageType type, const Body& body, void* into = nullptr,
           size_t room = 0) {
  struct __attribute__((packed)) {
    interpose::WireHeader header;
    Body body;
  } message{{}, body};
  iovec part{&message, sizeof message};
  return ask(socket, type, &part, 1, into, room);
}
/// And for one without a body.
Answer ask(uint64_t socket, interpose::MessageType type, void* into = nullptr, size_t room = 0);

/// Connects a new descriptor to the daemon. @return it, or -1 with errno set.
int connect_to_daemon(bool close_on_exec);
/// A header for a message that is none of a channel's.
interpose::WireHeader header_of(interpose::MessageType type);

/// True in a child of vfork(), whose memory is its parent's: what it does to its descriptors must
/// not be noted.
bool is_in_anothers_memory();

/// True for the descriptors of the road itself, which the program must not close.
bool is_channel(int fd);
/// Gives the road up: the program wants a descriptor's number.
void leave_channel();
/// The same if any of its descriptors lies in [low, high].
void leave_channel_within(unsigned low, unsigned high);

}  // namespace airloom::preload
