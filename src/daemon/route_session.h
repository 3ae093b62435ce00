// One rtnetlink socket of a program on a host whose interfaces are emulated: links can be listed,
// heard of and changed; addresses and routes cannot be had, and the answer says why.
// [rtnetlink(7)]
#pragma once

#include <set>

#include "daemon/emulated_netdev.h"
#include "daemon/socket_session.h"
#include "netlink/ext_ack.h"
#include "netlink/message.h"

namespace airloom::daemon {

class RouteSession final : public SocketSession, private NetdevWatcher {
 public:
  /// All outlive the session. @param why  a sentence: why interfaces are emulated.
  RouteSession(SocketTable& table, Connection& connection, EmulatedNetwork& network,
               const interpose::Open& open, std::string why);
  ~RouteSession() override;

  void on_writable() override { congested_ = false; }

 private:
  std::optional<interpose::Message> handle(const interpose::Message& message) override;
  uint32_t port() const override { return port_; }
  std::vector<uint32_t> groups() const override { return {groups_.begin(), groups_.end()}; }
  uint64_t now_ns() const override { return 0; }
  void on_link(const EmulatedNetdev& netdev, bool gone) override;

  interpose::Outcome bind(const interpose::Bind& bind);
  interpose::Outcome change_membership(const interpose::Membership& membership);
  void request(std::span<const uint8_t> datagram);
  void dispatch(const netlink::Message& message);
  Result<void> perform(const netlink::Message& message, bool& answered);
  Result<void> get_link(const netlink::Message& message);
  Result<void> set_link(const netlink::Message& message);
  Result<EmulatedNetdev*> find(const netlink::Message& message) const;
  void dump(const netlink::Message& message);
  void acknowledge(const netlink::Message& message, const Result<void>& outcome);
  void deliver(const Octets& datagram, uint32_t group);

  EmulatedNetwork& network_;
  const std::string why_;
  const uint32_t pid_;
  uint32_t port_ = 0;
  std::set<uint32_t> groups_;
  bool congested_ = false;
};

}  // namespace airloom::daemon
