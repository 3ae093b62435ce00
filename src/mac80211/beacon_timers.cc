#include "mac80211/beacon_timers.h"

namespace airloom::mac80211 {

void BeaconTimers::follow(uint32_t vif, LinkId link, const LinkConfig& config) {
  constexpr uint64_t kUsPerTu = 1024;
  const Key key{vif, link};
  if (!config.enable_beacon || config.beacon_interval_tu == 0) {
    beaconing_.erase(key);
    return;
  }
  const uint64_t interval_us = config.beacon_interval_tu * kUsPerTu;
  if (const auto found = beaconing_.find(key); found != beaconing_.end()) {
    if (found->second.interval_us == interval_us) return;
    beaconing_.erase(found);
  }
  arm(beaconing_.try_emplace(key, *this, key, interval_us).first->second);
}

void BeaconTimers::stop(uint32_t vif) {
  std::erase_if(beaconing_, [&](const auto& entry) { return entry.first.first == vif; });
}

void BeaconTimers::rearm() {
  for (auto& [key, beaconing] : beaconing_) arm(beaconing);
}

/// For the next time that the TSF is a multiple of the interval. [802.11-2020 11.1.3.2]
void BeaconTimers::arm(Beaconing& beaconing) {
  const uint64_t since_us = tsf_us_() % beaconing.interval_us;
  beaconing.timer.arm(std::chrono::microseconds(beaconing.interval_us - since_us));
}

void BeaconTimers::on_due(Key key) {
  due_(key.first, key.second);
  // mac80211 may have stopped the link meanwhile.
  if (const auto found = beaconing_.find(key); found != beaconing_.end()) arm(found->second);
}

}  // namespace airloom::mac80211
