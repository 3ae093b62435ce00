// Channels where radar may be: the check before one transmits there (CAC), radar, and the time that
// a channel is left alone after it (NOP). A channel is usable (after a CAC), available (checked) or
// unavailable (radar was there); each wiphy keeps its own, and tells the host's others.
// [802.11-2020 11.8] [nl80211.h nl80211_dfs_state]
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

constexpr Duration kNonOccupancy = std::chrono::minutes(30);
/// How long a check counts for a channel that nobody uses.
constexpr Duration kCheckLasts = std::chrono::seconds(2);
constexpr Duration kShortestCheck = std::chrono::seconds(60);

/// Calls `visit` with every 20 MHz channel of the definition; null where there is none.
template <typename Visit>
void each_channel(const Wiphy& wiphy, const ChannelDefinition& definition, Visit visit) {
  const auto width = static_cast<uint32_t>(ieee80211::width_mhz(definition.width));
  if (width <= 20) return visit(wiphy.find_channel(definition.center1_mhz));
  for (const uint32_t center : {definition.center1_mhz, definition.center2_mhz})
    for (uint32_t at = center - width / 2 + 10; center != 0 && at < center + width / 2; at += 20)
      visit(wiphy.find_channel(at));
}

/// Whether a check is due: nothing disabled, no radar, and something that is not checked yet.
bool is_checkable(const Wiphy& wiphy, const ChannelDefinition& definition) {
  bool possible = true, due = false;
  each_channel(wiphy, definition, [&](const ChannelState* channel) {
    if (channel == nullptr || channel->disabled) return void(possible = false);
    if (!channel->radar) return;
    if (channel->dfs_state == NL80211_DFS_UNAVAILABLE) possible = false;
    if (channel->dfs_state == NL80211_DFS_USABLE) due = true;
  });
  return possible && due;
}

Duration check_time(const Wiphy& wiphy, const ChannelDefinition& definition) {
  uint32_t longest_ms = 0;
  each_channel(wiphy, definition, [&](const ChannelState* channel) {
    if (channel != nullptr && channel->radar)
      longest_ms = std::max(longest_ms, channel->dfs_cac_ms);
  });
  if (longest_ms == 0) return kShortestCheck;
  return std::chrono::milliseconds(longest_ms);
}

void set_state(Wiphy& wiphy, const ChannelDefinition& definition, uint8_t state) {
  std::vector<uint32_t> with_radar;
  each_channel(wiphy, definition, [&](const ChannelState* channel) {
    if (channel != nullptr && channel->radar) with_radar.push_back(channel->mhz);
  });
  for (const uint32_t mhz : with_radar) wiphy.set_dfs_state(mhz, state, wiphy.scheduler().now());
}

/// Whether an access point of the host beacons over this channel.
bool is_in_use(const Wiphy& wiphy, uint32_t mhz) {
  for (const auto& [index, other] : wiphy.host().wiphys())
    for (const auto& [id, wdev] : other->wdevs())
      for (const auto& [link_id, link] : wdev->links()) {
        if (link.beacon_interval_tu == 0 || !link.channel) continue;
        bool over = false;
        each_channel(wiphy, *link.channel, [&](const ChannelState* channel) {
          over |= channel != nullptr && channel->mhz == mhz;
        });
        if (over) return true;
      }
  return false;
}

/// A check that the others' knowledge has made pointless ends without a result.
void end_needless_checks(Wiphy& wiphy) {
  for (const auto& [id, wdev] : wiphy.wdevs()) {
    if (!wdev->radar_check || is_checkable(wiphy, *wdev->link().channel)) continue;
    wiphy.ops().end_radar_detection(*wdev);
    wdev->radar_check.reset();
  }
}

/// The host's other wiphys learn it a moment later.
void propagate(Wiphy& from, const ChannelDefinition& channel, uint8_t state, uint8_t event) {
  Host& host = from.host();
  host.scheduler().post([&host, origin = from.index(), channel, state, event] {
    for (const auto& [index, wiphy] : host.wiphys()) {
      if (index == origin || wiphy->find_channel(channel.primary_mhz) == nullptr) continue;
      set_state(*wiphy, channel, state);
      if (event == NL80211_RADAR_DETECTED || event == NL80211_RADAR_CAC_FINISHED) {
        wiphy->dfs_timer.arm(Duration{0});
        end_needless_checks(*wiphy);
      }
      host.events().radar_event(*wiphy, nullptr, channel, event);
    }
  });
}

struct Expiry {
  Duration after{0};
  uint8_t event = 0;
};

std::optional<Expiry> expiry_of(const Wiphy& wiphy, const ChannelState& channel) {
  if (!channel.radar) return std::nullopt;
  if (channel.dfs_state == NL80211_DFS_UNAVAILABLE)
    return Expiry{kNonOccupancy, NL80211_RADAR_NOP_FINISHED};
  if (channel.dfs_state == NL80211_DFS_AVAILABLE && !is_in_use(wiphy, channel.mhz))
    return Expiry{kCheckLasts, NL80211_RADAR_PRE_CAC_EXPIRED};
  return std::nullopt;
}

}  // namespace

