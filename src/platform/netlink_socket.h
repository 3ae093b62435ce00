// A netlink socket of the kernel's, for one who asks and waits: whole datagrams each way.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "bytes/writer.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

class NetlinkSocket {
 public:
  /// Generic netlink, in the calling thread's network namespace.
  static Result<NetlinkSocket> open_generic();

  Result<void> send(std::span<const uint8_t> datagram);
  /// Waits for the next datagram. @error kTimedOut  none came within seconds.
  Result<Octets> receive();

 private:
  explicit NetlinkSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace airloom::platform
