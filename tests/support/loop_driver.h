// Drivers wired to each other: what one transmits the others on its channel receive in a later
// event, and unicast is acknowledged by whoever has the address. Frames can be lost on request.
// It keeps what was on the air.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/scheduler.h"
#include "ieee80211/mac_header.h"
#include "mac80211/driver.h"

namespace airloom::test {

class LoopDriver;

/// The air between LoopDrivers.
struct LoopAir {
  explicit LoopAir(Scheduler& s) : scheduler(s) {}
  Scheduler& scheduler;
  std::vector<LoopDriver*> drivers;
  std::vector<FrameBuffer> frames;  ///< everything sent, oldest first
  /// Whether a frame is lost to everybody.
  std::function<bool(const ieee80211::FrameView&)> loses = [](const auto&) { return false; };
  bool record = true;
};

class LoopDriver final : public mac80211::Driver {
 public:
  explicit LoopDriver(LoopAir& air) : air_(air) { air_.drivers.push_back(this); }
  void set_hw(mac80211::Hw& hw) { hw_ = &hw; }

  Result<void> start() override {
    started_ = true;
    return {};
  }
  void stop() override { started_ = false; }
  Result<void> add_vif(const mac80211::Vif& vif) override {
    vifs_[vif.id] = vif;
    return {};
  }
  void change_vif(const mac80211::Vif& vif) override { vifs_[vif.id] = vif; }
  void remove_vif(const mac80211::Vif& vif) override {
    vifs_.erase(vif.id);
    beacons_.erase(vif.id);
  }
  Result<void> tune(const mac80211::ChannelDefinition& channel) override {
    mhz_ = channel.primary_mhz;
    return {};
  }
  void configure_filter(const mac80211::ReceiveFilter& f) override { filter = f; }
  void link_changed(const mac80211::Vif& vif, mac80211::LinkId, const mac80211::LinkConfig& config,
                    uint32_t changes) override {
    link_changes.push_back(changes);
    link_config = config;
    if ((changes & mac80211::kChangedBeaconEnabled) == 0) return;
    beacons_.erase(vif.id);
    if (!config.enable_beacon) return;
    auto& beacon = beacons_[vif.id];
    beacon.interval = tu(config.beacon_interval_tu);
    beacon.timer =
        std::make_unique<Timer>(air_.scheduler, [this, id = vif.id] { send_beacon(id); });
    beacon.timer->arm(beacon.interval);
  }
  void set_edca(const mac80211::Vif&, mac80211::LinkId, uint8_t, uint16_t, uint16_t, uint16_t,
                uint8_t) override {}
  void add_station(const mac80211::StationEntry& s) override {
    calls.push_back("add " + s.address.to_string());
  }
  void station_state(const mac80211::StationEntry& s, mac80211::StationState state) override {
    calls.push_back("state " + std::to_string(static_cast<int>(state)) + " " +
                    s.address.to_string());
  }
  void remove_station(const mac80211::StationEntry& s) override {
    calls.push_back("remove " + s.address.to_string());
  }
  mac80211::DriverCapabilities capabilities() const override { return can; }
  Result<mac80211::AmpduReply> ampdu_action(const mac80211::Vif& vif,
                                            const mac80211::AmpduParams& params) override {
    using mac80211::AmpduAction;
    calls.push_back("ampdu " + std::to_string(static_cast<int>(params.action)) + " tid " +
                    std::to_string(params.tid) + " start " + std::to_string(params.start) +
                    " size " + std::to_string(params.buffer_size));
    if (!ampdu_reply) return fail(Errc::kUnsupported);
    const bool stops =
        params.action == AmpduAction::kTxStopContinue || params.action == AmpduAction::kTxStopFlush;
    if (stops) hw_->ampdu_tx_stopped(vif.id, params.station.id, params.tid);
    return params.action == AmpduAction::kTxStart ? *ampdu_reply : mac80211::AmpduReply::kReady;
  }
  void set_power_save(const mac80211::Vif&, bool on) override {
    calls.push_back(on ? "power save" : "awake");
  }
  void wake_queue(const mac80211::Vif& vif, uint32_t station, uint8_t tid) override {
    if (busy) return;
    std::vector<mac80211::TxFrame> frames;
    hw_->dequeue(vif.id, station, tid, SIZE_MAX, frames);
    for (auto& frame : frames) transmit(std::move(frame));
  }
  void transmit(mac80211::TxFrame frame) override {
    if (air_.record) air_.frames.push_back(frame.mpdu);
    newest_rates = frame.rates;
    newest_no_ack = frame.no_ack;
    air_.scheduler.post([this, frame = std::move(frame)] { finish(frame); });
  }
  void flush(uint32_t, bool) override {}
  uint64_t tsf_us(const mac80211::Vif&) override { return air_.scheduler.now().us(); }