bool is_radar_free(const Wiphy& wiphy, const ChannelDefinition& definition) {
  bool free = true;
  each_channel(wiphy, definition, [&](const ChannelState* channel) {
    free &= channel != nullptr && !channel->disabled &&
            (!channel->radar || channel->dfs_state == NL80211_DFS_AVAILABLE);
  });
  return free;
}

Result<void> start_radar_detection(Wdev& wdev, const ChannelDefinition& channel) {
  Wiphy& wiphy = wdev.wiphy();
  if (wiphy.host().regulatory().domain().dfs_region == NL80211_DFS_UNSET)
    return fail(Errc::kInvalid);
  TRY(check_channel(wiphy, channel));
  if (!is_ap(wdev.type()) || !needs_radar_detection(wiphy, channel) ||
      !is_checkable(wiphy, channel))
    return fail(Errc::kInvalid);
  if (wdev.is_beaconing() || wdev.radar_check) return fail(Errc::kBusy);
  const Duration duration = check_time(wiphy, channel);
  TRY(wiphy.ops().start_radar_detection(wdev, channel, duration));
  wdev.link().channel = channel;
  wdev.radar_check = Wdev::RadarCheck{.started = wiphy.scheduler().now(), .duration = duration};
  return {};
}

Result<void> notify_radar(Wdev& wdev, const ChannelDefinition& channel) {
  Wiphy& wiphy = wdev.wiphy();
  const ChannelState* primary = wiphy.find_channel(channel.primary_mhz);
  if (primary != nullptr && primary->dfs_state == NL80211_DFS_UNAVAILABLE) return {};
  set_state(wiphy, channel, NL80211_DFS_UNAVAILABLE);
  wiphy.dfs_timer.arm(Duration{0});
  propagate(wiphy, channel, NL80211_DFS_UNAVAILABLE, NL80211_RADAR_DETECTED);
  return {};
}

void radar_check_finished(Wdev& wdev, const ChannelDefinition& channel) {
  if (!wdev.radar_check) return;
  Wiphy& wiphy = wdev.wiphy();
  set_state(wiphy, channel, NL80211_DFS_AVAILABLE);
  propagate(wiphy, channel, NL80211_DFS_AVAILABLE, NL80211_RADAR_CAC_FINISHED);
  wiphy.dfs_timer.arm(Duration{0});
  wdev.radar_check.reset();
  wdev.link().channel.reset();
  wiphy.host().events().radar_event(wiphy, &wdev, channel, NL80211_RADAR_CAC_FINISHED);
}

void radar_check_aborted(Wdev& wdev, const ChannelDefinition& channel) {
  if (!wdev.radar_check) return;
  wdev.radar_check.reset();
  wdev.link().channel.reset();
  wdev.wiphy().host().events().radar_event(wdev.wiphy(), &wdev, channel, NL80211_RADAR_CAC_ABORTED);
}

void radar_detected(Wiphy& wiphy, const ChannelDefinition& channel) {
  set_state(wiphy, channel, NL80211_DFS_UNAVAILABLE);
  wiphy.dfs_timer.arm(Duration{0});
  wiphy.log().warn("radar on {}", channel.to_string());
  wiphy.host().events().radar_event(wiphy, nullptr, channel, NL80211_RADAR_DETECTED);
  propagate(wiphy, channel, NL80211_DFS_UNAVAILABLE, NL80211_RADAR_DETECTED);
}

void update_dfs_states(Wiphy& wiphy) {
  const TimePoint now = wiphy.scheduler().now();
  std::vector<std::pair<uint32_t, uint8_t>> expired;
  std::optional<TimePoint> next;
  for (const auto& band : wiphy.channels().bands) {
    for (const ChannelState& channel : band) {
      const auto expiry = expiry_of(wiphy, channel);
      if (!expiry) continue;
      const TimePoint at = wiphy.dfs_state_since(channel.mhz) + expiry->after;
      if (at <= now)
        expired.emplace_back(channel.mhz, expiry->event);
      else
        next = next ? std::min(*next, at) : at;
    }
  }
  for (const auto& [mhz, event] : expired) {
    const auto channel = ChannelDefinition::from_type(mhz, ieee80211::ChannelType::kNoHt);
    wiphy.set_dfs_state(mhz, NL80211_DFS_USABLE, now);
    wiphy.host().events().radar_event(wiphy, nullptr, channel, event);
    propagate(wiphy, channel, NL80211_DFS_USABLE, event);
  }
  if (next) wiphy.dfs_timer.arm_at(*next);
}

}  // namespace airloom::cfg80211
