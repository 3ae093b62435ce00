// mac80211's driver for a radio at the other end of a tunnel. It pulls frames while not too many
// are on their way, sends each beacon at its TBTT by its idea of the radio's TSF, and takes the
// radio's word, or its silence, for what became of a frame. What only the radio itself can do in
// time (acknowledge, repeat) is the radio's; it does not aggregate.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "mac80211/beacon_timers.h"
#include "mac80211/driver.h"
#include "tunnel/ac.h"

namespace airloom::tunnel {

class Device final : public mac80211::Driver, private Ac::Owner {
 public:
  /// @param tsf_at_zero_us  the TSF at the world's time 0 before the radio tells its own.
  Device(const AcPorts& ports, uint64_t tsf_at_zero_us);

  /// Whom to tell; before start().
  void set_hw(mac80211::Hw& hw) { hw_ = &hw; }
  Ac& ac() { return ac_; }
  /// Called when the session begins, and when it is lost.
  std::function<void(bool joined)> on_session;
  const RadioDescription& radio() const { return radio_; }

  Result<void> start() override;
  void stop() override;
  Result<void> add_vif(const mac80211::Vif& vif) override;
  void change_vif(const mac80211::Vif& vif) override;
  void remove_vif(const mac80211::Vif& vif) override;
  Result<void> tune(const mac80211::ChannelDefinition& channel) override;
  void set_idle(bool idle) override;
  void configure_filter(const mac80211::ReceiveFilter& filter) override;
  void link_changed(const mac80211::Vif& vif, mac80211::LinkId link,
                    const mac80211::LinkConfig& config, uint32_t changes) override;
  void set_edca(const mac80211::Vif&, mac80211::LinkId, uint8_t, uint16_t, uint16_t, uint16_t,
                uint8_t) override {}  // the radio's own business
  mac80211::DriverCapabilities capabilities() const override { return {.airtime_fairness = true}; }
  void add_station(const mac80211::StationEntry&) override {}
  void station_state(const mac80211::StationEntry&, mac80211::StationState) override {}
  void remove_station(const mac80211::StationEntry&) override {}
  void wake_queue(const mac80211::Vif& vif, uint32_t station, uint8_t tid) override;
  void transmit(mac80211::TxFrame frame) override;
  void flush(uint32_t, bool) override {}  // what has been handed over is on its way
  uint64_t tsf_us(const mac80211::Vif&) override { return tsf_us(); }
  Duration latency() const override { return 2 * ac_.round_trip(); }

  /// Frames on their way of which a report is awaited.
  static constexpr size_t kInFlightMax = 256;
  static constexpr Duration kReportTime = std::chrono::seconds(2);

 private:
  /// A frame on its way; its status, but for what the radio will tell.
  struct InFlight {
    FrameNumber number = 0;  // 0: the slot is free
    TimePoint since;
    mac80211::TxStatus status;
  };

  void on_joined(const RadioDescription& radio) override;
  void on_lost() override;
  void on_frame(const RxInfo& info, FrameBuffer frame) override;
  void on_reports(std::span<const TxReport> reports) override;
  void on_tsf(uint64_t tsf_us) override;

  size_t room() const { return kInFlightMax - std::min(kInFlightMax, in_flight_count_); }
  bool has_room() const { return room() > 0; }
  void pull();
  void pull_from(uint8_t access_category);
  void finish_later(const mac80211::TxStatus& status);
  void finish(InFlight& slot, bool acked, uint8_t tries);
  void give_up(Duration age);
  void on_expiry();
  void apply_rules();
  void stamp(FrameBuffer& frame) const;
  uint64_t tsf_us() const;
  void send_beacon(uint32_t vif, mac80211::LinkId link);

  AcPorts ports_;
  mac80211::Hw* hw_ = nullptr;
  Ac ac_;
  RadioDescription radio_;
  bool started_ = false, idle_ = true;
  mac80211::ChannelDefinition channel_;
  mac80211::ReceiveFilter filter_;
  std::map<uint32_t, MacAddress> vifs_;
  mac80211::BeaconTimers beacons_;
  uint8_t ready_ = 0;                // access categories whose queues may hold frames, as bits
  std::vector<InFlight> in_flight_;  // by number, modulo its size
  size_t in_flight_count_ = 0;
  std::vector<mac80211::TxStatus> finished_;
  Timer finished_timer_;  // a status never comes from within transmit()
  Timer expiry_;
  int64_t tsf_offset_us_;
};

}  // namespace airloom::tunnel
