// The AP's side of an interface while it beacons: the beacon's parts, from which each beacon is
// built when the driver asks, the TIM, group frames that wait for the DTIM, and the BSS settings.
// Association itself is hostapd's work. [802.11-2020 9.3.3.2, 11.2.3]
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "base/fifo.h"
#include "cfg80211/requests.h"
#include "mac80211/driver.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

class RadioStack;

class AccessPoint {
 public:
  AccessPoint(RadioStack& stack, Interface& interface) : stack_(stack), interface_(interface) {}

  Result<void> start(const cfg80211::StartApRequest& request);
  void set_beacon(const cfg80211::BeaconData& beacon);
  void stop();
  void change_bss(const cfg80211::BssParams& params);

  /// The beacon to send now; advances the DTIM count.
  std::optional<TxFrame> next_beacon();
  /// Whether the beacon last sent was a DTIM, after which held group frames go.
  bool at_dtim() const { return dtim_count_ == 0; }

  // Power save of stations.
  void on_station_sleep(Station& station);
  void on_station_wake(Station& station);
  void on_ps_poll(Station& station);
  void on_station_removed(Station& station);
  void update_tim(Station& station);
  /// Whether anybody may receive group frames: an authorised station is there.
  bool has_audience() const { return authorized_ > 0; }
  void on_authorized(bool authorized) { authorized ? ++authorized_ : --authorized_; }
  bool any_sleeping() const { return sleeping_ > 0; }

  bool isolate = false;
  Fifo<QueuedFrame> group_queue;       ///< awake: pulled at once
  Fifo<QueuedFrame> held_group_queue;  ///< somebody sleeps: after the DTIM beacon

 private:
  void set_beacon_parts(const cfg80211::BeaconData& beacon);
  void advance_dtim();

  RadioStack& stack_;
  Interface& interface_;
  Octets head_, tail_;
  Octets scratch_;  ///< the beacon being built; kept for its memory
  uint8_t dtim_period_ = 1, dtim_count_ = 0;
  std::set<uint16_t> waiting_aids_;
  size_t sleeping_ = 0;
  size_t authorized_ = 0;
};

}  // namespace airloom::mac80211
