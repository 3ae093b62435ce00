// The roads of a tunnel: its two channels over UDP, in the clear or in DTLS. What is carried is the
// tunnel's business; who may speak is decided here.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "platform/event_loop.h"
#include "platform/udp_socket.h"
#include "tunnel/ac.h"
#include "tunnel/wtp.h"

namespace airloom::daemon {

struct RoadOptions {
  platform::Endpoint address;  ///< of the control channel: to listen at, or to go to
  size_t mtu = 0;              ///< of the road's IP packets; 0: as the system knows it
};

/// What is left of an IP packet for a CAPWAP datagram.
size_t datagram_max_of(size_t mtu, bool ipv6, bool secured);

/// To one peer.
class AcRoad final : public tunnel::AcWire {
 public:
  /// Opens its sockets in the network namespace that the calling thread is in.
  static Result<std::unique_ptr<AcRoad>> create(platform::EventLoop& loop,
                                                const RoadOptions& options);

  /// Whom to tell; before open().
  void set_ac(tunnel::Ac& ac) { ac_ = &ac; }

  void open() override;
  void send(tunnel::Channel channel, std::span<const uint8_t> datagram) override;
  size_t datagram_max() const override { return datagram_max_; }

 private:
  AcRoad(platform::EventLoop& loop, std::array<platform::UdpSocket, 2> sockets);
  Result<void> watch();
  void on_readable(tunnel::Channel channel);

  platform::EventLoop& loop_;
  std::array<platform::UdpSocket, 2> sockets_;  // by channel
  std::array<platform::EventLoop::Watch, 2> readable_;
  tunnel::Ac* ac_ = nullptr;
  size_t datagram_max_ = tunnel::kDatagramMaxDefault;
  Timer opened_;
};

/// From whoever comes.
class WtpRoad final : public tunnel::WtpWire {
 public:
  static Result<std::unique_ptr<WtpRoad>> create(platform::EventLoop& loop,
                                                 const RoadOptions& options);

  /// Whom to tell; before the loop runs.
  void set_wtp(tunnel::Wtp& wtp) { wtp_ = &wtp; }

  void send(tunnel::Channel channel, uint64_t peer, std::span<const uint8_t> datagram) override;
  size_t datagram_max() const override { return datagram_max_; }

 private:
  /// Addresses that are answered, without limit to who asks: the one that waited longest goes.
  struct Known {
    platform::Endpoint address;
    uint64_t used = 0;
  };
  static constexpr size_t kKnownMax = 16;

  WtpRoad(platform::EventLoop& loop, std::array<platform::UdpSocket, 2> sockets);
  Result<void> watch();
  void on_readable(tunnel::Channel channel);

  platform::EventLoop& loop_;
  std::array<platform::UdpSocket, 2> sockets_;  // by channel
  std::array<platform::EventLoop::Watch, 2> readable_;
  tunnel::Wtp* wtp_ = nullptr;
  size_t datagram_max_ = tunnel::kDatagramMaxDefault;
  std::map<uint64_t, Known> known_;
  uint64_t uses_ = 0;
  // Of the datagram that is being handled.
  uint64_t current_peer_ = 0;
  platform::Endpoint current_address_;
};

}  // namespace airloom::daemon
