// mac80211 for one radio: implements what cfg80211 asks (Ops) and what the driver tells (Hw), and
// owns the parts that do the work: interfaces, stations, the channel arbiter, the transmit and
// receive paths, management transmission, scan and off-channel work. The overrides only find the
// interface and the part; they are in ops_*.cc by topic. (The kernel's ieee80211_local.)
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "base/log.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/ops.h"
#include "mac80211/block_ack.h"
#include "mac80211/channel_arbiter.h"
#include "mac80211/driver.h"
#include "mac80211/driver_trace.h"
#include "mac80211/drops.h"
#include "mac80211/interface.h"
#include "mac80211/management_tx.h"
#include "mac80211/raw_tx.h"
#include "mac80211/rx_path.h"
#include "mac80211/station_table.h"
#include "mac80211/tx_path.h"

namespace airloom::mac80211 {

class OffChannel;
class Scan;

/// What a stack is built on. All outlive it.
struct RadioPorts {
  Scheduler* scheduler = nullptr;
  Rng* rng = nullptr;
  FramePool* pool = nullptr;
};

/// Construction order: driver, RadioStack(ports, driver), Host::add_wiphy(spec, stack); then the
/// driver is told its Hw (the stack).
class RadioStack final : public cfg80211::Ops, public Hw {
 public:
  RadioStack(RadioPorts ports, Driver& driver, Log log);
  ~RadioStack() override;

  Scheduler& scheduler() const { return *ports_.scheduler; }
  TimePoint now() const { return ports_.scheduler->now(); }
  Rng& rng() const { return *ports_.rng; }
  FramePool& pool() const { return *ports_.pool; }
  const Log& log() const { return log_; }
  DriverTrace& driver() { return driver_; }

  StationTable& stations() { return stations_; }
  ChannelArbiter& channels() { return channels_; }
  TxPath& tx() { return tx_; }
  RxPath& rx() { return rx_; }
  BlockAck& block_ack() { return block_ack_; }
  Drops& drops() { return drops_; }
  /// Octets of an individually addressed MPDU, FCS included, beyond which it is cut.
  uint32_t fragmentation_threshold() const { return fragmentation_threshold_; }
  ManagementTx& management_tx_path() { return management_tx_; }
  RawTx& raw_tx() { return raw_tx_; }
  Scan& scan_work() { return *scan_; }
  OffChannel& offchannel() { return *offchannel_; }

  Interface* find(uint32_t vif) const;
  Interface& of(const cfg80211::Wdev& wdev) const;
  const std::map<uint32_t, std::unique_ptr<Interface>>& interfaces() const { return interfaces_; }
  /// Recomputes what the driver must hand up: scanning, monitors, registered probe requests.
  void update_filter();
  /// Recomputes the power that an interface may send with: its channel or the user has changed.
  void update_power(Interface& interface);
  /// Shows a frame that the radio heard to every monitor that is up (monitor.cc); the cooked ones
  /// get only what no interface took.
  void deliver_to_monitors(const FrameBuffer& mpdu, const RxStatus& status);
  void deliver_cooked(const FrameBuffer& mpdu, const RxStatus& status);

  // cfg80211::Ops: interfaces (ops_interface.cc).
  Result<void> add_interface(cfg80211::Wdev& wdev) override;
  void delete_interface(cfg80211::Wdev& wdev) override;
  Result<void> change_interface(cfg80211::Wdev& wdev, InterfaceType type,
                                const cfg80211::ChangeInterfaceRequest& request) override;
  Result<void> open(cfg80211::Wdev& wdev) override;
  void stop(cfg80211::Wdev& wdev) override;
  Result<void> change_address(cfg80211::Wdev& wdev, const MacAddress& address) override;
  void transmit(cfg80211::Wdev& wdev, std::span<FrameBuffer> burst) override;
  Result<void> start_p2p_device(cfg80211::Wdev& wdev) override;
  void stop_p2p_device(cfg80211::Wdev& wdev) override;

  // Keys (ops_key.cc).
  Result<void> add_key(cfg80211::Wdev&, const cfg80211::KeySlot&,
                       const cfg80211::KeyParams&) override;
  Result<void> delete_key(cfg80211::Wdev&, const cfg80211::KeySlot&) override;
  Result<cfg80211::KeyReport> get_key(cfg80211::Wdev&, const cfg80211::KeySlot&) override;
  Result<void> set_default_key(cfg80211::Wdev&, uint8_t index, bool unicast,
                               bool multicast) override;
  Result<void> set_default_management_key(cfg80211::Wdev&, uint8_t index) override;
  Result<void> set_default_beacon_key(cfg80211::Wdev&, uint8_t index) override;

