// RADAR_DETECT and NOTIFY_RADAR: channels where radar may be. [802.11-2020 11.8]
#include <linux/nl80211.h>

#include "cfg80211/commands.h"
#include "nl80211/channel.h"
#include "nl80211/context.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

bool region_has_dfs(const Context& context) {
  return context.host.regulatory().domain().dfs_region != NL80211_DFS_UNSET;
}

Result<void> radar_detect(Context& context) {
  if (!region_has_dfs(context)) return fail(Errc::kInvalid);
  const auto channel = TRY(parse_channel(context.wiphy(), context.attributes()));
  if (context.attributes().has(NL80211_ATTR_RADAR_BACKGROUND)) return fail(Errc::kUnsupported);
  return cfg80211::start_radar_detection(context.wdev(), channel);
}

Result<void> notify_radar(Context& context) {
  if (!region_has_dfs(context))
    return fail(Errc::kInvalid, "DFS Region is not set. Unexpected Radar indication");
  const auto channel = parse_channel(context.wiphy(), context.attributes());
  if (!channel) return fail(channel.error().code, "Unable to extract chandef info");
  if (!cfg80211::needs_radar_detection(context.wiphy(), *channel))
    return fail(Errc::kInvalid, "Unexpected Radar indication for chandef/iftype");
  return cfg80211::notify_radar(context.wdev(), *channel);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_RADAR_DETECT, .handle = radar_detect},
    {.command = NL80211_CMD_NOTIFY_RADAR, .handle = notify_radar},
};

}  // namespace

std::span<const Row> dfs_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
