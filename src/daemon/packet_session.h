// One packet socket of a program on a host whose interfaces are emulated: it receives and sends
// whole frames (SOCK_RAW) or what follows the Ethernet header (SOCK_DGRAM). [packet(7)]
#pragma once

#include "daemon/emulated_netdev.h"
#include "daemon/socket_session.h"

namespace airloom::daemon {

class PacketSession final : public SocketSession, private NetdevWatcher {
 public:
  /// All outlive the session.
  PacketSession(SocketTable& table, Connection& connection, EmulatedNetwork& network,
                const interpose::Open& open);
  ~PacketSession() override { network_.remove_watcher(this); }

 private:
  std::optional<interpose::Message> handle(const interpose::Message& message) override;
  uint32_t port() const override { return ifindex_; }
  Octets name() const override;
  uint64_t now_ns() const override { return 0; }
  void on_frame(const EmulatedNetdev& netdev, std::span<const uint8_t> frame,
                bool outgoing) override;
  interpose::Outcome bind(const interpose::Bind& bind);
  interpose::Outcome transmit(const interpose::Frame& frame);

  EmulatedNetwork& network_;
  const bool cooked_;      // SOCK_DGRAM
  uint32_t ifindex_ = 0;   // 0: all
  uint16_t protocol_ = 0;  // ETH_P_*; 0: receives nothing
};

}  // namespace airloom::daemon
