// The simulated SoftMAC device: mac80211's driver for a radio on the medium, as mac80211_hwsim is
// on Linux. It pulls frames while the radio has room, sends each beacon at its TBTT and the frames
// that waited for a DTIM behind it, listens on one channel or several, and keeps a survey while
// scanning. One device may carry any number of interfaces.
#pragma once

#include <compare>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "hwsim/outside_air.h"
#include "mac80211/beacon_timers.h"
#include "mac80211/driver.h"
#include "medium/medium.h"
#include "radio/radio.h"

namespace airloom::hwsim {

using mac80211::ChannelDefinition;
using mac80211::LinkId;

/// Simulated power save, as Linux numbers it.
enum class PowerSave : uint8_t { kOff, kOn, kAutoPoll, kManualPoll };

class Device final : public mac80211::Driver, private radio::Owner {
 public:
  /// What every simulated radio hears when nobody sends.
  static constexpr int8_t kNoiseDbm = -92;

  /// All must outlive the device.
  /// @param tsf_at_zero_us  the TSF at the world's time 0; on Linux it is the wall clock.
  Device(Scheduler& scheduler, FramePool& pool, medium::Medium& medium, uint64_t tsf_at_zero_us);

  /// Whom to tell; before start().
  void set_hw(mac80211::Hw& hw) { hw_ = &hw; }
  /// As if radar were heard on the channel in use. (mac80211_hwsim's dfs_simulate_radar)
  void simulate_radar() { hw_->radar_detected(); }
  /// A medium outside, and the radio's name there; before start(). It outlives the device.
  void set_outside(OutsideAir& outside, const MacAddress& name) {
    outside_ = &outside;
    outside_name_ = name;
  }
  /// A frame from the medium outside.
  /// @error kInvalid  the radio cannot hear it: off, elsewhere, or it is no frame.
  Result<void> receive_outside(const OutsideReception& reception);
  /// @error kInvalid  no frame with that cookie waits for its status.
  Result<void> on_outside_status(const OutsideStatus& status);
  /// The medium outside has gone: whatever it had is lost.
  void on_outside_gone();

  // What Linux has in debugfs.
  PowerSave power_save() const { return power_save_; }
  /// Pretends to sleep, and tells the access points that it does; kManualPoll polls them once.
  /// @error kInvalid  kManualPoll while not kOn.
  Result<void> pretend_power_save(PowerSave mode);
  uint64_t groups() const { return groups_; }
  /// Radios hear each other only if they share a group.
  void set_groups(uint64_t groups) {
    groups_ = groups;
    medium_.set_groups(radio_.id(), groups);
  }
  /// How many channels it can be on at once. Before it starts.
  void set_channel_contexts_max(size_t count) { contexts_max_ = count; }
  /// Stations get equal airtime also where the medium takes none of it. Before it starts.
  void set_accounts_airtime(bool on) { accounts_airtime_ = on; }
  int rx_rssi_dbm() const { return rx_rssi_dbm_; }
  /// How strongly others hear it, less its transmit power.
  void set_rx_rssi_dbm(int dbm) { rx_rssi_dbm_ = dbm; }

  /// Which receiver of the medium this is, for captures and models.
  medium::ReceiverId receiver_id() const { return radio_.id(); }

  Result<void> start() override;
  void stop() override;
  Result<void> add_vif(const mac80211::Vif& vif) override;
  void change_vif(const mac80211::Vif& vif) override;
  void remove_vif(const mac80211::Vif& vif) override;
  Result<void> tune(const ChannelDefinition& channel) override;
  size_t channel_contexts_max() const override { return contexts_max_; }
  Result<void> use_channels(std::span<const ChannelDefinition> channels) override;
  void set_idle(bool idle) override;
  void configure_filter(const mac80211::ReceiveFilter& filter) override;
  void link_changed(const mac80211::Vif& vif, LinkId link, const mac80211::LinkConfig& config,
                    uint32_t changes) override;
  void set_edca(const mac80211::Vif&, LinkId, uint8_t, uint16_t, uint16_t, uint16_t,
                uint8_t) override {}  // access is immediate
  mac80211::DriverCapabilities capabilities() const override {
    return {.airtime_fairness = accounts_airtime_ || !ideal_medium_,
            .airtime_limit = !ideal_medium_};
  }
  void add_station(const mac80211::StationEntry&) override {}
  void station_state(const mac80211::StationEntry&, mac80211::StationState) override {}
  void remove_station(const mac80211::StationEntry& station) override {
    // What waits was sealed for a peer that is gone, under keys that are. [CVE-2019-15126]
    radio_.abandon_data_to(station.address);
  }
  Result<mac80211::AmpduReply> ampdu_action(const mac80211::Vif& vif,
                                            const mac80211::AmpduParams& params) override;
  void wake_queue(const mac80211::Vif& vif, uint32_t station, uint8_t tid) override;
  void transmit(mac80211::TxFrame frame) override;
  void flush(uint32_t, bool) override {}  // what has been handed over is on the air
  uint64_t tsf_us(const mac80211::Vif& vif) override;
  void set_tsf_us(const mac80211::Vif& vif, uint64_t tsf) override;
  std::optional<cfg80211::SurveyInfo> survey(uint32_t mhz, uint16_t offset_khz) override;

