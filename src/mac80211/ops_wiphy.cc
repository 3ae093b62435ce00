// Settings of the radio as a whole, and what it measures.
#include <algorithm>

#include "cfg80211/wiphy.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"
#include "mac80211/station_rates.h"

namespace airloom::mac80211 {

using cfg80211::TxPowerSetting;

Result<void> RadioStack::set_wiphy_params(cfg80211::Wiphy&, const cfg80211::WiphyParams& params) {
  constexpr uint8_t kMaxRetries = 31;
  // No driver of ours knows distances.
  if (params.coverage_class) return fail(Errc::kUnsupported);
  if (params.rts_threshold) TRY(driver_.set_rts_threshold(*params.rts_threshold));
  if (params.retry_short > kMaxRetries || params.retry_long > kMaxRetries)
    return fail(Errc::kInvalid);
  if (params.fragmentation_threshold) fragmentation_threshold_ = *params.fragmentation_threshold;
  cfg80211::change_limits(tx_.flows().limits, params);
  return {};
}

namespace {

/// The power of an interface: what the user allows, but no more than its channel does.
int power_dbm(const Interface& interface, std::optional<int> user_dbm, int fallback_dbm) {
  int power = fallback_dbm;
  const auto link = interface.links().find(0);
  if (link != interface.links().end() && link->second.config.channel) {
    const auto* channel =
        interface.wdev().wiphy().find_channel(link->second.config.channel->primary_mhz);
    if (channel != nullptr) power = channel->max_power_mbm / 100;
  }
  return user_dbm ? std::min(power, *user_dbm) : power;
}

}  // namespace

Result<void> RadioStack::set_tx_power(cfg80211::Wiphy&, cfg80211::Wdev* wdev,
                                      TxPowerSetting setting, int mbm) {
  std::optional<int> user;
  if (setting != TxPowerSetting::kAutomatic) {
    if (mbm < 0 || mbm % 100 != 0) return fail(Errc::kUnsupported);
    user = mbm / 100;
  }
  if (wdev == nullptr) user_power_dbm_ = user;
  for (const auto& [id, interface] : interfaces_) {
    if (wdev != nullptr && &interface->wdev() != wdev) continue;
    interface->user_power_dbm = user;
    update_power(*interface);
  }
  return {};
}

void RadioStack::update_power(Interface& interface) {
  LinkConfig& config = interface.link().config;
  const int power = power_dbm(interface, interface.user_power_dbm, kDefaultPowerDbm);
  if (config.tx_power_dbm == power) return;
  config.tx_power_dbm = power;
  interface.notify_link_changed(kChangedTxPower);
}

Result<int> RadioStack::get_tx_power_dbm(cfg80211::Wiphy&, cfg80211::Wdev& wdev) {
  if (!was_powered_) return 0;
  Interface& interface = of(wdev);
  return power_dbm(interface, interface.user_power_dbm, kDefaultPowerDbm);
}

Result<void> RadioStack::set_monitor_channel(cfg80211::Wiphy&, const ChannelDefinition& channel) {
  channels_.set_monitor_channel(channel);
  return {};
}

Result<ChannelDefinition> RadioStack::get_channel(cfg80211::Wdev& wdev, LinkId link) {
  Interface& interface = of(wdev);
  if (interface.type() == InterfaceType::kMonitor && interface.is_up()) return channels_.current();
  const auto it = interface.bss().links().find(link);
  if (it == interface.bss().links().end()) return fail(Errc::kNoLink);
  if (!it->second.config.channel) return fail(Errc::kNotFound);
  return *it->second.config.channel;
}

Result<void> RadioStack::set_power_management(cfg80211::Wdev& wdev, bool on, int timeout_ms) {
  Interface& interface = of(wdev);
  if (interface.type() != InterfaceType::kStation) return fail(Errc::kUnsupported);
  interface.power_save().configure(on, timeout_ms);
  return {};
}

Result<void> RadioStack::set_cqm(cfg80211::Wdev& wdev, const cfg80211::CqmRequest& request) {
  if (request.tx_errors) return fail(Errc::kUnsupported);
  const auto& thresholds = request.rssi_thresholds_dbm;
  auto& monitor = of(wdev).signal_monitor;
  const int32_t threshold = request.rssi_range_dbm || thresholds.empty() ? 0 : thresholds.front();
  const bool same = threshold != 0 && threshold == monitor.threshold_dbm &&
                    request.rssi_hysteresis_db == monitor.hysteresis_db;
  if (same) return {};
  monitor = {.threshold_dbm = threshold,
             .hysteresis_db = request.rssi_hysteresis_db,
             .range_dbm = request.rssi_range_dbm};
  return {};
}

Result<void> RadioStack::set_bitrate_mask(cfg80211::Wdev& wdev, const std::optional<MacAddress>&,
                                          const cfg80211::BitrateMask& mask) {
  Interface& interface = of(wdev);
  // A monitor is not in the driver.
  if (!interface.is_up() || interface.type() == InterfaceType::kMonitor)
    return fail(Errc::kNetDown);
  const auto& channel = interface.link().config.channel;
  const auto* band = channel ? band_of(interface, channel->primary_mhz) : nullptr;
  if (band != nullptr && !keeps_basic_rate(interface, *band, mask)) return fail(Errc::kInvalid);
  interface.bitrate_mask = mask;  // of all its stations, whichever was named, as in the kernel
  refresh_all_rates(interface);
  return {};
}

Result<void> RadioStack::set_qos_map(cfg80211::Wdev& wdev, const std::optional<Octets>& map) {
  of(wdev).qos_map = map;
  return {};
}

Result<void> RadioStack::set_noack_map(cfg80211::Wdev& wdev, uint16_t map) {
  of(wdev).noack_map = map;
  return {};
}

Result<cfg80211::SurveyInfo> RadioStack::dump_survey(cfg80211::Wdev& wdev, size_t index) {
  // The driver has surveys of some channels only; `index` counts those.
  for (const auto& band : wdev.wiphy().capabilities().bands) {
    for (const auto& channel : band.channels) {
      auto survey = driver_.survey(channel.mhz, channel.offset_khz);
      if (!survey) continue;
      if (index-- > 0) continue;
      return *survey;
    }
  }
  return fail(Errc::kNotFound);
}

Result<cfg80211::TxQueueStats> RadioStack::get_tx_queue_stats(cfg80211::Wdev* wdev) {
  if (wdev == nullptr) return tx_.flows().stats();
  // Monitors and AP VLANs have no queue of their own.
  if (wdev->type() == InterfaceType::kMonitor || wdev->type() == InterfaceType::kApVlan)
    return fail(Errc::kUnsupported);
  return of(*wdev).group_queue.stats();
}

}  // namespace airloom::mac80211
