// All stations of a radio: by id (the order they were added), and by interface and address. Moves
// them between states one step at a time and tells the driver of each step, in the kernel's order;
// removal tells cfg80211 with the station's last counters (DEL_STATION).
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "mac80211/station.h"

namespace airloom::mac80211 {

class RadioStack;

class StationTable {
 public:
  explicit StationTable(RadioStack& stack) : stack_(stack) {}

  /// Creates a station in state kNone. @error kExists
  Result<Station*> add(Interface& interface, const MacAddress& address);
  /// Walks to `state`, up or down, with the driver calls and side effects of each step: connected
  /// time, carrier and AP TIM bookkeeping are the steps' own.
  void move(Station& station, StationState state);
  /// Tells cfg80211 (NEW_STATION) of a station that is complete.
  void announce(Station& station);
  /// Walks down, drops what is queued, forgets keys, tells cfg80211 (DEL_STATION). The reference
  /// is dead afterwards.
  void remove(Station& station);
  /// Every station of a BSS.
  void remove_all(Interface& interface);
  /// Those that a netdev serves: of an access point's, not those on its VLANs.
  void remove_served(Interface& port);
  /// Hands a station over to another port of its BSS. @error kBusy  it serves another one alone
  Result<void> change_port(Station& station, Interface& port);
  /// Removes one that was never announced, without telling.
  void discard(Station& station);

  /// A station of the BSS that the interface is part of.
  Station* find(const Interface& interface, const MacAddress& address) const;
  Station* find(uint32_t id) const;
  /// Any station with this address, of whichever interface: the first one added. The others follow
  /// by Station::next_with_address().
  Station* find_any(const MacAddress& address) const;
  /// The stations of a BSS, in the order they were added.
  std::vector<Station*> of(const Interface& interface) const;
  size_t size() const { return stations_.size(); }
  std::vector<Station*> served_by(const Interface& port) const;
  template <typename Visitor>
  void for_each(const Interface& interface, Visitor&& visit) const {
    for (const auto& [id, station] : stations_)
      if (&station->interface() == &interface) visit(*station);
  }

 private:
  void step(Station& station, StationState to);
  void take_down(Station& station);
  void forget(const Station& station);

  RadioStack& stack_;
  uint32_t last_id_ = 0;
  std::map<uint32_t, std::unique_ptr<Station>> stations_;
  /// The first added with an address; Station::next_with_address_ has the rest, by id. Looked up,
  /// never walked.
  std::unordered_map<MacAddress, Station*, MacAddressHash> by_address_;
};

/// The counters and state of a station as GET_STATION reports them. (station_info.cc)
cfg80211::StationInfo make_station_info(RadioStack& stack, const Station& station);

}  // namespace airloom::mac80211
