// The scene of an attack: an access point and two stations, connected, with the checkers watching;
// an attacker whose frames carry a mark, and count as landed once any host has received it. Drops
// are read where `airloom status` reads them.
#pragma once

#include "sim/attacker.h"
#include "sim/checkers.h"
#include "sim/network.h"
#include "sim/outsider.h"

namespace airloom::lab {

class AttackScene {
 public:
  explicit AttackScene(uint64_t seed = 1)
      : network(seed, jammer), air(world()), attacker(world(), kMhz) {}

  /// Brings the network up; the first station is the victim, the second may be the insider.
  void set_up(const sme::Security& security = {}) {
    network.start_access_point(security);
    network.add_station(security);
    network.add_station(security);
    ASSERT_TRUE(network.wait_until_all_are_connected()) << network.log();
    ASSERT_EQ(network.count_pings_answered(), 2u);
    ap = network.ap().wlan0().address();
    victim = network.station(0).wlan0().address();
    other = network.station(1).wlan0().address();
    for (SimulatedHost* host : {&network.ap(), &network.station(0), &network.station(1)})
      watch(host->wlan0());
  }

  World& world() { return network.simulation.world(); }
  void send(const Octets& octets) {
    attacker.send(octets);
    network.simulation.run_for(std::chrono::milliseconds(5));
  }
  uint64_t drops(const MacAddress& radio, mac80211::Drop reason) {
    for (const auto& [name, host] : world().hosts()) {
      const auto& first = *host->all_radios().begin()->second;
      if (first.addresses.front() == radio) return first.stack->drops().of(reason);
    }
    return 0;
  }
  /// How often the mark has reached a host.
  size_t landed() const { return landed_; }

  // Keys, for insiders and for frames that stand for a peer's own.
  LoggedKey pairwise(const MacAddress& owner, const MacAddress& peer) const {
    return air.keys().find(owner, peer, 0).value_or(LoggedKey{});
  }
  LoggedKey group_key() const {
    return air.keys().newest_group_key(ap, 0, 3).value_or(LoggedKey{});
  }

  /// The newest IGTK (4, 5) or BIGTK (6, 7) that the access point made.
  LoggedKey management_key(uint8_t first_index) const {
    const auto last_index = static_cast<uint8_t>(first_index + 1);
    return air.keys().newest_group_key(ap, first_index, last_index).value_or(LoggedKey{});
  }

  /// What an attacker wants to get through.
  static Octets mark() { return {'a', 't', 't', 'a', 'c', 'k', '!', '!'}; }
  static Octets marked_msdu() { return msdu(TestFrame::kType, mark()); }
  ForgedData to_ap(Octets body = marked_msdu()) const {
    return {.to = ap, .from = victim, .third = ap, .body = std::move(body)};
  }
  ForgedData to_victim(Octets body = marked_msdu()) const {
    return {.to = victim, .from = ap, .third = ap, .from_ds = true, .body = std::move(body)};
  }
  ForgedData to_all(Octets body = marked_msdu()) const {
    ForgedData frame = to_victim(std::move(body));
    frame.to = MacAddress::broadcast();
    return frame;
  }

  static constexpr uint32_t kMhz = 2412;
  Jammer jammer;
  Network network;
  AirChecker air;
  Outsider attacker;
  MacAddress ap, victim, other;

 private:
  void watch(MemoryNetdev& netdev) {
    netdev.on_receive = [this, next = netdev.on_receive](FrameBuffer frame) {
      const auto octets = frame.octets();
      const Octets wanted = mark();
      if (!std::ranges::search(octets, wanted).empty()) ++landed_;
      next(std::move(frame));
    };
  }

  size_t landed_ = 0;
};

}  // namespace airloom::lab
