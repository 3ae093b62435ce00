// netdev.h over TAP devices: the kernel's own netdev in a host's network namespace, whose far side
// (ip, bridges, AF_PACKET, IP) is the kernel's. rtnetlink tells what programs did to it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/netdev.h"
#include "daemon/net_spaces.h"
#include "platform/event_loop.h"
#include "platform/link_monitor.h"
#include "platform/namespace.h"
#include "platform/rtnetlink.h"
#include "platform/sysfs_tree.h"
#include "platform/tap.h"
#include "platform/tcp_coalescer.h"

namespace airloom::daemon {

class TapNetdevFactory;

class TapNetdev final : public cfg80211::Netdev {
 public:
  TapNetdev(TapNetdevFactory& factory, platform::Tap tap, std::string name,
            const cfg80211::NetdevSpec& spec, cfg80211::NetdevClient& client);
  ~TapNetdev() override;

  uint32_t ifindex() const override { return tap_.ifindex(); }
  const std::string& name() const override { return name_; }
  MacAddress address() const override { return address_; }
  bool is_up() const override { return up_; }
  uint32_t name_space() const override { return space_; }
  void set_carrier(bool on) override;
  Result<void> set_address(const MacAddress& address) override;
  Result<void> set_link_layer(cfg80211::LinkLayer layer) override;
  Result<void> move_to(uint32_t name_space) override;
  void close() override;
  void receive(FrameBuffer frame) override;
  void pause_transmit(bool paused) override;

  const std::string& wiphy() const { return wiphy_; }
  void set_wiphy(const std::string& name);
  /// Applies what rtnetlink says of this link.
  void on_link_event(const platform::LinkEvent& event);
  /// Takes frames from the host until none waits or the driver has no room.
  void read_waiting();
  /// Frames that programs sent with an offload header that does not fit: dropped.
  uint64_t refused() const { return tap_.refused(); }
  /// Hands the host what was kept to be written at once.
  void flush();

 private:
  void set_up(bool up);
  void take_down();
  void change_address(const MacAddress& address);
  void show_in_sysfs(bool shown);
  void show_address();
  Result<void> change_space(NetSpaces::Id space, const std::string& name);

  TapNetdevFactory& factory_;
  platform::Tap tap_;
  platform::TcpCoalescer coalescer_;
  std::string name_;
  MacAddress address_;
  cfg80211::LinkLayer layer_ = cfg80211::LinkLayer::kEthernet;
  std::string wiphy_;  // empty: it has none
  NetSpaces::Id space_;
  cfg80211::NetdevClient& client_;
  bool up_ = false;
  bool paused_ = false;
  bool keeps_frames_ = false;  // it is in the factory's list
  bool told_of_refusal_ = false;
  platform::EventLoop::Watch readable_;
};

/// The netdevs of one host.
class TapNetdevFactory final : public cfg80211::NetdevFactory {
 public:
  /// All outlive the factory, and the factory its netdevs.
  TapNetdevFactory(platform::EventLoop& loop, FramePool& pool, NetSpaces& spaces,
                   platform::SysfsTree& sysfs, Log log)
      : loop_(loop), reader_(pool), spaces_(spaces), sysfs_(sysfs), log_(std::move(log)) {}

  Result<std::unique_ptr<cfg80211::Netdev>> create(const cfg80211::NetdevSpec& spec,
                                                   cfg80211::NetdevClient& client) override;
  void wiphy_renamed(const std::string& from, const std::string& to) override;
  bool has_other(uint32_t name_space, uint32_t ifindex) override;
  Result<uint32_t> name_space_of_process(uint32_t pid) override {
    return spaces_.of_process(static_cast<pid_t>(pid));
  }
  Result<uint32_t> name_space_of_descriptor(uint32_t pid, int descriptor) override {
    return spaces_.of_descriptor(static_cast<pid_t>(pid), descriptor);
  }
  /// Passes an event on to the netdev it is about, if that is ours.
  void on_link_event(NetSpaces::Id space, const platform::LinkEvent& event);
  /// Reads every netdev's waiting frames.
  void read_waiting();
  /// Frames that its netdevs refused, those that are there now.
  uint64_t refused() const;
  /// Before the loop sleeps: hands the host's stack what its netdevs kept to write at once.
  void flush();

 private:
  friend class TapNetdev;
  static constexpr size_t kBurst = 64;  // frames per read
  Result<std::string> free_name(NetSpaces::Id space, const std::string& pattern);

  /// Which number of a pattern to try first: all lower ones are taken, until something goes.
  std::map<std::pair<NetSpaces::Id, std::string>, int> taken_below_;

  platform::EventLoop& loop_;
  platform::TapReader reader_;
  NetSpaces& spaces_;
  platform::SysfsTree& sysfs_;
  Log log_;
  std::map<std::pair<NetSpaces::Id, uint32_t>, TapNetdev*> netdevs_;  // by ifindex there
  std::vector<FrameBuffer> burst_;
  std::vector<TapNetdev*> unflushed_;  // those that may keep frames
};

}  // namespace airloom::daemon
