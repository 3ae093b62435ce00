// A network for the tests of worlds in virtual time: an access point at 10.0.0.1 and stations at
// 10.0.0.11 and up, each on a host of its own.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lab/simulation.h"

namespace airloom::lab {

class Network {
 public:
  explicit Network(uint64_t seed, std::string passphrase = "correcthorsebattery")
      : simulation(seed), passphrase_(std::move(passphrase)), ap_(simulation.add_host("ap")) {
    ap_.set_address(kApAddress);
  }
  /// On an air with faults.
  Network(uint64_t seed, const medium::Faults& faults)
      : simulation(seed, faults),
        passphrase_("correcthorsebattery"),
        ap_(simulation.add_host("ap")) {
    ap_.set_address(kApAddress);
  }

  /// On an air of the caller's.
  Network(uint64_t seed, medium::PropagationModel& air)
      : simulation(seed, air), passphrase_("correcthorsebattery"), ap_(simulation.add_host("ap")) {
    ap_.set_address(kApAddress);
  }

  void start_access_point(const sme::Security& security = {}) {
    ap_.run(AccessPointEntry{.ssid = kSsid, .passphrase = passphrase_, .security = security});
    ASSERT_TRUE(simulation.run_until([&] { return ap_.is_up(); }, std::chrono::seconds(5)))
        << simulation.event_log().text();
  }

  SimulatedHost& add_station(const std::string& passphrase, const sme::Security& security = {}) {
    auto& station = simulation.add_host("sta" + std::to_string(stations_.size() + 1));
    station.set_address(address_of(stations_.size()));
    station.run(StationEntry{
        .ssid = kSsid, .passphrase = passphrase, .scan_mhz = {2412}, .security = security});
    stations_.push_back(&station);
    return station;
  }
  SimulatedHost& add_station(const sme::Security& security = {}) {
    return add_station(passphrase_, security);
  }

  /// In the eyes of both ends: a station is through as soon as it has sent message 4.
  bool all_are_connected() const {
    for (const auto* station : stations_)
      if (!station->is_up()) return false;
    return ap_.sme()->access_point()->station_count() == stations_.size();
  }
  bool wait_until_all_are_connected(Duration limit = std::chrono::seconds(30)) {
    return simulation.run_until([&] { return all_are_connected(); }, limit);
  }
  /// How many stations get an answer from the access point's host.
  size_t count_pings_answered() {
    size_t answered = 0;
    for (auto* station : stations_)
      if (simulation.ping(*station, kApAddress)) ++answered;
    return answered;
  }

  SimulatedHost& ap() { return ap_; }
  SimulatedHost& station(size_t index) { return *stations_[index]; }
  static Ipv4 address_of(size_t station) { return {10, 0, 0, static_cast<uint8_t>(11 + station)}; }
  std::string log() { return simulation.event_log().text(); }
  /// How often a phrase occurs in the event log.
  size_t count_in_log(std::string_view phrase) {
    const std::string text = log();
    size_t count = 0;
    for (size_t at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1))
      ++count;
    return count;
  }

  static constexpr const char* kSsid = "oracle";
  static constexpr Ipv4 kApAddress{10, 0, 0, 1};
  Simulation simulation;

 private:
  const std::string passphrase_;
  SimulatedHost& ap_;
  std::vector<SimulatedHost*> stations_;
};

}  // namespace airloom::lab
