// What the host's regulatory domain makes of each wiphy's channels, and who has to leave them.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/host_regulatory.h"
#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

/// How long programs may take to leave, by themselves, a channel that is forbidden now.
constexpr Duration kGrace = std::chrono::seconds(60);

/// Whether an interface is where it must not be any more.
bool is_on_forbidden_channel(const Wdev& wdev) {
  if (!wdev.is_running() || wdev.netdev() == nullptr) return false;
  const Wiphy& wiphy = wdev.wiphy();
  return std::any_of(wdev.links().begin(), wdev.links().end(), [&](const auto& entry) {
    const Link& link = entry.second;
    if (!link.channel) return false;
    if (link.beacon_interval_tu != 0) return !may_beacon(wiphy, *link.channel);
    return link.current_bss != 0 && !check_channel(wiphy, *link.channel);
  });
}

}  // namespace

void HostRegulatory::on_wiphy_added(Wiphy& wiphy) {
  const OwnRegulatory& own = wiphy.own_regulatory;
  const bool stays = is_ignored_by(wiphy);
  if (stays || last_.initiator == Initiator::kCountryElement)
    wiphy.set_channels(apply(wiphy.capabilities(), {.base = own.base ? &*own.base : nullptr}));
  if (!stays) wiphy.set_channels(channels_for(wiphy));
  share_radar_knowledge(wiphy);
}

void HostRegulatory::on_wiphy_removed(const Wiphy& wiphy) {
  if (last_.wiphy == wiphy.index()) last_.wiphy.reset();
  know_radar_.erase(wiphy.index());
}

void HostRegulatory::on_radar_knowledge(const Wiphy& wiphy) {
  know_radar_.insert(wiphy.index());
}

/// What others of the host know of radar holds for a radio that comes, too.
void HostRegulatory::share_radar_knowledge(Wiphy& wiphy) {
  for (const uint32_t index : know_radar_) {
    if (index == wiphy.index()) continue;  // which the host does not list yet
    const Wiphy* other = host_.find_wiphy(index);
    for (const auto& band : other->channels().bands)
      for (const ChannelState& known : band) {
        if (!known.radar || known.disabled || known.dfs_state == NL80211_DFS_USABLE) continue;
        const ChannelState* own = wiphy.find_channel(known.mhz, known.offset_khz);
        if (own != nullptr && own->radar && !own->disabled)
          wiphy.set_dfs_state(known.mhz, known.dfs_state, other->dfs_state_since(known.mhz));
      }
  }
}

void HostRegulatory::update_all() {
  tables_.clear();
  for (const auto& [index, wiphy] : host_.wiphys()) update(*wiphy);
  enforcement_timer_.arm(kGrace);
}

void HostRegulatory::update(Wiphy& wiphy) {
  if (is_ignored_by(wiphy)) {
    if (last_.initiator == Initiator::kCore && wiphy.own_regulatory.custom)
      wiphy.ops().regulatory_changed(wiphy);
    return;
  }
  wiphy.set_channels(channels_for(wiphy));
  wiphy.ops().regulatory_changed(wiphy);
}

/// Whether a wiphy keeps its channels whatever was decided last.
bool HostRegulatory::is_ignored_by(const Wiphy& wiphy) const {
  const OwnRegulatory& own = wiphy.own_regulatory;
  if (last_.initiator == Initiator::kCore && own.custom) return true;
  const bool waits_for_own = own.strict && !own.custom && !own.domain;
  return waits_for_own && last_.initiator != Initiator::kCountryElement &&
         last_.alpha2 != world_domain().alpha2;
}

bool HostRegulatory::roams_the_world(const Wiphy& wiphy) const {
  const OwnRegulatory& own = wiphy.own_regulatory;
  if (is_world(domain_) || (own.domain && is_world(*own.domain))) return true;
  return last_.initiator != Initiator::kCountryElement && own.custom;
}

/// The wiphy's own domain goes before the host's unless a user or an access point knows better. A
/// strict radio's own becomes the base of all that follows. Equal radios share one table.
SharedChannelTable HostRegulatory::channels_for(Wiphy& wiphy) {
  OwnRegulatory& own = wiphy.own_regulatory;
  const bool is_country_element = last_.initiator == Initiator::kCountryElement;
  const bool is_told = is_country_element || last_.initiator == Initiator::kUser;
  ChannelRules rules{.domain = own.domain && !is_told ? &*own.domain : &domain_};
  if (own.strict && last_.initiator == Initiator::kDriver && last_.wiphy == wiphy.index())
    own.base = *rules.domain;
  if (own.base) rules.base = &*own.base;
  if (roams_the_world(wiphy)) rules.hints = &beacon_hints_;
  const SharedChannelTable before =
      is_country_element ? wiphy.shared_channels() : SharedChannelTable();
  rules.before = before.get();
  if (own.domain || own.base) return apply(wiphy.capabilities(), rules);
  SharedRow& row = tables_[{&wiphy.capabilities(), before.get()}];
  if (!row.channels)
    row = {wiphy.shared_capabilities(), before, apply(wiphy.capabilities(), rules)};
  return row.channels;
}

void HostRegulatory::process_beacon_hints() {
  for (const auto& [mhz, offset_khz] : std::exchange(pending_beacon_hints_, {})) {
    beacon_hints_.emplace(mhz, offset_khz);
    tables_.clear();
    for (const auto& [index, wiphy] : host_.wiphys()) {
      const ChannelState* channel = wiphy->find_channel(mhz, offset_khz);
      if (channel == nullptr || !channel->no_ir || !roams_the_world(*wiphy)) continue;
      wiphy->allow_radiation(mhz, offset_khz);
      host_.events().beacon_hint(*wiphy, mhz);
    }
  }
}

void HostRegulatory::leave_forbidden_channels() {
  std::vector<WdevId> leaving;
  for (const auto& [index, wiphy] : host_.wiphys())
    for (const auto& [id, wdev] : wiphy->wdevs())
      if (is_on_forbidden_channel(*wdev)) leaving.push_back(id);
  for (const WdevId id : leaving) {
    Wdev* wdev = host_.find_wdev(id);
    if (wdev == nullptr) continue;
    wdev->log().info("channel forbidden by regulation: leaving");
    leave(*wdev);
  }
}

}  // namespace airloom::cfg80211
