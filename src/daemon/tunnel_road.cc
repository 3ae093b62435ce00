#include "daemon/tunnel_road.h"

#include <algorithm>

namespace airloom::daemon {

using platform::Endpoint;
using platform::UdpSocket;
using tunnel::Channel;

namespace {

constexpr size_t kIpv4Octets = 20, kIpv6Octets = 40, kUdpOctets = 8;
// The preamble, a record's header, an explicit nonce and a tag.
constexpr size_t kDtlsOctets = tunnel::kDtlsPreambleOctets + 13 + 8 + 16;
constexpr size_t kMtuDefault = 1500;
constexpr int kBurstsMax = 8;  // before others have their turn

size_t index_of(Channel channel) {
  return static_cast<size_t>(channel);
}

Endpoint data_address(const Endpoint& control) {
  return control.with_port(static_cast<uint16_t>(control.port() + 1));
}

}  // namespace

size_t datagram_max_of(size_t mtu, bool ipv6, bool secured) {
  const size_t around =
      (ipv6 ? kIpv6Octets : kIpv4Octets) + kUdpOctets + (secured ? kDtlsOctets : 0);
  return std::clamp(mtu - std::min(mtu, around), tunnel::kDatagramMaxLeast,
                    tunnel::kDatagramMaxMost);
}

AcRoad::AcRoad(platform::EventLoop& loop, std::array<UdpSocket, 2> sockets)
    : loop_(loop),
      sockets_(std::move(sockets)),
      opened_(loop.queue(), [this] { ac_->on_open(); }) {}

Result<std::unique_ptr<AcRoad>> AcRoad::create(platform::EventLoop& loop,
                                               const RoadOptions& options) {
  std::array<UdpSocket, 2> sockets{TRY(UdpSocket::connect(options.address)),
                                   TRY(UdpSocket::connect(data_address(options.address)))};
  const size_t mtu = options.mtu ? options.mtu : sockets[1].path_mtu().value_or(kMtuDefault);
  std::unique_ptr<AcRoad> road(new AcRoad(loop, std::move(sockets)));
  road->datagram_max_ = datagram_max_of(mtu, options.address.is_ipv6(), false);
  TRY(road->watch());
  return road;
}

Result<void> AcRoad::watch() {
  for (const Channel channel : {Channel::kControl, Channel::kData})
    readable_[index_of(channel)] = TRY(loop_.on_readable(
        sockets_[index_of(channel)].fd(), [this, channel] { on_readable(channel); }));
  return {};
}

void AcRoad::open() {
  opened_.arm(Duration{0});
}

void AcRoad::send(Channel channel, std::span<const uint8_t> datagram) {
  sockets_[index_of(channel)].send(datagram);
}

void AcRoad::on_readable(Channel channel) {
  UdpSocket& socket = sockets_[index_of(channel)];
  const auto visit = [&](const Endpoint&, std::span<const uint8_t> datagram) {
    ac_->on_datagram(channel, datagram);
  };
  for (int bursts = 0; bursts < kBurstsMax && socket.receive(visit); ++bursts) {
  }
}

WtpRoad::WtpRoad(platform::EventLoop& loop, std::array<UdpSocket, 2> sockets)
    : loop_(loop), sockets_(std::move(sockets)) {}

Result<std::unique_ptr<WtpRoad>> WtpRoad::create(platform::EventLoop& loop,
                                                 const RoadOptions& options) {
  std::array<UdpSocket, 2> sockets{TRY(UdpSocket::bind(options.address)),
                                   TRY(UdpSocket::bind(data_address(options.address)))};
  std::unique_ptr<WtpRoad> road(new WtpRoad(loop, std::move(sockets)));
  // Without a wish of its own it goes by the peer's, who knows the road.
  const size_t mtu = options.mtu ? options.mtu : tunnel::kDatagramMaxMost;
  road->datagram_max_ = datagram_max_of(mtu, options.address.is_ipv6(), false);
  TRY(road->watch());
  return road;
}

Result<void> WtpRoad::watch() {
  for (const Channel channel : {Channel::kControl, Channel::kData})
    readable_[index_of(channel)] = TRY(loop_.on_readable(
        sockets_[index_of(channel)].fd(), [this, channel] { on_readable(channel); }));
  return {};
}

void WtpRoad::on_readable(Channel channel) {
  UdpSocket& socket = sockets_[index_of(channel)];
  const auto visit = [&](const Endpoint& from, std::span<const uint8_t> datagram) {
    current_address_ = from;
    current_peer_ = from.hash();
    wtp_->on_datagram(channel, {.id = current_peer_, .host = from.host_hash()}, datagram);
    current_peer_ = 0;
  };
  for (int bursts = 0; bursts < kBurstsMax && socket.receive(visit); ++bursts) {
  }
}

void WtpRoad::send(Channel channel, uint64_t peer, std::span<const uint8_t> datagram) {
  auto found = known_.find(peer);
  if (found == known_.end()) {
    if (peer != current_peer_) return;
    if (known_.size() >= kKnownMax)
      known_.erase(std::ranges::min_element(known_, {},
                                            [](const auto& entry) { return entry.second.used; }));
    found = known_.emplace(peer, Known{current_address_}).first;
  }
  found->second.used = ++uses_;
  sockets_[index_of(channel)].send(datagram, &found->second.address);
}

}  // namespace airloom::daemon
