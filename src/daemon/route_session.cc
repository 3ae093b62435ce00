#include "daemon/route_session.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <variant>

#include "netlink/errno.h"

namespace airloom::daemon {
namespace {

using netlink::MessageWriter;

constexpr uint32_t kGroupMax = 64;
constexpr uint32_t kQueueLength = 1000;

template <typename T>
Octets octets_of(const T& value) {
  Octets octets(sizeof value);
  std::memcpy(octets.data(), &value, sizeof value);
  return octets;
}

struct LinkRequest {
  ifinfomsg info{};
  netlink::AttributeTable attributes;
};

Result<LinkRequest> parse_link_request(const netlink::Message& message) {
  LinkRequest request;
  const auto payload = message.payload();
  if (payload.size() < sizeof request.info) return fail(Errc::kInvalid);
  std::memcpy(&request.info, payload.data(), sizeof request.info);
  request.attributes =
      netlink::AttributeTable(netlink::AttributeRange(payload.subspan(sizeof request.info)));
  return request;
}

Octets emit_link(const EmulatedNetdev& netdev, netlink::MessageHeader header) {
  ifinfomsg info{};
  info.ifi_type = netdev.link_type();
  info.ifi_index = static_cast<int>(netdev.ifindex());
  info.ifi_flags = netdev.flags();
  MessageWriter writer(header);
  writer.raw(octets_of(info)).string(IFLA_IFNAME, netdev.name());
  writer.u32(IFLA_TXQLEN, kQueueLength).u8(IFLA_OPERSTATE, netdev.operstate());
  writer.u8(IFLA_LINKMODE, netdev.link_mode()).u32(IFLA_MTU, netdev.mtu());
  writer.u32(IFLA_GROUP, 0).u8(IFLA_CARRIER, netdev.has_carrier()).string(IFLA_QDISC, "noqueue");
  writer.mac(IFLA_ADDRESS, netdev.address()).mac(IFLA_BROADCAST, MacAddress::broadcast());
  return std::move(writer).finish();
}

// What a kernel says GET of; of the others NEW, DEL and SET have to be refused.
bool is_get(uint16_t type) {
  return type >= RTM_BASE && (type - RTM_BASE) % 4 == 2;
}

Result<void> apply_name(EmulatedNetdev& netdev, const LinkRequest& request) {
  const auto name = request.attributes.string(IFLA_IFNAME);
  if (!name || request.info.ifi_index == 0 || *name == netdev.name()) return {};
  if (name->empty() || name->size() >= IFNAMSIZ || name->find('/') != std::string_view::npos)
    return fail(Errc::kInvalid);
  return netdev.rename(std::string(*name));
}

}  // namespace

using namespace interpose;

RouteSession::RouteSession(SocketTable& table, Connection& connection, EmulatedNetwork& network,
                           const Open& open, std::string why)
    : SocketSession(table, connection, open),
      network_(network),
      why_(std::move(why)),
      pid_(open.pid) {
  network_.add_watcher(this);
}

RouteSession::~RouteSession() {
  network_.remove_watcher(this);
  if (port_ != 0) network_.release_port(port_);
}

std::optional<Message> RouteSession::handle(const Message& message) {
  if (const auto* its = std::get_if<Bind>(&message)) return bind(*its);
  if (const auto* its = std::get_if<Membership>(&message)) return change_membership(*its);
  if (std::holds_alternative<SetOption>(message)) return Outcome{};
  const auto* its = std::get_if<Request>(&message);
  if (its == nullptr) return std::nullopt;
  request(its->datagram);
  return Outcome{};
}

Outcome RouteSession::bind(const Bind& bind) {
  if (port_ != 0)
    return {.error = bind.port == 0 || bind.port == port_ ? 0 : EINVAL, .value = port_};
  const auto port = network_.take_port(bind.port, bind.pid);
  if (!port) return {.error = netlink::to_errno(port.error().code)};
  port_ = *port;
  return {.value = port_};
}

Outcome RouteSession::change_membership(const Membership& membership) {
  if (membership.group == 0 || membership.group > kGroupMax) return {.error = EINVAL};
  if (membership.join) {
    groups_.insert(membership.group);
  } else {
    groups_.erase(membership.group);
  }
  return {};
}

void RouteSession::request(std::span<const uint8_t> datagram) {
  if (port_ == 0) (void)bind({0, pid_});
  netlink::MessageReader reader(datagram);
  while (const auto message = reader.next()) dispatch(*message);
}

void RouteSession::dispatch(const netlink::Message& message) {
  if (!(message.header.flags & NLM_F_REQUEST) || message.header.type < NLMSG_MIN_TYPE) {
    if (message.header.flags & NLM_F_ACK) acknowledge(message, {});
    return;
  }
  bool answered = false;
  const auto outcome = perform(message, answered);
  if (!answered && (!outcome || message.header.flags & NLM_F_ACK)) acknowledge(message, outcome);
}

Result<void> RouteSession::perform(const netlink::Message& message, bool& answered) {
  const uint16_t type = message.header.type;
  if (is_get(type) && (message.header.flags & NLM_F_DUMP)) {
    answered = true;
    dump(message);
    return {};
  }
  switch (type) {
    case RTM_GETLINK:
      return get_link(message);
    case RTM_NEWLINK:
    case RTM_SETLINK:
      return set_link(message);
    default:
      return fail(Errc::kUnsupported, "interfaces are emulated here and carry no IP: " + why_);
  }
}

Result<EmulatedNetdev*> RouteSession::find(const netlink::Message& message) const {
  const auto request = TRY(parse_link_request(message));
  EmulatedNetdev* found = nullptr;
  if (request.info.ifi_index > 0) {
    found = network_.find(static_cast<uint32_t>(request.info.ifi_index));
  } else if (const auto name = request.attributes.string(IFLA_IFNAME)) {
    found = network_.find(std::string(*name));
  } else if (const auto other = request.attributes.string(IFLA_ALT_IFNAME)) {
    found = network_.find(std::string(*other));
  } else {
    return fail(Errc::kInvalid);
  }
  if (found == nullptr) return fail(Errc::kNoDevice);
  return found;
}

Result<void> RouteSession::get_link(const netlink::Message& message) {
  const EmulatedNetdev* netdev = TRY(find(message));
  deliver(
      emit_link(*netdev, {.type = RTM_NEWLINK, .sequence = message.header.sequence, .port = port_}),
      0);
  return {};
}

Result<void> RouteSession::set_link(const netlink::Message& message) {
  auto found = find(message);
  const bool is_new = message.header.type == RTM_NEWLINK;
  if (!found && is_new && message.header.flags & NLM_F_CREATE)
    return fail(Errc::kUnsupported,
                "interfaces are emulated here, and only those of radios: " + why_);
  if (!found && is_new) return fail(Errc::kNoDevice);  // by which iproute2 knows RTM_NEWLINK
  EmulatedNetdev& netdev = *TRY(std::move(found));
  const auto request = TRY(parse_link_request(message));
  const auto& attributes = request.attributes;
  if (attributes.has(IFLA_MASTER) && attributes.u32(IFLA_MASTER).value_or(0) != 0)
    return fail(Errc::kUnsupported,
                "interfaces are emulated here and cannot be part of a bridge: " + why_);
  if (const auto address = attributes.mac(IFLA_ADDRESS)) TRY(netdev.change_address(*address));
  TRY(apply_name(netdev, request));
  if (const auto mtu = attributes.u32(IFLA_MTU)) netdev.set_mtu(*mtu);
  if (const auto mode = attributes.u8(IFLA_LINKMODE)) netdev.set_link_mode(*mode);
  // As the kernel has it: without a mask the flags are meant whole, if any is given.
  const uint32_t change = request.info.ifi_change;
  if (change & IFF_UP || (change == 0 && request.info.ifi_flags != 0))
    TRY(netdev.set_up(request.info.ifi_flags & IFF_UP));
  if (const auto state = attributes.u8(IFLA_OPERSTATE)) netdev.set_operstate(*state);
  return {};
}

// Links; of all else there is nothing.
void RouteSession::dump(const netlink::Message& message) {
  netlink::MessageHeader header{.type = RTM_NEWLINK,
                                .flags = NLM_F_MULTI,
                                .sequence = message.header.sequence,
                                .port = port_};
  if (message.header.type == RTM_GETLINK)
    for (const auto& [ifindex, netdev] : network_.netdevs()) deliver(emit_link(*netdev, header), 0);
  header.type = NLMSG_DONE;
  MessageWriter done(header);
  done.raw(octets_of(int32_t{0}));
  deliver(std::move(done).finish(), 0);
}

void RouteSession::acknowledge(const netlink::Message& message, const Result<void>& outcome) {
  netlink::ExtAck ack;
  if (!outcome) ack.text = outcome.error().text;
  const bool capped = outcome || is_on(Option::kCapAck);
  const bool extended = is_on(Option::kExtendedAck) && has_content(ack, !outcome);
  uint16_t flags = capped ? NLM_F_CAPPED : 0;
  if (extended) flags |= NLM_F_ACK_TLVS;
  MessageWriter writer(
      {.type = NLMSG_ERROR, .flags = flags, .sequence = message.header.sequence, .port = port_});
  writer.raw(octets_of(outcome ? 0 : -netlink::to_errno(outcome.error().code)));
  writer.raw(capped ? message.octets.first(netlink::kMessageHeaderSize) : message.octets);
  if (extended) put_ext_ack(writer, ack, !outcome);
  deliver(std::move(writer).finish(), 0);
}

void RouteSession::on_link(const EmulatedNetdev& netdev, bool gone) {
  if (!groups_.contains(RTNLGRP_LINK)) return;
  const uint16_t type = gone ? RTM_DELLINK : RTM_NEWLINK;
  deliver(emit_link(netdev, {.type = type}), RTNLGRP_LINK);
}

void RouteSession::deliver(const Octets& datagram, uint32_t group) {
  if (!congested_ && try_deliver(Deliver{group, datagram}, datagram.size())) return;
  if (!std::exchange(congested_, true)) send(Overrun{});
}

}  // namespace airloom::daemon
