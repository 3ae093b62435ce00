// The FullMAC driver API: what cfg80211 asks of whatever lies under it. mac80211 implements it for
// SoftMAC drivers, a FullMAC driver implements it itself. cfg80211 checks state before it calls and
// calls through one traced wrapper (ops_trace.h); a driver answers through driver_events.h, never
// from within a call except where a method says so. Methods a driver does not override answer
// kUnsupported.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/requests.h"
#include "cfg80211/types.h"

namespace airloom::cfg80211 {

class Wiphy;
class Wdev;

/// Which management frames userspace wants of an interface: bit n is subtype n.
struct ManagementFrameInterest {
  uint16_t unicast_subtypes = 0;
  uint16_t multicast_subtypes = 0;
};

class Ops {
 public:
  virtual ~Ops() = default;

  // Interfaces. The wdev exists and has its netdev (down) when add_interface is called.
  virtual Result<void> add_interface(Wdev& wdev) = 0;
  virtual void delete_interface(Wdev& wdev) = 0;
  /// Only called while the netdev is down or the driver says it can do it up.
  virtual Result<void> change_interface(Wdev& wdev, InterfaceType type,
                                        const ChangeInterfaceRequest& request) = 0;
  /// The netdev goes up: starts the interface. Combinations are checked already.
  virtual Result<void> open(Wdev& wdev) = 0;
  /// The netdev went down; cfg80211 has left whatever it was part of.
  virtual void stop(Wdev& wdev) = 0;
  /// The host gives the netdev another address; also while it is up.
  virtual Result<void> change_address(Wdev& wdev, const MacAddress& address) = 0;
  /// Frames from the host's stack, 802.3 or (monitor) radiotap; taken over.
  virtual void transmit(Wdev& wdev, std::span<FrameBuffer> burst) = 0;
  virtual Result<void> start_p2p_device(Wdev&) { return fail(Errc::kUnsupported); }
  virtual void stop_p2p_device(Wdev&) {}

  // Keys.
  virtual Result<void> add_key(Wdev&, const KeySlot&, const KeyParams&) { return unsupported(); }
  virtual Result<void> delete_key(Wdev&, const KeySlot&) { return unsupported(); }
  virtual Result<KeyReport> get_key(Wdev&, const KeySlot&) { return unsupported(); }
  virtual Result<void> set_default_key(Wdev&, uint8_t, bool /*unicast*/, bool /*multicast*/) {
    return unsupported();
  }
  virtual Result<void> set_default_management_key(Wdev&, uint8_t) { return unsupported(); }
  virtual Result<void> set_default_beacon_key(Wdev&, uint8_t) { return unsupported(); }

  // Access point.
  virtual Result<void> start_ap(Wdev&, const StartApRequest&) { return unsupported(); }
  virtual Result<void> change_beacon(Wdev&, const BeaconData&) { return unsupported(); }
  virtual Result<void> stop_ap(Wdev&, LinkId) { return unsupported(); }
  virtual Result<void> change_bss(Wdev&, const BssParams&) { return unsupported(); }
  virtual Result<void> channel_switch(Wdev&, const ChannelSwitchRequest&) { return unsupported(); }
  /// A beaconing AP gets another width on its primary channel, at once; userspace may announce it.
  /// Asked of drivers with NL80211_FEATURE_AP_MODE_CHAN_WIDTH_CHANGE only.
  virtual Result<void> set_ap_channel_width(Wdev&, const ChannelDefinition&) {
    return unsupported();
  }
  /// Listens for radar on a channel, on which the interface then waits: radar_check_finished after
  /// `duration`, unless radar_check_aborted comes before.
  virtual Result<void> start_radar_detection(Wdev&, const ChannelDefinition&,
                                             Duration /*duration*/) {
    return unsupported();
  }
  /// Stops to listen; nobody is told.
  virtual void end_radar_detection(Wdev&) {}
  virtual Result<void> set_tx_queue_params(Wdev&, const TxQueueParams&) { return unsupported(); }
  virtual Result<void> set_multicast_to_unicast(Wdev&, bool) { return unsupported(); }

  // Stations.
  virtual Result<void> add_station(Wdev&, const MacAddress&, const StationParams&) {
    return unsupported();
  }
  virtual Result<void> change_station(Wdev&, const MacAddress&, const StationParams&) {
    return unsupported();
  }
  virtual Result<void> delete_station(Wdev&, const DeleteStationRequest&) { return unsupported(); }
  virtual Result<StationInfo> get_station(Wdev&, const MacAddress&) { return unsupported(); }
  /// The `index`-th station in the order they were added. @error kNotFound past the last.
  virtual Result<std::pair<MacAddress, StationInfo>> dump_station(Wdev&, size_t /*index*/) {
    return unsupported();
  }
  virtual Result<void> probe_client(Wdev&, const MacAddress&, uint64_t /*cookie*/) {
    return unsupported();
  }

