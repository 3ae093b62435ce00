#include "mac80211/station_table.h"

#include "base/assert.h"
#include "cfg80211/driver_events.h"
#include "ieee80211/ethernet.h"
#include "mac80211/access_point.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

StationEntry Station::entry() const {
  return StationEntry{.id = id_, .vif = interface_.id(), .address = address_, .aid = aid};
}

namespace {

template <size_t... tid>
std::array<TxQueue, kTidCount> make_queues(Interface& interface, Station& station,
                                           std::index_sequence<tid...>) {
  return {TxQueue(interface, &station, uint8_t{tid})...};
}

}  // namespace

Station::Station(uint32_t id, Interface& interface, const MacAddress& address,
                 std::unique_ptr<RateControl> rate_control)
    : queues(make_queues(interface, *this, std::make_index_sequence<kTidCount>())),
      id_(id),
      interface_(interface),
      address_(address),
      rate_control_(std::move(rate_control)) {
  last_sequence.fill(kNoSequence);
}

size_t Station::queued() const {
  size_t count = 0;
  for (const auto& queue : queues) count += queue.size();
  return count;
}

Result<Station*> StationTable::add(Interface& interface, const MacAddress& address) {
  if (find(interface, address) != nullptr) return fail(Errc::kExists);
  auto station =
      std::make_unique<Station>(++last_id_, interface, address, make_minstrel(stack_.rng()));
  station->connected_at = stack_.now();
  station->counters.last_rx = stack_.now();
  Station* raw = station.get();
  stations_.emplace(raw->id(), std::move(station));
  Station** last = &by_address_[address];
  while (*last != nullptr) last = &(*last)->next_with_address_;
  *last = raw;
  stack_.driver().add_station(raw->entry());
  return raw;
}

namespace {

/// Tells bridges that the station is now reachable through this AP: an LLC XID frame from it.
/// [802.11-2020 11.3.5.3 e; 802.2 5.4.1.1.2]
void send_layer2_update(Station& station) {
  auto* netdev = station.port().wdev().netdev();
  if (netdev == nullptr) return;
  auto frame = station.interface().stack().pool().allocate(20);
  auto out = frame.writable();
  ieee80211::EthernetHeader{MacAddress::broadcast(), station.address(), 6}.store(out);
  constexpr std::array<uint8_t, 6> kXid = {0, 1, 0xaf, 0x81, 1, 0};
  std::copy(kXid.begin(), kXid.end(), out.begin() + ieee80211::kEthernetHeaderLength);
  netdev->receive(std::move(frame));
}

}  // namespace

void StationTable::step(Station& station, StationState to) {
  const StationState from = station.state_;
  station.state_ = to;
  if (to == StationState::kAssociated && from == StationState::kAuthenticated)
    station.associated_at = stack_.now();
  if (to == StationState::kAuthorized) ++station.port().audience;
  if (from == StationState::kAuthorized) --station.port().audience;
  stack_.driver().station_state(station.entry(), to);
  if (cfg80211::is_station(station.interface().type())) station.interface().power_save().update();
  if (to == StationState::kAuthorized) {
    if (cfg80211::is_ap(station.interface().type())) send_layer2_update(station);
    stack_.tx().wake(station);
  }
}

void StationTable::move(Station& station, StationState state) {
  while (station.state_ != state) {
    const auto now = static_cast<uint8_t>(station.state_);
    step(station, static_cast<StationState>(station.state_ < state ? now + 1 : now - 1));
  }
}

void StationTable::announce(Station& station) {
  cfg80211::Wdev& wdev = station.interface().wdev();
  cfg80211::StationInfo info;
  info.generation = ++wdev.station_generation;
  cfg80211::station_added(wdev, station.address(), info);
}

void StationTable::take_down(Station& station) {
  Interface& interface = station.interface();
  if (AccessPoint* ap = interface.access_point()) ap->on_station_removed(station);
  stack_.block_ack().tear_down(station, BlockAckEnd::kStationGone);
  stack_.tx().drop(station);
  station.keys.clear();
  move(station, StationState::kNone);
  if (station.port().only_station == &station) station.port().only_station = nullptr;
  stack_.driver().remove_station(station.entry());
}

void StationTable::forget(const Station& station) {
  const auto first = by_address_.find(station.address());
  Station** at = &first->second;
  while (*at != &station) at = &(*at)->next_with_address_;
  *at = station.next_with_address_;
  if (first->second == nullptr) by_address_.erase(first);
  stations_.erase(station.id());
}

void StationTable::remove(Station& station) {
  cfg80211::Wdev& wdev = station.port().wdev();
  take_down(station);
  ++wdev.station_generation;
  const auto info = make_station_info(stack_, station);
  const MacAddress address = station.address();
  forget(station);
  cfg80211::station_removed(wdev, address, info);
}

void StationTable::discard(Station& station) {
  take_down(station);
  forget(station);
}

void StationTable::remove_all(Interface& interface) {
  for (Station* station : of(interface)) remove(*station);
}

void StationTable::remove_served(Interface& port) {
  for (Station* station : served_by(port)) remove(*station);
}

Result<void> StationTable::change_port(Station& station, Interface& port) {
  Interface& before = station.port();
  if (&port == &before) return {};
  if (port.is_four_address()) {
    if (port.only_station != nullptr) return fail(Errc::kBusy);
    port.only_station = &station;
  }
  if (before.only_station == &station) before.only_station = nullptr;
  station.vlan_ = &port != &station.interface() ? &port : nullptr;
  if (station.is_authorized()) {
    --before.audience;
    ++port.audience;
    send_layer2_update(station);
  }
  return {};
}

Station* StationTable::find(const Interface& interface, const MacAddress& address) const {
  Station* station = find_any(address);
  while (station != nullptr && &station->interface() != &interface.bss())
    station = station->next_with_address_;
  return station;
}

Station* StationTable::find(uint32_t id) const {
  const auto it = stations_.find(id);
  return it == stations_.end() ? nullptr : it->second.get();
}

Station* StationTable::find_any(const MacAddress& address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : found->second;
}

std::vector<Station*> StationTable::of(const Interface& interface) const {
  std::vector<Station*> stations;
  for_each(interface, [&](Station& station) { stations.push_back(&station); });
  return stations;
}

std::vector<Station*> StationTable::served_by(const Interface& port) const {
  std::vector<Station*> stations;
  for_each(port.bss(), [&](Station& station) {
    if (&station.port() == &port) stations.push_back(&station);
  });
  return stations;
}

}  // namespace airloom::mac80211
