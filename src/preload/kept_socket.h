// A socket as the library finds it: its part of interpose/netlink_calls.h. What AF_UNIX keeps just
// as well (buffer sizes, timeouts) is kept in the descriptor itself; the rest is the daemon's.
#pragma once

#include "interpose/netlink_calls.h"
#include "preload/channel.h"
#include "preload/memory.h"
#include "preload/sockets.h"

namespace airloom::preload {

class KeptSocket {
 public:
  KeptSocket(int fd, Socket& socket) : fd_(fd), socket_(socket) {}

  int bind(uint32_t port);
  int get_name(interpose::NetlinkAddress& out);
  int set_membership(uint32_t group, bool join);
  template <typename Take>
  int each_group(Take take) {
    State state;
    const int error = describe(state);
    for (size_t i = 0; error == 0 && i < state.count; ++i) take(state.groups[i]);
    return error;
  }
  int set_flag(interpose::Option option, bool on);
  interpose::OptionSet options() { return socket_.options; }
  int take_error();
  bool has_rights();
  int domain() { return socket_.is_packet() ? AF_PACKET : AF_NETLINK; }
  int protocol() { return socket_.protocol; }
  int type() { return socket_.type; }
  int set_kept_option(int name, uint64_t at, uint32_t size);
  int get_kept_option(int name, uint64_t at, uint64_t size_at);

 private:
  struct State {
    static constexpr size_t kGroups = 256;
    uint32_t port;
    uint32_t groups[kGroups];
    size_t count;
  };
  int describe(State& out);
  int tell(interpose::Option option, uint32_t value);

  int fd_;
  Socket& socket_;
};

}  // namespace airloom::preload
