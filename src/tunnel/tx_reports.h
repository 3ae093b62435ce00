// What became of the frames that were injected. A monitor interface tells it in one of three ways:
// by the frame itself, which comes back with TX flags in its radiotap header (Linux does so); by
// the ACK that the radio hears; or not at all. Which one is learnt from what comes.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "base/scheduler.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/radiotap.h"
#include "tunnel/control_message.h"

namespace airloom::tunnel {

class TxReports {
 public:
  /// @param on_ready  reports wait to be taken; called from the scheduler or from a method.
  TxReports(Scheduler& scheduler, std::function<void()> on_ready);

  void clear();
  /// A frame was injected whose fate is asked for.
  void on_injected(FrameNumber number, const ieee80211::FrameView& frame);
  /// It did not reach the radio, or the radio did not take it. An access point that learnt so only
  /// after its next try had come through would take the station for gone.
  void on_not_sent(FrameNumber number);
  /// A frame of the radio's own came back.
  void on_returned(const ieee80211::RadiotapHeader& radiotap, const ieee80211::FrameView& frame);
  /// An ACK was heard.
  void on_ack(const MacAddress& receiver);

  bool empty() const { return ready_.empty(); }
  std::vector<TxReport> take(size_t max);

  /// How long a frame's fate is waited for: where frames come back, and where ACKs tell.
  static constexpr Duration kReturnTime = std::chrono::milliseconds(500);
  static constexpr Duration kAckTime = std::chrono::milliseconds(20);
  /// Reports are gathered for so long.
  static constexpr Duration kGatherTime = std::chrono::milliseconds(1);

 private:
  enum class Source : uint8_t { kUnknown, kAcks, kReturns };
  struct Pending {
    FrameNumber number = 0;
    MacAddress receiver, sender;
    uint16_t sequence = 0;
    uint8_t subtype = 0;
    TimePoint since;
  };
  void report(const Pending& pending, bool acked, uint8_t tries);
  void report(TxReport report);
  void expire();
  Duration patience() const { return source_ == Source::kReturns ? kReturnTime : kAckTime; }

  Scheduler& scheduler_;
  std::function<void()> on_ready_;
  Source source_ = Source::kUnknown;
  std::deque<Pending> pending_;  // oldest first
  std::deque<TxReport> ready_;
  Timer expiry_, gather_;
};

}  // namespace airloom::tunnel
