#include "daemon/netlink_session.h"

#include <algorithm>
#include <variant>

#include "netlink/errno.h"

namespace airloom::daemon {

using namespace interpose;

NetlinkSession::NetlinkSession(Connection& connection, HostRuntime& host, genl::NamespaceId ns,
                               uint32_t pid)
    : connection_(connection),
      host_(host),
      pid_(pid),
      client_(host.host().bus().open(*this, ns, {.net_admin = true, .pid = pid})) {}

NetlinkSession::~NetlinkSession() {
  host_.host().bus().close(client_);
}

Stamp NetlinkSession::stamp() {
  const auto now = host_.host().host().now().since_epoch.count();
  return {static_cast<uint64_t>(now), ++sequence_};
}

void NetlinkSession::send(const Message& message) {
  connection_.send(emit_message(message, stamp()));
}

bool NetlinkSession::on_message(std::span<const uint8_t> message) {
  const auto envelope = parse_message(message);
  if (!envelope) return false;
  Outcome outcome;
  if (const auto* bind = std::get_if<Bind>(&envelope->message)) {
    outcome = handle(*bind);
  } else if (const auto* membership = std::get_if<Membership>(&envelope->message)) {
    outcome = handle(*membership);
  } else if (const auto* option = std::get_if<SetOption>(&envelope->message)) {
    outcome = handle(*option);
  } else if (const auto* request = std::get_if<Request>(&envelope->message)) {
    outcome = handle(*request);
  } else if (const auto* consumed = std::get_if<Consumed>(&envelope->message)) {
    unread_ -= std::min<size_t>(unread_, consumed->octets);
    host_.host().bus().drain(client_);
  } else {
    return false;  // not a message of this connection
  }
  send(outcome);
  return true;
}

Outcome NetlinkSession::handle(const Bind& bind) {
  const auto port = host_.host().bus().bind(client_, bind.port);
  if (!port) return {.error = netlink::to_errno(port.error().code)};
  return {.value = *port};
}

Outcome NetlinkSession::handle(const Membership& membership) {
  auto& bus = host_.host().bus();
  const auto done =
      membership.join ? bus.join(client_, membership.group) : bus.leave(client_, membership.group);
  return {.error = done ? 0 : netlink::to_errno(done.error().code)};
}

Outcome NetlinkSession::handle(const SetOption& option) {
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
      receive_buffer_ = std::max<size_t>(option.value, 2304);  // SOCK_MIN_RCVBUF
      bus.set_receive_buffer(client_, receive_buffer_);
      break;
    case Option::kReceiveSize:
      bus.set_receive_size(client_, option.value);
      break;
  }
  return {};
}

Outcome NetlinkSession::handle(const Request& request) {
  host_.drain();
  auto& bus = host_.host().bus();
  bus.set_credentials(client_, {.net_admin = request.privileged, .pid = pid_});
  bus.request(client_, request.datagram);
  return {};
}

bool NetlinkSession::deliver(std::span<const uint8_t> datagram, uint32_t group) {
  // What the program has not read counts against its buffer; as in a socket of the kernel, one
  // datagram may cross the limit.
  if (unread_ > receive_buffer_) return false;
  if (!connection_.try_send(emit_message(Deliver{group, datagram}, stamp()))) return false;
  unread_ += datagram.size();
  return true;
}

void NetlinkSession::overrun() {
  send(Overrun{});
}

}  // namespace airloom::daemon
