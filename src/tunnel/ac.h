// The end with the stack: CAPWAP's access controller. It opens the session with the end that has
// the radio, keeps it alive, begins it anew when the peer fell silent, and carries frames, settings
// and reports. What they mean is the device's (device.h).
// DEVIATES: in [RFC 5415] the end with the radio asks to join; here the radio waits, like any
// server, and the one that wants it asks. There is no discovery.
#pragma once

#include <functional>

#include "base/log.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "tunnel/control_channel.h"
#include "tunnel/data_channel.h"

namespace airloom::tunnel {

/// The road to the other end: one peer, two channels.
class AcWire {
 public:
  virtual ~AcWire() = default;
  /// Gets the road ready, from the beginning if it was: Ac::on_open() follows, later. Called again
  /// where the peer may have restarted.
  virtual void open() = 0;
  /// Sends a datagram, or loses it.
  virtual void send(Channel channel, std::span<const uint8_t> datagram) = 0;
  /// What a datagram may be: octets of UDP payload, less the security around it.
  virtual size_t datagram_max() const = 0;
};

struct AcPorts {
  Scheduler* scheduler = nullptr;
  Rng* rng = nullptr;
  FramePool* pool = nullptr;
  AcWire* wire = nullptr;
  Log log;
};

class Ac final : private ControlChannel::Owner {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_joined(const RadioDescription& radio) = 0;
    virtual void on_lost() = 0;
    virtual void on_frame(const RxInfo& info, FrameBuffer frame) = 0;
    virtual void on_reports(std::span<const TxReport> reports) = 0;
    /// The radio's TSF as of now.
    virtual void on_tsf(uint64_t tsf_us) = 0;
  };

  /// All outlive it.
  Ac(const AcPorts& ports, Owner& owner);

  /// Opens the road and joins; from then on until the end.
  void start();
  /// Says farewell, as far as the road allows.
  void leave();
  void on_open();
  /// The road has ended: the peer has left, or its machine says that it is not there.
  void on_broken();
  void on_datagram(Channel channel, std::span<const uint8_t> datagram);

  bool is_joined() const { return state_ == State::kJoined; }
  /// Why the other end did not let us join, until it does.
  const std::string& refusal() const { return refusal_; }
  Counters& counters() { return counters_; }
  Duration round_trip() const { return control_.round_trip(); }

  /// The radio is set like this from now on, and again in each session.
  void set_channel(const mac80211::ChannelDefinition& channel);
  void set_rules(ReceiveRules rules);
  /// Sends a frame in the session. @return its number.
  FrameNumber send(const TxInfo& info, std::span<const uint8_t> frame) {
    return data_.send(info, frame);
  }

  static constexpr Duration kEchoInterval = std::chrono::seconds(1);
  static constexpr Duration kKeepAliveFirst = std::chrono::milliseconds(250);
  static constexpr Duration kRejoinDelay = std::chrono::milliseconds(500);

 private:
  enum class State : uint8_t { kClosed, kOpening, kJoining, kBinding, kJoined };

  void send_control(std::span<const uint8_t> datagram) override;
  std::optional<ControlMessage> next_request() override;
  void on_response(const ControlMessage& request, const ControlMessage& response) override;
  std::optional<ControlMessage> on_request(const ControlMessage& request) override;
  void on_unanswered() override;

  void on_join_response(const ControlMessage& response);
  void on_keep_alive(const SessionId& session);
  void on_timer();
  void rejoin();

  AcPorts ports_;
  Owner& owner_;
  Counters counters_;
  ControlChannel control_;
  DataChannel<RxInfo, TxInfo> data_;
  State state_ = State::kClosed;
  SessionId session_{};
  RadioDescription radio_;
  std::string refusal_;
  std::optional<mac80211::ChannelDefinition> channel_;
  ReceiveRules rules_;
  bool channel_is_due_ = false, rules_are_due_ = false, echo_is_due_ = false;
  Timer timer_;  // the next thing to do: join again, keep-alive and echo
};

}  // namespace airloom::tunnel
