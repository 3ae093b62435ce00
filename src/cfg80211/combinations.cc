#include "cfg80211/combinations.h"

#include <algorithm>
#include <numeric>

#include "cfg80211/host.h"

namespace airloom::cfg80211 {

namespace {

/// Software types (monitors, AP VLANs) are outside the combinations.
bool is_counted(const Capabilities& capabilities, uint32_t type_bit) {
  return (capabilities.software_interface_types & type_bit) == 0;
}

struct BeaconIntervals {
  uint32_t gcd = 0;
  bool differ = false;

  void add(uint32_t interval_tu) {
    if (interval_tu == 0 || interval_tu == gcd) return;
    differ |= gcd != 0;
    gcd = std::gcd(gcd, interval_tu);
  }
};

BeaconIntervals beacon_intervals(const Wiphy& wiphy, const CombinationUse& use) {
  BeaconIntervals intervals;
  for (const auto& [id, wdev] : wiphy.wdevs())
    for (const auto& [link_id, link] : wdev->links()) intervals.add(link.beacon_interval_tu);
  intervals.add(use.new_beacon_interval_tu);
  return intervals;
}

bool limits_allow(const InterfaceCombination& combination, const Capabilities& capabilities,
                  const CombinationUse& use) {
  std::vector<InterfaceLimit> left = combination.limits;
  for (size_t type = 0; type < kInterfaceTypeCount; ++type) {
    const uint32_t type_bit = 1u << type;
    const uint32_t count = use.interfaces[type];
    if (count == 0 || !is_counted(capabilities, type_bit)) continue;
    bool covered = false;
    for (InterfaceLimit& limit : left) {
      if ((limit.types & type_bit) == 0) continue;
      if (limit.max < count) return false;
      limit.max -= count;
      covered = true;
    }
    if (!covered) return false;
  }
  return true;
}

bool allows(const InterfaceCombination& combination, const Wiphy& wiphy, const CombinationUse& use,
            const BeaconIntervals& intervals) {
  const uint32_t total = std::accumulate(use.interfaces.begin(), use.interfaces.end(), 0u);
  if (total > combination.max_interfaces || use.channels > combination.channels) return false;
  if (!limits_allow(combination, wiphy.capabilities(), use)) return false;
  if ((combination.radar_detect_widths & use.radar_widths) != use.radar_widths) return false;
  if (use.radar_widths != 0 && combination.radar_detect_regions != 0) {
    const uint32_t region = 1u << wiphy.host().regulatory().domain().dfs_region;
    if ((combination.radar_detect_regions & region) == 0) return false;
  }
  if (intervals.gcd == 0) return true;
  if (combination.beacon_interval_min_gcd != 0)
    return intervals.gcd >= combination.beacon_interval_min_gcd;
  return !intervals.differ;
}

}  // namespace

CombinationUse current_use(const Wiphy& wiphy) {
  CombinationUse use;
  std::vector<ChannelDefinition> contexts;
  for (const auto& [id, wdev] : wiphy.wdevs()) {
    if (!wdev->is_running()) continue;
    if (is_counted(wiphy.capabilities(), bit(wdev->type())))
      ++use.interfaces[static_cast<size_t>(wdev->type())];
    for (const auto& [link_id, link] : wdev->links())
      if (link.channel) ieee80211::add_to_contexts(contexts, *link.channel);
  }
  use.channels = static_cast<uint32_t>(contexts.size());
  return use;
}

Result<void> check_combinations(const Wiphy& wiphy, const CombinationUse& use) {
  const BeaconIntervals intervals = beacon_intervals(wiphy, use);
  const auto& combinations = wiphy.capabilities().combinations;
  const bool any =
      std::any_of(combinations.begin(), combinations.end(),
                  [&](const InterfaceCombination& c) { return allows(c, wiphy, use, intervals); });
  if (!any) return fail(Errc::kBusy);
  return {};
}

bool is_type_allowed(const Wiphy& wiphy, InterfaceType type, bool use_4addr) {
  const Capabilities& capabilities = wiphy.capabilities();
  if (type == InterfaceType::kApVlan && use_4addr) return true;
  return ((capabilities.interface_types | capabilities.software_interface_types) & bit(type)) != 0;
}

}  // namespace airloom::cfg80211
