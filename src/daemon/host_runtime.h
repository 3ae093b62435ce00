// One host of the daemon: the world's host, and the Linux namespaces, sysfs and netdevs that
// programs see of it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "daemon/debugfs.h"
#include "daemon/emulated_netdev.h"
#include "daemon/net_spaces.h"
#include "daemon/rfkill_device.h"
#include "daemon/tap_netdev.h"
#include "lab/air_monitor.h"
#include "lab/lab_file.h"
#include "lab/sme_node.h"
#include "lab/world.h"
#include "platform/event_loop.h"
#include "platform/namespace.h"
#include "platform/sysfs_tree.h"

namespace airloom::daemon {

class HostRuntime final : private lab::RadioWatcher {
 public:
  /// Makes a host without radios.
  /// @param directory  where its files go; created, and removed with the host
  /// @param why_emulated  empty: it gets namespaces of its own and TAPs
  static Result<std::unique_ptr<HostRuntime>> create(platform::EventLoop& loop, lab::World& world,
                                                     const std::string& name,
                                                     const std::string& directory, Log log,
                                                     const std::string& why_emulated);
  ~HostRuntime() override;

  Result<void> add_radio(lab::RadioDriver driver, const hwsim::RadioTraits& traits);
  /// Adds hwsim0, at which the whole air is seen.
  Result<void> add_air_monitor();
  /// Puts an address like 10.0.0.1/24 on an interface.
  Result<void> add_address(const std::string& interface, const std::string& prefix);
  Result<void> set_up(const std::string& interface, bool up);
  /// Runs airloom's own access point or station, as the lab file's entry says, on wlan0.
  Result<void> start_sme(const lab::HostEntry& entry, lab::SmeNode::Report report);

  /// airloom's own access point or station; null: there is none.
  const lab::SmeNode* sme() const { return sme_.get(); }
  bool sme_is_up() const { return !sme_ || sme_->is_up(); }

  /// Sees what programs did so far: rtnetlink's notices, then frames in the TAPs (decision 5).
  void drain();
  /// Before the loop sleeps: hands the host's network stack what was kept to be written at once.
  void flush();

  const std::string& name() const { return name_; }
  lab::WorldHost& host() { return *host_; }
  /// Its interfaces where they are emulated, and it has no namespaces; else null.
  EmulatedNetwork* emulated() const { return emulated_.get(); }
  /// Frames of programs that were no use: their offload headers did not fit them.
  uint64_t refused_frames() const { return netdevs_ ? netdevs_->refused() : 0; }
  const std::string& sysfs_root() const { return sysfs_.root(); }
  const platform::HostNamespaces& namespaces() const { return *namespaces_; }
  /// Its network namespaces: its own, and those that its programs made.
  NetSpaces& spaces() { return *spaces_; }

 private:
  /// The SME's hold on wlan0's link state.
  class Link final : public sme::LinkPort {
   public:
    Link(HostRuntime& host, uint32_t ifindex) : host_(host), ifindex_(ifindex) {}
    Result<void> set_up(bool up) override;
    void set_operstate(OperState state) override;

   private:
    HostRuntime& host_;
    uint32_t ifindex_;
  };

  HostRuntime(platform::EventLoop& loop, lab::World& world, std::string name,
              platform::SysfsTree sysfs, Log log, std::string why_emulated);
  /// Its namespaces, with the files that are answered live mounted in them.
  Result<void> open_namespaces();
  Result<void> open_spaces();
  /// Radios in network namespaces that nobody uses any more come back to the host's own.
  void leave_forsaken_spaces();
  cfg80211::NetdevFactory& netdev_factory();
  /// The index of an interface. @error kNoDevice
  Result<uint32_t> ifindex_of(const std::string& interface);
  Result<void> set_up(uint32_t ifindex, bool up);
  Result<void> on_radio_added(const lab::Radio& radio) override;
  void on_radio_removed(const lab::Radio& radio) override;

  lab::World& world_;
  platform::EventLoop& loop_;
  std::string name_;
  Log log_;
  platform::SysfsTree sysfs_;
  std::unique_ptr<DebugfsMount> debugfs_;
  RfkillDevice rfkill_;
  std::optional<platform::HostNamespaces> namespaces_;
  std::unique_ptr<NetSpaces> spaces_;
  Timer spaces_timer_;
  std::unique_ptr<TapNetdevFactory> netdevs_;
  const std::string why_emulated_;
  std::unique_ptr<EmulatedNetwork> emulated_;
  lab::WorldHost* host_ = nullptr;
  std::unique_ptr<lab::AirMonitor> air_monitor_;
  std::unique_ptr<Link> sme_link_;
  std::unique_ptr<lab::SmeNode> sme_;
};

}  // namespace airloom::daemon
