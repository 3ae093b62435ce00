// netdev.h where no TAP can exist: the daemon is the host's network stack itself, as far as Wi-Fi
// needs one. Programs see the interfaces by ioctls (emulated_ioctl.h), rtnetlink (route_session.h)
// and packet sockets (packet_session.h); there is no IP. Flags, operstate and carrier as the
// kernel's. [RFC 2863] [netdevice(7)]
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/netdev.h"
#include "platform/sysfs_tree.h"

namespace airloom::daemon {

class EmulatedNetwork;

class EmulatedNetdev final : public cfg80211::Netdev {
 public:
  EmulatedNetdev(EmulatedNetwork& network, uint32_t ifindex, std::string name,
                 const cfg80211::NetdevSpec& spec, cfg80211::NetdevClient& client);
  ~EmulatedNetdev() override;

  uint32_t ifindex() const override { return ifindex_; }
  const std::string& name() const override { return name_; }
  MacAddress address() const override { return address_; }
  bool is_up() const override { return up_; }
  uint32_t name_space() const override { return 0; }
  void set_carrier(bool on) override;
  Result<void> set_address(const MacAddress& address) override;
  Result<void> set_link_layer(cfg80211::LinkLayer layer) override;
  Result<void> move_to(uint32_t name_space) override;
  void close() override { (void)set_up(false); }
  void receive(FrameBuffer frame) override;
  void pause_transmit(bool paused) override;

  // The host's side.
  /// @error  the driver's, which leaves it down.
  Result<void> set_up(bool up);
  /// As `ip link set address` does. @error  the driver's, which leaves it the old one.
  Result<void> change_address(const MacAddress& address);
  /// @error kBusy  it is up;  kExists  the name is taken.
  Result<void> rename(const std::string& name);
  /// IFLA_LINKMODE: 0 or 1 (dormant).
  void set_link_mode(uint8_t mode);
  /// IFLA_OPERSTATE, as a program may set it: IF_OPER_UP or IF_OPER_DORMANT.
  void set_operstate(uint8_t state);
  void set_mtu(uint32_t mtu);
  /// Sends an Ethernet frame, or a radiotap one. @error kNetDown, kInvalid, kNoBuffers
  Result<void> send(std::span<const uint8_t> frame);

  /// IFF_*.
  uint32_t flags() const;
  /// ARPHRD_*.
  uint16_t link_type() const;
  uint8_t operstate() const { return operstate_; }
  uint8_t link_mode() const { return link_mode_; }
  uint32_t mtu() const { return mtu_; }
  bool has_carrier() const { return carrier_; }

 private:
  friend class EmulatedNetwork;
  static constexpr size_t kQueueMax = 1000;  // frames, as a netdev's txqueuelen
  void update_operstate();
  void show_in_sysfs(bool shown);

  EmulatedNetwork& network_;
  uint32_t ifindex_;
  std::string name_;
  MacAddress address_;
  std::string wiphy_;  // empty: it has none
  cfg80211::LinkLayer link_layer_;
  cfg80211::NetdevClient& client_;
  bool up_ = false;
  bool carrier_ = false;
  bool paused_ = false;
  uint8_t link_mode_ = 0;
  uint8_t operstate_ = 0;
  uint32_t mtu_ = 1500;
  std::vector<FrameBuffer> queue_;
};

/// Who wants to know what happens to a host's interfaces: one of its programs' sockets.
class NetdevWatcher {
 public:
  virtual ~NetdevWatcher() = default;
  /// It has come, changed or (gone) is about to go.
  virtual void on_link(const EmulatedNetdev&, bool /*gone*/) {}
  /// A frame that an interface has received or (outgoing) another socket sends.
  virtual void on_frame(const EmulatedNetdev&, std::span<const uint8_t>, bool /*outgoing*/) {}
};

/// The interfaces of one host.
class EmulatedNetwork final : public cfg80211::NetdevFactory {
 public:
  /// All outlive the network, and the network its netdevs.
  EmulatedNetwork(FramePool& pool, platform::SysfsTree& sysfs, Log log)
      : pool_(pool), sysfs_(sysfs), log_(std::move(log)) {}

  Result<std::unique_ptr<cfg80211::Netdev>> create(const cfg80211::NetdevSpec& spec,
                                                   cfg80211::NetdevClient& client) override;
  void wiphy_renamed(const std::string& from, const std::string& to) override;
  EmulatedNetdev* find(const std::string& name) const;
  EmulatedNetdev* find(uint32_t ifindex) const;
  const std::map<uint32_t, EmulatedNetdev*>& netdevs() const { return netdevs_; }

  /// Takes an rtnetlink port: `wanted`, or with 0 `pid` or another.
  /// @error kAddressInUse
  Result<uint32_t> take_port(uint32_t wanted, uint32_t pid);
  void release_port(uint32_t port) { ports_.erase(port); }

  void add_watcher(NetdevWatcher* watcher) { watchers_.insert(watcher); }
  void remove_watcher(NetdevWatcher* watcher) { watchers_.erase(watcher); }
  void tell_link(const EmulatedNetdev& netdev, bool gone);
  /// @param sender  who is not told; null: all are.
  void tell_frame(const EmulatedNetdev& netdev, std::span<const uint8_t> frame, bool outgoing,
                  const NetdevWatcher* sender = nullptr);

 private:
  friend class EmulatedNetdev;
  // Clear of the kernel's, which programs see beside ours.
  static constexpr uint32_t kFirstIfindex = 1001;
  Result<std::string> free_name(const std::string& pattern) const;

  FramePool& pool_;
  platform::SysfsTree& sysfs_;
  Log log_;
  uint32_t next_ifindex_ = kFirstIfindex;
  std::map<uint32_t, EmulatedNetdev*> netdevs_;
  std::set<uint32_t> ports_;
  std::set<NetdevWatcher*> watchers_;
};

}  // namespace airloom::daemon