 private:
  struct VifState {
    MacAddress address;
    bool is_monitor = false;
    bool associated = false;
    MacAddress bssid;
    uint16_t aid = 0;
    int tx_power_dbm = 20;
  };
  /// A frame that the radio has, until its status.
  struct InFlight {
    mac80211::TxToken token = 0;
    uint32_t vif = 0, station = 0;
    mac80211::RateChain rates{};
    bool no_ack = false;
    bool aggregate = false, end_of_service_period = false;
    uint8_t tid = mac80211::kNoTid;
    uint16_t sequence = 0;
    uint8_t access_category = 2;
    Duration expected_airtime{0};
  };
  /// A frame that the medium outside has.
  struct Outside {
    uint64_t cookie = 0;
    FrameBuffer mpdu;
    InFlight sent;
    medium::Channel channel;
    std::optional<MacAddress> sender;
  };

  void on_receive(const FrameBuffer& frame, const radio::RxInfo& info) override;
  void on_received_all() override;
  void on_tx_status(radio::TxStatus status) override;
  void on_tx_room() override { pull(); }

  bool is_scanning() const { return filter_.scan_address.has_value(); }
  void pull();
  void pull_from(uint8_t access_category);
  size_t ampdu_size(std::span<const mac80211::TxFrame> frames) const;
  void send(mac80211::TxFrame frame, medium::Ampdu ampdu);
  uint64_t remember(const mac80211::TxFrame& frame);
  static InFlight in_flight(const mac80211::TxFrame& frame);
  static mac80211::TxStatus report_on(const InFlight& sent, bool acked);
  void send_now(const Octets& octets);
  void mark_power_save(FrameBuffer& mpdu);
  bool is_outside() const { return outside_ && outside_->is_there(); }
  void transmit_outside(mac80211::TxFrame frame);
  void report_lost(const Outside& lost);
  /// A group address, or one of ours.
  bool is_for_us(const MacAddress& receiver) const;
  bool wants(const MacAddress& receiver) const;
  bool wants(const FrameBuffer& frame) const;
  void tell_address(const MacAddress& address, bool added);
  void send_beacon(uint32_t vif, mac80211::LinkId link);
  void apply_addresses();
  void apply_tuning();

  Scheduler& scheduler_;
  const bool ideal_medium_;
  FramePool& pool_;
  medium::Medium& medium_;
  mac80211::Hw* hw_ = nullptr;
  OutsideAir* outside_ = nullptr;
  MacAddress outside_name_;
  std::deque<Outside> outside_frames_;  // oldest first
  uint64_t outside_cookie_ = 0;
  Timer lost_timer_;  // a status never comes from within transmit()
  std::vector<Outside> lost_;
  radio::Radio radio_;
  PowerSave power_save_ = PowerSave::kOff;
  uint64_t groups_ = 1;
  int rx_rssi_dbm_ = -medium::IdealPropagation::kPathLossDb;
  bool started_ = false;
  bool idle_ = true;
  size_t contexts_max_ = 1;
  bool accounts_airtime_ = false;
  std::vector<ChannelDefinition> channels_;  // that it is on, first the one it visits
  TimePoint tuned_at_;
  mac80211::ReceiveFilter filter_;
  std::map<uint32_t, VifState> vifs_;
  mac80211::BeaconTimers beacons_;
  uint8_t ready_ = 0;  // access categories whose queues may hold frames, as bits
  std::map<std::pair<uint32_t, uint8_t>, uint16_t> ampdu_max_;  // MPDUs, by station and TID
  std::vector<mac80211::TxFrame> pulled_;          // empty between calls; kept for its memory
  std::vector<mac80211::ReceivedFrame> received_;  // at this instant
  std::vector<InFlight> in_flight_;
  std::vector<uint64_t> free_cookies_;
  std::map<uint32_t, Duration> surveyed_;  // primary channel in kHz: the last dwell while scanning
};

}  // namespace airloom::hwsim
