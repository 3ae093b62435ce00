// A netlink socket within the process: airloom's own SME as a client of a host's bus.
#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include "base/scheduler.h"
#include "bytes/writer.h"
#include "genl/bus.h"
#include "sme/netlink_transport.h"

namespace airloom::lab {

class BusTransport final : public sme::NetlinkTransport, private genl::ClientSink {
 public:
  /// Both outlive the transport.
  BusTransport(Scheduler& scheduler, genl::Bus& bus);
  ~BusTransport() override;

  void set_receiver(Receiver* receiver) override { receiver_ = receiver; }
  Result<void> send(std::span<const uint8_t> datagram) override;
  Result<void> join(uint32_t group) override { return bus_.join(client_, group); }

 private:
  bool deliver(std::span<const uint8_t> datagram, uint32_t group) override;
  void overrun() override;
  void hand_over();

  genl::Bus& bus_;
  Receiver* receiver_ = nullptr;
  std::deque<Octets> inbox_;
  bool lost_ = false;
  Timer hand_over_;
  genl::ClientId client_;
};

}  // namespace airloom::lab