  Result<void> start_sched_scan(const mac80211::Vif&,
                                const cfg80211::SchedScanRequest& request) override {
    if (!has_sched_scan) return fail(Errc::kUnsupported);
    calls.push_back("sched_scan_start");
    sched_scan = request;
    return {};
  }
  Result<void> stop_sched_scan(const mac80211::Vif&) override {
    calls.push_back("sched_scan_stop");
    return {};
  }

  bool has_sched_scan = false;
  cfg80211::SchedScanRequest sched_scan;  ///< the newest
  std::vector<std::string> calls;
  std::vector<uint32_t> link_changes;  ///< the bits of each link_changed()
  mac80211::LinkConfig link_config;    ///< the newest
  mac80211::RateChain newest_rates;    ///< of the frame last sent
  bool newest_no_ack = false;          ///< it asked for no ACK
  mac80211::ReceiveFilter filter;
  bool busy = false;  ///< pulls nothing
  mac80211::DriverCapabilities can;
  /// To the start of sending; none: it does not aggregate.
  std::optional<mac80211::AmpduReply> ampdu_reply = mac80211::AmpduReply::kReady;
  uint32_t mhz() const { return mhz_; }

 private:
  struct Beacon {
    Duration interval{0};
    std::unique_ptr<Timer> timer;
  };

  void send_beacon(uint32_t vif) {
    if (auto beacon = hw_->beacon(vif, 0)) transmit(*std::move(beacon));
    while (auto frame = hw_->next_after_dtim(vif, 0)) transmit(*std::move(frame));
    auto& beacon = beacons_.at(vif);
    beacon.timer->arm(beacon.interval);
  }

  void finish(const mac80211::TxFrame& frame) {
    const auto view = ieee80211::FrameView::of(frame.mpdu.octets());
    const bool lost = !view || air_.loses(*view);
    bool acked = false;
    for (LoopDriver* other : air_.drivers)
      if (other != this && !lost) acked |= other->hear(frame, *view);
    if (!started_ || frame.token == 0) return;
    mac80211::TxStatus status{.token = frame.token,
                              .vif = frame.vif,
                              .station = frame.station,
                              .acked = acked && !frame.no_ack,
                              .no_ack = frame.no_ack,
                              .end_of_service_period = frame.end_of_service_period,
                              .lost_in_aggregate = frame.aggregate && !acked,
                              .tid = frame.tid,
                              .sequence = frame.sequence,
                              .tried = frame.rates,
                              .mpdu = frame.mpdu};
    for (size_t i = acked ? 1 : mac80211::kRateChainMax; i < mac80211::kRateChainMax; ++i)
      status.tried[i].tries = 0;
    if (acked) status.tried[0].tries = 1;
    hw_->tx_status(status);
  }

  bool hear(const mac80211::TxFrame& frame, const ieee80211::FrameView& view) {
    if (!started_ || mhz_ != frame.channel.primary_mhz) return false;
    bool ours = false;
    for (const auto& [id, vif] : vifs_) ours |= vif.address == view.address1();
    const mac80211::RxStatus status{.mhz = mhz_,
                                    .signal_dbm = -30,
                                    .rate = frame.rates[0].rate,
                                    .mactime_us = air_.scheduler.now().us(),
                                    .boottime = air_.scheduler.now().since_epoch};
    hw_->receive(frame.mpdu, status);
    return ours;
  }

  LoopAir& air_;
  mac80211::Hw* hw_ = nullptr;
  bool started_ = false;
  uint32_t mhz_ = 0;
  std::map<uint32_t, mac80211::Vif> vifs_;
  std::map<uint32_t, Beacon> beacons_;
};

}  // namespace airloom::test
