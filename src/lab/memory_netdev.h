// Netdevs that live in memory: a simulated host's side of netdev.h. Whoever plays the host's
// network stack (IpEndpoint, a test) attaches as its HostSide.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/scheduler.h"
#include "cfg80211/netdev.h"

namespace airloom::lab {

class MemoryNetdevFactory;

class MemoryNetdev final : public cfg80211::Netdev {
 public:
  MemoryNetdev(MemoryNetdevFactory& factory, uint32_t ifindex, const cfg80211::NetdevSpec& spec,
               std::string name, cfg80211::NetdevClient& client);
  ~MemoryNetdev() override;

  // The host's side.
  /// Brings the interface up or down, as `ip link set` does.
  Result<void> set_up(bool up);
  /// Sends an Ethernet frame, if the interface is up; kept while the driver has no room.
  void send(FrameBuffer frame);
  /// Called for each frame the interface received.
  std::function<void(FrameBuffer)> on_receive;
  bool has_carrier() const { return carrier_; }

  // The driver's side.
  uint32_t ifindex() const override { return ifindex_; }
  const std::string& name() const override { return name_; }
  MacAddress address() const override { return address_; }
  bool is_up() const override { return up_; }
  uint32_t name_space() const override { return name_space_; }
  void set_carrier(bool on) override { carrier_ = on; }
  Result<void> set_address(const MacAddress& address) override;
  Result<void> set_link_layer(cfg80211::LinkLayer layer) override;
  Result<void> move_to(uint32_t name_space) override;
  void close() override { (void)set_up(false); }
  void receive(FrameBuffer frame) override;
  void pause_transmit(bool paused) override;

 private:
  static constexpr size_t kQueueMax = 1000;  // frames, as a netdev's txqueuelen
  void flush();

  MemoryNetdevFactory& factory_;
  uint32_t ifindex_;
  std::string name_;
  MacAddress address_;
  uint32_t name_space_;
  cfg80211::LinkLayer link_layer_;
  cfg80211::NetdevClient& client_;
  bool up_ = false;
  bool carrier_ = false;
  bool paused_ = false;
  std::vector<FrameBuffer> queue_, burst_;
  Timer flush_timer_;
};

/// The netdevs of one simulated host.
class MemoryNetdevFactory final : public cfg80211::NetdevFactory {
 public:
  explicit MemoryNetdevFactory(Scheduler& scheduler) : scheduler_(scheduler) {}

  Result<std::unique_ptr<cfg80211::Netdev>> create(const cfg80211::NetdevSpec& spec,
                                                   cfg80211::NetdevClient& client) override;
  MemoryNetdev* find(const std::string& name) const;
  MemoryNetdev* find(uint32_t ifindex) const;
  Scheduler& scheduler() const { return scheduler_; }

 private:
  friend class MemoryNetdev;
  Result<std::string> free_name(const std::string& pattern);

  Scheduler& scheduler_;
  uint32_t last_ifindex_ = 1;  // lo
  std::map<uint32_t, MemoryNetdev*> netdevs_;
  std::map<std::string, MemoryNetdev*> by_name_;
  std::map<std::string, int> taken_below_;  // by pattern: all lower numbers are; until one goes
};

}  // namespace airloom::lab