  // Access point (ops_ap.cc).
  Result<void> start_ap(cfg80211::Wdev&, const cfg80211::StartApRequest&) override;
  Result<void> change_beacon(cfg80211::Wdev&, const cfg80211::BeaconData&) override;
  Result<void> stop_ap(cfg80211::Wdev&, LinkId) override;
  Result<void> set_multicast_to_unicast(cfg80211::Wdev&, bool on) override;
  Result<void> change_bss(cfg80211::Wdev&, const cfg80211::BssParams&) override;
  Result<void> channel_switch(cfg80211::Wdev&, const cfg80211::ChannelSwitchRequest&) override;
  Result<void> set_ap_channel_width(cfg80211::Wdev&, const ChannelDefinition&) override;
  Result<void> start_radar_detection(cfg80211::Wdev&, const ChannelDefinition&,
                                     Duration duration) override;  // ops_radar.cc
  void end_radar_detection(cfg80211::Wdev&) override;
  Result<void> set_tx_queue_params(cfg80211::Wdev&, const cfg80211::TxQueueParams&) override;

  // Stations (ops_station.cc).
  Result<void> add_station(cfg80211::Wdev&, const MacAddress&,
                           const cfg80211::StationParams&) override;
  Result<void> change_station(cfg80211::Wdev&, const MacAddress&,
                              const cfg80211::StationParams&) override;
  Result<void> delete_station(cfg80211::Wdev&, const cfg80211::DeleteStationRequest&) override;
  Result<cfg80211::StationInfo> get_station(cfg80211::Wdev&, const MacAddress&) override;
  Result<std::pair<MacAddress, cfg80211::StationInfo>> dump_station(cfg80211::Wdev&,
                                                                    size_t index) override;
  Result<void> probe_client(cfg80211::Wdev&, const MacAddress&, uint64_t cookie) override;

  // Scanning and joining (ops_join.cc): Scan and StationMlme.
  Result<void> scan(cfg80211::Wdev&, const cfg80211::ScanRequest&) override;
  void abort_scan(cfg80211::Wdev&) override;
  Result<void> start_sched_scan(cfg80211::Wdev&, const cfg80211::SchedScanRequest&) override;
  Result<void> stop_sched_scan(cfg80211::Wdev&, uint64_t id) override;
  Result<void> authenticate(cfg80211::Wdev&, const cfg80211::AuthenticateRequest&) override;
  Result<void> associate(cfg80211::Wdev&, const cfg80211::AssociateRequest&) override;
  Result<void> deauthenticate(cfg80211::Wdev&, const cfg80211::LeaveRequest&) override;
  Result<void> disassociate(cfg80211::Wdev&, const cfg80211::LeaveRequest&) override;

  // Wiphy (ops_wiphy.cc).
  Result<void> set_wiphy_params(cfg80211::Wiphy&, const cfg80211::WiphyParams&) override;
  Result<void> set_tx_power(cfg80211::Wiphy&, cfg80211::Wdev*, cfg80211::TxPowerSetting,
                            int mbm) override;
  Result<int> get_tx_power_dbm(cfg80211::Wiphy&, cfg80211::Wdev&) override;
  Result<void> set_monitor_channel(cfg80211::Wiphy&, const ChannelDefinition&) override;
  Result<ChannelDefinition> get_channel(cfg80211::Wdev&, LinkId) override;
  Result<void> set_power_management(cfg80211::Wdev&, bool on, int timeout_ms) override;
  Result<void> set_cqm(cfg80211::Wdev&, const cfg80211::CqmRequest&) override;
  Result<void> set_bitrate_mask(cfg80211::Wdev&, const std::optional<MacAddress>&,
                                const cfg80211::BitrateMask&) override;
  Result<void> set_qos_map(cfg80211::Wdev&, const std::optional<Octets>&) override;
  Result<void> set_noack_map(cfg80211::Wdev&, uint16_t) override;
  Result<cfg80211::SurveyInfo> dump_survey(cfg80211::Wdev&, size_t index) override;
  Result<cfg80211::TxQueueStats> get_tx_queue_stats(cfg80211::Wdev*) override;

