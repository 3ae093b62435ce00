// A host is one kernel: its phy numbers, wiphys, regulatory state, and the ports to what lies
// around cfg80211 (netdevs below, events above). (Decision 4.)
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/scheduler.h"
#include "cfg80211/event_sink.h"
#include "cfg80211/host_regulatory.h"
#include "cfg80211/netdev.h"
#include "cfg80211/regulatory.h"
#include "cfg80211/rfkill.h"
#include "cfg80211/wiphy.h"

namespace airloom::cfg80211 {

/// What a host is built on. All outlive it.
struct HostPorts {
  Scheduler* scheduler = nullptr;
  NetdevFactory* netdevs = nullptr;
  const RegulatoryDatabase* regulatory = nullptr;
  /// Nanoseconds since 1970 at world time 0, for what reports wall-clock time.
  Duration wall_clock_offset{0};
};

class Host {
 public:
  Host(std::string name, HostPorts ports, Log log);
  ~Host();

  const std::string& name() const { return name_; }
  Scheduler& scheduler() const { return *ports_.scheduler; }
  NetdevFactory& netdevs() const { return *ports_.netdevs; }
  const Log& log() const { return log_; }

  /// Where events go; the nl80211 server sets itself here.
  void set_event_sink(EventSink& sink) { events_ = &sink; }
  /// Back to nobody: the sink is about to go.
  void clear_event_sink() { events_ = no_events_.get(); }
  EventSink& events() const { return *events_; }

  struct WiphySpec {
    std::string name;  ///< empty, taken or impossible: phyN
    SharedCapabilities capabilities;
    std::vector<MacAddress> addresses;
    uint32_t name_space = 0;
    OwnRegulatory regulatory = {};
  };
  /// Registers a radio; tells the events. `ops` outlives the wiphy.
  Wiphy& add_wiphy(const WiphySpec& spec, Ops& ops);
  void remove_wiphy(Wiphy& wiphy);
  const std::map<uint32_t, std::unique_ptr<Wiphy>>& wiphys() const { return wiphys_; }
  Rfkill& rfkill() { return rfkill_; }
  Wiphy* find_wiphy(uint32_t index) const;
  Wiphy* find_wiphy(const std::string& name) const;
  Wdev* find_wdev(WdevId id) const;
  Wdev* find_ifindex(uint32_t ifindex) const;
  /// Counts every change to the list of wiphys and interfaces (GENERATION).
  uint32_t generation() const { return generation_; }
  void bump_generation() { ++generation_; }

  HostRegulatory& regulatory() { return regulatory_; }
  const HostRegulatory& regulatory() const { return regulatory_; }

  /// A netlink socket of this host closed: releases registrations, owned interfaces, connections
  /// and APs.
  void on_port_closed(PortId port);

  TimePoint now() const { return scheduler().now(); }
  /// Wall-clock time of an instant, ns since 1970.
  Duration wall_clock(TimePoint at) const { return at.since_epoch + ports_.wall_clock_offset; }

 private:
  std::string name_;
  HostPorts ports_;
  Log log_;
  std::unique_ptr<EventSink> no_events_;
  EventSink* events_;

  bool is_name_free(const std::string& name, uint32_t index) const;
  void release_registrations(PortId port);

  Rfkill rfkill_;
  uint32_t generation_ = 0;
  uint32_t next_wiphy_ = 0;
  HostRegulatory regulatory_;
  std::map<uint32_t, std::unique_ptr<Wiphy>> wiphys_;
};

}  // namespace airloom::cfg80211
