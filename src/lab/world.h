// A world: the air, and the hosts whose radios share it. It composes the core's layers and owns
// no loop and no clock: a Simulation runs it in virtual time, the daemon in real time.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/host.h"
#include "fullmac/device.h"
#include "genl/bus.h"
#include "hwsim/device.h"
#include "hwsim/radio_spec.h"
#include "hwsimnl/server.h"
#include "lab/radio_driver.h"
#include "mac80211/radio_stack.h"
#include "medium/medium.h"
#include "medium/propagation.h"
#include "nl80211/server.h"
#include "tunnel/device.h"

namespace airloom::lab {

/// What a world is built on. All outlive it.
struct WorldPorts {
  Scheduler* scheduler = nullptr;
  Rng* rng = nullptr;
  Log log;
  const cfg80211::RegulatoryDatabase* regulatory = nullptr;
  Duration wall_clock_offset{0};  ///< wall-clock time, ns since 1970, at world time 0
  medium::PropagationModel* propagation = nullptr;  ///< null: the ideal one
};

class World;
class WorldHost;

enum class NetlinkDirection : uint8_t { kToKernel, kFromKernel };

/// Sees every generic netlink datagram between a host's clients and its families.
class NetlinkObserver {
 public:
  virtual ~NetlinkObserver() = default;
  virtual void on_netlink(const WorldHost& host, NetlinkDirection direction,
                          std::span<const uint8_t> datagram) = 0;
};

/// Hears of each received frame that a radio's stack drops, at the moment when it does.
class DropObserver {
 public:
  virtual ~DropObserver() = default;
  virtual void on_drop(medium::ReceiverId radio, medium::TransmissionId transmission,
                       mac80211::Drop reason) = 0;
};

/// A radio of a host: a simulated one, or one at the other end of a tunnel.
struct Radio {
  uint32_t number = 0;  ///< counts up through the world, so that no two share an address
  hwsim::RadioSpec spec;
  std::vector<MacAddress> addresses;
  std::unique_ptr<hwsim::Device> device;        ///< null: it is no simulated one
  std::unique_ptr<tunnel::Device> tunnel;       ///< null: it is no tunnelled one
  std::unique_ptr<mac80211::RadioStack> stack;  ///< null: its firmware has one of its own
  std::unique_ptr<fullmac::Device> fullmac;     ///< null: it has no firmware
  cfg80211::Wiphy* wiphy = nullptr;
};

/// Who shows a host's radios to its programs (sysfs).
class RadioWatcher {
 public:
  virtual ~RadioWatcher() = default;
  /// The wiphy exists and its interface does not yet.
  virtual Result<void> on_radio_added(const Radio& radio) = 0;
  /// It is about to go; its interfaces have gone.
  virtual void on_radio_removed(const Radio& radio) = 0;
};

/// One host: its generic netlink bus with nl80211 and MAC80211_HWSIM on it, cfg80211, and its
/// radios.
class WorldHost final : public hwsimnl::Radios, private genl::Observer {
 public:
  /// @param watcher  null: nobody.
  /// @param clock    of the host and its radios; outlives it.
  WorldHost(World& world, std::string name, cfg80211::NetdevFactory& netdevs, RadioWatcher* watcher,
            Scheduler& clock);
  ~WorldHost() override;
  WorldHost(const WorldHost&) = delete;
  WorldHost& operator=(const WorldHost&) = delete;

  const std::string& name() const { return host_.name(); }
  genl::Bus& bus() { return bus_; }
  cfg80211::Host& host() { return host_; }
  Scheduler& clock() { return clock_; }

  /// Adds a simulated radio, with a station interface wlanN on it unless the spec says otherwise.
  /// @error kExists  a radio of the world has that address;  else what refused its interface.
  Result<Radio*> add_radio(const hwsim::RadioSpec& spec = {}, uint32_t name_space = 0,
                           RadioDriver driver = RadioDriver::kHwsim);
  /// Adds the radio at the other end of a tunnel, which has been joined, with a station interface.
  /// @param device  taken over, also where that fails.
  Result<Radio*> add_tunnel(std::unique_ptr<tunnel::Device> device);
  void remove_tunnel(Radio& radio) { erase(radio); }
  /// By number.
  const std::map<uint32_t, std::unique_ptr<Radio>>& all_radios() const { return radios_; }

