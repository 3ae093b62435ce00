// The host's driver of a FullMAC radio: cfg80211's ops.h over messages to the firmware, and what
// the firmware says over driver_events.h. It trusts the firmware no further than it must: whatever
// it sends, the host answers with an error or a warning and goes on.
#pragma once

#include <map>

#include "base/log.h"
#include "cfg80211/ops.h"
#include "cfg80211/wiphy.h"
#include "fullmac/link.h"
#include "fullmac/messages.h"

namespace airloom::fullmac {

class Driver final : public cfg80211::Ops, public HostEnd {
 public:
  /// The firmware outlives the driver.
  Driver(FirmwareEnd& firmware, const Log& log);

  /// Greets the firmware; before the wiphy is made.
  /// @error kUnsupported  it speaks another version;  kIo  it does not answer, or nonsense.
  Result<void> start();
  /// How many stations an access point of it carries.
  uint16_t stations_max() const { return stations_max_; }

  void on_message(FrameBuffer message) override;

  // cfg80211::Ops (driver.cc).
  using Wdev = cfg80211::Wdev;
  using Wiphy = cfg80211::Wiphy;
  Result<void> add_interface(Wdev&) override;
  void delete_interface(Wdev&) override;
  Result<void> change_interface(Wdev&, InterfaceType,
                                const cfg80211::ChangeInterfaceRequest&) override;
  Result<void> open(Wdev&) override;
  void stop(Wdev&) override;
  Result<void> change_address(Wdev&, const MacAddress&) override;
  void transmit(Wdev&, std::span<FrameBuffer> burst) override;
  Result<void> add_key(Wdev&, const cfg80211::KeySlot&, const cfg80211::KeyParams&) override;
  Result<void> delete_key(Wdev&, const cfg80211::KeySlot&) override;
  Result<cfg80211::KeyReport> get_key(Wdev&, const cfg80211::KeySlot&) override;
  Result<void> set_default_key(Wdev&, uint8_t index, bool unicast, bool multicast) override;
  Result<void> set_default_management_key(Wdev&, uint8_t index) override;
  Result<void> set_default_beacon_key(Wdev&, uint8_t index) override;
  Result<void> start_ap(Wdev&, const cfg80211::StartApRequest&) override;
  Result<void> change_beacon(Wdev&, const cfg80211::BeaconData&) override;
  Result<void> stop_ap(Wdev&, cfg80211::LinkId) override;
  Result<void> change_bss(Wdev&, const cfg80211::BssParams&) override;
  Result<void> channel_switch(Wdev&, const cfg80211::ChannelSwitchRequest&) override;
  Result<void> set_tx_queue_params(Wdev&, const cfg80211::TxQueueParams&) override;
  Result<void> change_station(Wdev&, const MacAddress&, const cfg80211::StationParams&) override;
  Result<void> delete_station(Wdev&, const cfg80211::DeleteStationRequest&) override;
  Result<cfg80211::StationInfo> get_station(Wdev&, const MacAddress&) override;
  Result<std::pair<MacAddress, cfg80211::StationInfo>> dump_station(Wdev&, size_t index) override;
  Result<void> probe_client(Wdev&, const MacAddress&, uint64_t cookie) override;
  Result<void> scan(Wdev&, const cfg80211::ScanRequest&) override;
  void abort_scan(Wdev&) override;
  Result<void> start_sched_scan(Wdev&, const cfg80211::SchedScanRequest&) override;
  Result<void> stop_sched_scan(Wdev&, uint64_t id) override;
  Result<void> connect(Wdev&, const cfg80211::ConnectRequest&) override;
  Result<void> disconnect(Wdev&, uint16_t reason) override;
  Result<void> set_wiphy_params(Wiphy&, const cfg80211::WiphyParams&) override;
  Result<void> set_tx_power(Wiphy&, Wdev*, cfg80211::TxPowerSetting, int mbm) override;
  Result<int> get_tx_power_dbm(Wiphy&, Wdev&) override;
  Result<ChannelDefinition> get_channel(Wdev&, cfg80211::LinkId) override;
  Result<void> set_power_management(Wdev&, bool on, int timeout_ms) override;
  Result<void> set_cqm(Wdev&, const cfg80211::CqmRequest&) override;
  Result<cfg80211::SurveyInfo> dump_survey(Wdev&, size_t index) override;
  void regulatory_changed(Wiphy&) override;
  void update_frame_registrations(Wdev&, const cfg80211::ManagementFrameInterest&) override;
  Result<void> management_tx(Wdev&, const cfg80211::FrameTxRequest&, uint64_t cookie) override;
  Result<void> management_tx_cancel_wait(Wdev&, uint64_t cookie) override;
  Result<void> remain_on_channel(Wdev&, const ChannelDefinition&, uint32_t ms,
                                 uint64_t cookie) override;
  Result<void> cancel_remain_on_channel(Wdev&, uint64_t cookie) override;
  Result<bool> control_port_tx(Wdev&, const cfg80211::ControlPortTxRequest&,
                               uint64_t cookie) override;

 private:
  /// A request and its answer. @error the firmware's, or kIo where it makes no sense.
  template <typename M>
  Result<typename M::Reply> ask(uint16_t interface, const M& message);
  template <typename M>
  Result<void> order(uint16_t interface, const M& message);
  Result<Octets> exchange(std::span<const uint8_t> request, const Header& header);
  uint16_t number_of(const Wdev& wdev) const;
  Wdev* find(uint16_t number) const;

  // Events (driver_events.cc).
  using Hear = bool (Driver::*)(Wdev&, Reader);
  static Hear hear_of(Event event);
  template <typename E>
  bool hear(Wdev& wdev, Reader payload);
  void on_data(Wdev& wdev, FrameBuffer frame);
  // False: the event makes no sense now.
  bool on(Wdev&, const BssHeard&);
  bool on(Wdev&, const ScanDone&);
  bool on(Wdev&, const ConnectDone&);
  bool on(Wdev&, const Roamed&);
  bool on(Wdev&, const Disconnected&);
  bool on(Wdev&, const PortAuthorized&);
  bool on(Wdev&, const StationAdded&);
  bool on(Wdev&, const StationRemoved&);
  bool on(Wdev&, const ApStopped&);
  bool on(Wdev&, const FrameReceived&);
  bool on(Wdev&, const FrameTxStatus&);
  bool on(Wdev&, const TxWaitExpired&);
  bool on(Wdev&, const RemainStarted&);
  bool on(Wdev&, const RemainExpired&);
  bool on(Wdev&, const ControlPortReceived&);
  bool on(Wdev&, const ControlPortStatus&);
  bool on(Wdev&, const CqmRssi&);
  bool on(Wdev&, const CqmBeaconLoss&);
  bool on(Wdev&, const CqmPacketLoss&);
  bool on(Wdev&, const ChannelSwitchStarted&);
  bool on(Wdev&, const ChannelSwitched&);
  bool on(Wdev&, const ClientProbed&);
  bool on(Wdev&, const Carrier&);
  bool on(Wdev&, const Flow&);
  bool on(Wdev&, const SchedScanResults&);

  FirmwareEnd& firmware_;
  Log log_;
  uint16_t sequence_ = 0;
  uint16_t last_number_ = 0;
  uint16_t stations_max_ = 0;
  std::map<uint16_t, Wdev*> wdevs_;
  std::map<cfg80211::WdevId, uint16_t> numbers_;
  Octets request_;  ///< being written; kept for its memory
  std::vector<FrameBuffer> burst_;
};

}  // namespace airloom::fullmac
