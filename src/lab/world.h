// A world: the air, and the hosts whose radios share it. It composes the core's layers and owns
// no loop and no clock: a Simulation runs it in virtual time, the daemon in real time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/host.h"
#include "genl/bus.h"
#include "hwsim/device.h"
#include "mac80211/radio_stack.h"
#include "medium/medium.h"
#include "medium/propagation.h"
#include "nl80211/server.h"

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

/// One host: its generic netlink bus with nl80211 on it, cfg80211, and its radios.
class WorldHost final : private genl::Observer {
 public:
  WorldHost(World& world, std::string name, cfg80211::NetdevFactory& netdevs);
  ~WorldHost() override;
  WorldHost(const WorldHost&) = delete;
  WorldHost& operator=(const WorldHost&) = delete;

  const std::string& name() const { return host_.name(); }
  genl::Bus& bus() { return bus_; }
  cfg80211::Host& host() { return host_; }

  /// Adds a simulated radio with a station interface wlanN on it, as mac80211_hwsim does.
  /// @param announce  runs when the wiphy exists and its interface does not yet
  Result<cfg80211::Wiphy*> add_radio(
      const std::function<Result<void>(const cfg80211::Wiphy&)>& announce = nullptr);

 private:
  void on_requests(std::span<const uint8_t> datagram) override;
  void on_delivery(std::span<const uint8_t> datagram) override;

  struct Radio {
    std::unique_ptr<hwsim::Device> device;
    std::unique_ptr<mac80211::RadioStack> stack;
    cfg80211::Wiphy* wiphy = nullptr;
  };
  World& world_;
  genl::Bus bus_;
  cfg80211::Host host_;
  nl80211::Server server_;
  std::vector<Radio> radios_;
};

class World {
 public:
  explicit World(const WorldPorts& ports);
  ~World();

  /// @error kExists  the name is taken.
  Result<WorldHost*> add_host(const std::string& name, cfg80211::NetdevFactory& netdevs);
  void remove_host(const std::string& name);
  WorldHost* find_host(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<WorldHost>>& hosts() const { return hosts_; }

  const WorldPorts& ports() const { return ports_; }
  FramePool& pool() { return pool_; }
  medium::Medium& medium() { return medium_; }
  /// "host/phyN" of a radio, also after it has gone; empty if there never was one.
  std::string radio_name(medium::ReceiverId id) const;

  void add_netlink_observer(NetlinkObserver& observer);
  void remove_netlink_observer(NetlinkObserver& observer);

  // For WorldHost.
  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram);
  /// Radios are numbered through the world, so that no two share an address.
  uint32_t next_radio_number() { return radio_count_++; }
  const cfg80211::SharedCapabilities& capabilities() const { return capabilities_; }
  void on_radio_added(medium::ReceiverId id, std::string name);

 private:
  WorldPorts ports_;
  FramePool pool_;
  medium::IdealPropagation ideal_;
  medium::Medium medium_;
  cfg80211::SharedCapabilities capabilities_;
  std::map<medium::ReceiverId, std::string> radio_names_;
  uint32_t radio_count_ = 0;
  std::vector<NetlinkObserver*> netlink_observers_;
  std::map<std::string, std::unique_ptr<WorldHost>> hosts_;
};

}  // namespace airloom::lab
