// A world in virtual time, with simulated hosts that have an in-memory wlan0, an IP address to
// ping, and airloom's own access point or station. Equal seeds give equal event logs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/drifting_clock.h"
#include "base/event_queue.h"
#include "base/rng.h"
#include "lab/event_log.h"
#include "lab/ip_endpoint.h"
#include "lab/memory_netdev.h"
#include "lab/sme_node.h"
#include "lab/world.h"
#include "medium/faults.h"

namespace airloom::lab {

class Simulation;

/// A host of a simulation.
class SimulatedHost {
 public:
  SimulatedHost(Simulation& simulation, std::string name, int clock_ppm);
  ~SimulatedHost();
  SimulatedHost(const SimulatedHost&) = delete;
  SimulatedHost& operator=(const SimulatedHost&) = delete;

  const std::string& name() const { return name_; }
  WorldHost& host() { return *host_; }
  MemoryNetdev& wlan0() { return *netdevs_.find("wlan0"); }
  /// Makes a monitor on the host's first radio, and brings it up. Plain: without radiotap.
  MemoryNetdev& add_monitor(const std::string& name, bool plain = false);

  /// Starts an access point or a station on wlan0.
  void run(const AccessPointEntry& entry);
  void run(const StationEntry& entry);
  /// The program dies without a word: its sockets close, and what it owned goes.
  void kill() { sme_.reset(); }
  bool is_up() const { return sme_ && sme_->is_up(); }
  SmeNode* sme() { return sme_.get(); }

  /// Gives wlan0 an address, which answers pings from then on.
  void set_address(Ipv4 address);
  IpEndpoint& ip() { return *ip_; }

 private:
  class Link final : public sme::LinkPort {
   public:
    explicit Link(SimulatedHost& host) : host_(host) {}
    Result<void> set_up(bool up) override { return host_.wlan0().set_up(up); }
    void set_operstate(OperState state) override;

   private:
    SimulatedHost& host_;
  };
  template <typename Entry>
  void run_sme(const Entry& entry);

  Simulation& simulation_;
  const std::string name_;
  std::optional<DriftingClock> drift_;
  Scheduler& clock_;
  MemoryNetdevFactory netdevs_;
  WorldHost* host_;
  Link link_{*this};
  std::unique_ptr<IpEndpoint> ip_;
  std::unique_ptr<SmeNode> sme_;
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed, LogSink* log = nullptr)
      : Simulation(seed, nullptr, nullptr, log) {}
  /// On an air that takes time and has these faults.
  Simulation(uint64_t seed, const medium::Faults& faults, LogSink* log = nullptr)
      : Simulation(seed, &faults, nullptr, log) {}
  /// On an air of the caller's, which outlives the simulation.
  Simulation(uint64_t seed, medium::PropagationModel& air, LogSink* log = nullptr)
      : Simulation(seed, nullptr, &air, log) {}
  ~Simulation();

  /// @param clock_ppm  how much faster its clock is than the world's, in millionths.
  SimulatedHost& add_host(const std::string& name, int clock_ppm = 0);
  World& world() { return world_; }
  EventQueue& queue() { return queue_; }
  EventLog& event_log() { return event_log_; }

  /// Of the air from now on; only with an air that has faults.
  void set_faults(const medium::Faults& faults);

  void run_for(Duration duration) { queue_.run_for(duration); }
  /// Runs until `done` holds; false if `limit` passed first.
  bool run_until(const std::function<bool()>& done, Duration limit) {
    return queue_.run_until(done, limit);
  }
  /// Pings from one host to an address and runs until it is answered or a second has passed.
  std::optional<Duration> ping(SimulatedHost& from, Ipv4 to);

 private:
  Simulation(uint64_t seed, const medium::Faults* faults, medium::PropagationModel* air,
             LogSink* log);

  EventQueue queue_;
  SeededRng rng_;
  SeededRng air_rng_;  // its own, so that the air's dice do not change the hosts'
  std::optional<medium::FaultyPropagation> faulty_;
  cfg80211::RegulatoryDatabase regulatory_;
  World world_;
  EventLog event_log_;
  std::vector<std::unique_ptr<SimulatedHost>> hosts_;
};

}  // namespace airloom::lab
