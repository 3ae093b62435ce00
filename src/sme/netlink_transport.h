// What the SME needs from outside, besides time and random numbers: raw netlink datagrams and the
// state of a network link. The lab implements both over its bus, the daemon's tools over the
// kernel's netlink. [netlink(7)] [rtnetlink(7) RTM_SETLINK]
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace airloom::sme {

/// A generic netlink socket. It asks for extended acknowledgements itself (NETLINK_EXT_ACK), for
/// they carry the cookies of control port frames.
class NetlinkTransport {
 public:
  class Receiver {
   public:
    virtual ~Receiver() = default;
    /// One datagram, of one or more messages; never called from within send() or join().
    virtual void on_datagram(std::span<const uint8_t> datagram) = 0;
    /// Datagrams were lost (ENOBUFS).
    virtual void on_overrun() = 0;
  };

  virtual ~NetlinkTransport() = default;
  /// Who takes what arrives from now on; null: nobody. The receiver must outlive its stay.
  virtual void set_receiver(Receiver* receiver) = 0;
  virtual Result<void> send(std::span<const uint8_t> datagram) = 0;
  /// Joins a multicast group by its id.
  virtual Result<void> join(uint32_t group) = 0;
};

/// The link state of one network interface.
class LinkPort {
 public:
  enum class OperState : uint8_t { kDormant, kUp };

  virtual ~LinkPort() = default;
  /// As `ip link set up` or `down`.
  virtual Result<void> set_up(bool up) = 0;
  /// Tells the network stack whether the link carries data yet. [RFC 2863 ifOperStatus]
  virtual void set_operstate(OperState state) = 0;
};

}  // namespace airloom::sme
