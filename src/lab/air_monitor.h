// hwsim0: a netdev of a host at which everything that any radio sends is seen while it is up,
// behind a radiotap header, as mac80211_hwsim has it. What the host sends there goes nowhere.
#pragma once

#include <memory>

#include "cfg80211/netdev.h"
#include "lab/world.h"

namespace airloom::lab {

class AirMonitor final : private medium::Observer, private cfg80211::NetdevClient {
 public:
  /// @error  what the factory says. Both outlive the monitor.
  static Result<std::unique_ptr<AirMonitor>> create(World& world, cfg80211::NetdevFactory& netdevs);
  ~AirMonitor() override;

 private:
  explicit AirMonitor(World& world) : world_(world) {}

  void on_begin(const medium::Transmission& transmission) override;
  Result<void> on_up() override;
  void on_down() override;
  Result<void> on_address_change(const MacAddress&) override { return {}; }
  void on_renamed() override {}
  void on_transmit(std::span<FrameBuffer>) override {}

  World& world_;
  bool listening_ = false;
  std::unique_ptr<cfg80211::Netdev> netdev_;
};

}  // namespace airloom::lab
