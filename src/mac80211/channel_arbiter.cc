#include "mac80211/channel_arbiter.h"

#include <vector>

#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

Result<void> ChannelArbiter::bind(Interface& interface, LinkId link,
                                  const ChannelDefinition& channel) {
  const User key{interface.id(), link};
  for (const auto& [user, bound] : bindings_)
    if (user != key && !ieee80211::compatible(bound, channel))
      return fail(Errc::kBusy, "channel context in use");
  set_channel(key, channel);
  retune();
  return {};
}

void ChannelArbiter::set_channel(const User& user, const ChannelDefinition& channel) {
  bindings_[user] = channel;
  Interface& interface = *stack_.find(user.first);
  interface.link(user.second).config.channel = channel;
  interface.notify_link_changed(kChangedChannel, user.second);
  stack_.update_power(interface);
}

void ChannelArbiter::release(Interface& interface, LinkId link) {
  unreserve(interface, link);
  if (bindings_.erase({interface.id(), link}) == 0) return;
  interface.link(link).config.channel.reset();
  interface.notify_link_changed(kChangedChannel, link);
  retune();
}

Result<void> ChannelArbiter::reserve(Interface& interface, LinkId link,
                                     const ChannelDefinition& channel,
                                     std::function<void(bool moved)> moved) {
  const User user{interface.id(), link};
  if (!bindings_.contains(user) || reservations_.contains(user)) return fail(Errc::kBusy);
  for (const auto& [other, reservation] : reservations_)
    if (!ieee80211::compatible(reservation.channel, channel)) return fail(Errc::kBusy);
  reservations_.emplace(user, Reservation{channel, std::move(moved)});
  return {};
}

void ChannelArbiter::unreserve(Interface& interface, LinkId link) {
  reservations_.erase({interface.id(), link});
}

bool ChannelArbiter::ready_fit_the_rest() const {
  std::optional<ChannelDefinition> all;
  for (const auto& [user, bound] : bindings_) {
    const auto reserved = reservations_.find(user);
    const bool goes = reserved != reservations_.end() && reserved->second.ready;
    const ChannelDefinition& channel = goes ? reserved->second.channel : bound;
    const auto both = all ? ieee80211::compatible(*all, channel) : channel;
    if (!both) return false;
    all = both;
  }
  return true;
}

bool ChannelArbiter::everyone_reserved() const {
  for (const auto& [user, bound] : bindings_)
    if (!reservations_.contains(user)) return false;
  return true;
}

void ChannelArbiter::use_reserved(Interface& interface, LinkId link) {
  const auto own = reservations_.find({interface.id(), link});
  if (own == reservations_.end()) return;
  own->second.ready = true;
  if (!ready_fit_the_rest()) {
    if (!everyone_reserved()) finish_reservations(false);
    return;  // else for the others' countdown
  }
  for (const auto& [user, reservation] : reservations_)
    if (reservation.ready) set_channel(user, reservation.channel);
  retune();
  finish_reservations(true);
}

/// Those that are ready have moved; or nobody can.
void ChannelArbiter::finish_reservations(bool moved) {
  std::vector<std::function<void(bool)>> tell;
  for (auto& [user, reservation] : reservations_)
    if (!moved || reservation.ready) tell.push_back(std::move(reservation.moved));
  std::erase_if(reservations_, [&](const auto& entry) { return !moved || entry.second.ready; });
  for (const auto& hears : tell) hears(moved);
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
  stack_.raw_tx().resume();
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
