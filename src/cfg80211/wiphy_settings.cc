// Settings of a wiphy and of its interfaces that are not a connection: channel, power, queues,
// power save, connection quality, P2P device.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

void change_limits(TxQueueLimits& limits, const WiphyParams& params) {
  auto change = [](uint32_t& limit, std::optional<uint32_t> to) {
    if (to.value_or(0) != 0) limit = *to;
  };
  change(limits.frames, params.txq_limit);
  change(limits.octets, params.txq_memory_limit);
  change(limits.quantum, params.txq_quantum);
}

Result<void> set_wiphy_params(Wiphy& wiphy, const WiphyParams& params) {
  // A limit of 0 retries is no limit that makes sense; thresholds are even or off.
  if (params.retry_short == 0 || params.retry_long == 0) return fail(Errc::kInvalid);
  WiphyParams known = params;
  constexpr uint32_t kFragmentationMin = 256, kOff = 0xffffffff;
  if (known.fragmentation_threshold && *known.fragmentation_threshold != kOff) {
    if (*known.fragmentation_threshold < kFragmentationMin) return fail(Errc::kInvalid);
    *known.fragmentation_threshold &= ~1u;
  }
  TRY(wiphy.ops().set_wiphy_params(wiphy, known));
  wiphy.retry_short = known.retry_short.value_or(wiphy.retry_short);
  wiphy.retry_long = known.retry_long.value_or(wiphy.retry_long);
  wiphy.coverage_class = known.coverage_class.value_or(wiphy.coverage_class);
  wiphy.fragmentation_threshold =
      known.fragmentation_threshold.value_or(wiphy.fragmentation_threshold);
  wiphy.rts_threshold = known.rts_threshold.value_or(wiphy.rts_threshold);
  change_limits(wiphy.tx_queue_limits, known);
  return {};
}

namespace {

bool can_set_channel(const Wdev* wdev) {
  if (wdev == nullptr) return true;
  const InterfaceType type = wdev->type();
  return is_ap(type) || type == InterfaceType::kMeshPoint || type == InterfaceType::kMonitor;
}

bool has_monitors_only(const Wiphy& wiphy) {
  bool any = false;
  for (const auto& [id, wdev] : wiphy.wdevs()) {
    if (!wdev->is_running()) continue;
    if (wdev->type() != InterfaceType::kMonitor) return false;
    any = true;
  }
  return any;
}

/// Of a running access point only the width changes, where the driver can do that.
Result<void> set_ap_channel_width(Wdev& wdev, const ChannelDefinition& channel) {
  constexpr int kRegularMhz = 20;  // not 5, 10 and S1G
  const Wiphy& wiphy = wdev.wiphy();
  if (!(wiphy.capabilities().features & NL80211_FEATURE_AP_MODE_CHAN_WIDTH_CHANGE))
    return fail(Errc::kBusy);
  Link& link = wdev.link();
  if (channel.primary_mhz != link.channel->primary_mhz ||
      channel.primary_offset_khz != link.channel->primary_offset_khz)
    return fail(Errc::kBusy);
  for (const auto width : {link.channel->width, channel.width})
    if (ieee80211::width_mhz(width) < kRegularMhz) return fail(Errc::kInvalid);
  TRY(wiphy.ops().set_ap_channel_width(wdev, channel));
  link.channel = channel;
  return {};
}

}  // namespace

Result<void> set_channel(Wiphy& wiphy, Wdev* wdev, const ChannelDefinition& channel) {
  if (!can_set_channel(wdev)) return fail(Errc::kUnsupported);
  TRY(check_channel(wiphy, channel));
  if (wdev != nullptr && is_ap(wdev->type())) {
    if (!may_beacon(wiphy, channel)) return fail(Errc::kInvalid);
    if (wdev->is_beaconing()) return set_ap_channel_width(*wdev, channel);
    wdev->preset_channel = channel;
    return {};
  }
  if (wdev != nullptr && wdev->type() == InterfaceType::kMeshPoint) {
    wdev->preset_channel = channel;
    return {};
  }
  if (!has_monitors_only(wiphy)) return fail(Errc::kBusy);
  TRY(wiphy.ops().set_monitor_channel(wiphy, channel));
  for (const auto& [id, monitor] : wiphy.wdevs())
    if (monitor->type() == InterfaceType::kMonitor) monitor->monitor_channel = channel;
  return {};
}

Result<void> set_tx_queue_params(Wdev& wdev, const TxQueueParams& params) {
  if (!is_ap(wdev.type())) return fail(Errc::kInvalid);
  if (!wdev.is_running()) return fail(Errc::kNetDown);
  if (params.ac > 3) return fail(Errc::kInvalid);
  return wdev.wiphy().ops().set_tx_queue_params(wdev, params);
}

Result<void> set_tx_power(Wiphy& wiphy, Wdev* wdev, TxPowerSetting setting, int mbm) {
  return wiphy.ops().set_tx_power(wiphy, wdev, setting, mbm);
}

Result<void> set_power_save(Wdev& wdev, bool on) {
  if (on == wdev.power_save) return {};
  TRY(wdev.wiphy().ops().set_power_management(wdev, on, -1));
  wdev.power_save = on;
  return {};
}

Result<void> start_p2p_device(Wdev& wdev) {
  if (wdev.type() != InterfaceType::kP2pDevice) return fail(Errc::kUnsupported);
  if (wdev.is_running()) return {};
  if (wdev.wiphy().host().rfkill().is_blocked(wdev.wiphy())) return fail(Errc::kRadioBlocked);
  TRY(wdev.wiphy().ops().start_p2p_device(wdev));
  WdevAccess::set_running(wdev, true);
  return {};
}

Result<void> stop_p2p_device(Wdev& wdev) {
  if (wdev.type() != InterfaceType::kP2pDevice) return fail(Errc::kUnsupported);
  if (!wdev.is_running()) return {};
  wdev.wiphy().ops().stop_p2p_device(wdev);
  WdevAccess::set_running(wdev, false);
  drop_scan(wdev);
  return {};
}

}  // namespace airloom::cfg80211
