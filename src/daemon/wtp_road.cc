#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/tunnel_road.h"

namespace airloom::daemon {

using platform::DtlsAssociation;
using platform::Endpoint;
using platform::UdpSocket;
using tunnel::Channel;
using tunnel::Count;

namespace {

constexpr int kBurstsMax = 8;  // before others have their turn
constexpr Duration kLook = std::chrono::milliseconds(100);

/// Whether a DTLS record is the first of a handshake: type 22 in epoch 0, ClientHello.
bool is_client_hello(std::span<const uint8_t> record) {
  constexpr size_t kHeader = 13;
  return record.size() > kHeader && record[0] == 22 && record[3] == 0 && record[4] == 0 &&
         record[kHeader] == 1;
}

Octets octets_of(const Endpoint& endpoint) {
  const std::string text = endpoint.to_string();
  return {text.begin(), text.end()};
}

}  // namespace

WtpRoad::WtpRoad(platform::EventLoop& loop, Sockets sockets)
    : loop_(loop), sockets_(std::move(sockets)), timer_(loop.queue(), [this] { on_timer(); }) {}

Result<std::unique_ptr<WtpRoad>> WtpRoad::create(platform::EventLoop& loop,
                                                 const RoadOptions& options) {
  Sockets sockets{TRY(UdpSocket::bind(options.address)),
                  TRY(UdpSocket::bind(data_address(options.address)))};
  std::unique_ptr<WtpRoad> road(new WtpRoad(loop, std::move(sockets)));
  // Without a wish of its own it goes by the peer's, who knows the road.
  const size_t mtu = options.mtu ? options.mtu : tunnel::kDatagramMaxMost;
  road->datagram_max_ =
      datagram_max_of(mtu, options.address.is_ipv6(), options.credentials.has_value());
  if (options.credentials)
    road->context_ =
        TRY(platform::DtlsContext::create(platform::DtlsRole::kServer, *options.credentials));
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
    if (context_) return on_secured_datagram(channel, from, datagram);
    on_datagram(channel, from, datagram);
  };
  for (int bursts = 0; bursts < kBurstsMax && socket.receive(visit); ++bursts) {
  }
}

void WtpRoad::on_datagram(Channel channel, const Endpoint& from,
                          std::span<const uint8_t> datagram) {
  const Known& known = remember(channel, from);
  wtp_->on_datagram(channel, {.id = known.id, .host = from.host_hash()}, datagram);
}

void WtpRoad::on_secured_datagram(Channel channel, const Endpoint& from,
                                  std::span<const uint8_t> datagram) {
  const auto record = record_in(datagram);
  Everybody& everybody = known_[index_of(channel)];
  const auto found = everybody.find(from);
  const bool secured = found != everybody.end() &&
                       found->second.association->state() == DtlsAssociation::State::kSecured;
  // A peer that restarted may come from the same port.
  if (found == everybody.end() || (secured && is_client_hello(record)))
    return accept(channel, from, record);
  Known& known = found->second;
  const tunnel::Peer peer{.id = known.id, .host = from.host_hash()};
  const bool brought = known.association->receive(
      record, [&](std::span<const uint8_t> octets) { wtp_->on_datagram(channel, peer, octets); });
  if (!brought) wtp_->counters().add(Count::kRefused);
  if (known.association->state() == DtlsAssociation::State::kSecured) known.used = ++uses_;
  if (known.association->state() == DtlsAssociation::State::kBroken) {
    if (!secured) wtp_->counters().add(Count::kRefused);
    forget(everybody, found);
  }
}

/// Somebody begins, or did so and was asked to prove its address.
void WtpRoad::accept(Channel channel, const Endpoint& from, std::span<const uint8_t> record) {
  auto association =
      is_client_hello(record)
          ? context_->accept(octets_of(from), record, kHandshakeDatagramMax,
                             [this, channel, from](std::span<const uint8_t> answer) {
                               sockets_[index_of(channel)].send(answer, &from, kPreamble);
                             })
          : nullptr;
  if (!association) {
    if (is_client_hello(record)) return on_demand();
    return wtp_->counters().add(Count::kRefused);
  }
  on_proof();
  Everybody& everybody = known_[index_of(channel)];
  if (const auto old = everybody.find(from); old != everybody.end()) forget(everybody, old);
  remember(channel, from).association = std::move(association);
  if (!timer_.is_armed()) timer_.arm(kLook);
}

WtpRoad::Known& WtpRoad::remember(Channel channel, const Endpoint& from) {
  Everybody& everybody = known_[index_of(channel)];
  if (const auto found = everybody.find(from); found != everybody.end()) return found->second;
  if (everybody.size() >= kKnownMax) {
    const auto last = std::ranges::min_element(everybody, {}, [this](const auto& entry) {
      const Known& known = entry.second;
      return std::tuple(wtp_->serves(known.id), known.used, known.id);
    });
    if (last->second.is_in_handshake()) wtp_->counters().add(Count::kRefused);
    forget(everybody, last);
  }
  return everybody.emplace(from, Known{.id = ++last_id_, .since = loop_.queue().now()})
      .first->second;
}

void WtpRoad::forget(Everybody& everybody, Everybody::iterator who) {
  wtp_->on_peer_gone(who->second.id);
  everybody.erase(who);
}

void WtpRoad::on_demand() {
  if (demands_.fresh + demands_.aging == 0) demands_.turned = loop_.queue().now();
  ++demands_.fresh;
  if (!timer_.is_armed()) timer_.arm(kLook);
}

void WtpRoad::on_proof() {
  uint64_t& open = demands_.aging != 0 ? demands_.aging : demands_.fresh;
  if (open != 0) --open;
}

bool WtpRoad::age_demands() {
  if (demands_.turned + kHandshakeTime <= loop_.queue().now()) {
    wtp_->counters().add(Count::kRefused, demands_.aging);
    demands_.aging = std::exchange(demands_.fresh, 0);
    demands_.turned = loop_.queue().now();
  }
  return demands_.fresh + demands_.aging != 0;
}

/// Repeats what handshakes wait for, and ends those that take too long.
void WtpRoad::on_timer() {
  bool any = age_demands();
  for (Everybody& everybody : known_) {
    for (auto at = everybody.begin(); at != everybody.end();) {
      const auto who = at++;
      if (!who->second.is_in_handshake()) continue;
      DtlsAssociation& association = *who->second.association;
      if (association.timeout().value_or(kLook) == Duration{0}) association.poke();
      if (who->second.since + kHandshakeTime <= loop_.queue().now()) {
        wtp_->counters().add(Count::kRefused);
        forget(everybody, who);
      } else {
        any = true;
      }
    }
  }
  if (any) timer_.arm(kLook);
}

void WtpRoad::send(Channel channel, uint64_t peer, std::span<const uint8_t> datagram) {
  for (auto& [address, known] : known_[index_of(channel)]) {
    if (known.id != peer) continue;
    known.used = ++uses_;
    if (known.association) {
      known.association->send(datagram);
    } else {
      sockets_[index_of(channel)].send(datagram, &address);
    }
    return;
  }
}

void WtpRoad::close() {
  for (Everybody& everybody : known_)
    for (auto& [address, known] : everybody)
      if (known.association) known.association->close();
}

}  // namespace airloom::daemon
