// The one road from cfg80211 to a driver: every call passes here, is logged at debug level with
// its result (frames are not), and meets the assertions that guard against our own bugs.
#pragma once

#include "base/assert.h"
#include "base/log.h"
#include "cfg80211/ops.h"

namespace airloom::cfg80211 {

class TracedOps final : public Ops {
 public:
  /// `ops` outlives this.
  TracedOps(Ops& ops, Log log) : ops_(ops), log_(std::move(log)) {}

  Result<void> add_interface(Wdev& wdev) override;
  void delete_interface(Wdev& wdev) override;
  Result<void> change_interface(Wdev& wdev, InterfaceType type,
                                const ChangeInterfaceRequest& request) override;
  Result<void> open(Wdev& wdev) override;
  void stop(Wdev& wdev) override;
  Result<void> change_address(Wdev& wdev, const MacAddress& address) override;
  void transmit(Wdev& wdev, std::span<FrameBuffer> burst) override { ops_.transmit(wdev, burst); }
  Result<void> start_p2p_device(Wdev& wdev) override;
  void stop_p2p_device(Wdev& wdev) override;

  Result<void> add_key(Wdev& wdev, const KeySlot& slot, const KeyParams& params) override;
  Result<void> delete_key(Wdev& wdev, const KeySlot& slot) override;
  Result<KeyReport> get_key(Wdev& wdev, const KeySlot& slot) override;
  Result<void> set_default_key(Wdev& wdev, uint8_t index, bool unicast, bool multicast) override;
  Result<void> set_default_management_key(Wdev& wdev, uint8_t index) override;
  Result<void> set_default_beacon_key(Wdev& wdev, uint8_t index) override;

  Result<void> start_ap(Wdev& wdev, const StartApRequest& request) override;
  Result<void> change_beacon(Wdev& wdev, const BeaconData& beacon) override;
  Result<void> stop_ap(Wdev& wdev, LinkId link) override;
  Result<void> change_bss(Wdev& wdev, const BssParams& params) override;
  Result<void> channel_switch(Wdev& wdev, const ChannelSwitchRequest& request) override;
  Result<void> set_ap_channel_width(Wdev& wdev, const ChannelDefinition& channel) override;
  Result<void> start_radar_detection(Wdev& wdev, const ChannelDefinition& channel,
                                     Duration duration) override;
  void end_radar_detection(Wdev& wdev) override;
  Result<void> set_tx_queue_params(Wdev& wdev, const TxQueueParams& params) override;
  Result<void> set_multicast_to_unicast(Wdev& wdev, bool on) override;

  Result<void> add_station(Wdev& wdev, const MacAddress& mac, const StationParams& params) override;
  Result<void> change_station(Wdev& wdev, const MacAddress& mac,
                              const StationParams& params) override;
  Result<void> delete_station(Wdev& wdev, const DeleteStationRequest& request) override;
  Result<StationInfo> get_station(Wdev& wdev, const MacAddress& mac) override;
  Result<std::pair<MacAddress, StationInfo>> dump_station(Wdev& wdev, size_t index) override;
  Result<void> probe_client(Wdev& wdev, const MacAddress& mac, uint64_t cookie) override;

  Result<void> scan(Wdev& wdev, const ScanRequest& request) override;
  void abort_scan(Wdev& wdev) override;
  Result<void> start_sched_scan(Wdev& wdev, const SchedScanRequest& request) override;
  Result<void> stop_sched_scan(Wdev& wdev, uint64_t id) override;
  Result<void> authenticate(Wdev& wdev, const AuthenticateRequest& request) override;
  Result<void> associate(Wdev& wdev, const AssociateRequest& request) override;
  Result<void> deauthenticate(Wdev& wdev, const LeaveRequest& request) override;
  Result<void> disassociate(Wdev& wdev, const LeaveRequest& request) override;
  Result<void> connect(Wdev& wdev, const ConnectRequest& request) override;
  Result<void> disconnect(Wdev& wdev, uint16_t reason) override;

  Result<void> set_wiphy_params(Wiphy& wiphy, const WiphyParams& params) override;
  Result<void> set_tx_power(Wiphy& wiphy, Wdev* wdev, TxPowerSetting setting, int mbm) override;
  Result<int> get_tx_power_dbm(Wiphy& wiphy, Wdev& wdev) override;
  Result<void> set_monitor_channel(Wiphy& wiphy, const ChannelDefinition& channel) override;
  Result<ChannelDefinition> get_channel(Wdev& wdev, LinkId link) override;
  Result<void> set_power_management(Wdev& wdev, bool on, int timeout_ms) override;
  Result<void> set_cqm(Wdev& wdev, const CqmRequest& request) override;
  Result<void> set_bitrate_mask(Wdev& wdev, const std::optional<MacAddress>& peer,
                                const BitrateMask& mask) override;
  Result<void> set_qos_map(Wdev& wdev, const std::optional<Octets>& map) override;
  Result<void> set_noack_map(Wdev& wdev, uint16_t map) override;
  Result<SurveyInfo> dump_survey(Wdev& wdev, size_t index) override;
  Result<TxQueueStats> get_tx_queue_stats(Wdev* wdev) override;
  void regulatory_changed(Wiphy& wiphy) override;

  void update_frame_registrations(Wdev& wdev, const ManagementFrameInterest& interest) override;
  Result<void> management_tx(Wdev& wdev, const FrameTxRequest& request, uint64_t cookie) override;
  Result<void> management_tx_cancel_wait(Wdev& wdev, uint64_t cookie) override;
  Result<void> remain_on_channel(Wdev& wdev, const ChannelDefinition& channel, uint32_t ms,
                                 uint64_t cookie) override;
  Result<void> cancel_remain_on_channel(Wdev& wdev, uint64_t cookie) override;
  Result<bool> control_port_tx(Wdev& wdev, const ControlPortTxRequest& request,
                               uint64_t cookie) override;

 private:
  template <typename T>
  Result<T> traced(const char* name, const Wdev* wdev, Result<T> result) const;
  void trace(const char* name, const Wdev* wdev) const;

  Ops& ops_;
  Log log_;
};

}  // namespace airloom::cfg80211
