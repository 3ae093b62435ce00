// The arbiter of work off the operating channel: remain-on-channel and management frames on other
// channels, one after another, and never during a scan. Tunes by ChannelArbiter::tune_away.
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
  /// FRAME on another channel, or one that waits for an answer there (wait_ms): ends with
  /// management_tx_status and, after the wait, management_tx_wait_expired.
  Result<void> send(Interface& interface, const cfg80211::FrameTxRequest& request, uint64_t cookie);
  Result<void> cancel_wait(Interface& interface, uint64_t cookie);
  void on_interface_stopped(Interface& interface);
  /// Whether the radio is, or will be next, somewhere else.
  bool is_busy() const { return !queue_.empty(); }

 private:
  /// One stay on a channel; the first of the queue may have begun.
  struct Stay {
    uint32_t vif = 0;
    uint64_t cookie = 0;
    ChannelDefinition channel;
    uint32_t duration_ms = 0;
    /// A frame to send there; without: remain-on-channel.
    std::optional<cfg80211::FrameTxRequest> frame;
    bool begun = false;
  };

  void enqueue(Stay stay);
  Result<void> cancel(Interface& interface, uint64_t cookie, bool is_frame);
  /// Begins the first stay, unless a scan has the radio.
  void advance();
  void begin(Stay& stay);
  /// Ends the first stay and tells; its interface is still there.
  void end_first();

  RadioStack& stack_;
  Timer timer_;
  std::deque<Stay> queue_;
};

}  // namespace airloom::mac80211
