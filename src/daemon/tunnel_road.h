// The roads of a tunnel: its two channels over UDP, in the clear or in DTLS. What is carried is the
// tunnel's business; who may speak is decided here.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>

#include "platform/dtls.h"
#include "platform/event_loop.h"
#include "platform/udp_socket.h"
#include "tunnel/ac.h"
#include "tunnel/wtp.h"

namespace airloom::daemon {

struct RoadOptions {
  platform::Endpoint address;  ///< of the control channel: to listen at, or to go to
  size_t mtu = 0;              ///< of the road's IP packets; 0: as the system knows it
  std::optional<platform::DtlsCredentials> credentials;  ///< none: in the clear
};

/// A handshake that lasts longer has failed.
constexpr Duration kHandshakeTime = std::chrono::seconds(5);
/// Before it neither end knows what the road takes all the way.
constexpr size_t kHandshakeDatagramMax = tunnel::kDatagramMaxLeast;

using Sockets = std::array<platform::UdpSocket, tunnel::kChannelCount>;  // by channel
using Watches = std::array<platform::EventLoop::Watch, tunnel::kChannelCount>;

/// To one peer.
class AcRoad final : public tunnel::AcWire {
 public:
  /// Opens its sockets in the network namespace that the calling thread is in.
  static Result<std::unique_ptr<AcRoad>> create(platform::EventLoop& loop,
                                                const RoadOptions& options);

  /// Whom to tell; before open().
  void set_ac(tunnel::Ac& ac) { ac_ = &ac; }
  /// Called when the peer does not answer a handshake, again and again.
  std::function<void()> on_unanswered = [] {};

  void open() override;
  void send(tunnel::Channel channel, std::span<const uint8_t> datagram) override;
  size_t datagram_max() const override { return datagram_max_; }
  /// Says farewell.
  void close();

 private:
  AcRoad(platform::EventLoop& loop, Sockets sockets);
  Result<void> watch();
  void on_readable(tunnel::Channel channel);
  void on_secured_datagram(tunnel::Channel channel, std::span<const uint8_t> datagram);
  void on_timer();
  bool is_secured() const;

  platform::EventLoop& loop_;
  Sockets sockets_;
  Watches readable_;
  std::unique_ptr<platform::DtlsContext> context_;  // null: in the clear
  std::array<std::unique_ptr<platform::DtlsAssociation>, tunnel::kChannelCount> associations_;
  tunnel::Ac* ac_ = nullptr;
  size_t datagram_max_ = tunnel::kDatagramMaxDefault;
  bool opening_ = false;
  TimePoint opening_since_;
  Timer timer_;  // while opening
};

/// From whoever comes.
class WtpRoad final : public tunnel::WtpWire {
 public:
  static Result<std::unique_ptr<WtpRoad>> create(platform::EventLoop& loop,
                                                 const RoadOptions& options);

  static constexpr size_t kKnownMax = 16;  ///< peers and strangers of each channel

  /// Whom to tell; before the loop runs.
  void set_wtp(tunnel::Wtp& wtp) { wtp_ = &wtp; }

  void send(tunnel::Channel channel, uint64_t peer, std::span<const uint8_t> datagram) override;
  size_t datagram_max() const override { return datagram_max_; }
  /// Says farewell to all.
  void close();

 private:
  /// Somebody who was heard. Few are remembered: those that were never answered go first, then
  /// those whose last answer is oldest, whoever has the session never.
  struct Known {
    uint64_t id = 0;
    uint64_t used = 0;
    TimePoint since;
    std::unique_ptr<platform::DtlsAssociation> association;  // null: in the clear

    bool is_in_handshake() const {
      return association && association->state() == platform::DtlsAssociation::State::kHandshake;
    }
  };
  using Everybody = std::map<platform::Endpoint, Known>;
  /// How many were asked to prove their address and did not yet; nothing else of them is kept. What
  /// kHandshakeTime leaves open is refused at the end of the next one.
  struct Demands {
    uint64_t fresh = 0, aging = 0;
    TimePoint turned;
  };

  WtpRoad(platform::EventLoop& loop, Sockets sockets);
  Result<void> watch();
  void on_readable(tunnel::Channel channel);
  void on_datagram(tunnel::Channel channel, const platform::Endpoint& from,
                   std::span<const uint8_t> datagram);
  void on_secured_datagram(tunnel::Channel channel, const platform::Endpoint& from,
                           std::span<const uint8_t> datagram);
  void accept(tunnel::Channel channel, const platform::Endpoint& from,
              std::span<const uint8_t> datagram);
  Known& remember(tunnel::Channel channel, const platform::Endpoint& from);
  void forget(Everybody& everybody, Everybody::iterator who);
  void on_demand();
  void on_proof();
  /// @return whether any are open.
  bool age_demands();
  void on_timer();

  platform::EventLoop& loop_;
  Sockets sockets_;
  Watches readable_;
  std::unique_ptr<platform::DtlsContext> context_;  // null: in the clear
  tunnel::Wtp* wtp_ = nullptr;
  size_t datagram_max_ = tunnel::kDatagramMaxDefault;
  std::array<Everybody, tunnel::kChannelCount> known_;  // by channel
  uint64_t last_id_ = 0, uses_ = 0;
  Timer timer_;  // while handshakes last or demands are open
  Demands demands_;
};

// What both ends need. (tunnel_road.cc)

constexpr size_t index_of(tunnel::Channel channel) {
  return static_cast<size_t>(channel);
}
platform::Endpoint data_address(const platform::Endpoint& control);
/// What is left of an IP packet for a CAPWAP datagram.
size_t datagram_max_of(size_t mtu, bool ipv6, bool secured);
/// What goes before a DTLS record.
constexpr std::array<uint8_t, tunnel::kDtlsPreambleOctets> kPreamble{tunnel::kPreambleDtls};
/// The DTLS record in a datagram; empty if there is none.
std::span<const uint8_t> record_in(std::span<const uint8_t> datagram);

}  // namespace airloom::daemon
