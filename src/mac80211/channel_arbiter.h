// Decides which channel the radio is tuned to. Links in use bind to the operating channel (the one
// channel context of a single-channel radio); a scan, remain-on-channel or off-channel frame
// tunes away and home again (offchannel.h and scan.h arbitrate among those). With nothing bound
// the radio idles on the last operating channel, or the monitor's.
#pragma once

#include <functional>
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

  // Moving together: links on one radio announce their switch apart, but the radio can only go
  // once. Each reserves where it will go, and is ready when its countdown is over.

  /// `moved` hears once, from within use_reserved() of this or another link, whether the link is on
  /// the new channel; not if unreserve() or release() came before.
  /// @error kBusy  the link is not bound, moves already, or another goes somewhere else.
  Result<void> reserve(Interface& interface, LinkId link, const ChannelDefinition& channel,
                       std::function<void(bool moved)> moved);
  /// The link can go now. The radio moves when every link that it would lose is ready, and not at
  /// all if one of them does not want to go: then all that reserved hear it.
  void use_reserved(Interface& interface, LinkId link = 0);
  void unreserve(Interface& interface, LinkId link = 0);

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
  using User = std::pair<uint32_t, LinkId>;  // vif, link
  struct Reservation {
    ChannelDefinition channel;
    std::function<void(bool)> moved;
    bool ready = false;
  };
  void retune(bool force = false);
  void set_channel(const User& user, const ChannelDefinition& channel);
  /// Whether the ready links can go without the others; and else whether waiting may help.
  bool ready_fit_the_rest() const;
  bool everyone_reserved() const;
  void finish_reservations(bool moved);

  RadioStack& stack_;
  std::map<User, ChannelDefinition> bindings_;
  std::map<User, Reservation> reservations_;
  std::optional<ChannelDefinition> monitor_, away_;
  ChannelDefinition idle_{};
  ChannelDefinition current_{};
  bool is_idle_ = true;
};

}  // namespace airloom::mac80211
