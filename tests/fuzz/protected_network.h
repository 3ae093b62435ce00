// A network that a stranger cannot end: WPA2 between airloom's own access point and station, with
// protected management frames and beacons, in virtual time.
#pragma once

#include <string_view>

#include "lab/simulation.h"
#include "law.h"

namespace airloom::fuzz {

class ProtectedNetwork {
 public:
  static constexpr uint32_t kMhz = 2412;

  ProtectedNetwork() : ap_(simulation_.add_host("ap")), station_(simulation_.add_host("sta")) {
    const sme::Security security{.pmf = sme::Pmf::kRequired, .beacon_protection = true};
    ap_.set_address(kApAddress);
    ap_.run(lab::AccessPointEntry{
        .ssid = "oracle", .passphrase = kPassphrase, .mhz = kMhz, .security = security});
    station_.set_address({10, 0, 0, 2});
    station_.run(lab::StationEntry{
        .ssid = "oracle", .passphrase = kPassphrase, .scan_mhz = {kMhz}, .security = security});
    simulation_.run_until([this] { return ap_.is_up() && station_.is_up(); },
                          std::chrono::seconds(60));
    expect(station_.is_up(), "the station connects");
    simulation_.run_for(std::chrono::milliseconds(300));  // and has heard beacons
    simulation_.event_log().ignore_frames();
    before_ = simulation_.event_log().text().size();
  }

  /// Nothing that a stranger sent has ended the connection, not for a moment.
  void expect_intact() {
    expect(ap_.is_up() && station_.is_up(), "the connection stands");
    const std::string_view since = std::string_view(simulation_.event_log().text()).substr(before_);
    expect(since.find(": link ") == std::string_view::npos, "no link has changed");
    expect(simulation_.ping(station_, kApAddress).has_value(), "pings are answered");
  }

  lab::Simulation& simulation() { return simulation_; }
  lab::SimulatedHost& ap() { return ap_; }
  lab::SimulatedHost& station() { return station_; }

 private:
  static constexpr lab::Ipv4 kApAddress{10, 0, 0, 1};
  static constexpr const char* kPassphrase = "correcthorsebattery";

  lab::Simulation simulation_{1};
  lab::SimulatedHost& ap_;
  lab::SimulatedHost& station_;
  size_t before_ = 0;  // octets of the event log
};

}  // namespace airloom::fuzz
