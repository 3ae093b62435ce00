// One generic netlink socket of a program: a client of its host's bus.
#pragma once

#include <cstdint>
#include <span>

#include "daemon/host_runtime.h"
#include "daemon/socket_session.h"
#include "genl/bus.h"

namespace airloom::daemon {

class NetlinkSession final : public SocketSession, private genl::ClientSink {
 public:
  /// All outlive the session. @param ns  the network namespace of the program's socket.
  NetlinkSession(SocketTable& table, Connection& connection, HostRuntime& host,
                 genl::NamespaceId ns, const interpose::Open& open);
  ~NetlinkSession() override;

  void on_writable() override { host_.host().bus().drain(client_); }

 private:
  std::optional<interpose::Message> handle(const interpose::Message& message) override;
  uint32_t port() const override { return host_.host().bus().port(client_); }
  std::vector<uint32_t> groups() const override { return host_.host().bus().groups(client_); }
  uint64_t now_ns() const override;
  bool deliver(std::span<const uint8_t> datagram, uint32_t group) override;
  void overrun() override;

  interpose::Outcome bind(const interpose::Bind& bind);
  interpose::Outcome change_membership(const interpose::Membership& membership);
  interpose::Outcome set_option(const interpose::SetOption& option);
  interpose::Outcome request(const interpose::Request& request);

  HostRuntime& host_;
  uint32_t pid_;
  genl::ClientId client_;
};

}  // namespace airloom::daemon
