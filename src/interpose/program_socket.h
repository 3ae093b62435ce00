// A NetlinkSocket as a held-back call finds it: the supervisor's part of netlink_calls.h. What
// AF_UNIX keeps just as well (buffer sizes, timeouts) is kept in the injected socket itself.
#pragma once

#include <functional>

#include "interpose/call.h"
#include "interpose/netlink_calls.h"
#include "interpose/netlink_socket.h"

namespace airloom::interpose {

class ProgramSocket {
 public:
  /// @param program_end  a copy of the injected socket. All outlive this.
  ProgramSocket(const Call& call, NetlinkSocket& socket, int program_end)
      : call_(call), socket_(socket), program_end_(program_end) {}

  int bind(uint32_t port) { return socket_.bind(port); }
  int get_name(NetlinkAddress& out) {
    out = socket_.name();
    return 0;
  }
  int set_membership(uint32_t group, bool join) { return socket_.set_membership(group, join); }
  int each_group(const std::function<void(uint32_t)>& take) {
    for (uint32_t group : socket_.groups()) take(group);
    return 0;
  }
  int set_flag(Option option, bool on) { return socket_.set_flag(option, on); }
  OptionSet options() { return socket_.options(); }
  int take_error() { return socket_.take_error(); }
  bool has_rights();
  int domain() { return AF_NETLINK; }
  int protocol() { return NETLINK_GENERIC; }
  int type() { return socket_.type(); }
  int set_kept_option(int name, uint64_t at, uint32_t size);
  int get_kept_option(int name, uint64_t at, uint64_t size_at);

 private:
  const Call& call_;
  NetlinkSocket& socket_;
  int program_end_;
};

/// An option of SOL_SOCKET that a socket keeps; 0 if it cannot be had.
int kept_option(int socket, int name);

}  // namespace airloom::interpose