  // Frames (ops_frame.cc).
  void update_frame_registrations(cfg80211::Wdev&,
                                  const cfg80211::ManagementFrameInterest&) override;
  Result<void> management_tx(cfg80211::Wdev&, const cfg80211::FrameTxRequest&,
                             uint64_t cookie) override;
  Result<void> management_tx_cancel_wait(cfg80211::Wdev&, uint64_t cookie) override;
  Result<void> remain_on_channel(cfg80211::Wdev&, const ChannelDefinition&, uint32_t ms,
                                 uint64_t cookie) override;
  Result<void> cancel_remain_on_channel(cfg80211::Wdev&, uint64_t cookie) override;
  Result<bool> control_port_tx(cfg80211::Wdev&, const cfg80211::ControlPortTxRequest&,
                               uint64_t cookie) override;

  // Hw (hw.cc).
  using Hw::receive;
  void receive(std::span<const ReceivedFrame> burst) override;
  void tx_status(const TxStatus& status) override;
  void dequeue(uint32_t vif, uint32_t station, uint8_t tid, size_t max,
               std::vector<TxFrame>& out) override;
  bool dequeue_next(uint8_t access_category, size_t max, std::vector<TxFrame>& out) override {
    return tx_.dequeue_next(access_category, max, out);
  }
  std::optional<TxFrame> beacon(uint32_t vif, LinkId link) override;
  std::optional<TxFrame> next_after_dtim(uint32_t vif, LinkId link) override;
  void radar_detected() override;  // ops_radar.cc
  void sched_scan_results() override;
  void sched_scan_stopped() override;
  Octets probe_request(uint32_t vif, const cfg80211::ScanRequest& scan,
                       const cfg80211::ScanRequest::Channel& channel,
                       std::span<const uint8_t> ssid) override;
  void ampdu_tx_started(uint32_t vif, uint32_t station, uint8_t tid) override;
  void ampdu_tx_stopped(uint32_t vif, uint32_t station, uint8_t tid) override;

 private:
  void on_radar();
  void finish_radar_check(Interface& interface);
  /// Nobody listens for radar any more; the interface's owner is told.
  void abort_radar_check(Interface& interface);
  Result<void> check_live_address_change(const Interface& interface) const;
  Result<void> start_interface(Interface& interface);
  void stop_interface(Interface& interface);
  Result<void> start_vlan(Interface& vlan);
  void stop_vlan(Interface& vlan);
  /// What an interface does as its type, while it is up.
  void start_role(Interface& interface);
  void stop_role(Interface& interface);
  /// Counts a monitor, and adds to the filter what it wants to see.
  void add_monitor(ReceiveFilter& filter, cfg80211::MonitorFlags flags);
  Result<void> change_monitor(Interface& interface,
                              const cfg80211::ChangeInterfaceRequest& request);
  /// Shows a frame of our own, whose fate is known, to the monitors (monitor.cc).
  void deliver_sent_to_monitors(const TxStatus& status);
  template <typename Status, typename Wants>
  void show(const FrameBuffer& mpdu, const Status& status, Wants wants);

  static constexpr int kDefaultPowerDbm = 20;

  RadioPorts ports_;
  Log log_;
  DriverTrace driver_;
  uint32_t last_vif_ = 0;
  size_t open_interfaces_ = 0;
  bool was_powered_ = false;  // some interface has been up: there is a transmit power to tell
  std::optional<ReceiveFilter> filter_;        // what the driver was told since it started
  size_t monitors_ = 0, cooked_monitors_ = 0;  // that are up
  std::optional<int> user_power_dbm_;
  std::map<uint32_t, std::unique_ptr<Interface>> interfaces_;
  std::map<cfg80211::WdevId, Interface*> by_wdev_;
  Drops drops_;
  uint32_t fragmentation_threshold_ = 0xffffffff;
  StationTable stations_;
  ChannelArbiter channels_;
  TxPath tx_;
  RxPath rx_;
  BlockAck block_ack_;
  ManagementTx management_tx_;
  RawTx raw_tx_;
  std::unique_ptr<OffChannel> offchannel_;
  std::unique_ptr<Scan> scan_;
  Timer radar_timer_;
};

}  // namespace airloom::mac80211
