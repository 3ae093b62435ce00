// When the beacons of a radio's links are due: for drivers that ask for each one by Hw::beacon().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/scheduler.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class BeaconTimers {
 public:
  /// @param tsf_us  the radio's TSF now.
  /// @param due  a beacon is due: sends it, and what waited for it. The link may stop meanwhile.
  BeaconTimers(Scheduler& scheduler, std::function<uint64_t()> tsf_us,
               std::function<void(uint32_t vif, LinkId link)> due)
      : scheduler_(scheduler), tsf_us_(std::move(tsf_us)), due_(std::move(due)) {}

  /// As Driver::link_changed() has it: begins, changes the interval, or ends.
  void follow(uint32_t vif, LinkId link, const LinkConfig& config);
  void stop(uint32_t vif);
  void stop_all() { beaconing_.clear(); }
  /// The TSF was set.
  void rearm();

 private:
  using Key = std::pair<uint32_t, LinkId>;  // vif, link
  struct Beaconing {
    Beaconing(BeaconTimers& timers, Key key, uint64_t interval_us)
        : interval_us(interval_us),
          timer(timers.scheduler_, [&timers, key] { timers.on_due(key); }) {}
    const uint64_t interval_us;
    Timer timer;
  };
  void arm(Beaconing& beaconing);
  void on_due(Key key);

  Scheduler& scheduler_;
  std::function<uint64_t()> tsf_us_;
  std::function<void(uint32_t, LinkId)> due_;
  std::map<Key, Beaconing> beaconing_;
};

}  // namespace airloom::mac80211
