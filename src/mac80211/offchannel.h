// The arbiter of work off the operating channel: remain-on-channel and management frames on other
// channels, one after another, and never during a scan. What an interface wants on the channel
// where it already is goes at once. Associated stations of the radio tell their APs that they sleep
// meanwhile; work on the operating channel disturbs nobody. Tunes by ChannelArbiter::tune_away.
// [802.11-2020 11.1.4; nl80211.h NL80211_CMD_REMAIN_ON_CHANNEL]
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/result.h"
#include "base/scheduler.h"
#include "cfg80211/requests.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;

class OffChannel {
 public:
  explicit OffChannel(RadioStack& stack);
  ~OffChannel();

  Result<void> remain_on_channel(Interface& interface, const ChannelDefinition& channel,
                                 uint32_t duration_ms, uint64_t cookie);
  Result<void> cancel_remain_on_channel(Interface& interface, uint64_t cookie);
  /// FRAME on another channel, where the radio stays for an answer (wait_ms). Ends with
  /// management_tx_status and, after the stay, management_tx_wait_expired.
  Result<void> send(Interface& interface, const cfg80211::FrameTxRequest& request, uint64_t cookie);
  Result<void> cancel_wait(Interface& interface, uint64_t cookie);
  void on_interface_stopped(Interface& interface);
  /// Whether the radio is, or will be next, somewhere else.
  bool is_busy() const { return !queue_.empty(); }
  /// Whether a stay that this interface asked for has begun.
  bool is_on_stay_of(const Interface& interface) const;

 private:
  /// One stay on a channel; those at the front that share one may have begun.
  struct Stay {
    uint32_t vif = 0;
    uint64_t cookie = 0;
    ChannelDefinition channel;
    uint32_t duration_ms = 0;
    /// A frame to send there; without: remain-on-channel.
    std::optional<cfg80211::FrameTxRequest> frame;
    bool begun = false;
    TimePoint until;  ///< once it has begun
  };

  void enqueue(Stay stay);
  /// Whether the stay can share the radio with those that have begun, to its end.
  bool fits_in(const Stay& stay) const;
  Result<void> cancel(Interface& interface, uint64_t cookie, bool is_frame);
  void on_timer();
  /// Goes where the first stay is, unless a scan has the radio, and begins what belongs there.
  void advance();
  void begin_first();
  void begin(Stay& stay);
  /// Ends the stays whose time is over and tells; their interfaces are still there.
  void end_due();
  /// Tells that a stay is over; the frame of one that never began was not sent.
  void tell_end(const Stay& stay);
  void go_home();
  void arm();

  RadioStack& stack_;
  Timer timer_;
  std::deque<Stay> queue_;
  bool leaving_ = false;  ///< our sleep is announced; the radio leaves when that is through
};

}  // namespace airloom::mac80211