  // Scanning and joining.
  virtual Result<void> scan(Wdev&, const ScanRequest&) { return unsupported(); }
  /// Answers with scan_done(aborted) when it has stopped, perhaps before returning.
  virtual void abort_scan(Wdev&) {}
  /// From now on it scans by itself, each round that finds something ending with
  /// sched_scan_results().
  virtual Result<void> start_sched_scan(Wdev&, const SchedScanRequest&) { return unsupported(); }
  virtual Result<void> stop_sched_scan(Wdev&, uint64_t /*id*/) { return unsupported(); }
  virtual Result<void> authenticate(Wdev&, const AuthenticateRequest&) { return unsupported(); }
  virtual Result<void> associate(Wdev&, const AssociateRequest&) { return unsupported(); }
  virtual Result<void> deauthenticate(Wdev&, const LeaveRequest&) { return unsupported(); }
  virtual Result<void> disassociate(Wdev&, const LeaveRequest&) { return unsupported(); }
  /// FullMAC only: cfg80211 has its own SME over authenticate and associate otherwise.
  virtual Result<void> connect(Wdev&, const ConnectRequest&) { return unsupported(); }
  virtual Result<void> disconnect(Wdev&, uint16_t /*reason*/) { return unsupported(); }

  // Wiphy.
  virtual Result<void> set_wiphy_params(Wiphy&, const WiphyParams&) { return unsupported(); }
  virtual Result<void> set_tx_power(Wiphy&, Wdev*, TxPowerSetting, int /*mbm*/) {
    return unsupported();
  }
  virtual Result<int> get_tx_power_dbm(Wiphy&, Wdev&) { return unsupported(); }
  virtual Result<void> set_monitor_channel(Wiphy&, const ChannelDefinition&) {
    return unsupported();
  }
  virtual Result<ChannelDefinition> get_channel(Wdev&, LinkId) { return unsupported(); }
  virtual Result<void> set_power_management(Wdev&, bool /*on*/, int /*timeout_ms*/) {
    return unsupported();
  }
  virtual Result<void> set_cqm(Wdev&, const CqmRequest&) { return unsupported(); }
  virtual Result<void> set_bitrate_mask(Wdev&, const std::optional<MacAddress>&,
                                        const BitrateMask&) {
    return unsupported();
  }
  virtual Result<void> set_qos_map(Wdev&, const std::optional<Octets>&) { return unsupported(); }
  virtual Result<void> set_noack_map(Wdev&, uint16_t) { return unsupported(); }
  /// The `index`-th channel's survey. @error kNotFound past the last.
  virtual Result<SurveyInfo> dump_survey(Wdev&, size_t /*index*/) { return unsupported(); }
  /// Of an interface's group frames; no interface: of all the radio's transmit queues together.
  /// @error kUnsupported  the radio is not one with NL80211_EXT_FEATURE_TXQS.
  virtual Result<TxQueueStats> get_tx_queue_stats(Wdev*) { return unsupported(); }
  virtual void regulatory_changed(Wiphy&) {}

  // Frames.
  virtual void update_frame_registrations(Wdev&, const ManagementFrameInterest&) {}
  /// Sends a management frame; `cookie` names it in management_tx_status().
  virtual Result<void> management_tx(Wdev&, const FrameTxRequest&, uint64_t /*cookie*/) {
    return unsupported();
  }
  virtual Result<void> management_tx_cancel_wait(Wdev&, uint64_t /*cookie*/) {
    return unsupported();
  }
  virtual Result<void> remain_on_channel(Wdev&, const ChannelDefinition&, uint32_t /*ms*/,
                                         uint64_t /*cookie*/) {
    return unsupported();
  }
  virtual Result<void> cancel_remain_on_channel(Wdev&, uint64_t /*cookie*/) {
    return unsupported();
  }
  /// Sends an 802.1X or pre-authentication frame; cookie 0 asks for no status. Returns whether the
  /// status will come (else the caller's cookie reads 0).
  virtual Result<bool> control_port_tx(Wdev&, const ControlPortTxRequest&, uint64_t /*cookie*/) {
    return unsupported();
  }

 protected:
  static std::unexpected<Error> unsupported() { return fail(Errc::kUnsupported); }
};

}  // namespace airloom::cfg80211
