// The control channel's transport: one request at a time each way, sent again until it is answered,
// answered again when it comes again. [RFC 5415 4.5.3]
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/scheduler.h"
#include "tunnel/control_message.h"
#include "tunnel/counters.h"
#include "tunnel/reassembler.h"

namespace airloom::tunnel {

class ControlChannel {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void send_control(std::span<const uint8_t> datagram) = 0;
    /// What is to be asked next, if anything; called when no request is on its way.
    virtual std::optional<ControlMessage> next_request() = 0;
    virtual void on_response(const ControlMessage& request, const ControlMessage& response) = 0;
    /// Answers a request that is new; the type and number of the answer are filled in. None: no
    /// answer, as if it had been lost.
    virtual std::optional<ControlMessage> on_request(const ControlMessage& request) = 0;
    /// A request was sent as often as may be.
    virtual void on_unanswered() = 0;
  };

  /// All outlive it.
  ControlChannel(Scheduler& scheduler, Counters& counters, Owner& owner);

  /// Something may wait: asks next_request() unless a request is on its way.
  void poke();
  /// Sends a request whose answer nobody waits for.
  void tell(ControlMessage request);
  void on_datagram(std::span<const uint8_t> datagram);
  /// A new session: nothing is on its way, and no request is known.
  void reset();
  void set_datagram_max(size_t octets) { datagram_max_ = octets; }

  /// From a request to its answer, smoothed; zero before the first.
  Duration round_trip() const { return round_trip_; }

  static constexpr unsigned kTriesMax = 6;
  static constexpr Duration kTimeoutFirst = std::chrono::milliseconds(250);
  static constexpr Duration kTimeoutMin = std::chrono::milliseconds(50);
  static constexpr Duration kTimeoutMax = std::chrono::seconds(3);

 private:
  void emit(const ControlMessage& message);
  void on_message(const ControlMessage& message);
  bool is_repeated(const ControlMessage& request) const;
  void on_request(const ControlMessage& request);
  void on_response(const ControlMessage& response);
  void on_timer();
  Duration timeout() const;

  Scheduler& scheduler_;
  Counters& counters_;
  Owner& owner_;
  size_t datagram_max_;
  Reassembler reassembler_;
  uint16_t last_message_ = 0;  // fragment id

  uint8_t last_sequence_ = 0;
  std::optional<ControlMessage> asked_;
  unsigned tries_ = 0;
  TimePoint asked_at_;
  Duration round_trip_{0};
  Timer timer_;

  std::optional<ControlMessage> answered_;  // the last request's answer
  Octets message_, datagram_;
};

}  // namespace airloom::tunnel
