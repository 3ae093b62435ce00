// The AP's side of an interface while it beacons: the beacon's parts, from which each beacon is
// built when the driver asks, the TIM, group frames that wait for the DTIM, and the BSS settings.
// Association itself is hostapd's work. [802.11-2020 9.3.3.2, 11.2.3]
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "base/fifo.h"
#include "base/scheduler.h"
#include "cfg80211/requests.h"
#include "mac80211/driver.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

class RadioStack;

class AccessPoint {
 public:
  AccessPoint(RadioStack& stack, Interface& interface);

  Result<void> start(const cfg80211::StartApRequest& request);
  void set_beacon(const cfg80211::BeaconData& beacon);
  void stop();
  /// @error kInvalid  the band has none of the basic rates.
  Result<void> change_bss(const cfg80211::BssParams& params);

  /// The beacon to send now; advances the DTIM count.
  std::optional<TxFrame> next_beacon();
  /// Whether the beacon last sent was a DTIM, after which held group frames go.
  bool at_dtim() const { return dtim_count_ == 0; }

  // Channel switch (access_point_switch.cc).
  /// Announces the switch and makes it when the countdown ends: channel_switch_started, then
  /// channel_switched, or interface_failed if another user of the radio stays.
  /// @error kBusy  a switch, a scan or off-channel work runs  @error kInvalid  already there
  Result<void> switch_channel(const cfg80211::ChannelSwitchRequest& request);
  bool is_switching() const { return switch_.has_value(); }
  /// What the newest beacon's countdown reads, for other frames that repeat it.
  std::optional<uint8_t> countdown() const;

  // Power save of stations (access_point_power_save.cc).
  void on_station_sleep(Station& station);
  void on_station_wake(Station& station);
  void on_ps_poll(Station& station);
  /// A sleeping station sent a QoS frame of a TID, which may trigger a service period.
  void on_trigger(Station& station, uint8_t tid);
  void on_service_period_end(Station& station) { station.in_service_period = false; }
  void on_station_removed(Station& station);
  void update_tim(Station& station);
  /// Keeps a complete frame until the station wakes or asks for it.
  void hold(Station& station, TxFrame frame);
  /// Keeps likewise a frame that it did not acknowledge because it had fallen asleep.
  /// @return false  the status says otherwise, or it is not to be kept.
  bool keep_unheard(Station& station, const TxStatus& status);
  /// What is kept for sleeping stations grows old from now on, if it did not before.
  void watch_age();
  bool any_sleeping() const { return sleeping_ > 0; }

  bool isolate = false;
  /// Somebody sleeps: group frames go after the DTIM beacon.
  Fifo<QueuedFrame> held_group_queue;

 private:
  struct Switch {
    ChannelDefinition channel;
    cfg80211::BeaconData after;
    std::vector<uint16_t> offsets;  ///< of the countdown's octets in the tail
    uint8_t count = 0;
    bool failed = false;
  };
  void set_carrier(bool on);
  void set_beacon_parts(const cfg80211::BeaconData& beacon);
  void advance_dtim();
  void count_down();
  void on_switch_timer();
  void on_moved(bool moved);
  void abandon_switch();
  void unblock_transmission();
  enum class Service : uint8_t { kPoll, kUapsd };
  void serve(Station& station, Service service, size_t limit, uint8_t acs);
  std::vector<TxFrame> take_frames(Station& station, size_t limit, uint8_t acs);
  void send_null_response(Station& station, Service service, uint8_t acs);
  void drop_aged();

  RadioStack& stack_;
  Interface& interface_;
  Octets head_, tail_;
  Octets scratch_;  ///< the beacon being built; kept for its memory
  uint8_t dtim_period_ = 1, dtim_count_ = 0;
  std::optional<cfg80211::BitrateMask> beacon_rate_;  // if START_AP named one
  std::set<uint16_t> waiting_aids_;
  size_t sleeping_ = 0;
  std::optional<Switch> switch_;
  Timer switch_timer_;
  Timer age_timer_;
};

}  // namespace airloom::mac80211
