#include "daemon/netlink_session.h"

#include <linux/genetlink.h>

#include <variant>

#include "netlink/errno.h"

namespace airloom::daemon {

using namespace interpose;

NetlinkSession::NetlinkSession(SocketTable& table, Connection& connection, HostRuntime& host,
                               genl::NamespaceId ns, const Open& open)
    : SocketSession(table, connection, open),
      host_(host),
      pid_(open.pid),
      client_(host.host().bus().open(*this, ns, {.net_admin = true, .pid = pid_})) {}

NetlinkSession::~NetlinkSession() {
  host_.host().bus().close(client_);
}

uint64_t NetlinkSession::now_ns() const {
  return static_cast<uint64_t>(host_.host().host().now().since_epoch.count());
}

std::optional<Message> NetlinkSession::handle(const Message& message) {
  if (const auto* its = std::get_if<Request>(&message)) return request(*its);
  if (const auto* its = std::get_if<Bind>(&message)) return bind(*its);
  if (const auto* its = std::get_if<Membership>(&message)) return change_membership(*its);
  if (const auto* its = std::get_if<SetOption>(&message)) return set_option(*its);
  return std::nullopt;
}

Outcome NetlinkSession::bind(const Bind& bind) {
  const auto port = host_.host().bus().bind(client_, bind.port);
  if (!port) return {.error = netlink::to_errno(port.error().code)};
  return {.value = *port};
}

Outcome NetlinkSession::change_membership(const Membership& membership) {
  auto& bus = host_.host().bus();
  const auto done =
      membership.join ? bus.join(client_, membership.group) : bus.leave(client_, membership.group);
  return {.error = done ? 0 : netlink::to_errno(done.error().code)};
}

Outcome NetlinkSession::set_option(const SetOption& option) {
  auto& bus = host_.host().bus();
  const bool on = option.value != 0;
  switch (option.option) {
    case Option::kExtendedAck:
      bus.set_option(client_, genl::ClientOption::kExtAck, on);
      break;
    case Option::kCapAck:
      bus.set_option(client_, genl::ClientOption::kCapAck, on);
      break;
    case Option::kNoEnobufs:
      bus.set_option(client_, genl::ClientOption::kNoEnobufs, on);
      break;
    case Option::kStrictCheck:
      bus.set_option(client_, genl::ClientOption::kStrictCheck, on);
      break;
    case Option::kReceiveBuffer:
      bus.set_receive_buffer(client_, receive_buffer());
      break;
    case Option::kReceiveSize:
      bus.set_receive_size(client_, option.value);
      break;
    case Option::kPacketInfo:
    case Option::kBroadcastError:
    case Option::kListenAllNsid:
    case Option::kPassCredentials:
      break;  // kept for describe()
  }
  return {};
}

Outcome NetlinkSession::request(const Request& request) {
  // Nothing that a program does to a netdev bears on what families there are.
  const auto first = netlink::MessageReader(request.datagram).next();
  if (!first || first->header.type != GENL_ID_CTRL) host_.drain();
  auto& bus = host_.host().bus();
  bus.set_credentials(client_, {.net_admin = request.privileged, .pid = pid_});
  bus.request(client_, request.datagram);
  return {};
}

bool NetlinkSession::deliver(std::span<const uint8_t> datagram, uint32_t group) {
  return try_deliver(Deliver{group, datagram}, datagram.size());
}

void NetlinkSession::overrun() {
  send(Overrun{});
}

}  // namespace airloom::daemon
