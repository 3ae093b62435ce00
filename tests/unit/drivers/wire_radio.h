// The smallest SoftMAC driver (docs/drivers.md): radios at the ends of one wire. It begins and ends
// with driver.h: mac80211 does the rest.
#pragma once

#include <map>
#include <vector>

#include "base/scheduler.h"
#include "ieee80211/mac_header.h"
#include "mac80211/driver.h"

namespace example {

using namespace airloom;

class WireRadio;

/// Whoever is plugged in hears what the others send.
struct Wire {
  Scheduler& scheduler;
  std::vector<WireRadio*> radios;
};

class WireRadio final : public mac80211::Driver {
 public:
  explicit WireRadio(Wire& wire)
      : wire_(wire), beacon_timer_(wire.scheduler, [this] { on_tbtt(); }) {
    wire_.radios.push_back(this);
  }
  void set_hw(mac80211::Hw& hw) { hw_ = &hw; }

  // The radio is on from the first interface up to the last one down.
  Result<void> start() override { return {}; }
  void stop() override { vifs_.clear(); }
  Result<void> add_vif(const mac80211::Vif& vif) override {
    vifs_[vif.id] = vif.address;
    return {};
  }
  void change_vif(const mac80211::Vif& vif) override { vifs_[vif.id] = vif.address; }
  void remove_vif(const mac80211::Vif& vif) override { vifs_.erase(vif.id); }
  Result<void> tune(const mac80211::ChannelDefinition& channel) override {
    mhz_ = channel.primary_mhz;
    return {};
  }
  void configure_filter(const mac80211::ReceiveFilter&) override {}  // hands up everything
  void set_edca(const mac80211::Vif&, mac80211::LinkId, uint8_t, uint16_t, uint16_t, uint16_t,
                uint8_t) override {}

  // An access point's beacons: at each TBTT one is built and sent.
  void link_changed(const mac80211::Vif& vif, mac80211::LinkId, const mac80211::LinkConfig& config,
                    uint32_t changes) override {
    if (!(changes & mac80211::kChangedBeaconEnabled)) return;
    beacon_timer_.cancel();
    beaconing_ = vif.id;
    interval_ = tu(config.beacon_interval_tu);
    if (config.enable_beacon) beacon_timer_.arm(interval_);
  }

  void add_station(const mac80211::StationEntry&) override {}
  void station_state(const mac80211::StationEntry&, mac80211::StationState) override {}
  void remove_station(const mac80211::StationEntry&) override {}

  // Frames wait in mac80211's queues until a driver has room: the wire always has.
  void wake_queue(const mac80211::Vif& vif, uint32_t station, uint8_t tid) override {
    std::vector<mac80211::TxFrame> frames;
    hw_->dequeue(vif.id, station, tid, SIZE_MAX, frames);
    for (auto& frame : frames) transmit(std::move(frame));
  }
  void transmit(mac80211::TxFrame frame) override {
    // What becomes of a frame is told later, never from within this call.
    wire_.scheduler.post([this, frame = std::move(frame)] {
      bool acked = false;
      for (WireRadio* other : wire_.radios)
        if (other != this) acked |= other->hear(frame);
      mac80211::TxStatus status{.token = frame.token,
                                .vif = frame.vif,
                                .station = frame.station,
                                .acked = acked,
                                .no_ack = frame.no_ack,
                                .tid = frame.tid,
                                .sequence = frame.sequence,
                                .tried = frame.rates};
      if (frame.token != 0) hw_->tx_status(status);
    });
  }
  void flush(uint32_t, bool) override {}
  uint64_t tsf_us(const mac80211::Vif&) override { return wire_.scheduler.now().us(); }

 private:
  void on_tbtt() {
    if (auto beacon = hw_->beacon(beaconing_, 0)) transmit(*std::move(beacon));
    while (auto frame = hw_->next_after_dtim(beaconing_, 0)) transmit(*std::move(frame));
    beacon_timer_.arm(interval_);
  }
  /// Whether it acknowledges.
  bool hear(const mac80211::TxFrame& frame) {
    const auto view = ieee80211::FrameView::of(frame.mpdu.octets());
    if (!view || vifs_.empty() || mhz_ != frame.channel.primary_mhz) return false;
    bool ours = false;
    for (const auto& [id, address] : vifs_) ours |= address == view->address1();
    hw_->receive(frame.mpdu, {.mhz = mhz_,
                              .signal_dbm = -30,
                              .rate = frame.rates[0].rate,
                              .mactime_us = wire_.scheduler.now().us(),
                              .boottime = wire_.scheduler.now().since_epoch});
    return ours;
  }

  Wire& wire_;
  mac80211::Hw* hw_ = nullptr;
  uint32_t mhz_ = 0;
  std::map<uint32_t, MacAddress> vifs_;
  uint32_t beaconing_ = 0;
  Duration interval_{0};
  Timer beacon_timer_;
};

}  // namespace example
