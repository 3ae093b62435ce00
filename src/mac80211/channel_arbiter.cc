#include "mac80211/channel_arbiter.h"

#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

Result<void> ChannelArbiter::bind(Interface& interface, LinkId link,
                                  const ChannelDefinition& channel) {
  const auto key = std::pair(interface.id(), link);
  for (const auto& [user, bound] : bindings_)
    if (user != key && !ieee80211::compatible(bound, channel))
      return fail(Errc::kBusy, "channel context in use");
  bindings_[key] = channel;
  interface.link(link).config.channel = channel;
  interface.notify_link_changed(kChangedChannel, link);
  stack_.update_power(interface);
  retune();
  return {};
}

void ChannelArbiter::release(Interface& interface, LinkId link) {
  if (bindings_.erase({interface.id(), link}) == 0) return;
  interface.link(link).config.channel.reset();
  interface.notify_link_changed(kChangedChannel, link);
  retune();
}

std::optional<ChannelDefinition> ChannelArbiter::operating() const {
  std::optional<ChannelDefinition> widest;
  for (const auto& [user, bound] : bindings_)
    widest = widest ? ieee80211::compatible(*widest, bound).value_or(*widest) : bound;
  return widest;
}

void ChannelArbiter::tune_away(const ChannelDefinition& channel) {
  away_ = channel;
  retune();
}

void ChannelArbiter::tune_home() {
  if (!away_) return;
  away_.reset();
  retune();
  stack_.tx().wake_all();
}

void ChannelArbiter::set_monitor_channel(const ChannelDefinition& channel) {
  monitor_ = channel;
  retune();
}

void ChannelArbiter::on_start(const ChannelDefinition& idle) {
  if (idle_.primary_mhz == 0) idle_ = idle;
  is_idle_ = true;
  retune(true);
}

void ChannelArbiter::update_idle() {
  bool idle = bindings_.empty() && !away_;
  for (const auto& [id, interface] : stack_.interfaces())
    if (interface->is_up() && interface->type() == InterfaceType::kMonitor) idle = false;
  if (idle == is_idle_ || !stack_.driver().is_started()) return;
  is_idle_ = idle;
  stack_.driver().set_idle(idle);
}

void ChannelArbiter::retune(bool force) {
  update_idle();
  const auto home = operating();
  // Without a user the radio stays on the primary channel it was on, as the kernel's does.
  if (home) idle_ = home->no_ht();
  const ChannelDefinition wanted = away_ ? *away_ : home ? *home : monitor_ ? *monitor_ : idle_;
  if (!force && wanted == current_) return;
  if (!stack_.driver().is_started()) return;
  if (!stack_.driver().tune(wanted)) stack_.log().error("cannot tune to {}", wanted.to_string());
  current_ = wanted;
}

}  // namespace airloom::mac80211
