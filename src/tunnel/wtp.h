// The end with the radio: CAPWAP's wireless termination point. It serves one peer at a time, hands
// it the frames that it asked for of those that a monitor interface hears, injects what it is sent,
// and reports what became of that. It knows the monitor interface by its octets: a radiotap header,
// then the MPDU. Who may speak to it at all is the transport's to decide (DTLS, or an address).
#pragma once

#include "base/log.h"
#include "base/scheduler.h"
#include "ieee80211/radiotap.h"
#include "tunnel/control_channel.h"
#include "tunnel/data_channel.h"
#include "tunnel/tx_reports.h"

namespace airloom::tunnel {

/// Somebody at the other end of a channel: an address, or a DTLS association with one.
struct Peer {
  uint64_t id = 0;    ///< never used again; 0: nobody
  uint64_t host = 0;  ///< equal for peers on one machine
};

class WtpWire {
 public:
  virtual ~WtpWire() = default;
  virtual void send(Channel channel, uint64_t peer, std::span<const uint8_t> datagram) = 0;
  virtual size_t datagram_max() const = 0;
};

/// The monitor interface.
class RadioPort {
 public:
  virtual ~RadioPort() = default;
  virtual RadioDescription describe() const = 0;
  /// Sends a radiotap header with an MPDU behind it. @return false: it was not taken.
  virtual bool inject(std::span<const uint8_t> frame) = 0;
  virtual Result<void> set_channel(const mac80211::ChannelDefinition& channel) = 0;
  /// The radio is to acknowledge what comes to these addresses, as far as it can.
  virtual void set_addresses(std::span<const MacAddress> addresses) = 0;
};

struct WtpPorts {
  Scheduler* scheduler = nullptr;
  FramePool* pool = nullptr;
  WtpWire* wire = nullptr;
  RadioPort* radio = nullptr;
  Log log;
};

class Wtp final : private ControlChannel::Owner {
 public:
  /// All outlive it.
  explicit Wtp(const WtpPorts& ports);

  void on_datagram(Channel channel, const Peer& peer, std::span<const uint8_t> datagram);
  /// A peer that the transport has forgotten.
  void on_peer_gone(uint64_t peer);
  /// The monitor interface heard, or returned, a frame: a radiotap header, then the MPDU.
  void on_radio(std::span<const uint8_t> frame);

  bool has_session() const { return session_.has_value(); }
  /// Whether the session is this peer's.
  bool serves(uint64_t peer) const {
    return session_ && (peer == control_peer_.id || peer == data_peer_.id);
  }
  const Counters& counters() const { return counters_; }
  Counters& counters() { return counters_; }

  /// A session whose peer is silent for so long is over, and sooner if another asks.
  static constexpr Duration kSilence = std::chrono::seconds(15);
  static constexpr Duration kSilenceBeforeOther = std::chrono::seconds(5);

 private:
  void send_control(std::span<const uint8_t> datagram) override;
  std::optional<ControlMessage> next_request() override;
  void on_response(const ControlMessage&, const ControlMessage&) override {}
  std::optional<ControlMessage> on_request(const ControlMessage& request) override;
  void on_unanswered() override;

  void on_stranger(const Peer& peer, std::span<const uint8_t> datagram);
  bool gives_way_to(const Peer& peer) const;
  ControlMessage on_join(const ControlMessage& request);
  ControlMessage on_configuration(const ControlMessage& request);
  Result<void> set_channel(const mac80211::ChannelDefinition& channel);
  void on_keep_alive(const SessionId& session);
  void on_frame(const TxInfo& info, const FrameBuffer& frame);
  bool wants(const ieee80211::FrameView& frame) const;
  void end_session();
  uint64_t tsf_us() const;

  WtpPorts ports_;
  Counters counters_;
  ControlChannel control_;
  DataChannel<TxInfo, RxInfo> data_;
  TxReports reports_;
  std::optional<SessionId> session_;
  Peer control_peer_, data_peer_;
  TimePoint heard_at_;
  Timer silence_;
  ReceiveRules rules_;
  mac80211::ChannelDefinition channel_;
  int64_t tsf_offset_us_ = 0;  // of the radio's TSF to our time
  Octets injection_;
};

}  // namespace airloom::tunnel
