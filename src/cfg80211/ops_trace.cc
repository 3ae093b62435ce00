#include "cfg80211/ops_trace.h"

#include "cfg80211/wdev.h"
#include "cfg80211/wiphy.h"

namespace airloom::cfg80211 {

template <typename T>
Result<T> TracedOps::traced(const char* name, const Wdev* wdev, Result<T> result) const {
  if (log_.enabled(LogLevel::kDebug)) {
    const std::string who = wdev != nullptr ? wdev->name() : "wiphy";
    if (result)
      log_.debug("{} {}: done", name, who);
    else
      log_.debug("{} {}: {} {}", name, who, to_string(result.error().code), result.error().text);
  }
  return result;
}

void TracedOps::trace(const char* name, const Wdev* wdev) const {
  if (log_.enabled(LogLevel::kDebug))
    log_.debug("{} {}", name, wdev != nullptr ? wdev->name() : "wiphy");
}

Result<void> TracedOps::add_interface(Wdev& wdev) {
  return traced("add_interface", &wdev, ops_.add_interface(wdev));
}

void TracedOps::delete_interface(Wdev& wdev) {
  trace("delete_interface", &wdev);
  ops_.delete_interface(wdev);
}

Result<void> TracedOps::change_interface(Wdev& wdev, InterfaceType type,
                                         const ChangeInterfaceRequest& request) {
  return traced("change_interface", &wdev, ops_.change_interface(wdev, type, request));
}

Result<void> TracedOps::open(Wdev& wdev) {
  WLAN_ASSERT(!wdev.is_running());
  return traced("open", &wdev, ops_.open(wdev));
}

void TracedOps::stop(Wdev& wdev) {
  trace("stop", &wdev);
  ops_.stop(wdev);
}

Result<void> TracedOps::change_address(Wdev& wdev, const MacAddress& address) {
  trace("change_address", &wdev);
  return ops_.change_address(wdev, address);
}

Result<void> TracedOps::start_p2p_device(Wdev& wdev) {
  WLAN_ASSERT(wdev.type() == InterfaceType::kP2pDevice && !wdev.is_running());
  return traced("start_p2p_device", &wdev, ops_.start_p2p_device(wdev));
}

void TracedOps::stop_p2p_device(Wdev& wdev) {
  trace("stop_p2p_device", &wdev);
  ops_.stop_p2p_device(wdev);
}

Result<void> TracedOps::add_key(Wdev& wdev, const KeySlot& slot, const KeyParams& params) {
  return traced("add_key", &wdev, ops_.add_key(wdev, slot, params));
}

Result<void> TracedOps::delete_key(Wdev& wdev, const KeySlot& slot) {
  return traced("delete_key", &wdev, ops_.delete_key(wdev, slot));
}

Result<KeyReport> TracedOps::get_key(Wdev& wdev, const KeySlot& slot) {
  return traced("get_key", &wdev, ops_.get_key(wdev, slot));
}

Result<void> TracedOps::set_default_key(Wdev& wdev, uint8_t index, bool unicast, bool multicast) {
  return traced("set_default_key", &wdev, ops_.set_default_key(wdev, index, unicast, multicast));
}

Result<void> TracedOps::set_default_management_key(Wdev& wdev, uint8_t index) {
  return traced("set_default_management_key", &wdev, ops_.set_default_management_key(wdev, index));
}

Result<void> TracedOps::set_default_beacon_key(Wdev& wdev, uint8_t index) {
  return traced("set_default_beacon_key", &wdev, ops_.set_default_beacon_key(wdev, index));
}

Result<void> TracedOps::start_ap(Wdev& wdev, const StartApRequest& request) {
  WLAN_ASSERT(is_ap(wdev.type()));
  return traced("start_ap", &wdev, ops_.start_ap(wdev, request));
}

Result<void> TracedOps::change_beacon(Wdev& wdev, const BeaconData& beacon) {
  return traced("change_beacon", &wdev, ops_.change_beacon(wdev, beacon));
}

Result<void> TracedOps::stop_ap(Wdev& wdev, LinkId link) {
  return traced("stop_ap", &wdev, ops_.stop_ap(wdev, link));
}

Result<void> TracedOps::change_bss(Wdev& wdev, const BssParams& params) {
  return traced("change_bss", &wdev, ops_.change_bss(wdev, params));
}

Result<void> TracedOps::channel_switch(Wdev& wdev, const ChannelSwitchRequest& request) {
  return traced("channel_switch", &wdev, ops_.channel_switch(wdev, request));
}

Result<void> TracedOps::set_ap_channel_width(Wdev& wdev, const ChannelDefinition& channel) {
  WLAN_ASSERT(wdev.is_beaconing());
  return traced("set_ap_channel_width", &wdev, ops_.set_ap_channel_width(wdev, channel));
}

Result<void> TracedOps::start_radar_detection(Wdev& wdev, const ChannelDefinition& channel,
                                              Duration duration) {
  return traced("start_radar_detection", &wdev,
                ops_.start_radar_detection(wdev, channel, duration));
}

void TracedOps::end_radar_detection(Wdev& wdev) {
  trace("end_radar_detection", &wdev);
  ops_.end_radar_detection(wdev);
}

Result<void> TracedOps::set_tx_queue_params(Wdev& wdev, const TxQueueParams& params) {
  return traced("set_tx_queue_params", &wdev, ops_.set_tx_queue_params(wdev, params));
}

Result<void> TracedOps::set_multicast_to_unicast(Wdev& wdev, bool on) {
  return traced("set_multicast_to_unicast", &wdev, ops_.set_multicast_to_unicast(wdev, on));
}

Result<void> TracedOps::add_station(Wdev& wdev, const MacAddress& mac,
                                    const StationParams& params) {
  return traced("add_station", &wdev, ops_.add_station(wdev, mac, params));
}

Result<void> TracedOps::change_station(Wdev& wdev, const MacAddress& mac,
                                       const StationParams& params) {
  return traced("change_station", &wdev, ops_.change_station(wdev, mac, params));
}

Result<void> TracedOps::delete_station(Wdev& wdev, const DeleteStationRequest& request) {
  return traced("delete_station", &wdev, ops_.delete_station(wdev, request));
}

Result<StationInfo> TracedOps::get_station(Wdev& wdev, const MacAddress& mac) {
  return traced("get_station", &wdev, ops_.get_station(wdev, mac));
}

Result<std::pair<MacAddress, StationInfo>> TracedOps::dump_station(Wdev& wdev, size_t index) {
  return traced("dump_station", &wdev, ops_.dump_station(wdev, index));
}

Result<void> TracedOps::probe_client(Wdev& wdev, const MacAddress& mac, uint64_t cookie) {
  return traced("probe_client", &wdev, ops_.probe_client(wdev, mac, cookie));
}

Result<void> TracedOps::scan(Wdev& wdev, const ScanRequest& request) {
  WLAN_ASSERT(!request.channels.empty());
  return traced("scan", &wdev, ops_.scan(wdev, request));
}

void TracedOps::abort_scan(Wdev& wdev) {
  trace("abort_scan", &wdev);
  ops_.abort_scan(wdev);
}

Result<void> TracedOps::start_sched_scan(Wdev& wdev, const SchedScanRequest& request) {
  WLAN_ASSERT(wdev.is_running() && !request.plans.empty() && !request.scan.channels.empty());
  return traced("start_sched_scan", &wdev, ops_.start_sched_scan(wdev, request));
}

Result<void> TracedOps::stop_sched_scan(Wdev& wdev, uint64_t id) {
  return traced("stop_sched_scan", &wdev, ops_.stop_sched_scan(wdev, id));
}

Result<void> TracedOps::authenticate(Wdev& wdev, const AuthenticateRequest& request) {
  WLAN_ASSERT(is_station(wdev.type()) && request.bss != 0);
  return traced("authenticate", &wdev, ops_.authenticate(wdev, request));
}

Result<void> TracedOps::associate(Wdev& wdev, const AssociateRequest& request) {
  WLAN_ASSERT(is_station(wdev.type()) && request.bss != 0);
  return traced("associate", &wdev, ops_.associate(wdev, request));
}

Result<void> TracedOps::deauthenticate(Wdev& wdev, const LeaveRequest& request) {
  return traced("deauthenticate", &wdev, ops_.deauthenticate(wdev, request));
}

Result<void> TracedOps::disassociate(Wdev& wdev, const LeaveRequest& request) {
  return traced("disassociate", &wdev, ops_.disassociate(wdev, request));
}

Result<void> TracedOps::connect(Wdev& wdev, const ConnectRequest& request) {
  return traced("connect", &wdev, ops_.connect(wdev, request));
}

Result<void> TracedOps::disconnect(Wdev& wdev, uint16_t reason) {
  return traced("disconnect", &wdev, ops_.disconnect(wdev, reason));
}

Result<void> TracedOps::set_wiphy_params(Wiphy& wiphy, const WiphyParams& params) {
  return traced("set_wiphy_params", nullptr, ops_.set_wiphy_params(wiphy, params));
}

Result<void> TracedOps::set_tx_power(Wiphy& wiphy, Wdev* wdev, TxPowerSetting setting, int mbm) {
  return traced("set_tx_power", wdev, ops_.set_tx_power(wiphy, wdev, setting, mbm));
}

Result<int> TracedOps::get_tx_power_dbm(Wiphy& wiphy, Wdev& wdev) {
  return traced("get_tx_power_dbm", &wdev, ops_.get_tx_power_dbm(wiphy, wdev));
}

Result<void> TracedOps::set_monitor_channel(Wiphy& wiphy, const ChannelDefinition& channel) {
  return traced("set_monitor_channel", nullptr, ops_.set_monitor_channel(wiphy, channel));
}

Result<ChannelDefinition> TracedOps::get_channel(Wdev& wdev, LinkId link) {
  return traced("get_channel", &wdev, ops_.get_channel(wdev, link));
}

Result<void> TracedOps::set_power_management(Wdev& wdev, bool on, int timeout_ms) {
  return traced("set_power_management", &wdev, ops_.set_power_management(wdev, on, timeout_ms));
}

Result<void> TracedOps::set_cqm(Wdev& wdev, const CqmRequest& request) {
  return traced("set_cqm", &wdev, ops_.set_cqm(wdev, request));
}

Result<void> TracedOps::set_bitrate_mask(Wdev& wdev, const std::optional<MacAddress>& peer,
                                         const BitrateMask& mask) {
  return traced("set_bitrate_mask", &wdev, ops_.set_bitrate_mask(wdev, peer, mask));
}

Result<void> TracedOps::set_qos_map(Wdev& wdev, const std::optional<Octets>& map) {
  return traced("set_qos_map", &wdev, ops_.set_qos_map(wdev, map));
}

Result<void> TracedOps::set_noack_map(Wdev& wdev, uint16_t map) {
  return traced("set_noack_map", &wdev, ops_.set_noack_map(wdev, map));
}

Result<SurveyInfo> TracedOps::dump_survey(Wdev& wdev, size_t index) {
  return traced("dump_survey", &wdev, ops_.dump_survey(wdev, index));
}

Result<TxQueueStats> TracedOps::get_tx_queue_stats(Wdev* wdev) {
  return traced("get_txq_stats", wdev, ops_.get_tx_queue_stats(wdev));
}

void TracedOps::regulatory_changed(Wiphy& wiphy) {
  trace("regulatory_changed", nullptr);
  ops_.regulatory_changed(wiphy);
}

void TracedOps::update_frame_registrations(Wdev& wdev, const ManagementFrameInterest& interest) {
  trace("update_frame_registrations", &wdev);
  ops_.update_frame_registrations(wdev, interest);
}

Result<void> TracedOps::management_tx(Wdev& wdev, const FrameTxRequest& request, uint64_t cookie) {
  WLAN_ASSERT(request.frame.size() > 24);
  return traced("management_tx", &wdev, ops_.management_tx(wdev, request, cookie));
}

Result<void> TracedOps::management_tx_cancel_wait(Wdev& wdev, uint64_t cookie) {
  return traced("management_tx_cancel_wait", &wdev, ops_.management_tx_cancel_wait(wdev, cookie));
}

Result<void> TracedOps::remain_on_channel(Wdev& wdev, const ChannelDefinition& channel, uint32_t ms,
                                          uint64_t cookie) {
  return traced("remain_on_channel", &wdev, ops_.remain_on_channel(wdev, channel, ms, cookie));
}

Result<void> TracedOps::cancel_remain_on_channel(Wdev& wdev, uint64_t cookie) {
  return traced("cancel_remain_on_channel", &wdev, ops_.cancel_remain_on_channel(wdev, cookie));
}

Result<bool> TracedOps::control_port_tx(Wdev& wdev, const ControlPortTxRequest& request,
                                        uint64_t cookie) {
  WLAN_ASSERT(cookie == 0 || request.want_status);
  return traced("control_port_tx", &wdev, ops_.control_port_tx(wdev, request, cookie));
}

}  // namespace airloom::cfg80211
