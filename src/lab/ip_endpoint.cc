#include "lab/ip_endpoint.h"

#include <algorithm>

#include "ieee80211/ethernet.h"

namespace airloom::lab {
namespace {

namespace ethertype = ieee80211::ethertype;
constexpr uint16_t kArpRequest = 1, kArpReply = 2;
constexpr uint8_t kIcmp = 1, kEchoReply = 0, kEchoRequest = 8;
constexpr size_t kWaitingMax = 16;  // packets per neighbour

/// The Internet checksum. [RFC 1071]
uint16_t checksum(std::span<const uint8_t> octets) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < octets.size(); i += 2) sum += octets[i] << 8 | octets[i + 1];
  if (octets.size() % 2) sum += octets.back() << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

void store_checksum(std::span<uint8_t> octets, size_t at) {
  const uint16_t sum = checksum(octets);
  octets[at] = static_cast<uint8_t>(sum >> 8);
  octets[at + 1] = static_cast<uint8_t>(sum);
}

Octets echo(uint8_t type, uint16_t identifier, uint16_t sequence,
            std::span<const uint8_t> payload) {
  Octets message;
  Writer(message).u8(type).u8(0).be16(0).be16(identifier).be16(sequence).bytes(payload);
  store_checksum(message, 2);
  return message;
}

}  // namespace

IpEndpoint::IpEndpoint(Scheduler& scheduler, FramePool& pool, MemoryNetdev& netdev, Ipv4 address)
    : scheduler_(scheduler), pool_(pool), netdev_(netdev), address_(address) {
  netdev_.on_receive = [this](FrameBuffer frame) { on_frame(frame.octets()); };
}

IpEndpoint::~IpEndpoint() {
  netdev_.on_receive = nullptr;
}

void IpEndpoint::ping(Ipv4 to, std::function<void(std::optional<Duration>)> done, size_t payload,
                      Duration timeout) {
  const uint16_t sequence = ++last_sequence_;
  auto timer = std::make_unique<Timer>(scheduler_, [this, sequence] {
    auto gone = outstanding_.extract(sequence);
    gone.mapped().done(std::nullopt);
  });
  timer->arm(timeout);
  outstanding_.insert_or_assign(sequence,
                                Outstanding{scheduler_.now(), std::move(done), std::move(timer)});
  Octets content(payload);
  for (size_t i = 0; i < payload; ++i) content[i] = static_cast<uint8_t>(i);
  send_icmp(to, echo(kEchoRequest, 1, sequence, content));
}

void IpEndpoint::on_frame(std::span<const uint8_t> frame) {
  Reader reader(frame);
  const auto header = ieee80211::EthernetHeader::parse(reader);
  if (!header) return;
  // What does not parse is dropped, as an IP stack does.
  if (header->type == ethertype::kArp) (void)on_arp(reader);
  if (header->type == ethertype::kIpv4) (void)on_ipv4(reader.rest(), header->source);
}

Result<void> IpEndpoint::on_arp(Reader reader) {
  TRY(reader.skip(6));  // Ethernet and IPv4
  const uint16_t operation = TRY(reader.be16());
  const MacAddress sender = TRY(reader.mac());
  const Ipv4 sender_ip = TRY(reader.array<4>());
  TRY(reader.skip(6));
  const Ipv4 target_ip = TRY(reader.array<4>());
  if (target_ip != address_) return {};
  neighbours_[sender_ip] = sender;
  if (operation == kArpRequest) send_arp(kArpReply, sender, sender_ip);
  auto packets = waiting_.extract(sender_ip);
  if (packets)
    for (const auto& packet : packets.mapped()) send_ethernet(sender, ethertype::kIpv4, packet);
  return {};
}

Result<void> IpEndpoint::on_ipv4(std::span<const uint8_t> packet, const MacAddress& from) {
  Reader reader(packet);
  const uint8_t version_and_length = TRY(reader.u8());
  const size_t header_length = (version_and_length & 0xf) * 4u;
  TRY(reader.skip(1));
  const uint16_t total = TRY(reader.be16());
  TRY(reader.skip(5));
  const uint8_t protocol = TRY(reader.u8());
  TRY(reader.skip(2));
  const Ipv4 source = TRY(reader.array<4>());
  const Ipv4 destination = TRY(reader.array<4>());
  if (version_and_length >> 4 != 4 || header_length < 20 || total < header_length + 8 ||
      total > packet.size() || protocol != kIcmp || destination != address_)
    return fail(Errc::kMalformed);
  neighbours_.try_emplace(source, from);
  const auto icmp = packet.subspan(header_length, total - header_length);
  if (checksum(icmp) != 0) return fail(Errc::kMalformed);
  const uint16_t identifier = static_cast<uint16_t>(icmp[4] << 8 | icmp[5]);
  const uint16_t sequence = static_cast<uint16_t>(icmp[6] << 8 | icmp[7]);
  if (icmp[0] == kEchoReply) on_echo_reply(sequence);
  if (icmp[0] == kEchoRequest) {
    ++echoes_answered_;
    send_icmp(source, echo(kEchoReply, identifier, sequence, icmp.subspan(8)));
  }
  return {};
}

void IpEndpoint::on_echo_reply(uint16_t sequence) {
  auto found = outstanding_.extract(sequence);
  if (!found) return;
  found.mapped().timeout->cancel();
  found.mapped().done(scheduler_.now() - found.mapped().sent);
}

void IpEndpoint::send_icmp(Ipv4 to, Octets message) {
  Octets packet;
  Writer writer(packet);
  writer.u8(0x45).u8(0).be16(static_cast<uint16_t>(20 + message.size()));
  writer.be16(last_sequence_).be16(0).u8(64).u8(kIcmp).be16(0).bytes(address_).bytes(to);
  store_checksum(packet, 10);
  writer.bytes(message);
  const auto neighbour = neighbours_.find(to);
  if (neighbour != neighbours_.end())
    return send_ethernet(neighbour->second, ethertype::kIpv4, packet);
  auto& queue = waiting_[to];
  if (queue.size() < kWaitingMax) queue.push_back(std::move(packet));
  send_arp(kArpRequest, MacAddress{}, to);
}

void IpEndpoint::send_arp(uint16_t operation, const MacAddress& target, Ipv4 target_ip) {
  Octets body;
  Writer writer(body);
  writer.be16(1).be16(ethertype::kIpv4).u8(6).u8(4).be16(operation);
  writer.mac(netdev_.address()).bytes(address_).mac(target).bytes(target_ip);
  const bool is_request = operation == kArpRequest;
  send_ethernet(is_request ? MacAddress::broadcast() : target, ethertype::kArp, body);
}

void IpEndpoint::send_ethernet(const MacAddress& to, uint16_t ethertype,
                               std::span<const uint8_t> body) {
  FrameBuffer frame = pool_.allocate(ieee80211::kEthernetHeaderLength + body.size());
  const ieee80211::EthernetHeader header{to, netdev_.address(), ethertype};
  auto out = frame.writable();
  header.store(out);
  std::copy(body.begin(), body.end(), out.begin() + ieee80211::kEthernetHeaderLength);
  netdev_.send(std::move(frame));
}

}  // namespace airloom::lab
