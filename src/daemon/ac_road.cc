#include "daemon/tunnel_road.h"

namespace airloom::daemon {

using platform::DtlsAssociation;
using platform::Endpoint;
using platform::UdpSocket;
using tunnel::Channel;

namespace {

constexpr size_t kMtuDefault = 1500;
constexpr int kBurstsMax = 8;  // before others have their turn
constexpr Duration kLook = std::chrono::milliseconds(50);

}  // namespace

AcRoad::AcRoad(platform::EventLoop& loop, Sockets sockets)
    : loop_(loop), sockets_(std::move(sockets)), timer_(loop.queue(), [this] { on_timer(); }) {}

Result<std::unique_ptr<AcRoad>> AcRoad::create(platform::EventLoop& loop,
                                               const RoadOptions& options) {
  Sockets sockets{TRY(UdpSocket::connect(options.address)),
                  TRY(UdpSocket::connect(data_address(options.address)))};
  const size_t mtu = options.mtu ? options.mtu : sockets[1].path_mtu().value_or(kMtuDefault);
  std::unique_ptr<AcRoad> road(new AcRoad(loop, std::move(sockets)));
  road->datagram_max_ =
      datagram_max_of(mtu, options.address.is_ipv6(), options.credentials.has_value());
  if (options.credentials)
    road->context_ =
        TRY(platform::DtlsContext::create(platform::DtlsRole::kClient, *options.credentials));
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
  opening_ = true;
  opening_since_ = loop_.queue().now();
  timer_.arm(Duration{0});
  if (!context_) return;
  for (const Channel channel : {Channel::kControl, Channel::kData}) {
    auto& association = associations_[index_of(channel)];
    association =
        context_->connect(kHandshakeDatagramMax, [this, channel](std::span<const uint8_t> record) {
          sockets_[index_of(channel)].send(record, nullptr, kPreamble);
        });
    association->poke();
  }
}

bool AcRoad::is_secured() const {
  if (!context_) return true;
  for (const auto& association : associations_)
    if (!association || association->state() != DtlsAssociation::State::kSecured) return false;
  return true;
}

void AcRoad::on_timer() {
  if (!opening_) return;
  if (is_secured()) {
    opening_ = false;
    return ac_->on_open();
  }
  if (opening_since_ + kHandshakeTime <= loop_.queue().now()) {
    on_unanswered();
    return open();
  }
  for (const auto& association : associations_)
    if (association->timeout().value_or(kLook) == Duration{0}) association->poke();
  timer_.arm(kLook);
}

void AcRoad::close() {
  for (const auto& association : associations_)
    if (association) association->close();
}

void AcRoad::send(Channel channel, std::span<const uint8_t> datagram) {
  if (!context_) return sockets_[index_of(channel)].send(datagram);
  if (const auto& association = associations_[index_of(channel)]) association->send(datagram);
}

void AcRoad::on_readable(Channel channel) {
  UdpSocket& socket = sockets_[index_of(channel)];
  const auto visit = [&](const Endpoint&, std::span<const uint8_t> datagram) {
    if (context_) return on_secured_datagram(channel, datagram);
    ac_->on_datagram(channel, datagram);
  };
  for (int bursts = 0; bursts < kBurstsMax && socket.receive(visit); ++bursts) {
  }
}

void AcRoad::on_secured_datagram(Channel channel, std::span<const uint8_t> datagram) {
  DtlsAssociation* association = associations_[index_of(channel)].get();
  const auto record = record_in(datagram);
  if (association == nullptr || record.empty()) return ac_->counters().add(tunnel::Count::kRefused);
  const auto before = association->state();
  const bool brought = association->receive(
      record, [&](std::span<const uint8_t> octets) { ac_->on_datagram(channel, octets); });
  if (!brought) ac_->counters().add(tunnel::Count::kRefused);
  if (association->state() == before) return;
  if (opening_) return timer_.arm(Duration{0});
  if (association->state() == DtlsAssociation::State::kBroken) ac_->on_broken();
}

}  // namespace airloom::daemon
