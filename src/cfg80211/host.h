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

  /// The regulatory domain in force.
  const RegulatoryDomain& regulatory_domain() const { return domain_; }
  /// REQ_SET_REG: a user asks for a country; "00" is the world domain.
  Result<void> request_regulatory(std::array<char, 2> alpha2);
  /// Tells all that nothing is active any more, so hints may be restored (REG_CHANGE).
  void restore_regulatory_if_idle();
  /// An access point we joined says where it is (Country element).
  void hint_country(const Wiphy& wiphy, std::array<char, 2> alpha2);
  /// The driver says which country its radio was made for.
  void hint_driver(const Wiphy& wiphy, std::array<char, 2> alpha2);
  /// A beacon was heard on a channel where we must not be the first to transmit.
  void hint_beacon(uint32_t mhz, uint16_t offset_khz);
  /// The channel table for capabilities under the domain in force; shared by equal radios.
  SharedChannelTable channel_table(const SharedCapabilities& capabilities);

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
  /// What moved the domain in force: what REG_CHANGE tells. [nl80211.h nl80211_reg_initiator]
  enum class Initiator : uint8_t { kCore = 0, kUser = 1, kDriver = 2, kCountryElement = 3 };
  struct CountryHint {
    std::array<char, 2> alpha2;
    Initiator initiator;
    uint32_t wiphy;  // of a country element or a driver
  };

  bool is_name_free(const std::string& name, uint32_t index) const;
  RegulatoryDomain world() const;
  void release_registrations(PortId port);
  void run_regulatory_work();
  void restore_regulatory();
  void change_domain(RegulatoryDomain domain, Initiator initiator, const Wiphy* wiphy);
  void process_hint(const CountryHint& hint);
  void process_beacon_hints();
  void update_channel_tables();
  void update_channels(Wiphy& wiphy);

  Rfkill rfkill_;
  uint32_t generation_ = 0;
  uint32_t next_wiphy_ = 0;
  RegulatoryDomain domain_;
  Initiator domain_from_ = Initiator::kCore;
  std::optional<RegulatoryDomain> user_domain_;
  BeaconHints beacon_hints_, pending_beacon_hints_;
  std::vector<CountryHint> pending_hints_;
  bool restore_pending_ = false;
  Timer regulatory_work_;  // regulatory changes happen after the event that asks for them
  std::map<const Capabilities*, std::pair<SharedCapabilities, SharedChannelTable>> tables_;
  std::map<uint32_t, std::unique_ptr<Wiphy>> wiphys_;
};

}  // namespace airloom::cfg80211
