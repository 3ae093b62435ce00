// setsockopt() and getsockopt().
#include <errno.h>
#include <linux/if_packet.h>

#include "preload/calls.h"
#include "preload/kept_socket.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

int set_packet_option(int name) {
  // All that comes to the interface is delivered anyway.
  return name == PACKET_ADD_MEMBERSHIP || name == PACKET_DROP_MEMBERSHIP ? 0 : ENOPROTOOPT;
}

}  // namespace

int set_option(int fd, Socket& socket, int level, int name, const void* value, socklen_t size) {
  if (level == SOL_PACKET && socket.is_packet()) return outcome_of(set_packet_option(name));
  KeptSocket kept(fd, socket);
  return outcome_of(interpose::set_socket_option(OwnMemory(), kept, level, name, address_of(value),
                                                 static_cast<int>(size)));
}

int get_option(int fd, Socket& socket, int level, int name, void* value, socklen_t* room) {
  KeptSocket kept(fd, socket);
  return outcome_of(interpose::get_socket_option(OwnMemory(), kept, level, name, address_of(value),
                                                 address_of(room)));
}

}  // namespace airloom::preload
