// One netlink socket of a program: the interpose protocol's netlink connection on one side, a
// client of its host's generic netlink bus on the other.
#pragma once

#include <cstdint>
#include <span>

#include "daemon/connection.h"
#include "daemon/host_runtime.h"
#include "genl/bus.h"
#include "interpose/protocol.h"

namespace airloom::daemon {

class NetlinkSession final : public Connection::Session, private genl::ClientSink {
 public:
  /// Both outlive the session. @param ns  the network namespace of the program's socket.
  NetlinkSession(Connection& connection, HostRuntime& host, genl::NamespaceId ns, uint32_t pid);
  ~NetlinkSession() override;

  bool on_message(std::span<const uint8_t> message) override;
  void on_writable() override { host_.host().bus().drain(client_); }

 private:
  bool deliver(std::span<const uint8_t> datagram, uint32_t group) override;
  void overrun() override;

  interpose::Outcome handle(const interpose::Bind& bind);
  interpose::Outcome handle(const interpose::Membership& membership);
  interpose::Outcome handle(const interpose::SetOption& option);
  interpose::Outcome handle(const interpose::Request& request);
  void send(const interpose::Message& message);
  interpose::Stamp stamp();

  Connection& connection_;
  HostRuntime& host_;
  uint32_t pid_;
  genl::ClientId client_;
  uint64_t sequence_ = 0;
  size_t unread_ = 0;                // octets delivered that the program has not taken
  size_t receive_buffer_ = 212'992;  // as the kernel's default
};

}  // namespace airloom::daemon
