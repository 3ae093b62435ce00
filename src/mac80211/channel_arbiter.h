// Decides which channel the radio is tuned to. Links in use bind to the operating channel (the one
// channel context of a single-channel radio); a scan, remain-on-channel or off-channel frame
// tunes away and home again (offchannel.h and scan.h arbitrate among those). With nothing bound
// the radio idles on the last operating channel, or the monitor's.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "base/result.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;

class ChannelArbiter {
 public:
  explicit ChannelArbiter(RadioStack& stack) : stack_(stack) {}

  /// Binds a link to a channel and tunes there (once home, if tuned away). Rebinding the same link
  /// moves it. The first user of the context decides; others must be compatible.
  /// @error kBusy  another link holds the radio on an incompatible channel.
  Result<void> bind(Interface& interface, LinkId link, const ChannelDefinition& channel);
  void release(Interface& interface, LinkId link = 0);

  /// The channel of the context: the widest of what is bound.
  std::optional<ChannelDefinition> operating() const;
  bool is_in_use() const { return !bindings_.empty(); }
  /// Where the radio is right now.
  const ChannelDefinition& current() const { return current_; }
  bool is_away() const { return away_.has_value(); }

  /// For scan and off-channel work only: tunes elsewhere, and back.
  void tune_away(const ChannelDefinition& channel);
  void tune_home();

  /// The channel of SET_WIPHY on a monitor; used while nothing is bound.
  void set_monitor_channel(const ChannelDefinition& channel);
  /// Tells the driver whether anything uses the radio: a link, work on another channel, a monitor.
  void update_idle();
  /// The radio was (re)started: tunes anew; `idle` is where it begins if it never was anywhere.
  void on_start(const ChannelDefinition& idle);

 private:
  void retune(bool force = false);

  RadioStack& stack_;
  std::map<std::pair<uint32_t, LinkId>, ChannelDefinition> bindings_;
  std::optional<ChannelDefinition> monitor_, away_;
  ChannelDefinition idle_{};
  ChannelDefinition current_{};
  bool is_idle_ = true;
};

}  // namespace airloom::mac80211
