#include "daemon/packet_session.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <variant>

#include "netlink/errno.h"

namespace airloom::daemon {

using namespace interpose;

namespace {

static_assert(sizeof(sockaddr_ll) == kFrameAddressSize);

uint16_t protocol_of(const EmulatedNetdev& netdev, std::span<const uint8_t> frame) {
  if (netdev.link_type() != ARPHRD_ETHER || frame.size() < ETH_HLEN) return ETH_P_802_2;
  const auto type = static_cast<uint16_t>(frame[12] << 8 | frame[13]);
  return type >= ETH_P_802_3_MIN ? type : ETH_P_802_2;
}

uint8_t packet_type_of(const EmulatedNetdev& netdev, std::span<const uint8_t> frame,
                       bool outgoing) {
  if (outgoing) return PACKET_OUTGOING;
  if (netdev.link_type() != ARPHRD_ETHER || frame.size() < ETH_HLEN) return PACKET_OTHERHOST;
  const MacAddress to = MacAddress::from(frame.first(6));
  if (to == MacAddress::broadcast()) return PACKET_BROADCAST;
  if (to.octets[0] & 1) return PACKET_MULTICAST;
  return to == netdev.address() ? PACKET_HOST : PACKET_OTHERHOST;
}

Octets address_of(const EmulatedNetdev& netdev, std::span<const uint8_t> frame, bool outgoing) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  const uint16_t protocol = protocol_of(netdev, frame);
  address.sll_protocol = static_cast<uint16_t>(protocol << 8 | protocol >> 8);
  address.sll_ifindex = static_cast<int>(netdev.ifindex());
  address.sll_hatype = netdev.link_type();
  address.sll_pkttype = packet_type_of(netdev, frame, outgoing);
  if (netdev.link_type() == ARPHRD_ETHER && frame.size() >= ETH_HLEN) {
    address.sll_halen = ETH_ALEN;
    std::copy_n(frame.begin() + ETH_ALEN, ETH_ALEN, address.sll_addr);
  }
  Octets octets(sizeof address);
  std::memcpy(octets.data(), &address, sizeof address);
  return octets;
}

}  // namespace

PacketSession::PacketSession(SocketTable& table, Connection& connection, EmulatedNetwork& network,
                             const Open& open)
    : SocketSession(table, connection, open), network_(network), cooked_(open.type == SOCK_DGRAM) {
  network_.add_watcher(this);
}

std::optional<Message> PacketSession::handle(const Message& message) {
  if (const auto* its = std::get_if<Bind>(&message)) return bind(*its);
  if (const auto* its = std::get_if<Frame>(&message)) return transmit(*its);
  if (std::holds_alternative<SetOption>(message)) return Outcome{};
  return std::nullopt;
}

Outcome PacketSession::bind(const Bind& bind) {
  if (bind.port != 0 && network_.find(bind.port) == nullptr) return {.error = ENODEV};
  ifindex_ = bind.port;
  if (bind.pid != 0) protocol_ = static_cast<uint16_t>(bind.pid);
  return {};
}

Octets PacketSession::name() const {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = static_cast<uint16_t>(protocol_ << 8 | protocol_ >> 8);
  address.sll_ifindex = static_cast<int>(ifindex_);
  if (const EmulatedNetdev* netdev = network_.find(ifindex_)) {
    address.sll_hatype = netdev->link_type();
    address.sll_halen = ETH_ALEN;
    std::copy_n(netdev->address().octets.begin(), ETH_ALEN, address.sll_addr);
  }
  Octets octets(sizeof address);
  std::memcpy(octets.data(), &address, sizeof address);
  return octets;
}

void PacketSession::on_frame(const EmulatedNetdev& netdev, std::span<const uint8_t> frame,
                             bool outgoing) {
  if (ifindex_ != 0 && ifindex_ != netdev.ifindex()) return;
  if (outgoing && protocol_ != ETH_P_ALL) return;
  if (protocol_ != ETH_P_ALL && protocol_ != protocol_of(netdev, frame)) return;
  const Octets address = address_of(netdev, frame, outgoing);
  if (cooked_ && netdev.link_type() == ARPHRD_ETHER)
    frame = frame.subspan(std::min<size_t>(frame.size(), ETH_HLEN));
  (void)try_deliver(Frame{address, frame}, frame.size());  // what has no room is lost
}

Outcome PacketSession::transmit(const Frame& frame) {
  sockaddr_ll to{};
  std::memcpy(&to, frame.address.data(), sizeof to);
  const uint32_t ifindex = to.sll_ifindex != 0 ? static_cast<uint32_t>(to.sll_ifindex) : ifindex_;
  EmulatedNetdev* netdev = network_.find(ifindex);
  if (netdev == nullptr) return {.error = ENXIO};
  if (frame.octets.size() > netdev->mtu() + ETH_HLEN) return {.error = EMSGSIZE};
  Octets whole;
  if (cooked_ && netdev->link_type() == ARPHRD_ETHER) {
    const auto given = static_cast<uint16_t>(to.sll_protocol << 8 | to.sll_protocol >> 8);
    const uint16_t protocol = given != 0 ? given : protocol_;
    whole.assign(to.sll_addr, to.sll_addr + ETH_ALEN);
    const auto& own = netdev->address().octets;
    whole.insert(whole.end(), own.begin(), own.end());
    whole.push_back(static_cast<uint8_t>(protocol >> 8));
    whole.push_back(static_cast<uint8_t>(protocol));
  }
  whole.insert(whole.end(), frame.octets.begin(), frame.octets.end());
  const auto sent = netdev->send(whole);
  if (!sent) return {.error = netlink::to_errno(sent.error().code)};
  network_.tell_frame(*netdev, whole, true, this);
  return {};
}

}  // namespace airloom::daemon
