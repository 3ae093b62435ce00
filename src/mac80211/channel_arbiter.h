// Decides which channels the radio is on. Links in use bind to a channel; those whose channels fit
// together share a context, of which a radio has one or several. A scan, remain-on-channel or
// off-channel frame visits another channel (offchannel.h and scan.h arbitrate among those): a radio
// with one context leaves home for it, another listens there beside. With nothing bound the radio
// idles on the last operating channel, or the monitor's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;

class ChannelArbiter {
 public:
  explicit ChannelArbiter(RadioStack& stack) : stack_(stack) {}

  /// Binds a link to a channel and tunes there (once home, if tuned away). Rebinding the same link
  /// moves it.
  /// @error kBusy  it fits no context that other links hold, and there is no other one.
  Result<void> bind(Interface& interface, LinkId link, const ChannelDefinition& channel);
  /// Gives a bound link another width on its primary channel.
  /// @error kInvalid  HT comes or goes with it, or it does not fit the link's context as it is now.
  /// @error kBusy  links are about to leave the context, or will want it otherwise.
  Result<void> change_width(Interface& interface, LinkId link, const ChannelDefinition& channel);
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

  /// Whether a context is on that primary channel.
  bool is_home(uint32_t mhz) const;
  bool is_in_use() const { return !bindings_.empty(); }
  /// Where the radio is right now; of several, what it visits, or else its first context.
  const ChannelDefinition& current() const { return current_.front(); }
  /// Where a frame of an interface goes if it does not say: with the radio, or to its link.
  ChannelDefinition channel_of(const Interface& interface, LinkId link = 0) const;
  /// A visit means that the links' channels are not heard.
  bool visits_leave_home() const;
  bool is_visiting() const { return away_.has_value(); }
  bool is_away() const { return is_visiting() && visits_leave_home(); }

  /// For scan and off-channel work only: visits another channel, and ends that.
  void tune_away(const ChannelDefinition& channel);
  void tune_home();

  /// The channel of SET_WIPHY on a monitor; used while nothing is bound.
  void set_monitor_channel(const ChannelDefinition& channel);
  /// Tells the driver whether anything uses the radio: a link, a scan, work on another channel, a
  /// monitor. It is tuned and filters while it is used: the one goes before that, the other behind.
  void wake_if_used();
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
  /// The contexts that the links need, each as wide as its widest link; `instead` of what is bound.
  std::vector<ChannelDefinition> contexts(
      const std::map<User, ChannelDefinition>& instead = {}) const;
  bool fits(const std::map<User, ChannelDefinition>& instead) const;
  /// The context that a bound link is in.
  ChannelDefinition context_of(const User& user) const;
  /// Whether a context may become `changed`, given where links have reserved to go.
  bool suits_reservations(const ChannelDefinition& context, const ChannelDefinition& changed) const;
  void retune(bool force = false);
  bool is_unused() const;
  void tune(bool force);
  /// Tells the driver which channel a link has now.
  void tell_channel(const User& user, LinkChange change = kChangedChannel);
  /// Whether the ready links can go without the others; and else whether waiting may help.
  bool ready_fit_the_rest() const;
  bool everyone_reserved() const;
  void finish_reservations(bool moved);

  RadioStack& stack_;
  std::map<User, ChannelDefinition> bindings_;
  std::map<User, Reservation> reservations_;
  std::optional<ChannelDefinition> monitor_, away_;
  ChannelDefinition idle_{};
  std::vector<ChannelDefinition> current_ = {{}};  ///< never empty
  bool is_idle_ = true;
};

}  // namespace airloom::mac80211