  // hwsimnl::Radios
  Result<hwsimnl::RadioInfo> make_radio(const hwsim::RadioSpec& spec,
                                        genl::NamespaceId ns) override;
  void remove_radio(uint32_t number) override;
  std::vector<hwsimnl::RadioInfo> radios() const override;
  uint32_t radio_generation() const override { return radio_generation_; }

 private:
  void on_requests(std::span<const uint8_t> datagram) override;
  void on_delivery(std::span<const uint8_t> datagram) override;

  std::unique_ptr<Radio> build(const hwsim::RadioSpec& spec, RadioDriver driver);
  std::unique_ptr<mac80211::RadioStack> build_stack(mac80211::Driver& driver);
  /// Of the wiphy that comes next.
  Log next_phy_log() const;
  Result<Radio*> add(std::unique_ptr<Radio> built, const cfg80211::Host::WiphySpec& wiphy,
                     bool has_interface);
  void erase(Radio& radio);

  World& world_;
  RadioWatcher* watcher_;
  Scheduler& clock_;
  genl::Bus bus_;
  cfg80211::Host host_;
  std::map<uint32_t, std::unique_ptr<Radio>> radios_;
  uint32_t radio_generation_ = 1;
  nl80211::Server server_;
  hwsimnl::Server hwsim_server_;
};

class World {
 public:
  explicit World(const WorldPorts& ports);
  ~World();

  /// @param clock  the host's own, which outlives it; null: the world's.
  /// @error kExists  the name is taken.
  Result<WorldHost*> add_host(const std::string& name, cfg80211::NetdevFactory& netdevs,
                              RadioWatcher* watcher = nullptr, Scheduler* clock = nullptr);
  void remove_host(const std::string& name);
  WorldHost* find_host(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<WorldHost>>& hosts() const { return hosts_; }

  const WorldPorts& ports() const { return ports_; }
  FramePool& pool() { return pool_; }
  medium::Medium& medium() { return medium_; }
  hwsimnl::UserspaceMedium& userspace_medium() { return userspace_medium_; }
  /// The PSK of a network, computed once for all who join it: it takes milliseconds. The lengths
  /// are such as a lab file lets pass.
  const std::array<uint8_t, 32>& psk(const std::string& passphrase, const std::string& ssid);
  /// "host/phyN" of a radio, also after it has gone; empty if there never was one.
  std::string radio_name(medium::ReceiverId id) const;
  /// New radios have at least this number, by which their addresses differ from those of a world
  /// that shares the air.
  void number_radios_from(uint16_t first) {
    radio_count_ = std::max<uint32_t>(radio_count_, first);
  }

  void add_netlink_observer(NetlinkObserver& observer);
  void remove_netlink_observer(NetlinkObserver& observer);
  void add_drop_observer(DropObserver& observer);
  void remove_drop_observer(DropObserver& observer);

  // For WorldHost.
  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram);
  void on_drop(medium::ReceiverId radio, medium::TransmissionId transmission,
               mac80211::Drop reason);
  uint32_t next_radio_number() { return radio_count_++; }
  const cfg80211::SharedCapabilities& capabilities(const hwsim::RadioTraits& traits,
                                                   RadioDriver driver = RadioDriver::kHwsim);
  const cfg80211::SharedCapabilities& tunnel_capabilities();
  void on_radio_added(medium::ReceiverId id, std::string name);

 private:
  WorldPorts ports_;
  FramePool pool_;
  medium::IdealPropagation ideal_;
  medium::Medium medium_;
  hwsimnl::UserspaceMedium userspace_medium_;
  std::map<std::pair<RadioDriver, hwsim::RadioTraits>, cfg80211::SharedCapabilities> capabilities_;
  cfg80211::SharedCapabilities tunnel_capabilities_;
  std::map<medium::ReceiverId, std::string> radio_names_;
  std::map<std::pair<std::string, std::string>, std::array<uint8_t, 32>> psks_;
  uint32_t radio_count_ = 0;
  std::vector<NetlinkObserver*> netlink_observers_;
  std::vector<DropObserver*> drop_observers_;
  std::map<std::string, std::unique_ptr<WorldHost>> hosts_;
};

}  // namespace airloom::lab
