// The arbiter of work off the operating channel: remain-on-channel and management frames on other
// channels, one after another, and never during a scan. Tunes by ChannelArbiter::tune_away.
// [802.11-2020 11.1.4; nl80211.h NL80211_CMD_REMAIN_ON_CHANNEL]
#pragma once

#include "base/result.h"
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
  bool is_busy() const;

 private:
  RadioStack& stack_;
};

}  // namespace airloom::mac80211
