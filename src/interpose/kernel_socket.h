// The real generic netlink socket beside an interposed one, for the families that are the kernel's.
// What it receives is made to look as if sent to the interposed socket's port.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "interpose/daemon_socket.h"
#include "platform/unique_fd.h"

namespace airloom::interpose {

class KernelSocket {
 public:
  /// Opens in the calling thread's network namespace and binds, to `port` if that is free there.
  static Result<KernelSocket> open(uint32_t port);

  int fd() const { return fd_.get(); }
  /// @return 0 or a positive errno, as sendto() to the kernel gives it.
  int send(std::span<const uint8_t> datagram) const;
  int set_option(int name, int value) const;
  /// Hands over all that waits.
  void receive_waiting(DatagramReceiver& receiver);

 private:
  KernelSocket(platform::UniqueFd fd, uint32_t shown, uint32_t own)
      : fd_(std::move(fd)), shown_port_(shown), own_port_(own) {}
  void give_shown_port(Octets& datagram) const;

  platform::UniqueFd fd_;
  uint32_t shown_port_;
  uint32_t own_port_;
};

}  // namespace airloom::interpose
