#include "mac80211/channel_arbiter.h"

#include <algorithm>
#include <vector>

#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"
#include "mac80211/station_rates.h"

namespace airloom::mac80211 {

Result<void> ChannelArbiter::bind(Interface& interface, LinkId link,
                                  const ChannelDefinition& channel) {
  const User key{interface.id(), link};
  if (!fits({{key, channel}})) return fail(Errc::kBusy, "channel context in use");
  bindings_[key] = channel;
  retune();
  tell_channel(key);
  return {};
}

Result<void> ChannelArbiter::change_width(Interface& interface, LinkId link,
                                          const ChannelDefinition& channel) {
  const User key{interface.id(), link};
  const auto bound = bindings_.find(key);
  if (bound == bindings_.end()) return fail(Errc::kInvalid);
  if (bound->second == channel) return {};
  for (const auto width : {bound->second.width, channel.width})
    if (width == ieee80211::ChannelWidth::k20NoHt) return fail(Errc::kInvalid);
  const ChannelDefinition context = context_of(key);
  const auto changed = ieee80211::compatible(context, channel);
  if (!changed) return fail(Errc::kInvalid);
  if (!suits_reservations(context, *changed)) return fail(Errc::kBusy);
  bound->second = channel;
  retune();
  tell_channel(key, kChangedBandwidth);
  return {};
}

std::vector<ChannelDefinition> ChannelArbiter::contexts(
    const std::map<User, ChannelDefinition>& instead) const {
  std::map<User, ChannelDefinition> all = instead;
  all.insert(bindings_.begin(), bindings_.end());  // keeps what is there
  std::vector<ChannelDefinition> found;
  for (const auto& [user, channel] : all) ieee80211::add_to_contexts(found, channel);
  return found;
}

bool ChannelArbiter::fits(const std::map<User, ChannelDefinition>& instead) const {
  return contexts(instead).size() <= stack_.driver().channel_contexts_max();
}

ChannelDefinition ChannelArbiter::context_of(const User& user) const {
  const ChannelDefinition& bound = bindings_.at(user);
  for (const ChannelDefinition& context : contexts())
    if (ieee80211::compatible(context, bound)) return context;
  return bound;
}

bool ChannelArbiter::suits_reservations(const ChannelDefinition& context,
                                        const ChannelDefinition& changed) const {
  const bool is_full = contexts().size() >= stack_.driver().channel_contexts_max();
  for (const auto& [user, reservation] : reservations_) {
    if (ieee80211::compatible(context, reservation.channel)) {
      if (!ieee80211::compatible(changed, reservation.channel)) return false;
    } else if (is_full && context_of(user) == context) {
      return false;  // it makes way for the new one
    }
  }
  return true;
}

bool ChannelArbiter::is_home(uint32_t mhz) const {
  const auto home = contexts();
  return std::any_of(home.begin(), home.end(),
                     [&](const auto& context) { return context.primary_mhz == mhz; });
}

bool ChannelArbiter::visits_leave_home() const {
  return stack_.driver().channel_contexts_max() == 1;
}

ChannelDefinition ChannelArbiter::channel_of(const Interface& interface, LinkId link) const {
  const auto bound = bindings_.find({interface.bss().id(), link});
  return visits_leave_home() || bound == bindings_.end() ? current() : bound->second;
}

/// Power and rates are those of the new channel.
void ChannelArbiter::tell_channel(const User& user, LinkChange change) {
  Interface& interface = *stack_.find(user.first);
  interface.link(user.second).config.channel = bindings_.at(user);
  interface.notify_link_changed(change, user.second);
  stack_.update_power(interface);
  refresh_all_rates(interface);
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
    if (visits_leave_home() && !ieee80211::compatible(reservation.channel, channel))
      return fail(Errc::kBusy);
  reservations_.emplace(user, Reservation{channel, std::move(moved)});
  return {};
}

void ChannelArbiter::unreserve(Interface& interface, LinkId link) {
  reservations_.erase({interface.id(), link});
}

bool ChannelArbiter::ready_fit_the_rest() const {
  std::map<User, ChannelDefinition> ready;
  for (const auto& [user, reservation] : reservations_)
    if (reservation.ready) ready.emplace(user, reservation.channel);
  return fits(ready);
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
    if (reservation.ready) bindings_[user] = reservation.channel;
  retune();
  for (const auto& [user, reservation] : reservations_)
    if (reservation.ready) tell_channel(user);
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

bool ChannelArbiter::is_unused() const {
  const auto listens = [](const auto& entry) {
    return entry.second->is_up() && entry.second->type() == InterfaceType::kMonitor;
  };
  return bindings_.empty() && !away_ && !stack_.scan_work().is_running() &&
         std::ranges::none_of(stack_.interfaces(), listens);
}

void ChannelArbiter::wake_if_used() {
  if (!is_unused()) update_idle();
}

void ChannelArbiter::update_idle() {
  const bool idle = is_unused();
  if (idle == is_idle_ || !stack_.driver().is_started()) return;
  is_idle_ = idle;
  stack_.driver().set_idle(idle);
}

void ChannelArbiter::retune(bool force) {
  wake_if_used();
  tune(force);
  update_idle();
}

void ChannelArbiter::tune(bool force) {
  auto wanted = contexts();
  // Without a user the radio stays on the primary channel it was on, as the kernel's does.
  if (!wanted.empty()) idle_ = wanted.front().no_ht();
  if (wanted.empty()) wanted.push_back(monitor_.value_or(idle_));
  if (away_ && visits_leave_home()) wanted.clear();
  if (away_) wanted.insert(wanted.begin(), *away_);
  if (!force && wanted == current_) return;
  if (!stack_.driver().is_started()) return;
  const auto tuned = visits_leave_home() ? stack_.driver().tune(wanted.front())
                                         : stack_.driver().use_channels(wanted);
  if (!tuned) stack_.log().error("cannot tune to {}", wanted.front().to_string());
  current_ = std::move(wanted);
}

}  // namespace airloom::mac80211
